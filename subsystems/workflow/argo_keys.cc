#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/workflow/argo_key_table_internal.h"
#include "subsystems/workflow/argo_keys_internal.h"

namespace engine::workflow::internal {
namespace {

class key_check {
 public:
  explicit key_check(load_context& load) : load_(load) {}

  // As deep as the tree, whose depth is bounded.
  void check(const node& value, argo_shape which, std::string_view key) {
    if (value.kind == node_kind::sequence) {
      for (const node* each : value.items) {
        check(*each, which, key);
      }
    } else if (value.kind == node_kind::map && !load_.warns_no_more()) {
      way_.push_back({&value, which, key});
      check_members(value, which);
      way_.pop_back();
    }
  }

 private:
  struct place {
    const node* map;
    argo_shape which;
    std::string_view key;
  };

  void check_members(const node& map, argo_shape which) {
    const std::span<const argo_key> keys = keys_of(which);
    for (const member& each : map.members) {
      if (which == argo_shape::hooks) {
        check(*each.value, argo_shape::hook, each.key);
        continue;
      }
      const auto known = std::find_if(keys.begin(), keys.end(), [&](const argo_key& candidate) {
        return candidate.name == each.key;
      });
      if (known == keys.end()) {
        warn(each, keys);
      } else if (known->value != argo_shape::any) {
        check(*each.value, known->value, known->name);
      }
    }
  }

  void warn(const member& unknown, std::span<const argo_key> keys) const {
    if (load_.warns_no_more()) {
      return;
    }
    std::vector<std::string_view> names;
    for (const argo_key& each : keys) {
      names.push_back(each.name);
    }
    const std::string_view nearest = support::nearest_name(unknown.key, names, load_.guesses());
    load_.warn(errc::unknown_key, unknown.where,
               fmt::format("{}unknown key {}{}", subject(), support::in_quotes(unknown.key),
                           support::did_you_mean(nearest)));
  }

  // The way to the map, from the template on where there is one.
  [[nodiscard]] std::string subject() const {
    std::string shown;
    for (const place& each : way_) {
      if (each.which == argo_shape::template_spec && each.key != "inline") {
        shown.clear();
      }
      const std::string_view name = name_of(*each.map);
      const std::string_view noun = noun_of(each.which);
      if (!noun.empty() && !name.empty()) {
        shown += fmt::format("{} {}: ", noun, support::in_quotes(name));
      } else if (!each.key.empty() && (each.which != argo_shape::dag || &each == &way_.back())) {
        shown += fmt::format("{}: ", each.key);
      }
    }
    return shown;
  }

  static std::string_view name_of(const node& map) {
    const auto found = std::find_if(map.members.begin(), map.members.end(),
                                    [](const member& each) { return each.key == "name"; });
    return found == map.members.end() ? std::string_view() : std::string_view(found->value->text);
  }

  load_context& load_;
  std::vector<place> way_;
};

}  // namespace

void warn_of_unknown_keys(const node& document, bool is_cron, load_context& load) {
  key_check(load).check(document, is_cron ? argo_shape::cron_document : argo_shape::document, "");
}

}  // namespace engine::workflow::internal
