#include <algorithm>
#include <cstddef>
#include <utility>

#include "subsystems/workflow/first_mentions_internal.h"

namespace engine::workflow::internal {

std::vector<std::string_view> first_mentions(std::span<const std::string_view> names) {
  std::vector<std::pair<std::string_view, std::size_t>> mentions;
  mentions.reserve(names.size());
  for (std::size_t index = 0; index < names.size(); ++index) {
    mentions.emplace_back(names[index], index);
  }
  std::sort(mentions.begin(), mentions.end());
  const auto same_name = [](const auto& left, const auto& right) {
    return left.first == right.first;
  };
  mentions.erase(std::unique(mentions.begin(), mentions.end(), same_name), mentions.end());
  std::sort(mentions.begin(), mentions.end(),
            [](const auto& left, const auto& right) { return left.second < right.second; });

  std::vector<std::string_view> result;
  result.reserve(mentions.size());
  for (const auto& [name, index] : mentions) {
    result.push_back(name);
  }
  return result;
}

}  // namespace engine::workflow::internal
