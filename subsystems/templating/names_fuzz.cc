// Names that are alike, and some whose hashes are equal: contexts and caches find for each what
// maps find that know nothing of hashes.
//
// The input makes the names, and then says what is done with which of them.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "subsystems/templating/cache.h"
#include "subsystems/templating/colliding_text.h"
#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/hash_seed.h"
#include "subsystems/templating/render.h"

namespace {

namespace json = boost::json;
namespace templating = engine::templating;

constexpr std::uint64_t seed = 1;
constexpr std::size_t name_bytes_max = 300;
constexpr int steps_max = 250;  // Enough to fill and empty all tables; more would be slow.

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class bytes_in {
 public:
  bytes_in(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  [[nodiscard]] bool empty() const { return left_ == 0; }
  std::uint8_t next() {
    if (left_ == 0) {
      return 0;
    }
    --left_;
    return *data_++;
  }
  std::size_t below(std::size_t bound) {
    const std::size_t high = next();
    return (high * 256 + next()) % bound;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

std::string periodic_name(bytes_in& from) {
  std::string name(from.below(name_bytes_max + 1), '\0');
  std::string period(1 + from.next() % 4U, '\0');
  for (char& each : period) {
    each = static_cast<char>(from.next());
  }
  for (std::size_t at = 0; at < name.size(); ++at) {
    name[at] = period[at % period.size()];
  }
  if (!name.empty()) {
    name.front() = static_cast<char>(from.next());
  }
  return name;
}

// `name`, but for a bit, its length, or what stands before or behind a place.
std::string changed(std::string name, bytes_in& from) {
  const std::uint8_t how = from.next();
  const std::size_t at = from.below(name.size() + 1);
  const auto drawn = static_cast<char>(from.next());
  switch (how % 6) {
    case 0:
      if (at < name.size()) {
        name[at] = static_cast<char>(static_cast<unsigned char>(name[at]) ^ (1U << (how / 6 % 8)));
      }
      return name;
    case 1:
      return name.insert(at, 1, drawn);
    case 2:
      return name.erase(at, 1);
    case 3:
      return name.substr(at);
    case 4:
      return name.substr(0, at) + std::string(name.size() - at, drawn);
    default:
      return std::string(at, drawn) + name.substr(at);
  }
}

std::vector<std::string> names_of(bytes_in& from) {
  std::vector<std::string> names(1 + from.next() % 16U);
  for (std::size_t number = 0; number < names.size(); ++number) {
    const std::uint8_t how = from.next();
    std::string& name = names[number];
    if (number == 0 || how % 4 == 0) {
      name = periodic_name(from);
    } else if (how % 4 == 1) {
      const std::string_view head = how % 8 == 1 ? "" : "['";
      name = templating::hostile::colliding_text(head, from.next(), head.empty() ? "" : "']", seed);
      name = how % 16 < 8 ? name : name.substr(head.size(), name.size() - 2 * head.size());
    } else {
      name = changed(names[from.below(number)], from);
    }
    name.resize(std::min(name.size(), name_bytes_max));
  }
  return names;
}

using members = std::map<std::string, int>;

json::value as_json(const members& of) {
  json::object made;
  for (const auto& [key, value] : of) {
    made[key] = value;
  }
  return made;
}

// Documents whose members are some of the names, and what each path means.
class world {
 public:
  explicit world(const std::vector<std::string>& names) {
    for (std::size_t number = 0; number < all_.size(); ++number) {
      for (std::size_t at = number; at < names.size(); at += 1 + number) {
        all_[number][names[at]] = static_cast<int>(1'000 * number + at);
      }
      documents_[number] = as_json(all_[number]);
    }
    values_.set("", documents_[0]);
  }

  void set(const std::string& path, std::size_t document) {
    const std::size_t number = document % all_.size();
    values_.set(path, documents_[number]);
    if (path.empty()) {
      whole_ = number;
    } else {
      mounts_[path] = number;
    }
  }

  void unset(const std::string& path) {
    values_.unset(path);
    if (path.empty()) {
      whole_.reset();
    } else {
      mounts_.erase(path);
    }
  }

  // What ['first'] is, or ['first']['second'].
  void check(const std::string& first, const std::optional<std::string>& second, bool compiles) {
    const std::optional<meaning> expected = expected_of(first, second);
    std::string text = "{{" + templating::hostile::in_brackets(first);
    text += second ? templating::hostile::in_brackets(*second) : "";
    text += expected && expected->is_document ? "|length}}" : "}}";
    if (compiles) {
      require_same(templating::render(templating::compile(text).value(), values_), expected);
    } else {
      require_same(resolving_.resolve(text, values_), expected);
    }
  }

 private:
  // A number: a member of a document, or how many members a document has.
  struct meaning {
    int number;
    bool is_document;
  };

  template <class Text>
  static void require_same(const templating::result<Text>& made,
                           const std::optional<meaning>& expected) {
    require(made.has_value() == expected.has_value());
    require(made ? *made == std::to_string(expected->number)
                 : made.error().code == templating::errc::unknown_reference);
  }

  [[nodiscard]] std::optional<meaning> expected_of(const std::string& first,
                                                   const std::optional<std::string>& second) const {
    std::optional<meaning> found;
    if (whole_ && !second) {
      found = member(*whole_, first);
    }
    const auto near = mounts_.find(first);
    if (near != mounts_.end() && !second) {
      found = document(near->second);
    } else if (near != mounts_.end()) {
      found = member(near->second, *second);
    }
    const auto nearest = second ? mounts_.find(first + "." + *second) : mounts_.end();
    return nearest != mounts_.end() ? document(nearest->second) : found;
  }

  [[nodiscard]] std::optional<meaning> member(std::size_t number, const std::string& key) const {
    const auto found = all_[number].find(key);
    return found == all_[number].end() ? std::nullopt
                                       : std::optional(meaning{found->second, false});
  }

  [[nodiscard]] meaning document(std::size_t number) const {
    return {static_cast<int>(all_[number].size()), true};
  }

  std::array<members, 4> all_;
  std::array<json::value, 4> documents_;
  std::map<std::string, std::size_t> mounts_;  // but for the empty path
  std::optional<std::size_t> whole_ = 0;
  templating::context values_{{.paths_max = 8, .templates_max = 2, .text_bytes_max = 2'000}};
  templating::resolver resolving_;
};

// A cache so small that it forgets, with two clients.
class cached {
 public:
  // Whether the template of `text` is what it was the first time.
  void check(const std::string& text, bool is_second) {
    const auto known = known_.try_emplace(text, templating::compile(text)).first;
    const auto found = (is_second ? second_ : first_).get(text);
    require(found.has_value() == known->second.has_value());
    if (found) {
      require((*found)->source() == text);
      require((*found)->placeholder_count() == known->second->placeholder_count());
    } else {
      require(found.error().code == known->second.error().code);
      require(found.error().where == known->second.error().where);
    }
    require(cache_.read().entries <= 6);
  }

 private:
  std::map<std::string, templating::result<templating::compiled_template>> known_;
  templating::template_cache cache_{{.entries_max = 6,
                                     .shards = 2,
                                     .client_entries = 4,
                                     .client_entry_bytes_max = 1'200,
                                     .hash_seed = seed}};
  templating::template_cache::client first_{cache_};
  templating::template_cache::client second_{cache_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool is_fixed = templating::fix_hash_seed(seed);
  require(is_fixed);
  bytes_in from(data, size);
  const std::vector<std::string> names = names_of(from);
  const auto name = [&]() -> const std::string& { return names[from.next() % names.size()]; };
  world paths(names);
  cached texts;
  for (int steps = 0; steps < steps_max && !from.empty(); ++steps) {
    const std::uint8_t what = from.next();
    if (what % 8 == 0) {
      paths.set(name(), what / 8);
    } else if (what % 8 == 1) {
      paths.set(name() + "." + name(), what / 8);
    } else if (what % 8 == 2) {
      paths.unset(name());
    } else if (what % 8 < 5) {
      const std::string& first = name();
      paths.check(first, name(), what % 16 < 8);
    } else if (what % 8 == 5) {
      paths.check(name(), std::nullopt, what % 16 < 8);
    } else {
      texts.check(what % 32 < 8 ? name() + name() : name(), what % 8 == 6);
    }
  }
  return 0;
}
