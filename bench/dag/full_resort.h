// Candidate `full_resort`: an edge is added to plain adjacency lists and everything is sorted anew
// with Kahn's algorithm: what an engine does that keeps no order.
#pragma once

#include <string_view>
#include <vector>

#include "bench/dag/inputs.h"

namespace headroom::dag_bench::full_resort {

class insert_edge {
 public:
  static constexpr std::string_view name = "full_resort";
  static constexpr std::uint64_t batch = 4;

  explicit insert_edge(const insertion_input& input) : input_(input) {}

  void prepare() {
    dependents_.assign(input_.base().nodes(), {});
    dependencies_.assign(input_.base().nodes(), 0);
    for (const edge& each : input_.base().edges()) {
      add(each);
    }
    next_ = 0;
  }

  void run() {
    add(input_.insertions()[next_++]);
    pending_ = dependencies_;
    order_.clear();
    order_.reserve(pending_.size());
    for (node_id node = 0; node < pending_.size(); ++node) {
      if (pending_[node] == 0) {
        order_.push_back(node);
      }
    }
    for (std::size_t head = 0; head < order_.size(); ++head) {
      for (const node_id dependent : dependents_[order_[head]]) {
        if (--pending_[dependent] == 0) {
          order_.push_back(dependent);
        }
      }
    }
  }

  [[nodiscard]] insertion_input::progress answer() const { return {next_, order_}; }

 private:
  void add(const edge& added) {
    dependents_[added.dependency].push_back(added.dependent);
    ++dependencies_[added.dependent];
  }

  const insertion_input& input_;
  std::vector<std::vector<node_id>> dependents_;
  std::vector<std::uint32_t> dependencies_;
  std::vector<std::uint32_t> pending_;
  std::vector<node_id> order_;
  std::size_t next_ = 0;
};

}  // namespace headroom::dag_bench::full_resort
