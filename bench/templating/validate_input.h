// Definitions whose tasks refer to each other's outputs and to parameters.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "subsystems/dag/graph.h"
#include "subsystems/workflow/definition.h"

namespace headroom::templating_bench {

/// A sound definition, layered, whose every task reads three parameters and the outputs of two
/// tasks upstream of it, one of them not a direct dependency where there is such; and the same with
/// one reference to a task that is not upstream. Items: references.
class validate_input {
 public:
  explicit validate_input(std::uint32_t tasks);

  [[nodiscard]] const engine::workflow::definition& sound() const { return sound_; }
  [[nodiscard]] const engine::workflow::definition& broken() const { return broken_; }
  /// Of both.
  [[nodiscard]] const engine::dag::graph& graph() const { return graph_; }
  [[nodiscard]] std::uint32_t references() const { return references_; }
  [[nodiscard]] double items() const { return references_; }

  struct verdicts {
    bool sound_accepted;
    bool broken_accepted;
  };
  [[nodiscard]] std::string mismatch(const verdicts& answer) const;

 private:
  void fill(std::uint32_t task);
  [[nodiscard]] std::uint32_t indirect(std::uint32_t task) const;

  engine::workflow::definition sound_;
  engine::workflow::definition broken_;
  engine::dag::graph graph_;
  std::uint32_t references_ = 0;
};

/// The texts in a task's input, which is an object of texts.
[[nodiscard]] std::vector<std::string_view> texts_of(const engine::workflow::task& from);

}  // namespace headroom::templating_bench
