#include "subsystems/dag/builder.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "subsystems/dag/diagnosis_internal.h"
#include "subsystems/dag/level_sort_internal.h"
#include "subsystems/dag/transpose_internal.h"

namespace engine::dag {
namespace {

using internal::name_table;

// Sets of keys that one build tries.
constexpr std::uint32_t attempts_max = 8;

options check(const options& limits) {
  if (limits.nodes_max > 0x7fffffff || limits.edges_max > 0xfffffffe || limits.problems_max == 0) {
    throw std::invalid_argument("dag: a limit is out of range");
  }
  return limits;
}

error refuse_size(errc code, std::string_view what, std::size_t got, std::size_t limit) {
  return internal::refuse(
      {code, {}, fmt::format("too many {}: {}, the limit is {}", what, got, limit)});
}

error refuse_names() {
  return internal::refuse(
      {errc::names_alike,
       {},
       fmt::format(
           "the names of tasks could not be told apart by their hashes, under {} sets of keys",
           attempts_max)});
}

// Working memory of a build from names, but for 4 bytes an edge.
std::size_t scratch_bytes(std::uint32_t nodes) {
  return name_table::slot_count(nodes) * sizeof(name_table::slot) +
         (nodes + std::size_t{1}) * sizeof(internal::sorted_node);
}

}  // namespace

builder::builder(const options& limits)
    : limits_(check(limits)), key_source_(limits.hash_seed), keys_(key_source_.draw()) {}

std::byte* builder::scratch(std::size_t bytes) {
  const std::size_t lines = (bytes + line_bytes - 1) / line_bytes;
  if (lines > scratch_lines_ || !scratch_) {
    scratch_ = std::make_unique_for_overwrite<cache_line[]>(lines);
    scratch_lines_ = lines;
  }
  return reinterpret_cast<std::byte*>(scratch_.get());
}

void builder::reserve_graph(std::uint32_t nodes, std::uint32_t edges) {
  spare_.nodes_ = nodes;
  spare_.edges_ = edges;
  const std::size_t words =
      std::max(spare_.words(), spare_.dependent_targets_at() + edges + internal::row_overread);
  if (words > spare_.capacity_) {
    spare_.words_ = std::make_unique_for_overwrite<std::uint32_t[]>(words);
    spare_.capacity_ = words;
  }
}

// For how many edges of so many named tasks there is memory already; nothing if there is not enough
// for the tasks.
std::optional<std::uint32_t> builder::room_for_edges(std::uint32_t nodes) const {
  graph without_edges;
  without_edges.nodes_ = nodes;
  const std::size_t words = without_edges.words();
  const std::size_t words_read = without_edges.dependent_targets_at() + internal::row_overread;
  const std::size_t bytes = scratch_bytes(nodes);
  if (std::max(words, words_read) > spare_.capacity_ || bytes > scratch_lines_ * line_bytes) {
    return {};
  }
  return static_cast<std::uint32_t>(std::min<std::size_t>(
      {limits_.edges_max, (spare_.capacity_ - words) / 2, spare_.capacity_ - words_read,
       (scratch_lines_ * line_bytes - bytes) / sizeof *sources_}));
}

checked<void> builder::build(std::span<const task> tasks, graph& out) {
  if (tasks.size() > limits_.nodes_max) {
    return refuse_size(errc::too_many_nodes, "tasks", tasks.size(), limits_.nodes_max);
  }
  // To count the dependencies is to read all tasks once more: only if what earlier builds left does
  // not suffice.
  const auto room = room_for_edges(static_cast<std::uint32_t>(tasks.size()));
  reading read = room ? resolve(tasks, *room) : reading::out_of_room;
  std::uint32_t draws = 0;
  while (read != reading::complete) [[unlikely]] {
      std::size_t edge_count = 0;
      for (const task& each : tasks) {
        edge_count += each.depends_on.size();
      }
      if (edge_count > limits_.edges_max) {
        return refuse_size(errc::too_many_edges, "dependencies", edge_count, limits_.edges_max);
      }
      if (read == reading::unsound) {
        error found = internal::diagnose(tasks, limits_, keys_);
        if (!found.problems.empty()) {
          return found;
        }
        if (++draws == attempts_max) {
          return refuse_names();
        }
        keys_ = key_source_.draw();
      }
      read = resolve(tasks, static_cast<std::uint32_t>(edge_count));
    }
  const std::uint32_t roots = start_rows();
  internal::transpose({spare_.dependency_targets(), spare_.edges_}, sources_, dependent_rows());
  if (!sort(roots)) [[unlikely]] {
    return has_flaw() ? internal::diagnose(tasks, limits_, keys_) : describe_cycle(tasks);
  }
  spare_.swap(out);
  return {};
}

// Fills the rows of dependencies, of at most `room` edges, and counts each task's dependents.
// Unsound if a name or a dependency is, or if two names look alike under the present keys.
builder::reading builder::resolve(std::span<const task> tasks, std::uint32_t room) {
  const auto nodes = static_cast<std::uint32_t>(tasks.size());
  reserve_graph(nodes, room);
  auto* const slots =
      reinterpret_cast<name_table::slot*>(scratch(scratch_bytes(nodes) + room * sizeof *sources_));
  state_ = reinterpret_cast<internal::sorted_node*>(slots + name_table::slot_count(nodes));
  sources_ = reinterpret_cast<node_id*>(state_ + nodes + 1);

  std::uint32_t* const words = spare_.words_.get();
  name_table names(keys_, tasks, slots);
  // With what will be the rows of dependents, those of dependencies have room for a hash an edge;
  // they are filled from the end, where the hashes have been read.
  auto* const hashes = reinterpret_cast<std::byte*>(words + spare_.dependent_targets_at());
  const reading read =
      names.read(limits_.name_bytes_max,
                 {.offsets = words, .hashes = hashes, .sources = sources_, .room = room});
  if (read != reading::complete) {
    return read;
  }
  spare_.edges_ = words[nodes];
  names.resolve(hashes, spare_.edges_, words + spare_.dependency_targets_at());
  // A dependency that is not a task is counted behind the last task, in a word that is free yet.
  std::uint32_t* const counts = words + spare_.dependent_offsets_at() + 2;
  std::memset(counts - 2, 0, (nodes + std::size_t{3}) * sizeof *counts);
  internal::count(nodes, {spare_.dependency_targets(), spare_.edges_}, counts);
  return counts[nodes] == 0 ? reading::complete : reading::unsound;
}

checked<void> builder::build(std::uint32_t nodes, std::span<const edge> edges, graph& out) {
  if (nodes > limits_.nodes_max) {
    return refuse_size(errc::too_many_nodes, "tasks", nodes, limits_.nodes_max);
  }
  if (edges.size() > limits_.edges_max) {
    return refuse_size(errc::too_many_edges, "dependencies", edges.size(), limits_.edges_max);
  }
  reserve_graph(nodes, static_cast<std::uint32_t>(edges.size()));
  state_ = reinterpret_cast<internal::sorted_node*>(
      scratch((nodes + std::size_t{1}) * sizeof *state_ + edges.size() * sizeof *sources_));
  sources_ = reinterpret_cast<node_id*>(state_ + nodes + 1);
  std::uint32_t roots = 0;
  if (copy(edges)) {
    roots = start_rows();
    internal::transpose(edges, dependent_rows());
  } else {
    const auto is_unknown = [nodes](const edge& each) {
      return each.dependency >= nodes || each.dependent >= nodes;
    };
    if (std::any_of(edges.begin(), edges.end(), is_unknown)) {
      return internal::diagnose(nodes, edges, limits_);
    }
    group(edges);
    roots = start_rows();
    internal::transpose({spare_.dependency_targets(), spare_.edges_}, sources_, dependent_rows());
  }
  if (!sort(roots)) [[unlikely]] {
    return has_flaw() ? internal::diagnose(nodes, edges, limits_) : describe_cycle({});
  }
  spare_.swap(out);
  return {};
}

// Fills the rows of dependencies from edges that come dependent by dependent, and counts each
// task's dependents; false if one does not, or is of no task.
bool builder::copy(std::span<const edge> edges) {
  const std::uint32_t nodes = spare_.nodes_;
  std::uint32_t* const offsets = spare_.words_.get();
  std::uint32_t* const counts = offsets + spare_.dependent_offsets_at() + 2;
  node_id* const targets = offsets + spare_.dependency_targets_at();
  std::memset(offsets, 0, 2 * (std::size_t{nodes} + 2) * sizeof *offsets);
  std::uint32_t placed = 0;
  node_id last = 0;
#pragma GCC unroll 4
  for (const edge& each : edges) {
    if (each.dependency >= nodes || each.dependent >= nodes || each.dependent < last) [[unlikely]] {
      return false;
    }
    last = each.dependent;
    targets[placed] = each.dependency;
    offsets[each.dependent + 1] = ++placed;
    ++counts[each.dependency];
  }
  // A row without dependencies starts, and ends, where the one before it ends.
  std::uint32_t end = 0;
#pragma GCC unroll 4
  for (node_id node = 1; node <= nodes; ++node) {
    end = std::max(end, offsets[node]);
    offsets[node] = end;
  }
  return true;
}

// The same from edges in any order.
void builder::group(std::span<const edge> edges) {
  std::uint32_t* const offsets = spare_.words_.get();
  std::uint32_t* const counts = offsets + spare_.dependent_offsets_at() + 2;
  node_id* const targets = offsets + spare_.dependency_targets_at();
  std::memset(offsets, 0, 2 * (std::size_t{spare_.nodes_} + 2) * sizeof *offsets);
  for (const edge& each : edges) {
    ++offsets[each.dependent + 2];
    ++counts[each.dependency];
  }
  std::uint32_t sum = 0;
  for (node_id node = 0; node < spare_.nodes_; ++node) {
    const std::uint32_t length = offsets[node + 2];
    offsets[node + 1] = sum;
    sum += length;
  }
  for (const edge& each : edges) {
    const std::uint32_t place = offsets[each.dependent + 1]++;
    targets[place] = each.dependency;
    sources_[place] = each.dependent;
  }
}

// Turns the counts of dependents into the starts of their rows, and starts the order with the nodes
// that depend on nothing; returns how many those are.
std::uint32_t builder::start_rows() {
  const std::uint32_t nodes = spare_.nodes_;
  const std::uint32_t* const offsets = spare_.words_.get();
  std::uint32_t* const starts = spare_.words_.get() + spare_.dependent_offsets_at();
  node_id* const order = spare_.words_.get() + spare_.order_at();
  internal::sorted_node* const state = state_;
  std::uint32_t sum = 0;
  std::uint32_t roots = 0;
#pragma GCC unroll 4
  for (node_id node = 0; node < nodes; ++node) {
    const std::uint32_t count = starts[node + 2];
    const std::uint32_t dependencies = offsets[node + 1] - offsets[node];
    state[node] = {dependencies, sum};
    starts[node + 1] = sum;
    sum += count;
    if (dependencies == 0) {
      order[roots++] = node;
    }
  }
  state[nodes].row = sum;
  return roots;
}

// The rows of dependents, which started; placing turns their starts into their ends: the next row's
// starts, one word further on.
internal::transposed_rows builder::dependent_rows() {
  std::uint32_t* const words = spare_.words_.get();
  return {.nodes = spare_.nodes_,
          .ends = words + spare_.dependent_offsets_at() + 1,
          .targets = words + spare_.dependent_targets_at()};
}

// False if there is a cycle or a duplicate dependency.
bool builder::sort(std::uint32_t roots) {
  std::uint32_t* const words = spare_.words_.get();
  const internal::level_sort_output sorted =
      internal::level_sort({.nodes = spare_.nodes_,
                            .state = state_,
                            .targets = spare_.dependent_targets(),
                            .order = words + spare_.order_at(),
                            .level_starts = words + spare_.level_starts_at(),
                            .roots = roots});
  spare_.levels_ = sorted.levels;
  has_duplicate_ = sorted.duplicate;
  return sorted.sorted == spare_.nodes_ && !sorted.duplicate;
}

// Whether a task depends on itself or twice on another. Sorting has seen the rows of all nodes that
// wait for nothing.
bool builder::has_flaw() const {
  if (has_duplicate_) {
    return true;
  }
  for (node_id node = 0; node < spare_.nodes_; ++node) {
    if (state_[node].pending == 0) {
      continue;
    }
    const std::span<const node_id> row = spare_.dependents(node);
    if (std::adjacent_find(row.begin(), row.end()) != row.end() ||
        std::find(row.begin(), row.end(), node) != row.end()) {
      return true;
    }
  }
  return false;
}

error builder::describe_cycle(std::span<const task> tasks) {
  return internal::find_cycle({.nodes = spare_.nodes_,
                               .dependency_offsets = spare_.dependency_offsets(),
                               .dependencies = spare_.dependency_targets(),
                               .dependent_offsets = spare_.dependent_offsets(),
                               .dependents = spare_.dependent_targets(),
                               .state = state_,
                               .order = spare_.words_.get() + spare_.order_at()},
                              tasks);
}

}  // namespace engine::dag
