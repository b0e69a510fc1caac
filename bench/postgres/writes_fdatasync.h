// Candidate `fdatasync`: what of row-at-a-time is the disk alone.
//
// For each transition one page of 8 KB, as the server writes its log in, made durable by itself, on
// the server's disk (writes_disk_file.h): no server, no protocol, no row. Several threads have a
// file each; what one of them flushes is not flushed for another, as a commit of the server is for
// all that wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "bench/postgres/writes_disk_file.h"
#include "bench/postgres/writes_transition_input.h"

namespace headroom::postgres_bench::bare_disk {

class transition {
 public:
  static constexpr std::string_view name = "fdatasync";

  explicit transition(const transition_input&) {}

  void run() {
    for (std::size_t row = 0; row < transition_input::rows_per_run; ++row) {
      page_.replace(0, sizeof written_, reinterpret_cast<const char*>(&written_), sizeof written_);
      file_.append_durably(page_);
      ++written_;
    }
  }
  /// The page that the file has last is that of the last transition.
  [[nodiscard]] std::string check() const {
    std::uint64_t number = 0;
    const std::string last = file_.last(page_.size());
    last.copy(reinterpret_cast<char*>(&number), sizeof number);
    return number + 1 == written_ && last == page_
               ? ""
               : fmt::format("page {} is the last in the file, not {}", number + 1, written_);
  }

 private:
  static constexpr std::size_t file_bytes = std::size_t{16} << 20;

  disk_file file_{file_bytes};
  std::string page_ = std::string(8'192, 'w');
  std::uint64_t written_ = 0;
};

}  // namespace headroom::postgres_bench::bare_disk
