// From task names to dense ids: an open-addressing table of fingerprints that never goes back to
// the names.
//
// A slot holds a name's fingerprint (name_hash_internal.h) and the task's id in one word, the
// exclusive or of both: that with the fingerprint sought is the id, or no task's if the slot is
// another name's. So a look-up touches the table alone, mostly one cache line of it, and at most
// lines_max + 1 of them: no name is entered further from where its search begins.
//
// What that is worth, whoever made the names, short of knowing the keys: a name that is in the
// table is always found, and rightly, for two tasks whose fingerprints differ by no more than ids
// do are noticed when the second is entered; the caller compares their names and, should these
// differ, takes new keys. A name that is not there passes for one that is with a probability below
// (blocks + 1) * tasks / 2^49, blocks being those of 28 bytes that the longest name has (1 up to 28
// bytes, 10 up to 255): both fingerprints must agree in all bits above those of an id, and their
// searches begin within lines_max lines of each other, which leaves fewer than 2^11 / 3 differences
// between them, each of a probability of at most 3 * (blocks + 1) / 2^60. That is 4e-12 at 1,000
// tasks of usual names, and 1.4e-8 at the 4,000,000 that options allows by default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "subsystems/dag/error.h"
#include "subsystems/dag/graph.h"
#include "subsystems/dag/name_hash_internal.h"

namespace engine::dag::internal {

/// Refers to memory of the caller; copy freely.
class name_table {
 public:
  /// A task's id, exclusive or the fingerprint of its name; 0 if empty.
  using slot = std::uint64_t;
  /// Slots of a cache line.
  static constexpr std::size_t line_slots = 64 / sizeof(slot);
  /// A search may go on for so many lines behind the first. Where slots are half taken, one of
  /// 10 million names needs as many as 9, if keys scatter them like chance.
  static constexpr std::size_t lines_max = 16;

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
  /// is empty or longer than `name_bytes_max`, two tasks have fingerprints too much alike, or one
  /// finds no slot within lines_max.
  [[nodiscard]] reading read(std::uint32_t name_bytes_max, const hashed_rows& out) const;

  /// The tasks with these hashes; the id one behind the last for one that there is not. Goes
  /// backwards: targets[i] may lie in the memory of hashes from i on.
  void resolve(const std::byte* hashes, std::size_t count, node_id* targets) const;

 private:
  // A search goes through all slots of a cache line before it moves to the next: from `home`, by
  // exclusive or with 0, 1, 2, …
  struct probe {
    std::size_t home;
    std::size_t step;
    std::size_t lines;

    [[nodiscard]] std::size_t index() const { return home ^ step; }
  };
  [[nodiscard]] probe start(std::uint64_t hashed) const { return {hashed & mask_, 0, 0}; }
  /// False at the end of the search.
  [[nodiscard]] bool advance(probe& at) const {
    if (++at.step == line_slots) [[unlikely]] {
      at = {(at.home + line_slots) & mask_, 0, at.lines + 1};
    }
    return at.lines <= lines_max;
  }

  [[nodiscard]] std::uint64_t fingerprint(std::string_view name) const {
    return hash(name, *keys_);
  }
  void prefetch(std::uint64_t hashed) const { __builtin_prefetch(&slots_[start(hashed).home]); }
  [[nodiscard]] inline bool insert(node_id id, std::uint64_t hashed) const;
  [[nodiscard]] static bool insert_further(name_table table, node_id id, std::uint64_t hashed);
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
