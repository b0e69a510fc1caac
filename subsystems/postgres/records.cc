#include "subsystems/postgres/records.h"

#include <array>

namespace engine::postgres {
namespace {

template <class Status, std::size_t Size>
std::string_view name_in(const std::array<std::string_view, Size>& names, Status status) {
  const auto at = static_cast<std::size_t>(status);
  return at < Size ? names[at] : "unknown";
}

}  // namespace

std::string_view name_of(execution_status status) {
  constexpr std::array<std::string_view, 5> names = {"pending", "running", "succeeded", "failed",
                                                     "cancelled"};
  return name_in(names, status);
}

std::string_view name_of(task_status status) {
  constexpr std::array<std::string_view, 6> names = {"pending", "running", "succeeded",
                                                     "failed",  "skipped", "cancelled"};
  return name_in(names, status);
}

}  // namespace engine::postgres
