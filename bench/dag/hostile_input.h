// Names that are made to be expensive: as long as a guess looks at, alike but for their beginning,
// and each task depends on one that is nobody's. Items: bytes of names and mentions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/dag/inputs.h"

namespace headroom::dag_bench {

class hostile_input {
 public:
  explicit hostile_input(std::uint32_t nodes) : names_(nodes), unknown_names_(nodes) {
    mentions_.reserve(nodes);
    for (std::uint32_t id = 0; id < nodes; ++id) {
      names_[id] = fmt::format("{:08}{:x>56}", id, "");
      unknown_names_[id] = fmt::format("{:08}{:x>56}", ~id, "").replace(0, 4, "none");
      mentions_.emplace_back(unknown_names_[id]);
      tasks_.push_back({names_[id], std::span(mentions_).subspan(id, 1)});
      bytes_ += names_[id].size() + unknown_names_[id].size();
    }
  }

  [[nodiscard]] std::span<const task> tasks() const { return tasks_; }
  [[nodiscard]] double items() const { return static_cast<double>(bytes_); }

  /// How many problems the refusal named.
  [[nodiscard]] std::string mismatch(std::size_t problems) const {
    return problems > 0 ? "" : "it should be refused";
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> unknown_names_;  // each task's dependency
  std::vector<std::string_view> mentions_;
  std::vector<task> tasks_;
  std::size_t bytes_ = 0;
};

}  // namespace headroom::dag_bench
