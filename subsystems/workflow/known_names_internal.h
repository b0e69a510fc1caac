// What the placeholders of a definition may name: its tasks, its parameters, and the variables that
// every run has.
//
// Refers to the definition, which must outlive it. O(names * log(names)) to make; names are sorted
// rather than hashed, as their authors may be hostile. For one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "subsystems/dag/error.h"
#include "subsystems/support/nearest_name.h"
#include "subsystems/templating/reference_reader.h"
#include "subsystems/workflow/definition.h"

namespace engine::workflow::internal {

/// What may stand behind "outputs" in a reference to a task.
inline constexpr std::array<std::string_view, 3> output_members = {"parameters", "artifacts",
                                                                   "result"};

/// What is known of a reference once its names are looked up.
struct finding {
  /// The sentence that says what is wrong; empty if nothing is.
  std::string problem;
  /// The task whose result it is.
  std::optional<dag::node_id> task;
  /// It resembles nothing that is known: perhaps its braces were meant as text.
  bool is_foreign = false;
};

class known_names {
 public:
  explicit known_names(const definition& of);

  /// Looks up the first names of a path. O(path * log(names)), and for a problem the time to find
  /// the nearest name, which is bounded for all of them together by the number of tasks.
  [[nodiscard]] finding look_up(const templating::reference_reader::reading& what);

 private:
  using reading = templating::reference_reader::reading;
  using index = std::vector<std::pair<std::string_view, std::uint32_t>>;

  [[nodiscard]] std::string problem_of_parameter(const reading& what, std::size_t name_at);
  [[nodiscard]] std::string problem_of_workflow_parameter(const reading& what);
  [[nodiscard]] finding look_up_task(std::span<const std::string_view> path);
  [[nodiscard]] finding look_up_variable(std::span<const std::string_view> path);
  [[nodiscard]] finding unknown_variable(std::string_view name);
  template <class Named>
  [[nodiscard]] std::string_view nearest(std::string_view wanted, const std::vector<Named>& named);

  const definition& of_;
  index tasks_;       // by name
  index parameters_;  // by name
  bool tasks_have_dots_;
  bool parameters_have_dots_;
  support::guess_budget guesses_;
};

}  // namespace engine::workflow::internal
