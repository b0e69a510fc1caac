#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/row_pool_internal.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag::internal {
namespace {

constexpr side both[] = {side::downstream, side::upstream};

// A few pairs in one pool, and what they should hold.
class mirrored_rows {
 public:
  explicit mirrored_rows(std::size_t pairs) : pairs_(pairs), expected_(pairs) {}

  void push(std::size_t pair, side which, node_id id) {
    pool_.reserve_one(pairs_[pair], which);
    pool_.push(pairs_[pair], which, id);
    row(pair, which).insert(id);
  }
  void erase(std::size_t pair, side which, node_id id) {
    pool_.erase(pairs_[pair], which, id);
    row(pair, which).erase(id);
  }
  void clear(std::size_t pair) {
    pool_.clear(pairs_[pair]);
    expected_[pair] = {};
  }

  [[nodiscard]] std::set<node_id>& row(std::size_t pair, side which) {
    return expected_[pair][static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const row_pair& pair(std::size_t at) const { return pairs_[at]; }
  [[nodiscard]] const row_pool& pool() const { return pool_; }

  void expect_equal() {
    for (std::size_t at = 0; at < pairs_.size(); ++at) {
      for (const side which : both) {
        const std::span<const node_id> held = pool_.view(pairs_[at], which);
        ASSERT_EQ(held.size(), pool_.size(pairs_[at], which));
        ASSERT_EQ(held.size(), row(at, which).size()) << "pair " << at;
        ASSERT_EQ(std::set<node_id>(held.begin(), held.end()), row(at, which)) << "pair " << at;
      }
      for (node_id id = 0; id < 100; ++id) {
        const bool downstream = row(at, side::downstream).contains(id);
        const bool upstream = row(at, side::upstream).contains(id);
        ASSERT_EQ(pool_.contains(pairs_[at], side::downstream, id), downstream) << "id " << id;
        ASSERT_EQ(pool_.contains(pairs_[at], side::upstream, id), upstream) << "id " << id;
        if (pairs_[at].has_room()) {
          ASSERT_EQ(pairs_[at].contains_in_place(id), downstream || upstream) << "id " << id;
        }
      }
    }
  }

 private:
  row_pool pool_;
  std::vector<row_pair> pairs_;
  std::vector<std::array<std::set<node_id>, 2>> expected_;
};

TEST(row_pool, grows_and_shrinks_every_row_at_every_length_of_the_other) {
  for (const side which : both) {
    for (node_id beside = 0; beside <= 40; ++beside) {
      mirrored_rows rows(1);
      for (node_id id = 0; id < beside; ++id) {
        rows.push(0, opposite(which), 1'000 + id);
      }
      for (node_id id = 0; id < 70; ++id) {
        rows.push(0, which, id);
        rows.expect_equal();
      }
      for (node_id id = 0; id < 70; ++id) {
        rows.erase(0, which, (id * 37) % 70);
        rows.expect_equal();
      }
      ASSERT_FALSE(HasFatalFailure()) << beside << " ids beside";
    }
  }
}

TEST(row_pool, has_room_for_twelve_in_place_on_either_side) {
  for (std::uint32_t downstream = 0; downstream <= 12; ++downstream) {
    mirrored_rows rows(1);
    for (node_id id = 0; id < 12; ++id) {
      EXPECT_TRUE(rows.pair(0).has_room()) << id;
      rows.push(0, id < downstream ? side::downstream : side::upstream, id);
    }
    EXPECT_FALSE(rows.pair(0).has_room());
    EXPECT_EQ(rows.pool().bytes(), 0U) << downstream << " downstream";
    rows.expect_equal();
  }
}

TEST(row_pool, a_closed_pair_has_no_room) {
  row_pair pair;
  EXPECT_TRUE(pair.has_room());
  pair.close();
  EXPECT_FALSE(pair.has_room());
}

TEST(row_pool, assigns_rows_of_any_length) {
  for (std::uint32_t downstream = 0; downstream <= 40; ++downstream) {
    for (std::uint32_t upstream = 0; upstream <= 40; ++upstream) {
      std::vector<node_id> ids(downstream + upstream);
      std::generate(ids.begin(), ids.end(), [next = node_id{0}]() mutable { return next++; });
      const std::span<const node_id> all(ids);
      row_pool pool;
      row_pair pair;
      pool.assign(pair, all.first(downstream), all.subspan(downstream));
      const auto held = [&](side which) {
        const std::span<const node_id> row = pool.view(pair, which);
        return std::set<node_id>(row.begin(), row.end());
      };
      ASSERT_EQ(held(side::downstream), std::set<node_id>(ids.begin(), ids.begin() + downstream));
      ASSERT_EQ(held(side::upstream), std::set<node_id>(ids.begin() + downstream, ids.end()));
      ASSERT_EQ(pool.bytes() == 0, downstream + upstream <= row_pair::places)
          << downstream << " and " << upstream;
    }
  }
}

TEST(row_pool, equals_sets_after_each_random_step) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    fixtures::random source(seed);
    mirrored_rows rows(4);
    const std::uint32_t growth = 5 + source.below(6);  // of 16 steps
    for (int step = 0; step < 600; ++step) {
      const std::size_t pair = source.below(4);
      const side which = both[source.below(2)];
      std::set<node_id>& row = rows.row(pair, which);
      const std::uint32_t drawn = source.below(16);
      if (drawn < growth || row.empty()) {
        const node_id id = source.below(1'000) * 2 + static_cast<node_id>(which);
        if (!row.contains(id)) {
          rows.push(pair, which, id);
        }
      } else if (drawn == 15 && source.below(8) == 0) {
        rows.clear(pair);
      } else {
        const auto any =
            std::next(row.begin(), source.below(static_cast<std::uint32_t>(row.size())));
        rows.erase(pair, which, *any);
      }
      rows.expect_equal();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", step " << step;
    }
  }
}

TEST(row_pool, a_row_returns_from_its_block_when_few_ids_are_left) {
  for (const side which : both) {
    mirrored_rows rows(1);
    for (node_id id = 0; id < 20; ++id) {
      rows.push(0, which, id);
    }
    for (node_id id = 0; id < 20; ++id) {
      const bool returned = id >= 16;
      EXPECT_EQ(rows.pair(0).has_room(), returned) << 20 - id << " ids";
      rows.erase(0, which, id);
    }
  }
}

TEST(row_pool, reuses_blocks_that_were_left) {
  mirrored_rows rows(1);
  std::size_t bytes = 0;
  for (int round = 0; round < 100; ++round) {
    for (node_id id = 0; id < 1'000; ++id) {
      rows.push(0, side::downstream, id);
    }
    if (round % 2 == 0) {
      rows.clear(0);
    } else {
      for (node_id id = 0; id < 1'000; ++id) {
        rows.erase(0, side::downstream, id);
      }
    }
    bytes = round == 0 ? rows.pool().bytes() : bytes;
    ASSERT_EQ(rows.pool().bytes(), bytes) << "round " << round;
  }
}

}  // namespace
}  // namespace engine::dag::internal
