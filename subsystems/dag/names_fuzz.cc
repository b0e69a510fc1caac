// Tasks whose names are made to be alike, built by name and by a plain map: both must come to the
// same graph or refuse it for the same reasons.
//
// The input is a list of steps of four bytes. Each makes a name of at most 300 bytes, out of
// nothing or out of an earlier one, and uses it as a task or as a dependency of the task before.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "subsystems/dag/builder.h"

namespace {

using engine::dag::errc;
using engine::dag::node_id;

constexpr std::size_t name_bytes_max = 300;
constexpr std::size_t step_bytes = 4;
constexpr engine::dag::options limits = {.name_bytes_max = 250, .hash_seed = 1, .problems_max = 8};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

struct named_task {
  std::string name;
  std::vector<std::string> depends_on;
};

class name_maker {
 public:
  // The lower bits of `how` say what is done to the name that `which` says, or to none.
  std::string make(std::uint8_t how, std::uint8_t which, std::uint16_t amount) {
    std::string name = made_.empty() ? std::string() : made_[which % made_.size()];
    switch (how % 8) {
      case 0:  // A letter, over and over.
        name.assign(amount % (name_bytes_max + 1), static_cast<char>(which));
        break;
      case 1:  // A period of up to 16 bytes.
        name = repeat(name.substr(0, 1 + which % 16), amount % (name_bytes_max + 1));
        break;
      case 2:  // One bit.
        if (!name.empty()) {
          char& changed = name[amount / 8 % name.size()];
          changed = static_cast<char>(changed ^ (1 << amount % 8));
        }
        break;
      case 3:  // Only longer.
        name.append(1 + amount / 256 % 8, static_cast<char>(amount));
        break;
      case 4:  // Only shorter.
        name.resize(name.size() - std::min<std::size_t>(name.size(), 1 + amount % 8));
        break;
      case 5:  // Another first byte, and longer or shorter by some.
        name = static_cast<char>(amount) +
               name.substr(std::min<std::size_t>(name.size(), amount / 256 % 4));
        break;
      case 6:  // One's beginning and another's end.
        if (!made_.empty()) {
          name = name.substr(0, name.size() / 2) + made_[amount % made_.size()];
        }
        break;
      default:
        break;  // The same again.
    }
    name.resize(std::min(name.size(), name_bytes_max));
    made_.push_back(name);
    return name;
  }

 private:
  static std::string repeat(std::string_view period, std::size_t bytes) {
    std::string made;
    while (!period.empty() && made.size() < bytes) {
      made.append(period);
    }
    made.resize(std::min(made.size(), bytes));
    return made;
  }

  std::vector<std::string> made_;
};

std::vector<named_task> tasks_from(std::span<const std::uint8_t> input) {
  name_maker names;
  std::vector<named_task> tasks;
  for (; input.size() >= step_bytes; input = input.subspan(step_bytes)) {
    std::string name =
        names.make(input[0], input[1], static_cast<std::uint16_t>(input[2] << 8 | input[3]));
    if (input[0] < 128 || tasks.empty()) {
      tasks.push_back({std::move(name), {}});
    } else {
      tasks.back().depends_on.push_back(std::move(name));
    }
  }
  return tasks;
}

struct plain_graph {
  std::multiset<std::pair<node_id, errc>> problems;
  std::vector<std::vector<node_id>> dependencies;
};

void read_dependencies(const named_task& of, node_id id, const std::map<std::string, node_id>& ids,
                       plain_graph& out) {
  std::map<node_id, int> times;
  for (const std::string& name : of.depends_on) {
    const auto found = ids.find(name);
    if (found == ids.end()) {
      out.problems.emplace(id, errc::unknown_dependency);
    } else if (found->second == id) {
      out.problems.emplace(id, errc::self_dependency);
    } else {
      out.dependencies[id].push_back(found->second);
      if (++times[found->second] == 2) {
        out.problems.emplace(id, errc::duplicate_dependency);
      }
    }
  }
}

plain_graph read_plainly(std::span<const named_task> tasks) {
  plain_graph read;
  std::map<std::string, node_id> ids;
  for (node_id id = 0; id < tasks.size(); ++id) {
    const std::string& name = tasks[id].name;
    if (name.empty()) {
      read.problems.emplace(id, errc::empty_name);
    } else if (name.size() > limits.name_bytes_max) {
      read.problems.emplace(id, errc::name_too_long);
    }
    if (!ids.emplace(name, id).second && !name.empty()) {
      read.problems.emplace(id, errc::duplicate_task);
    }
  }
  read.dependencies.resize(tasks.size());
  for (node_id id = 0; id < tasks.size(); ++id) {
    read_dependencies(tasks[id], id, ids, read);
  }
  return read;
}

bool has_cycle(const plain_graph& of) {
  std::vector<bool> done(of.dependencies.size());
  for (bool progress = true; progress;) {
    progress = false;
    for (node_id id = 0; id < done.size(); ++id) {
      const auto& waits_for = of.dependencies[id];
      if (!done[id] && std::all_of(waits_for.begin(), waits_for.end(),
                                   [&](node_id each) { return done[each]; })) {
        done[id] = progress = true;
      }
    }
  }
  return std::find(done.begin(), done.end(), false) != done.end();
}

void check(engine::dag::builder& builder, std::span<const engine::dag::task> tasks,
           const plain_graph& expected) {
  engine::dag::graph built;
  const auto outcome = builder.build(tasks, built);
  if (outcome) {
    require(expected.problems.empty() && !has_cycle(expected));
    require(built.size() == tasks.size());
    for (node_id id = 0; id < built.size(); ++id) {
      const auto row = built.dependencies(id);
      require(std::equal(row.begin(), row.end(), expected.dependencies[id].begin(),
                         expected.dependencies[id].end()));
    }
    return;
  }
  const engine::dag::error refused = outcome.error();
  if (refused.code() == errc::cycle) {
    require(expected.problems.empty() && has_cycle(expected));
    return;
  }
  std::multiset<std::pair<node_id, errc>> found;
  for (const engine::dag::problem& each : refused.problems) {
    found.emplace(each.tasks.front(), each.code);
  }
  require(std::includes(expected.problems.begin(), expected.problems.end(), found.begin(),
                        found.end()));
  require(refused.truncated == (found.size() < expected.problems.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<named_task> named = tasks_from({data, size});
  std::vector<std::vector<std::string_view>> mentions;
  mentions.reserve(named.size());
  std::vector<engine::dag::task> tasks;
  for (const named_task& each : named) {
    mentions.emplace_back(each.depends_on.begin(), each.depends_on.end());
    tasks.push_back({each.name, mentions.back()});
  }
  const plain_graph expected = read_plainly(named);
  static engine::dag::builder warm(limits);
  engine::dag::builder fresh(limits);
  check(warm, tasks, expected);
  check(fresh, tasks, expected);
  return 0;
}
