#include "subsystems/workflow/definition.h"

#include <algorithm>
#include <utility>

namespace engine::workflow {

shared_parameters::shared_parameters(std::vector<parameter> all, bool complete)
    : all_(std::move(all)), complete_(complete) {
  std::stable_sort(all_.begin(), all_.end(), [](const parameter& left, const parameter& right) {
    return left.name < right.name;
  });
}

const parameter* shared_parameters::find(std::string_view name) const {
  const auto found =
      std::lower_bound(all_.begin(), all_.end(), name,
                       [](const parameter& each, std::string_view key) { return each.name < key; });
  return found != all_.end() && found->name == name ? &*found : nullptr;
}

}  // namespace engine::workflow
