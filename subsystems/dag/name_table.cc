#include <algorithm>
#include <bit>
#include <random>

#include "subsystems/dag/name_table_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many names the table outgrows the second-level cache, and it pays to ask for its
// lines ahead of time.
constexpr std::size_t prefetch_from = 6'000;
constexpr std::uint32_t batch = 32;

std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  __extension__ using wide = unsigned __int128;
  const wide product = wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t next_key(std::uint64_t& state) {  // splitmix64
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

// Word by word: a copy through wider registers would wait for the stores of the narrow ones.
void store(const name_words& from, name_words& to) {
  to.a = from.a;
  to.b = from.b;
  to.c = from.c;
  to.d = from.d;
}

}  // namespace

hash_keys make_hash_keys(std::uint64_t seed) {
  if (seed == 0) {
    std::random_device device;
    hash_keys keys;
    std::generate(keys.begin(), keys.end(),
                  [&] { return std::uint64_t{device()} << 32 | device(); });
    return keys;
  }
  return {next_key(seed), next_key(seed), next_key(seed), next_key(seed)};
}

name_words load_uncommon(std::string_view name, const hash_keys& keys) {
  const std::size_t size = name.size();
  if (size < 8) {
    std::uint64_t text = 0;
    if (size > 0) {
      std::memcpy(&text, name.data(), size);
    }
    return {text ^ keys[0], keys[1], size ^ keys[2], keys[3]};
  }
  // The third word's first byte says "long": such words are a fingerprint, not the name.
  name_words folded{size, keys[1], keys[2], keys[3]};
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    folded.a = mix(folded.a ^ keys[0] ^ load_word(name.data() + at),
                   keys[1] ^ load_word(name.data() + at + 8));
    folded.b = mix(folded.b ^ keys[2] ^ load_word(name.data() + at + 16),
                   keys[3] ^ load_word(name.data() + at + 24));
  }
  const char* last = name.data() + size - 32;
  folded.a = mix(folded.a ^ load_word(last), keys[1] ^ load_word(last + 8));
  folded.b = mix(folded.b ^ load_word(last + 16), keys[3] ^ load_word(last + 24));
  folded.c = (folded.a | 0xff) ^ keys[2];
  return folded;
}

std::size_t name_table::slot_count(std::uint32_t nodes) {
  return std::bit_ceil(std::max<std::size_t>(2 * std::size_t{nodes}, 2));
}

name_table::name_table(const hash_keys& keys, std::span<const task> tasks, slot* slots,
                       name_words* records)
    : keys_(keys), tasks_(tasks), slots_(slots), records_(records) {
  const auto nodes = static_cast<std::uint32_t>(tasks.size());
  const std::size_t count = slot_count(nodes);
  mask_ = static_cast<std::uint32_t>(count - 1);
  id_mask_ = (std::uint32_t{1} << std::bit_width(nodes)) - 1;
  std::fill_n(slots, count, nodes);
  records[nodes] = {0, 0, keys[2],
                    0};  // As of a name of no length: no name in the table is equal to it.
}

[[gnu::always_inline]] inline bool name_table::insert(node_id id, std::uint64_t hashed) {
  bool fresh = true;
  std::uint32_t index = index_of(hashed);
  while (!is_empty(index)) {
    const node_id other = id_at(index);
    if (slots_[index] == tagged(hashed, other) && matches(other, records_[id], tasks_[id].name))
        [[unlikely]] {
      fresh = false;
    }
    index = next(index);
  }
  slots_[index] = tagged(hashed, id);
  return fresh;
}

// Keeps the words of a task's name and returns their hash.
[[gnu::always_inline]] inline std::uint64_t name_table::record(node_id id) {
  const name_words words = load_name(tasks_[id].name, keys_);
  store(words, records_[id]);
  return hash(words);
}

