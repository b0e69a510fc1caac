// A file on the disk of the server, for what the disk alone costs.
//
// Beside the server's data directory, if the server is of this machine; else, on a server that is
// given, in TMPDIR or /tmp, whose disk may be another: the context says where
// (postgres_disk_folder). Failures throw std::system_error with the path. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::postgres_bench {

/// Where disk_file makes its files. Asks the server once.
[[nodiscard]] const std::string& disk_folder();

/// Of a fixed size, written once from end to end, as the server's log is before it is used, so that
/// writing to it again changes no metadata. Without a name, so gone with the process.
class disk_file {
 public:
  explicit disk_file(std::size_t bytes);
  ~disk_file();
  disk_file(const disk_file&) = delete;  // one owner closes the file
  disk_file& operator=(const disk_file&) = delete;

  /// Writes the portion behind the last one, or at the beginning if it does not fit there, and
  /// returns when it is durable. REQUIRES: it is not larger than the file.
  void append_durably(std::string_view portion);
  /// What was written last, read again.
  [[nodiscard]] std::string last(std::size_t bytes) const;

 private:
  [[noreturn]] static void fail(const char* what);

  std::size_t bytes_;
  int file_;
  std::size_t end_ = 0;  ///< of the last portion
};

}  // namespace headroom::postgres_bench
