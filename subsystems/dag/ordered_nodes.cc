#include "subsystems/dag/ordered_nodes_internal.h"

namespace engine::dag::internal {
namespace {

constexpr std::uint64_t label_max = ~std::uint64_t{0};
// The order starts in the middle and grows at both ends by strides that leave gaps: 2^31 tasks fit
// on either side.
constexpr std::uint64_t label_middle = std::uint64_t{1} << 63;
constexpr std::uint64_t stride_at_ends = std::uint64_t{1} << 32;
// A range of 2^i labels takes up to capacity_start * capacity_growth^i nodes; for i = 64 that is
// more than there are ids. The smaller the growth, the rarer and larger the relabelling.
constexpr double capacity_start = 1.0 / 16;
constexpr double capacity_growth = 2 / 1.35;

}  // namespace

// Either may be none: then the other becomes an end of the list.
void ordered_nodes::link(node_id left, node_id right) {
  (left == none ? first_ : links_[left].after) = right;
  (right == none ? last_ : links_[right].before) = left;
}

void ordered_nodes::unlink(std::span<const node_id> chain) {
  for (const node_id node : chain) {
    link(before(node), after(node));
  }
}

void ordered_nodes::assign(std::span<const node_id> order) {
  nodes_.resize(order.size());
  links_.resize(order.size());
  count_ = static_cast<std::uint32_t>(order.size());
  std::uint64_t label = label_middle - count_ / 2 * stride_at_ends;
  node_id left = none;
  for (const node_id node : order) {
    link(left, node);
    nodes_[node].label = label;
    label += stride_at_ends;
    left = node;
  }
  link(left, none);
}

node_id ordered_nodes::add() {
  node_id node = free_;
  if (node == none) {
    node = id_end();
    links_.resize(std::size_t{node} + 1);
    nodes_.resize(std::size_t{node} + 1);
  } else {
    free_ = after(node);
    nodes_[node] = {};
  }
  ++count_;
  insert({&node, 1}, last_, none);
  return node;
}

void ordered_nodes::remove(node_id node) {
  unlink({&node, 1});
  nodes_[node].label = 0;
  nodes_[node].rows.close();
  links_[node].after = free_;
  free_ = node;
  --count_;
}

void ordered_nodes::move_before(std::span<const node_id> chain, node_id pivot) {
  unlink(chain);
  insert(chain, before(pivot), pivot);
}

void ordered_nodes::move_behind(std::span<const node_id> chain, node_id pivot) {
  unlink(chain);
  insert(chain, pivot, after(pivot));
}

void ordered_nodes::insert(std::span<const node_id> chain, node_id left, node_id right) {
  for (const node_id node : chain) {
    link(left, node);
    left = node;
  }
  link(left, right);
  label({chain.front(), chain.back(), static_cast<std::uint32_t>(chain.size())});
}

// Labels nodes that are linked between labelled ones.
void ordered_nodes::label(const stretch& fresh) {
  const node_id left = before(fresh.first);
  const node_id right = after(fresh.last);
  const std::uint64_t places = std::uint64_t{fresh.count} + 1;
  std::uint64_t low = left == none ? 0 : nodes_[left].label;
  std::uint64_t high = right == none ? label_max : nodes_[right].label;
  if ((left == none || right == none) && (high - low) / stride_at_ends > places) {
    if (left != none) {
      high = low + places * stride_at_ends;
    } else {
      low = (right == none ? label_middle : high) - places * stride_at_ends;
    }
  }
  if (high - low >= places) [[likely]] {
    spread(fresh, low, (high - low) / places);
  } else {
    relabel_around(fresh, left == none ? high : low);
  }
}

// Widens the stretch by its neighbours, in ever larger ranges around `anchor`, a label beside it.
void ordered_nodes::relabel_around(stretch widened, std::uint64_t anchor) {
  node_id left = before(widened.first);
  node_id right = after(widened.last);
  double capacity = capacity_start;
  for (int bits = 1;; ++bits) {
    capacity *= capacity_growth;
    const std::uint64_t offsets = label_max >> (64 - bits);
    const std::uint64_t low = anchor & ~offsets;
    const std::uint64_t high = anchor | offsets;
    for (; left != none && nodes_[left].label >= low; left = before(left)) {
      widened.first = left;
      ++widened.count;
    }
    for (; right != none && nodes_[right].label <= high; right = after(right)) {
      widened.last = right;
      ++widened.count;
    }
    if (widened.count <= capacity || bits == 64) {
      return spread(widened, low, offsets / (std::uint64_t{widened.count} + 1));
    }
  }
}

void ordered_nodes::spread(const stretch& nodes, std::uint64_t low, std::uint64_t stride) {
  node_id node = nodes.first;
  for (std::uint32_t at = 0; at < nodes.count; ++at) {
    low += stride;
    nodes_[node].label = low;
    node = after(node);
  }
}

}  // namespace engine::dag::internal
