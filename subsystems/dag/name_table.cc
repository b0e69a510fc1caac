#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "subsystems/dag/known_by_heart_internal.h"
#include "subsystems/dag/name_table_internal.h"

namespace engine::dag::internal {
namespace {

// A name is entered only when its slot has had the time to come, `delay` names later.
constexpr std::uint32_t delay = 64;

// From this many names on the table is beyond the second-level cache, and slots are asked for ahead
// of time.
constexpr std::size_t look_ahead_from = 16'000;
constexpr std::size_t ahead = 32;

// Up to this many slots, less than a third of them are used, so that searches end at once.
constexpr std::size_t sparse_slots_max = std::size_t{1} << 20;

}  // namespace

std::size_t name_table::slot_count(std::uint32_t nodes) {
  const std::size_t sparse = std::bit_ceil(std::max(3 * std::size_t{nodes}, line_slots));
  return sparse <= sparse_slots_max ? sparse : std::bit_ceil(2 * std::size_t{nodes});
}

name_table::name_table(const hash_keys& keys, std::span<const task> tasks, slot* slots)
    : keys_(&keys), tasks_(tasks), slots_(slots), nodes_(static_cast<std::uint32_t>(tasks.size())) {
  const std::size_t count = slot_count(nodes_);
  mask_ = count - 1;
  std::memset(slots, 0, count * sizeof *slots);
}

// Enters a name whose first slot is taken. By value: `table` stays in the caller's registers.
[[gnu::noinline]] bool name_table::insert_further(name_table table, node_id id,
                                                  std::uint64_t hashed) {
  probe at = table.start(hashed);
  while (!table.is_empty(at.index())) {
    if (table.id_at(at.index(), hashed) < table.nodes_ || !table.advance(at)) {
      return false;
    }
  }
  table.slots_[at.index()] = hashed ^ id;
  return hashed != id;
}

[[gnu::always_inline]] bool name_table::insert(node_id id, std::uint64_t hashed) const {
  const std::size_t home = start(hashed).home;
  if (!is_empty(home)) {
    return insert_further(*this, id, hashed);
  }
  slots_[home] = hashed ^ id;
  return hashed != id;  // 0 would leave the slot empty.
}

name_table::reading name_table::read(std::uint32_t name_bytes_max, const hashed_rows& out) const {
  const name_table table = *this;  // A copy that no store can alias stays in registers.
  const std::uint32_t nodes = nodes_;
  const bool common_fit = name_bytes_max >= block_bytes;
  std::array<std::uint64_t, delay> waiting;
  std::byte* hashes = out.hashes;
  node_id* sources = out.sources;
  std::size_t room = out.room;
  const auto edges = [&] { return static_cast<std::uint32_t>(sources - out.sources); };
  // Not further than the first flaw: many tasks of one name would be searched through for each.
  for (node_id id = 0; id < nodes; ++id) {
    const task& each = table.tasks_[id];
    if (!is_common(each.name) || !common_fit) [[unlikely]] {
      if (each.name.size() - 1 >= name_bytes_max) {
        return reading::unsound;
      }
    }
    const std::uint64_t hashed = table.fingerprint(each.name);
    std::uint64_t& place = waiting[id % delay];
    if (id >= delay && !table.insert(id - delay, place)) [[unlikely]] {
      return reading::unsound;
    }
    place = hashed;
    table.prefetch(hashed);
    out.offsets[id] = edges();
    if (each.depends_on.size() > room) [[unlikely]] {
      return reading::out_of_room;
    }
    room -= each.depends_on.size();
    for (const std::string_view mention : each.depends_on) {
      store_word(hashes, table.fingerprint(mention));
      hashes += sizeof(std::uint64_t);
      *sources++ = id;
    }
  }
  out.offsets[nodes] = edges();
  for (node_id id = nodes - std::min(nodes, delay); id < nodes; ++id) {
    if (!table.insert(id, waiting[id % delay])) [[unlikely]] {
      return reading::unsound;
    }
  }
  return reading::complete;
}

[[gnu::always_inline]] node_id name_table::find(std::uint64_t hashed) const {
  probe at = start(hashed);
  std::uint64_t id = id_at(at.home, hashed);
  while (id >= nodes_) [[unlikely]] {
      if (is_empty(at.index()) || !advance(at)) {
        return nodes_;
      }
      id = id_at(at.index(), hashed);
    }
  return static_cast<node_id>(id);
}

// The same for a table that is not known by heart: whether the first slot holds the name is a guess
// that the processor loses so often that it costs less to look at the second as well.
[[gnu::always_inline]] node_id name_table::find_unguessed(std::uint64_t hashed) const {
  const std::size_t first = start(hashed).home;
  const std::size_t index = first ^ (id_at(first, hashed) < nodes_ ? 0 : 1);
  const std::uint64_t id = id_at(index, hashed);
  return id < nodes_ ? static_cast<node_id>(id) : find(hashed);
}

void name_table::resolve(const std::byte* hashes, std::size_t count, node_id* targets) const {
  const name_table table = *this;
  const auto hash_at = [hashes](std::size_t at) {
    return load_word(hashes + at * sizeof(std::uint64_t));
  };
  std::size_t at = count;
  if (table.nodes_ < nodes_known_by_heart) {
    while (at > 0) {
      --at;
      targets[at] = table.find(hash_at(at));
    }
  }
  if (table.nodes_ >= look_ahead_from) {
    while (at > ahead) {
      --at;
      table.prefetch(hash_at(at - ahead));
      targets[at] = table.find_unguessed(hash_at(at));
    }
  }
  while (at > 0) {
    --at;
    targets[at] = table.find_unguessed(hash_at(at));
  }
}

}  // namespace engine::dag::internal
