#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/program_internal.h"

namespace engine::templating {

using internal::program;
using internal::slot;

namespace {

// Which slots have a text that one before them has, as some in documents have in another form.
// Sorted rather than hashed: nobody can prepare texts for which that takes long.
std::vector<bool> repeated_texts(const std::vector<slot>& slots) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;  // hash, slot
  order.reserve(slots.size());
  for (std::uint32_t number = 0; number < slots.size(); ++number) {
    order.emplace_back(slots[number].hash, number);
  }
  std::sort(order.begin(), order.end(), [&slots](const auto& left, const auto& right) {
    return left.first != right.first ? left.first < right.first
                                     : std::tie(slots[left.second].text, left.second) <
                                           std::tie(slots[right.second].text, right.second);
  });
  std::vector<bool> repeats(slots.size());
  for (std::size_t at = 1; at < order.size(); ++at) {
    repeats[order[at].second] = order[at].first == order[at - 1].first &&
                                slots[order[at].second].text == slots[order[at - 1].second].text;
  }
  return repeats;
}

}  // namespace

std::vector<reference> references(const compiled_template& of) {
  const program& compiled = of.compiled();
  std::vector<reference> found;
  const std::vector<bool> repeats = repeated_texts(compiled.slots);
  std::uint32_t source = 0;  // Slots come in the order of their mentions.
  position where{.line = 1, .column = 1, .offset = 0};
  std::size_t pointer_bytes = 0;
  for (std::size_t number = 0; number < compiled.slots.size(); ++number) {
    const slot& each = compiled.slots[number];
    if (each.value.step_count == 0 || repeats[number]) {
      continue;
    }
    reference added;
    for (const internal::step& step : each.value.steps(compiled.parts)) {
      added.path.push_back(step.kind == internal::step_kind::index ? fmt::format("[{}]", step.index)
                                                                   : std::string(step.name));
    }
    added.text = each.text;
    if (std::exchange(source, each.source) != each.source) {
      where = {.line = 1, .column = 1, .offset = 0};
    }
    where = position_behind(where, compiled.sources[each.source]->text, each.offset);
    added.where = where;
    const std::uint32_t place = compiled.sources[each.source]->place;
    pointer_bytes += compiled.places.pointer_size(place);
    if (pointer_bytes <= reference::pointer_bytes_max) {
      added.pointer = compiled.places.pointer(place);
    }
    const auto filters = each.value.filters(compiled.parts);
    added.has_default = std::any_of(filters.begin(), filters.end(), [](const auto& filter) {
      return filter.kind == internal::filter_kind::default_value;
    });
    found.push_back(std::move(added));
  }
  return found;
}

}  // namespace engine::templating