bool name_table::insert_all(std::uint32_t name_bytes_max) {
  name_table table = *this;  // A copy that no store can alias stays in registers.
  const auto nodes = static_cast<std::uint32_t>(tasks_.size());
  bool sound = true;
  if (nodes < prefetch_from) {
    for (node_id id = 0; id < nodes; ++id) {
      sound &= table.tasks_[id].name.size() - 1 < name_bytes_max;
      sound &= table.insert(id, table.record(id));
    }
    return sound;
  }
  std::array<std::uint64_t, batch> hashes;
  for (node_id first = 0; first < nodes; first += batch) {
    const std::uint32_t count = std::min(batch, nodes - first);
    for (std::uint32_t at = 0; at < count; ++at) {
      sound &= table.tasks_[first + at].name.size() - 1 < name_bytes_max;
      hashes[at] = table.record(first + at);
      table.prefetch(table.index_of(hashes[at]));
    }
    for (std::uint32_t at = 0; at < count; ++at) {
      sound &= table.insert(first + at, hashes[at]);
    }
  }
  return sound;
}

node_id name_table::find(std::string_view name) const {
  const name_words words = load_name(name, keys_);
  for (std::uint32_t index = index_of(hash(words)); !is_empty(index); index = next(index)) {
    if (matches(id_at(index), words, name)) {
      return id_at(index);
    }
  }
  return absent;
}

// The same for a common name, whose words tell it from every other.
[[gnu::always_inline]] inline node_id name_table::find_common(std::string_view name) const {
  const name_words words = load_common(name, keys_);
  std::uint32_t index = index_of(hash(words));
  node_id id = id_at(index);
  while (!(records_[id] == words)) [[unlikely]] {
      if (id == tasks_.size()) {
        return absent;
      }
      index = next(index);
      id = id_at(index);
    }
  return id;
}

bool name_table::resolve_all(const resolution& out) const {
  return tasks_.size() < prefetch_from ? resolve_in_cache(out) : resolve_prefetching(out);
}

bool name_table::resolve_in_cache(const resolution& out) const {
  const name_table table = *this;
  node_id* target = out.targets;
  std::uint32_t* const mentions = out.mentions;
  std::uint32_t* offset = out.offsets;
  for (const task& dependent : table.tasks_) {
    *offset++ = static_cast<std::uint32_t>(target - out.targets);
    for (const std::string_view name : dependent.depends_on) {
      const node_id id = is_common(name) ? table.find_common(name) : find(name);
      if (id == absent) [[unlikely]] {
        return false;
      }
      *target++ = id;
      ++mentions[id];
    }
  }
  *offset = static_cast<std::uint32_t>(target - out.targets);
  return true;
}

bool name_table::resolve_prefetching(const resolution& out) const {
  struct waiting_mention {
    name_words words;
    std::uint64_t hashed;
    std::string_view name;
  };
  const name_table table = *this;
  std::array<waiting_mention, batch> waiting;
  std::uint32_t count = 0;
  node_id* target = out.targets;
  bool all_known = true;

  // First the slots of a batch arrive, then the records that they lead to, then the names are
  // compared.
  const auto flush = [&] {
    for (std::uint32_t at = 0; at < count; ++at) {
      const std::uint64_t hashed = waiting[at].hashed;
      std::uint32_t index = table.index_of(hashed);
      while (table.slots_[index] != table.tagged(hashed, table.id_at(index)) &&
             !table.is_empty(index)) {
        index = table.next(index);
      }
      target[at] = table.id_at(index);
      __builtin_prefetch(&table.records_[target[at]]);
      __builtin_prefetch(&out.mentions[target[at]], 1);
    }
    for (std::uint32_t at = 0; at < count; ++at) {
      if (!table.matches(target[at], waiting[at].words, waiting[at].name)) [[unlikely]] {
        const node_id id = find(waiting[at].name);
        all_known &= id != absent;
        target[at] = id == absent ? 0 : id;
      }
      ++out.mentions[target[at]];
    }
    target += count;
    count = 0;
  };

  std::uint32_t* offset = out.offsets;
  for (const task& dependent : table.tasks_) {
    *offset++ = static_cast<std::uint32_t>(target - out.targets) + count;
    for (const std::string_view name : dependent.depends_on) {
      const name_words words = load_name(name, table.keys_);
      store(words, waiting[count].words);
      waiting[count].hashed = hash(words);
      waiting[count].name = name;
      table.prefetch(table.index_of(waiting[count].hashed));
      if (++count == batch) {
        flush();
      }
    }
  }
  flush();
  *offset = static_cast<std::uint32_t>(target - out.targets);
  return all_known;
}

}  // namespace engine::dag::internal
