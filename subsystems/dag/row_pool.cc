#include <algorithm>

#include "subsystems/dag/row_pool_internal.h"

namespace engine::dag::internal {

std::uint32_t row_pool::class_for(std::uint32_t ids) {
  return static_cast<std::uint32_t>(
      std::bit_width((std::max(ids, ids_in_smallest) - 1) / ids_in_smallest));
}

std::uint32_t row_pool::take_block(std::uint32_t size_class) {
  std::uint32_t number = free_[size_class];
  if (number != none) {
    free_[size_class] = block(number)[0];
    return number;
  }
  number = static_cast<std::uint32_t>(words_.size() / ids_in_smallest);
  words_.resize(words_.size() + ids_in(size_class));
  return number;
}

void row_pool::give_block(std::uint32_t number, std::uint32_t size_class) {
  block(number)[0] = free_[size_class];
  free_[size_class] = number;
}

// From its places or from a smaller block.
void row_pool::move_to_block(row_pair& pair, side which, std::uint32_t size_class) {
  const std::uint32_t number = take_block(size_class);
  const std::span<const node_id> ids = view(pair, which);
  const auto size = static_cast<std::uint32_t>(ids.size());
  std::copy(ids.begin(), ids.end(), block(number));
  if (pair.is_in_block(which)) {
    give_block(pair.at(which, 0), pair.size_class(which));
  }
  for (std::uint32_t index = 2; index < pair.places_used(which); ++index) {
    pair.at(which, index) = none;
  }
  pair.at(which, 0) = number;
  pair.at(which, 1) = size;
  pair.set_count(which, row_pair::in_block + size_class);
}

void row_pool::return_to_place(row_pair& pair, side which) {
  const std::uint32_t number = pair.at(which, 0);
  const std::uint32_t size = pair.at(which, 1);
  const std::uint32_t size_class = pair.size_class(which);
  pair.at(which, 0) = none;
  pair.at(which, 1) = none;
  pair.set_count(which, size);
  for (std::uint32_t index = 0; index < size; ++index) {
    pair.at(which, index) = block(number)[index];
  }
  give_block(number, size_class);
}

bool row_pool::contains(const row_pair& pair, side which, node_id id) const {
  if (!pair.is_in_block(which) && !pair.contains_in_place(id)) {
    return false;
  }
  const std::span<const node_id> ids = view(pair, which);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void row_pool::assign(row_pair& pair, std::span<const node_id> downstream,
                      std::span<const node_id> upstream) {
  const auto fill = [&](side which, std::span<const node_id> ids, std::uint32_t places) {
    const auto size = static_cast<std::uint32_t>(ids.size());
    if (size > places) {
      move_to_block(pair, which, class_for(size));
    }
    for (const node_id id : ids) {
      push(pair, which, id);
    }
    return places - pair.places_used(which);
  };
  // The shorter row first; the longer needs two places if it is in a block.
  if (downstream.size() <= upstream.size()) {
    const std::uint32_t left = fill(side::downstream, downstream, row_pair::places - 2);
    fill(side::upstream, upstream, left + 2);
  } else {
    const std::uint32_t left = fill(side::upstream, upstream, row_pair::places - 2);
    fill(side::downstream, downstream, left + 2);
  }
}

void row_pool::reserve_one(row_pair& pair, side which) {
  if (pair.is_in_block(which)) {
    const std::uint32_t size_class = pair.size_class(which);
    if (pair.at(which, 1) == ids_in(size_class)) {
      move_to_block(pair, which, size_class + 1);
    }
    return;
  }
  const side other = opposite(which);
  if (pair.places_used(which) + pair.places_used(other) == row_pair::places) {
    const bool other_moves = !pair.is_in_block(other) && pair.count(other) > pair.count(which);
    move_to_block(pair, other_moves ? other : which, 0);
  }
}

void row_pool::push(row_pair& pair, side which, node_id id) {
  if (pair.is_in_block(which)) {
    block(pair.at(which, 0))[pair.at(which, 1)++] = id;
  } else {
    const std::uint32_t count = pair.count(which);
    pair.at(which, count) = id;
    pair.set_count(which, count + 1);
  }
}

void row_pool::erase(row_pair& pair, side which, node_id id) {
  const std::uint32_t last = size(pair, which) - 1;
  if (pair.is_in_block(which)) {
    node_id* const ids = block(pair.at(which, 0));
    *std::find(ids, ids + last, id) = ids[last];
    pair.at(which, 1) = last;
    if (last <= ids_to_return && last + pair.places_used(opposite(which)) <= row_pair::places) {
      return_to_place(pair, which);
    }
    return;
  }
  std::uint32_t found = 0;
  while (pair.at(which, found) != id) {
    ++found;
  }
  pair.at(which, found) = pair.at(which, last);
  pair.at(which, last) = none;
  pair.set_count(which, last);
}

void row_pool::clear(row_pair& pair) {
  for (const side which : {side::downstream, side::upstream}) {
    if (pair.is_in_block(which)) {
      give_block(pair.at(which, 0), pair.size_class(which));
    }
  }
  pair = {};
}

}  // namespace engine::dag::internal
