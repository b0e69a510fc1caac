#include "subsystems/dag/error.h"

#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

namespace engine::dag {
namespace {

class dag_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "dag"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::empty_name:
        return "a task has no name";
      case errc::name_too_long:
        return "a task's name is too long";
      case errc::duplicate_task:
        return "two tasks have the same name";
      case errc::unknown_dependency:
        return "a dependency is not a task";
      case errc::self_dependency:
        return "a task depends on itself";
      case errc::duplicate_dependency:
        return "a task names a dependency twice";
      case errc::cycle:
        return "tasks depend on each other in a cycle";
      case errc::too_many_nodes:
        return "too many tasks";
      case errc::too_many_edges:
        return "too many dependencies";
      case errc::names_alike:
        return "the names of tasks could not be told apart by their hashes";
      case errc::unknown_node:
        return "no such task";
      case errc::unknown_edge:
        return "no such dependency";
      case errc::wrong_state:
        return "the task is not in a state that allows this";
      case errc::wrong_size:
        return "the number of values is not the number of tasks";
      case errc::bad_duration:
        return "a duration is negative or not finite";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& category() noexcept {
  static const dag_category instance;
  return instance;
}

std::string error::message() const {
  std::string joined;
  for (const problem& each : problems) {
    joined += joined.empty() ? "" : "\n";
    joined += each.message;
  }
  if (truncated) {
    joined += "\nand more";
  }
  return joined;
}

void throw_exception_from_error(const error& refusal, const boost::source_location& where) {
  boost::throw_with_location(
      boost::system::system_error(make_error_code(refusal.code()), refusal.message()), where);
}

}  // namespace engine::dag
