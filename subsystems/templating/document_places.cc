#include <fmt/format.h>

#include "subsystems/templating/document_places_internal.h"

namespace engine::templating::internal {

std::uint32_t document_places::add_member(std::uint32_t within, std::string_view key) {
  const auto begin = static_cast<std::uint32_t>(keys_.size());
  keys_ += key;
  return add({within, begin, static_cast<std::uint32_t>(key.size())});
}

std::uint32_t document_places::add_element(std::uint32_t within, std::uint32_t index) {
  return add({within, index, no_key});
}

std::uint32_t document_places::add(const step& added) {
  steps_.push_back(added);
  return static_cast<std::uint32_t>(steps_.size());
}

std::string document_places::pointer(std::uint32_t place) const {
  std::vector<const step*> way;  // from the place up
  for (; place != 0; place = way.back()->within) {
    way.push_back(&steps_[place - 1]);
  }
  std::string made;
  for (; !way.empty(); way.pop_back()) {
    made += '/';
    if (way.back()->key_size == no_key) {
      made += fmt::format_int(way.back()->at).c_str();
      continue;
    }
    for (const char c : std::string_view(keys_).substr(way.back()->at, way.back()->key_size)) {
      made += c == '~' ? std::string_view("~0") : c == '/' ? "~1" : std::string_view(&c, 1);
    }
  }
  return made;
}

std::size_t document_places::pointer_size(std::uint32_t place) const {
  std::size_t size = 0;
  for (; place != 0; place = steps_[place - 1].within) {
    const std::uint32_t key_size = steps_[place - 1].key_size;
    size += 1 + (key_size == no_key ? fmt::format_int(steps_[place - 1].at).size() : key_size);
  }
  return size;
}

}  // namespace engine::templating::internal
