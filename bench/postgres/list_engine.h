// A page by a cursor.
#pragma once

#include <string_view>
#include <vector>

#include "bench/postgres/list_input.h"

namespace headroom::postgres_bench::ours {

class list {
 public:
  static constexpr std::string_view name = "engine";

  explicit list(const list_input& input) : input_(input) {}

  void run() {
    at_ = (at_ + 1) % input_.cases().size();
    const list_case& asked = input_.cases()[at_];
    page_ = take(input_.link().history().list_executions(asked.tenant, asked.filter,
                                                         {list_input::page_size, asked.cursor}));
  }

  [[nodiscard]] list_input::answered answer() const {
    list_input::answered made{at_, {}};
    for (const auto& each : page_.items) {
      made.keys.push_back(each.id);
    }
    return made;
  }

 private:
  const list_input& input_;
  std::size_t at_ = 0;
  engine::postgres::page<engine::postgres::execution_summary> page_;
};

}  // namespace headroom::postgres_bench::ours
