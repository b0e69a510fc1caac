// Lets two processes work in turns, so that both see the same machine: neighbours, clock frequency
// and temperature change more slowly than the turns.
//
// The word that says whose turn it is lies in a file that both map, and the one that waits sleeps
// on it (futex). A turn is handed over in some microseconds. Thread-safety: one thread a process.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace headroom {

class turns {
 public:
  /// The file, of at least `bytes` zero bytes, is made by whoever starts both processes.
  static constexpr std::size_t bytes = 64;
  /// How long a partner may take for one turn: setting up an input, at most.
  static constexpr std::chrono::seconds wait_max{120};

  /// Alone: it is always this process's turn.
  turns() = default;
  /// As `side` (0 begins, 1 follows). Throws std::runtime_error if the file cannot be mapped.
  turns(const std::string& path, unsigned side);
  turns(const turns&) = delete;
  turns& operator=(const turns&) = delete;
  /// Without finish(), says that this side has left.
  ~turns();

  /// Waits for this side's turn. False if the partner has left. Throws std::runtime_error after
  /// wait_max.
  [[nodiscard]] bool wait();
  /// Hands over.
  void pass();
  /// This side is done: that it leaves is no surprise.
  void finish() { finished_ = true; }

  /// What both must do alike, settled by the side that begins: its value if it has said one yet,
  /// 0 if not.
  [[nodiscard]] std::uint64_t agreed() const;
  void agree(std::uint64_t value);

 private:
  struct shared {
    std::atomic<std::uint32_t> turn;
    std::atomic<std::uint32_t> left;  ///< how many have left before they were done
    std::atomic<std::uint64_t> agreed;
  };

  shared* shared_ = nullptr;
  std::uint32_t side_ = 0;
  std::uint64_t agreed_alone_ = 0;
  bool finished_ = false;
};

}  // namespace headroom
