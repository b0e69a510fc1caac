// Two sides that share a file, in two threads of one process.
#include "bench/harness/turns.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace headroom {
namespace {

class shared_file {
 public:
  explicit shared_file(std::size_t bytes = turns::bytes) {
    const int descriptor = mkstemp(path_.data());
    EXPECT_GE(descriptor, 0);
    close(descriptor);
    std::ofstream(path_, std::ios::binary) << std::string(bytes, '\0');
  }
  ~shared_file() { (void)std::remove(path_.c_str()); }
  shared_file(const shared_file&) = delete;
  shared_file& operator=(const shared_file&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "headroom_turns_XXXXXX";
};

TEST(turns, alternate) {
  const shared_file file;
  std::vector<unsigned> order;
  std::mutex guard;  // The turns suffice, but a sanitizer does not know that two mappings are one.
  const auto play = [&](unsigned side) {
    turns mine(file.path(), side);
    for (int round = 0; round < 1'000; ++round) {
      ASSERT_TRUE(mine.wait());
      {
        const std::lock_guard lock(guard);
        order.push_back(side);
      }
      mine.pass();
    }
    mine.finish();
  };
  std::thread second(play, 1);
  play(0);
  second.join();
  ASSERT_EQ(order.size(), 2'000U);
  for (std::size_t at = 0; at < order.size(); ++at) {
    ASSERT_EQ(order[at], at % 2) << at;
  }
}

TEST(turns, a_partner_that_leaves_is_noticed) {
  const shared_file file;
  turns stays(file.path(), 1);
  {
    turns leaves(file.path(), 0);
    ASSERT_TRUE(leaves.wait());
  }
  EXPECT_FALSE(stays.wait());
}

TEST(turns, a_partner_that_is_done_leaves_the_last_turn) {
  const shared_file file;
  turns last(file.path(), 1);
  {
    turns done(file.path(), 0);
    ASSERT_TRUE(done.wait());
    done.pass();
    done.finish();
  }
  EXPECT_TRUE(last.wait());
}

TEST(turns, what_one_side_says_the_other_knows) {
  const shared_file file;
  turns first(file.path(), 0);
  const turns second(file.path(), 1);
  EXPECT_EQ(second.agreed(), 0U);
  first.agree(std::uint64_t{1} << 60U);
  EXPECT_EQ(second.agreed(), std::uint64_t{1} << 60U);
}

TEST(turns, alone_it_is_always_this_side) {
  turns alone;
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(alone.wait());
    alone.pass();
  }
  alone.agree(7);
  EXPECT_EQ(alone.agreed(), 7U);
}

TEST(turns, refuses_what_is_no_shared_file) {
  EXPECT_THROW(turns("/nowhere/turns", 0), std::runtime_error);
  EXPECT_THROW(turns(testing::TempDir(), 0), std::runtime_error);
  const shared_file empty(0);
  EXPECT_THROW(turns(empty.path(), 0), std::runtime_error);
  const shared_file short_one(turns::bytes - 1);
  EXPECT_THROW(turns(short_one.path(), 1), std::runtime_error);
}

}  // namespace
}  // namespace headroom
