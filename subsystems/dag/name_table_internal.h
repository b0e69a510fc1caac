// From task names to dense ids: an open-addressing table of fingerprints that never goes back to
// the names.
//
// A name of 8 to 31 bytes is taken as four overlapping 64-bit words that, with its length,
// determine it completely. They are hashed to 64 bits under secret keys, one of them chosen by the
// length (two keyed 64x64 -> 128 bit multiplications, as in wyhash: Wang Yi, 2019); shorter ones as
// one word, longer ones in blocks. A slot holds the fingerprint and the id in one word, the
// exclusive or of both: that with the fingerprint sought is the id, or no task's if the slot is
// another name's. So a look-up touches the table alone, mostly one cache line of it.
//
// What that is worth: two tasks whose fingerprints differ by no more than ids do are noticed when
// the second is entered, and the caller compares their names and, should these differ, takes new
// keys. So a name that is in the table is always found, and rightly. A name that is not passes for
// one that is with a probability of less than 5 * tasks / 2^64: 3e-16 at 1,000 tasks, 1e-12 at the
// 4,000,000 that options allows by default. And a task whose fingerprint is its own id, one in
// 2^64, leaves its slot empty: to mention it counts as unknown, and the caller takes new keys, but
// a second task of its name goes unnoticed. All that unless the author of the names knows the keys.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"

namespace engine::dag::internal {

struct hash_keys {
  std::array<std::uint64_t, 4> word;
  std::array<std::uint64_t, 32> length;
};

/// Keys derived from `seed`; from the system's random source if it is 0.
hash_keys make_hash_keys(std::uint64_t seed);

inline std::uint64_t load_word(const void* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline void store_word(void* to, std::uint64_t word) { std::memcpy(to, &word, sizeof word); }

inline std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
  __extension__ using wide = unsigned __int128;
  const wide product = wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline bool is_common(std::string_view name) { return name.size() - 8 <= 23; }

/// The fingerprint of a name of 8 to 31 bytes.
inline std::uint64_t hash_common(std::string_view name, const hash_keys& keys) {
  // Two words from the front and two from the back; below 16 bytes the inner two repeat the outer.
  const char* front = name.data();
  const char* back = front + name.size() - 8;
  const std::size_t inner = name.size() / 16 * 8;
  return fold(load_word(front) ^ keys.word[0], load_word(front + inner) ^ keys.word[1]) ^
         fold(load_word(back - inner) ^ keys.length[name.size()], load_word(back) ^ keys.word[3]);
}

/// The same for shorter and longer names.
std::uint64_t hash_uncommon(std::string_view name, const hash_keys& keys);

inline std::uint64_t hash(std::string_view name, const hash_keys& keys) {
  return is_common(name) ? hash_common(name, keys) : hash_uncommon(name, keys);
}

/// Refers to memory of the caller; copy freely.
class name_table {
 public:
  /// A task's id, exclusive or the fingerprint of its name; 0 if empty.
  using slot = std::uint64_t;
  /// Slots of a cache line.
  static constexpr std::size_t line_slots = 64 / sizeof(slot);

  /// Slots for `nodes` names: a power of two, at most half full, and at most a third if that is
  /// not more than 8 MB.
  static std::size_t slot_count(std::uint32_t nodes);

  /// Empties the table. REQUIRES: `slots` has slot_count(tasks.size()) elements and starts
  /// with a cache line.
  name_table(const hash_keys& keys, std::span<const task> tasks, slot* slots);

  struct hashed_rows {
    std::uint32_t* offsets;  ///< [tasks + 1] where each task's dependencies start in the others
    std::byte* hashes;       ///< the hash of every dependency, in order, as 8 bytes each
    node_id* sources;        ///< the task that each of them stands in
    std::uint32_t room;      ///< how many dependencies these two hold
  };
  enum class reading { complete, out_of_room, unsound };
  /// Enters all tasks and hashes their dependencies, in one pass over the text. Unsound if a name
  /// is empty or longer than `name_bytes_max`, or two tasks have fingerprints too much alike.
  [[nodiscard]] reading read(std::uint32_t name_bytes_max, const hashed_rows& out);

  /// The tasks with these hashes; the id one behind the last for one that there is not. Goes
  /// backwards: targets[i] may lie in the memory of hashes from i on.
  void resolve(const std::byte* hashes, std::size_t count, node_id* targets) const;

 private:
  // A search goes through all slots of a cache line before it moves to the next: from `home`, by
  // exclusive or with 0, 1, 2, …
  struct probe {
    std::size_t home;
    std::size_t step;

    [[nodiscard]] std::size_t index() const { return home ^ step; }
  };
  [[nodiscard]] probe start(std::uint64_t hashed) const { return {hashed & mask_, 0}; }
  void advance(probe& at) const {
    if (++at.step == line_slots) [[unlikely]] {
      at = {(at.home + line_slots) & mask_, 0};
    }
  }

  [[nodiscard]] std::uint64_t fingerprint(std::string_view name) const {
    return hash(name, *keys_);
  }
  void prefetch(std::uint64_t hashed) const { __builtin_prefetch(&slots_[start(hashed).home]); }
  inline bool insert(node_id id, std::uint64_t hashed);
  [[nodiscard]] inline node_id find(std::uint64_t hashed) const;
  [[nodiscard]] inline node_id find_unguessed(std::uint64_t hashed) const;
  [[nodiscard]] bool is_empty(std::size_t index) const { return slots_[index] == 0; }
  /// The task in this slot if its name has this fingerprint; otherwise no task's id.
  [[nodiscard]] std::uint64_t id_at(std::size_t index, std::uint64_t hashed) const {
    return slots_[index] ^ hashed;
  }

  const hash_keys* keys_;
  std::span<const task> tasks_;
  slot* slots_;
  std::uint32_t nodes_;
  std::size_t mask_;
};

}  // namespace engine::dag::internal
