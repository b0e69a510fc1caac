#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "subsystems/dag/ordered_nodes_internal.h"
#include "subsystems/dag/test_support.h"

namespace engine::dag::internal {
namespace {

// The nodes by their links, if their labels ascend; otherwise empty.
std::vector<node_id> order_of(const ordered_nodes& nodes) {
  std::vector<node_id> order;
  std::uint64_t label = 0;
  for (node_id node = nodes.first(); node != none; node = nodes.after(node)) {
    if (nodes[node].label <= label) {
      ADD_FAILURE() << "label of node " << node;
      return {};
    }
    label = nodes[node].label;
    order.push_back(node);
  }
  return order;
}

void move(std::vector<node_id>& order, const std::vector<node_id>& chain, node_id pivot,
          std::ptrdiff_t behind) {
  std::erase_if(order, [&](node_id each) {
    return std::find(chain.begin(), chain.end(), each) != chain.end();
  });
  const auto at = std::find(order.begin(), order.end(), pivot);
  order.insert(at + behind, chain.begin(), chain.end());
}

TEST(ordered_nodes, equal_a_vector_after_each_random_step) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    fixtures::random source(seed);
    ordered_nodes nodes;
    std::vector<node_id> order;
    for (int step = 0; step < 200; ++step) {
      const std::uint32_t drawn = source.below(8);
      if (drawn < 3 || order.size() < 3) {
        order.push_back(nodes.add());
      } else if (drawn == 3) {
        const std::uint32_t at = source.below(static_cast<std::uint32_t>(order.size()));
        nodes.remove(order[at]);
        ASSERT_FALSE(nodes.contains(order[at]));
        order.erase(order.begin() + at);
      } else {
        std::vector<node_id> chain = order;
        source.shuffle(std::span(chain));
        const node_id pivot = chain.back();
        chain.resize(1 + source.below(static_cast<std::uint32_t>(chain.size() - 1)));
        const bool behind = source.below(2) == 0;
        behind ? nodes.move_behind(chain, pivot) : nodes.move_before(chain, pivot);
        move(order, chain, pivot, behind ? 1 : 0);
      }
      ASSERT_EQ(order_of(nodes), order) << "seed " << seed << ", step " << step;
      ASSERT_EQ(nodes.count(), order.size());
    }
  }
}

TEST(ordered_nodes, reuse_the_id_that_was_freed_last) {
  ordered_nodes nodes;
  for (node_id node = 0; node < 4; ++node) {
    EXPECT_EQ(nodes.add(), node);
  }
  nodes.remove(1);
  nodes.remove(3);
  EXPECT_FALSE(nodes[1].rows.has_room());
  EXPECT_EQ(nodes.add(), 3U);
  EXPECT_EQ(nodes.add(), 1U);
  EXPECT_TRUE(nodes[1].rows.has_room());
  EXPECT_EQ(nodes.add(), 4U);
  EXPECT_EQ(order_of(nodes), (std::vector<node_id>{0, 2, 3, 1, 4}));
}

TEST(ordered_nodes, start_in_any_order) {
  for (const std::uint32_t count : {1U, 2U, 3U, 1'000U}) {
    std::vector<node_id> order(count);
    for (std::uint32_t at = 0; at < count; ++at) {
      order[at] = count - 1 - at;
    }
    ordered_nodes nodes;
    nodes.assign(order);
    EXPECT_EQ(order_of(nodes), order);
    order.push_back(nodes.add());
    EXPECT_EQ(order_of(nodes), order);
  }
}

// How new nodes are put between others; each wears out the same gap.
enum class place { before_last, behind_first, before_new, behind_new, in_chains };

TEST(ordered_nodes, find_room_wherever_it_is_used_up) {
  for (const place where : {place::before_last, place::behind_first, place::before_new,
                            place::behind_new, place::in_chains}) {
    ordered_nodes nodes;
    const node_id first = nodes.add();
    const node_id last = nodes.add();
    node_id newest = last;
    std::vector<node_id> chain;
    for (int count = 0; count < 50'000; ++count) {
      const node_id added = nodes.add();
      chain.push_back(added);
      if (where == place::in_chains && chain.size() < 64) {
        continue;
      }
      switch (where) {
        case place::before_last:
        case place::in_chains:
          nodes.move_before(chain, last);
          break;
        case place::behind_first:
          nodes.move_behind(chain, first);
          break;
        case place::before_new:
          nodes.move_before(chain, newest);
          break;
        case place::behind_new:
          nodes.move_behind(chain, newest == last ? first : newest);
          break;
      }
      newest = added;
      chain.clear();
    }
    EXPECT_EQ(order_of(nodes).size(), nodes.count()) << static_cast<int>(where);
  }
}

TEST(ordered_nodes, grow_at_either_end) {
  ordered_nodes nodes;
  const node_id middle = nodes.add();
  node_id front = middle;
  for (int count = 0; count < 100'000; ++count) {
    const node_id added = nodes.add();
    if (count % 2 == 0) {
      nodes.move_before({&added, 1}, front);
      front = added;
    }
  }
  const std::vector<node_id> order = order_of(nodes);
  ASSERT_EQ(order.size(), 100'001U);
  EXPECT_EQ(order.front(), front);
  EXPECT_EQ(order[50'000], middle);
}

// Two thousand million tasks come and go until labels reach the ends of their range; here they
// start there.
TEST(ordered_nodes, find_room_where_the_labels_end) {
  for (const std::uint64_t distance : {0U, 1U, 2U, 100U}) {
    ordered_nodes nodes;
    std::vector<node_id> order = {nodes.add(), nodes.add(), nodes.add()};
    nodes[order.front()].label = 1 + distance;
    nodes[order.back()].label = ~std::uint64_t{0} - distance;
    for (int count = 0; count < 1'000; ++count) {
      order.push_back(nodes.add());
      ASSERT_EQ(order_of(nodes), order) << "distance " << distance << ", " << count;
      const node_id added = nodes.add();
      nodes.move_before({&added, 1}, order.front());
      order.insert(order.begin(), added);
      ASSERT_EQ(order_of(nodes), order) << "distance " << distance << ", " << count;
    }
  }
}

}  // namespace
}  // namespace engine::dag::internal
