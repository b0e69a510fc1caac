#include <algorithm>
#include <bit>
#include <random>

#include "subsystems/dag/name_table_internal.h"

namespace engine::dag::internal {
namespace {

// Beyond this many names the table outgrows the second-level cache, and it pays to ask for its lines ahead of time.
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

std::uint32_t tag_of(std::uint64_t hashed) { return static_cast<std::uint32_t>(hashed >> 32) | 1; }

}  // namespace

hash_keys make_hash_keys(std::uint64_t seed) {
  if (seed == 0) {
    std::random_device device;
    hash_keys keys;
    std::generate(keys.begin(), keys.end(), [&] { return std::uint64_t{device()} << 32 | device(); });
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
    folded.a = mix(folded.a ^ keys[0] ^ load_word(name.data() + at), keys[1] ^ load_word(name.data() + at + 8));
    folded.b = mix(folded.b ^ keys[2] ^ load_word(name.data() + at + 16), keys[3] ^ load_word(name.data() + at + 24));
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

bool name_table::insert(node_id id, std::uint64_t hashed) {
  bool fresh = true;
  std::uint32_t index = static_cast<std::uint32_t>(hashed) & mask_;
  while (slots_[index].tag != 0) {
    if (slots_[index].tag == tag_of(hashed) && matches(slots_[index].id, records_[id], tasks_[id].name)) [[unlikely]] {
      fresh = false;
    }
    index = (index + 1) & mask_;
  }
  slots_[index] = {tag_of(hashed), id};
  return fresh;
}

// Keeps the words of a task's name and returns their hash.
std::uint64_t name_table::record(node_id id, const hash_keys& keys) {
  const name_words words = load_name(tasks_[id].name, keys);
  store(words, records_[id]);
  return hash(words);
}

bool name_table::insert_all(std::uint32_t name_bytes_max) {
  const hash_keys keys = keys_;
  const auto nodes = static_cast<std::uint32_t>(tasks_.size());
  bool sound = true;
  for (const task& each : tasks_) {
    sound &= each.name.size() - 1 < name_bytes_max;
  }
  if (nodes < prefetch_from) {
    for (node_id id = 0; id < nodes; ++id) {
      sound &= insert(id, record(id, keys));
    }
    return sound;
  }
  std::array<std::uint64_t, batch> hashes;
  for (node_id first = 0; first < nodes; first += batch) {
    const std::uint32_t count = std::min(batch, nodes - first);
    for (std::uint32_t at = 0; at < count; ++at) {
      hashes[at] = record(first + at, keys);
      __builtin_prefetch(&slots_[static_cast<std::uint32_t>(hashes[at]) & mask_], 1);
    }
    for (std::uint32_t at = 0; at < count; ++at) {
      sound &= insert(first + at, hashes[at]);
    }
  }
  return sound;
}

node_id name_table::find(std::string_view name) const {
  const name_words words = load_name(name, keys_);
  const std::uint64_t hashed = hash(words);
  for (std::uint32_t index = static_cast<std::uint32_t>(hashed) & mask_;; index = (index + 1) & mask_) {
    const slot candidate = slots_[index];
    if (candidate.tag == 0) {
      return absent;
    }
    if (candidate.tag == tag_of(hashed) && matches(candidate.id, words, name)) {
      return candidate.id;
    }
  }
}

// The same for a common name, whose words tell it from every other.
[[gnu::always_inline]] inline node_id name_table::find_common(std::string_view name) const {
  const name_words words = load_common(name, keys_);
  const std::uint64_t hashed = hash(words);
  const std::uint32_t tag = tag_of(hashed);
  for (std::uint32_t index = static_cast<std::uint32_t>(hashed) & mask_;; index = (index + 1) & mask_) {
    const slot& candidate = slots_[index];
    if (candidate.tag == tag) [[likely]] {
      const node_id id = candidate.id;
      if (records_[id] == words) [[likely]] {
        return id;
      }
    } else if (candidate.tag == 0) [[unlikely]] {
      return absent;
    }
  }
}

std::uint32_t name_table::resolve_all(const resolution& out, bool& complete) const {
  return tasks_.size() < prefetch_from ? resolve_in_cache(out, complete) : resolve_prefetching(out, complete);
}

std::uint32_t name_table::resolve_in_cache(const resolution& out, bool& complete) const {
  const name_table table = *this;  // A copy that no store can alias stays in registers.
  node_id* target = out.targets;
  std::uint32_t* const mentions = out.mentions;
  std::uint32_t root_count = 0;
  bool all_known = true;
  for (node_id dependent = 0; dependent < table.tasks_.size(); ++dependent) {
    const std::span<const std::string_view> names = table.tasks_[dependent].depends_on;
    out.offsets[dependent] = static_cast<std::uint32_t>(target - out.targets);
    out.degrees[dependent] = static_cast<std::uint32_t>(names.size());
    out.roots[root_count] = dependent;
    root_count += names.empty() ? 1 : 0;
    for (const std::string_view name : names) {
      node_id id = is_common(name) ? table.find_common(name) : find(name);
      if (id == absent) [[unlikely]] {
        all_known = false;
        id = 0;
      }
      *target++ = id;
      ++mentions[id];
    }
  }
  complete = all_known;
  out.offsets[tasks_.size()] = static_cast<std::uint32_t>(target - out.targets);
  return root_count;
}

namespace {

// A dependency on its way through resolve_prefetching.
struct mention {
  name_words words;
  std::uint64_t hashed;
  std::string_view name;
};

}  // namespace

std::uint32_t name_table::resolve_prefetching(const resolution& out, bool& complete) const {
  const name_table table = *this;
  std::array<mention, batch> mentions;
  std::uint32_t waiting = 0;
  node_id* target = out.targets;
  bool all_known = true;

  // First the slots of a batch arrive, then the records that they lead to, then the names are compared.
  const auto flush = [&] {
    for (std::uint32_t at = 0; at < waiting; ++at) {
      const std::uint32_t tag = tag_of(mentions[at].hashed);
      std::uint32_t index = static_cast<std::uint32_t>(mentions[at].hashed) & table.mask_;
      while (table.slots_[index].tag != tag && table.slots_[index].tag != 0) {
        index = (index + 1) & table.mask_;
      }
      target[at] = table.slots_[index].id;
      __builtin_prefetch(&table.records_[target[at]]);
      __builtin_prefetch(&out.mentions[target[at]], 1);
    }
    for (std::uint32_t at = 0; at < waiting; ++at) {
      if (!table.matches(target[at], mentions[at].words, mentions[at].name)) [[unlikely]] {
        const node_id id = find(mentions[at].name);
        all_known &= id != absent;
        target[at] = id == absent ? 0 : id;
      }
      ++out.mentions[target[at]];
    }
    target += waiting;
    waiting = 0;
  };

  std::uint32_t root_count = 0;
  for (node_id dependent = 0; dependent < table.tasks_.size(); ++dependent) {
    const std::span<const std::string_view> names = table.tasks_[dependent].depends_on;
    out.offsets[dependent] = static_cast<std::uint32_t>(target - out.targets) + waiting;
    out.degrees[dependent] = static_cast<std::uint32_t>(names.size());
    out.roots[root_count] = dependent;
    root_count += names.empty() ? 1 : 0;
    for (const std::string_view name : names) {
      const name_words words = load_name(name, table.keys_);
      mention& entry = mentions[waiting];
      store(words, entry.words);
      entry.hashed = hash(words);
      entry.name = name;
      __builtin_prefetch(&table.slots_[static_cast<std::uint32_t>(entry.hashed) & table.mask_]);
      if (++waiting == batch) {
        flush();
      }
    }
  }
  flush();
  complete = all_known;
  out.offsets[tasks_.size()] = static_cast<std::uint32_t>(target - out.targets);
  return root_count;
}

}  // namespace engine::dag::internal
