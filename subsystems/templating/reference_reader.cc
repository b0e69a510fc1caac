#include "subsystems/templating/reference_reader.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "subsystems/templating/expression_internal.h"

namespace engine::templating {

reference_reader::reference_reader(const limits& bounds)
    : bounds_(bounds), compiling_(bounds), parts_(std::make_unique<internal::parts>()) {}
reference_reader::~reference_reader() = default;

result<reference_reader::reading> reference_reader::read(std::string_view text) {
  assert(text.starts_with("{{"));
  parts_->clear();
  parts_->patterns = 0;
  path_.clear();
  const result<internal::parsed_placeholder> parsed =
      internal::parse_placeholder(text, 0, bounds_, compiling_, *parts_);
  if (!parsed) {
    return parsed.error();
  }
  for (const internal::step& each : parsed->inside.steps(*parts_)) {
    path_.push_back(each.kind == internal::step_kind::index
                        ? parts_->unescaped.emplace_back(fmt::format("[{}]", each.index))
                        : each.name);
  }
  const auto filters = parsed->inside.filters(*parts_);
  return reading{path_, std::any_of(filters.begin(), filters.end(), [](const auto& filter) {
                   return filter.kind == internal::filter_kind::default_value;
                 })};
}

}  // namespace engine::templating
