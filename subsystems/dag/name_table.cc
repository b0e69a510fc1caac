#include <algorithm>
#include <bit>
#include <random>

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

std::uint64_t next_key(std::uint64_t& state) {  // splitmix64
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace

hash_keys make_hash_keys(std::uint64_t seed) {
  if (seed == 0) {
    std::random_device device;
    seed = std::uint64_t{device()} << 32 | device();
  }
  hash_keys keys;
  std::generate(keys.word.begin(), keys.word.end(), [&] { return next_key(seed); });
  std::generate(keys.length.begin(), keys.length.end(), [&] { return next_key(seed); });
  return keys;
}

std::uint64_t hash_uncommon(std::string_view name, const hash_keys& keys) {
  const std::size_t size = name.size();
  if (size < 8) {
    std::uint64_t text = 0;
    if (size > 0) {
      std::memcpy(&text, name.data(), size);
    }
    return fold(text ^ keys.word[0], keys.length[size]);
  }
  std::uint64_t left = size;
  std::uint64_t right = keys.length[0];
  const auto absorb = [&](const char* block) {
    left = fold(left ^ keys.word[0] ^ load_word(block), keys.word[1] ^ load_word(block + 8));
    right =
        fold(right ^ keys.word[2] ^ load_word(block + 16), keys.word[3] ^ load_word(block + 24));
  };
  for (std::size_t at = 0; at + 32 < size; at += 32) {
    absorb(name.data() + at);
  }
  absorb(name.data() + size - 32);
  return fold(left ^ keys.word[2], right ^ keys.word[3]) ^ left;
}

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

[[gnu::always_inline]] bool name_table::insert(node_id id, std::uint64_t hashed) {
  bool fresh = true;
  probe at = start(hashed);
  for (; !is_empty(at.index()); advance(at)) {
    fresh &= id_at(at.index(), hashed) >= nodes_;
  }
  slots_[at.index()] = hashed ^ id;
  return fresh;
}

name_table::reading name_table::read(std::uint32_t name_bytes_max, const hashed_rows& out) {
  name_table table = *this;  // A copy that no store can alias stays in registers.
  const std::uint32_t nodes = nodes_;
  std::array<std::uint64_t, delay> waiting;
  std::byte* const hashes = out.hashes;
  node_id* const sources = out.sources;
  const std::uint32_t room = out.room;
  bool sound = true;
  std::uint32_t edge = 0;
  // Not further than the first flaw: many tasks of one name would be searched through for each.
  for (node_id id = 0; id < nodes && sound; ++id) {
    const task& each = table.tasks_[id];
    sound &= each.name.size() - 1 < name_bytes_max;
    const std::uint64_t hashed = table.fingerprint(each.name);
    std::uint64_t& place = waiting[id % delay];
    if (id >= delay) {
      sound &= table.insert(id - delay, place);
    }
    place = hashed;
    table.prefetch(hashed);
    out.offsets[id] = edge;
    if (each.depends_on.size() > room - edge) [[unlikely]] {
      return reading::out_of_room;
    }
    for (const std::string_view mention : each.depends_on) {
      store_word(hashes + edge * sizeof(std::uint64_t), table.fingerprint(mention));
      sources[edge] = id;
      ++edge;
    }
  }
  out.offsets[nodes] = edge;
  for (node_id id = nodes - std::min(nodes, delay); id < nodes && sound; ++id) {
    sound &= table.insert(id, waiting[id % delay]);
  }
  return sound ? reading::complete : reading::unsound;
}

[[gnu::always_inline]] node_id name_table::find(std::uint64_t hashed) const {
  probe at = start(hashed);
  std::uint64_t id = id_at(at.home, hashed);
  while (id >= nodes_) [[unlikely]] {
      if (is_empty(at.index())) {
        return nodes_;
      }
      advance(at);
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
