// A parsed manifest: the values of its documents, with their places, as a tree in which aliases
// share their target.
//
// A forest owns all its nodes; pointers into it stay valid when it is moved. Immutable once read.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "subsystems/workflow/position.h"

namespace engine::workflow::internal {

enum class node_kind { null, scalar, sequence, map };

struct node;

struct member {
  std::string key;
  position where;
  const node* value = nullptr;
};

struct node {
  node_kind kind = node_kind::null;
  /// Of a scalar: it stands without quotes, so it may mean a number or a truth value.
  bool plain = false;
  position where;
  /// Of a scalar.
  std::string text;
  /// Of a scalar: where each "{{" of the text stands.
  std::vector<position> placeholders;
  /// Of a sequence.
  std::vector<const node*> items;
  /// Of a map: no key occurs twice.
  std::vector<member> members;
};

struct forest {
  std::deque<node> nodes;
  /// One value for each document.
  std::vector<const node*> roots;
};

}  // namespace engine::workflow::internal
