// From task names to dense ids: an open-addressing table that compares names without leaving it.
//
// A name of up to 31 bytes is taken as four overlapping 64-bit words that determine it completely,
// its length in a byte that the overlap leaves free. The words are hashed (two keyed 64x64 -> 128
// bit multiplications, as in wyhash: Wang Yi, 2019) and kept, 32 bytes a name, so a look-up touches
// one slot and one record, never the name itself. Longer names are compared byte by byte. The keys
// are secret, so nobody can prepare names that collide.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"

namespace engine::dag::internal {

/// Marks a name that is not in the table.
inline constexpr node_id absent = ~node_id{0};

using hash_keys = std::array<std::uint64_t, 4>;

/// Keys derived from `seed`; from the system's random source if it is 0.
hash_keys make_hash_keys(std::uint64_t seed);

/// A keyed name. Equal words mean equal names unless is_long().
struct name_words {
  std::uint64_t a, b, c, d;

  friend bool operator==(const name_words& left, const name_words& right) {
    return ((left.a ^ right.a) | (left.b ^ right.b) | (left.c ^ right.c) | (left.d ^ right.d)) == 0;
  }
};

inline std::uint64_t load_word(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline bool is_common(std::string_view name) { return name.size() - 8 <= 23; }
inline bool is_long(std::string_view name) { return name.size() > 31; }

/// REQUIRES: is_common(name).
inline name_words load_common(std::string_view name, const hash_keys& keys) {
  // Words at 0, min(8, size - 8), max(size - 16, 0) and size - 8 cover the name. The first byte of
  // the third is covered by the first two as well, so the length can stand there.
  const char* text = name.data();
  const std::size_t size = name.size();
  const std::size_t low = size < 16 ? size : 16;
  const std::size_t high = size < 16 ? 16 : size;
  const std::uint64_t third = (load_word(text + high - 16) & ~std::uint64_t{0xff}) | size;
  return {load_word(text) ^ keys[0], load_word(text + low - 8) ^ keys[1], third ^ keys[2],
          load_word(text + size - 8) ^ keys[3]};
}

/// The same for shorter and longer names.
name_words load_uncommon(std::string_view name, const hash_keys& keys);

inline name_words load_name(std::string_view name, const hash_keys& keys) {
  return is_common(name) ? load_common(name, keys) : load_uncommon(name, keys);
}

inline std::uint64_t hash(const name_words& words) {
  __extension__ using wide = unsigned __int128;
  const wide left = wide{words.a} * words.b;
  const wide right = wide{words.c} * words.d;
  return static_cast<std::uint64_t>(left) ^ static_cast<std::uint64_t>(left >> 64) ^
         static_cast<std::uint64_t>(right) ^ static_cast<std::uint64_t>(right >> 64);
}

/// Views of caller's memory; copy freely.
class name_table {
 public:
  /// The low bits are a task's id, or the number of tasks in an empty slot; the bits above them are
  /// bits of the hash.
  using slot = std::uint32_t;

  /// Slots for `nodes` names: a power of two, at most half full.
  static std::size_t slot_count(std::uint32_t nodes);
  /// Records for them: one more, which stands for no name.
  static std::size_t record_count(std::uint32_t nodes) { return std::size_t{nodes} + 1; }

  /// Empties the table. REQUIRES: `slots` has slot_count(tasks.size()) elements, `records`
  /// record_count(tasks.size()).
  name_table(const hash_keys& keys, std::span<const task> tasks, slot* slots, name_words* records);

  /// Enters all tasks; false if a name is empty, longer than `name_bytes_max` or there twice.
  bool insert_all(std::uint32_t name_bytes_max);

  struct resolution {
    std::uint32_t* offsets;   ///< [tasks + 1] where each task's dependencies start in `targets`
    node_id* targets;         ///< every dependency, in order
    std::uint32_t* mentions;  ///< [tasks] counted up for each time that a task is a dependency
  };
  /// Resolves every dependency; false if one is not a task, then nothing in `out` means anything.
  [[nodiscard]] bool resolve_all(const resolution& out) const;

  /// The id of `name`, or absent.
  [[nodiscard]] node_id find(std::string_view name) const;

  /// Where the search for a hash starts.
  [[nodiscard]] std::uint32_t index_of(std::uint64_t hashed) const {
    return static_cast<std::uint32_t>(hashed) & mask_;
  }
  [[nodiscard]] node_id id_at(std::uint32_t index) const { return slots_[index] & id_mask_; }
  void prefetch(std::uint32_t index) const { __builtin_prefetch(&slots_[index]); }

 private:
  bool insert(node_id id, std::uint64_t hashed);
  std::uint64_t record(node_id id);
  [[nodiscard]] node_id find_common(std::string_view name) const;
  [[nodiscard]] std::uint32_t next(std::uint32_t index) const { return (index + 1) & mask_; }
  [[nodiscard]] slot tagged(std::uint64_t hashed, node_id id) const {
    return (static_cast<std::uint32_t>(hashed >> 32) & ~id_mask_) | id;
  }
  [[nodiscard]] bool is_empty(std::uint32_t index) const { return id_at(index) == tasks_.size(); }
  [[nodiscard]] bool matches(node_id id, const name_words& words, std::string_view name) const {
    return records_[id] == words && (!is_long(name) || tasks_[id].name == name);
  }
  [[nodiscard]] bool resolve_in_cache(const resolution& out) const;
  [[nodiscard]] bool resolve_prefetching(const resolution& out) const;

  hash_keys keys_;
  std::span<const task> tasks_;
  slot* slots_;
  name_words* records_;
  std::uint32_t mask_;
  std::uint32_t id_mask_;
};

}  // namespace engine::dag::internal
