#include <algorithm>
#include <bit>
#include <random>

#include "subsystems/dag/name_table_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many names the table fills the second-level cache, and it pays to hash a batch of
// names ahead and to ask for their slots in time.
constexpr std::size_t prefetch_from = 20'000;
constexpr std::uint32_t batch = 64;

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
  return std::bit_ceil(std::max<std::size_t>(2 * std::size_t{nodes}, 2));
}

name_table::name_table(const hash_keys& keys, std::span<const task> tasks, slot* slots)
    : keys_(&keys), tasks_(tasks), slots_(slots) {
  const auto nodes = static_cast<std::uint32_t>(tasks.size());
  const std::size_t count = slot_count(nodes);
  mask_ = count - 1;
  id_mask_ = (std::uint64_t{1} << std::bit_width(nodes)) - 1;
  std::fill_n(slots, count, nodes);
}

[[gnu::always_inline]] inline bool name_table::insert(node_id id, std::uint64_t hashed) {
  bool fresh = true;
  std::size_t index = index_of(hashed);
  for (; !is_empty(index); index = next(index)) {
    fresh &= !matches(index, hashed);
  }
  slots_[index] = (hashed & ~id_mask_) | id;
  return fresh;
}

bool name_table::insert_all(std::uint32_t name_bytes_max) {
  name_table table = *this;  // A copy that no store can alias stays in registers.
  const auto nodes = static_cast<std::uint32_t>(tasks_.size());
  bool sound = true;
  std::array<std::uint64_t, batch> hashes;
  for (node_id first = 0; first < nodes; first += batch) {
    const std::uint32_t count = std::min(batch, nodes - first);
    for (std::uint32_t at = 0; at < count; ++at) {
      const std::string_view name = table.tasks_[first + at].name;
      sound &= name.size() - 1 < name_bytes_max;
      hashes[at] = table.fingerprint(name);
      table.prefetch(table.index_of(hashes[at]));
    }
    for (std::uint32_t at = 0; at < count; ++at) {
      sound &= table.insert(first + at, hashes[at]);
    }
  }
  return sound;
}

[[gnu::always_inline]] inline node_id name_table::find(std::uint64_t hashed) const {
  std::size_t index = index_of(hashed);
  while (!matches(index, hashed)) [[unlikely]] {
      if (is_empty(index)) {
        break;
      }
      index = next(index);
    }
  return id_at(index);
}

void name_table::resolve_all(const resolution& out) const {
  if (tasks_.size() < prefetch_from) {
    resolve_in_cache(out);
  } else {
    resolve_prefetching(out);
  }
}

void name_table::resolve_in_cache(const resolution& out) const {
  const name_table table = *this;
  node_id* const targets = out.targets;
  node_id* const sources = out.sources;
  std::uint32_t edge = 0;
  node_id source = 0;
  for (const task& dependent : table.tasks_) {
    out.offsets[source] = edge;
    for (const std::string_view name : dependent.depends_on) {
      targets[edge] = table.find(table.fingerprint(name));
      sources[edge] = source;
      ++edge;
    }
    ++source;
  }
  out.offsets[source] = edge;
}

void name_table::resolve_prefetching(const resolution& out) const {
  const name_table table = *this;
  std::array<std::uint64_t, batch> hashes;
  std::uint32_t count = 0;
  node_id* target = out.targets;
  node_id* const sources = out.sources;
  const auto flush = [&] {
    target = std::transform(hashes.begin(), hashes.begin() + count, target,
                            [&](std::uint64_t hashed) { return table.find(hashed); });
    count = 0;
  };
  std::uint32_t edge = 0;
  node_id source = 0;
  for (const task& dependent : table.tasks_) {
    out.offsets[source] = edge;
    for (const std::string_view name : dependent.depends_on) {
      sources[edge++] = source;
      hashes[count] = table.fingerprint(name);
      table.prefetch(table.index_of(hashes[count]));
      if (++count == batch) {
        flush();
      }
    }
    ++source;
  }
  flush();
  out.offsets[source] = edge;
}

}  // namespace engine::dag::internal
