#include "bench/harness/turns.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "subsystems/support/quote.h"

namespace headroom {
namespace {

std::uint32_t* word_of(std::atomic<std::uint32_t>& from) {
  static_assert(sizeof from == sizeof(std::uint32_t) &&
                std::atomic<std::uint32_t>::is_always_lock_free);
  return reinterpret_cast<std::uint32_t*>(&from);
}

}  // namespace

turns::turns(const std::string& path, unsigned side) : side_(side) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  struct stat found {};
  if (file == -1 || fstat(file, &found) == -1) {
    const std::string why = std::generic_category().message(errno);
    if (file != -1) {
      close(file);
    }
    throw std::runtime_error(
        fmt::format("--turns: cannot open {}: {}", engine::support::printable(path), why));
  }
  if (found.st_size < static_cast<off_t>(bytes)) {
    close(file);
    throw std::runtime_error(fmt::format("--turns: {} is shorter than {} bytes",
                                         engine::support::printable(path), bytes));
  }
  void* const mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  const int why = errno;
  close(file);
  if (mapped == MAP_FAILED) {
    throw std::runtime_error(fmt::format("--turns: cannot map {}: {}",
                                         engine::support::printable(path),
                                         std::generic_category().message(why)));
  }
  static_assert(sizeof(shared) <= bytes);
  shared_ = static_cast<shared*>(mapped);  // Zeros are the beginning: it is the turn of side 0.
}

turns::~turns() {
  if (shared_ != nullptr) {
    if (!finished_) {
      shared_->left.fetch_add(1);
      pass();
    }
    munmap(shared_, bytes);
  }
}

bool turns::wait() {
  if (shared_ == nullptr) {
    return true;
  }
  for (;;) {
    const std::uint32_t now = shared_->turn.load(std::memory_order_acquire);
    if (now == side_) {
      return shared_->left.load() == 0;
    }
    const timespec limit{.tv_sec = wait_max.count(), .tv_nsec = 0};
    if (syscall(SYS_futex, word_of(shared_->turn), FUTEX_WAIT, now, &limit, nullptr, 0) == -1 &&
        errno == ETIMEDOUT) {
      throw std::runtime_error(
          fmt::format("--turns: the other process took longer than {} s", wait_max.count()));
    }
  }
}

void turns::pass() {
  if (shared_ != nullptr) {
    shared_->turn.store(1 - side_, std::memory_order_release);
    syscall(SYS_futex, word_of(shared_->turn), FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
}

std::uint64_t turns::agreed() const {
  return shared_ == nullptr ? agreed_alone_ : shared_->agreed.load();
}

void turns::agree(std::uint64_t value) {
  if (shared_ == nullptr) {
    agreed_alone_ = value;
  } else {
    shared_->agreed = value;
  }
}

}  // namespace headroom
