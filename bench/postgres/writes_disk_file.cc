#include "bench/postgres/writes_disk_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "bench/postgres/server.h"
#include "fixtures/postgres_session.h"

namespace headroom::postgres_bench {
namespace {

std::string temporary_folder() {
  const char* const set = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
  return set != nullptr && *set == '/' ? set : "/tmp";
}

// Only the fixture's own servers are known to be of this machine.
std::string find_disk_folder() {
  if (is_given()) {
    return temporary_folder();
  }
  engine::fixtures::postgres_session session(server().url());
  const std::filesystem::path data = session.value("SHOW data_directory");
  return data.parent_path().string();
}

}  // namespace

const std::string& disk_folder() {
  static const std::string folder = find_disk_folder();
  return folder;
}

void disk_file::fail(const char* what) {
  throw std::system_error(errno, std::generic_category(),
                          fmt::format("{} in {}", what, disk_folder()));
}

disk_file::disk_file(std::size_t bytes) : bytes_(bytes) {
  std::string path = disk_folder() + "/headroom_disk_XXXXXX";
  file_ = mkostemp(path.data(), O_CLOEXEC);
  if (file_ < 0) {
    fail("cannot make a file");
  }
  unlink(path.c_str());
  const std::string zeros(bytes, '\0');
  if (pwrite(file_, zeros.data(), zeros.size(), 0) != static_cast<ssize_t>(zeros.size()) ||
      fsync(file_) != 0) {
    const int why = errno;
    close(file_);
    errno = why;
    fail("cannot write a file");
  }
}

disk_file::~disk_file() { close(file_); }

void disk_file::append_durably(std::string_view portion) {
  assert(portion.size() <= bytes_);
  const std::size_t begin = end_ + portion.size() > bytes_ ? 0 : end_;
  if (pwrite(file_, portion.data(), portion.size(), static_cast<off_t>(begin)) !=
          static_cast<ssize_t>(portion.size()) ||
      fdatasync(file_) != 0) {
    fail("cannot write a file");
  }
  end_ = begin + portion.size();
}

std::string disk_file::last(std::size_t bytes) const {
  std::string read(bytes, '\0');
  if (bytes > end_ || pread(file_, read.data(), bytes, static_cast<off_t>(end_ - bytes)) !=
                          static_cast<ssize_t>(bytes)) {
    fail("cannot read a file");
  }
  return read;
}

}  // namespace headroom::postgres_bench
