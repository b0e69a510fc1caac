// Builds a forest from the events of yaml-cpp's parser, and keeps the limits while it does so.
//
// The parser's only way out is an exception, so a refusal is thrown through it; whoever drives the
// parser catches it. Aliases share their target instead of copying it, but count as all the values
// they stand for. One builder serves one text, on one thread; the forest and the text must outlive
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>

#include "subsystems/workflow/error.h"
#include "subsystems/workflow/limits.h"
#include "subsystems/workflow/tree_internal.h"

namespace YAML {
struct Mark;
}

namespace engine::workflow::internal {

[[nodiscard]] position position_of(const YAML::Mark& mark);

class tree_builder final : public YAML::EventHandler {
 public:
  struct refusal {
    errc code;
    position where;
    std::string message;
    /// It is of syntax, and the cause may lie elsewhere.
    bool is_guess = false;
  };

  tree_builder(std::string_view text, const limits& bounds, forest& out)
      : text_(text), bounds_(bounds), out_(out) {}

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // What a value stands for once its aliases are replaced.
  struct extent {
    std::uint64_t nodes = 0;
    std::uint64_t bytes = 0;
    std::uint32_t height = 0;
  };

  struct open_collection {
    node* collection;
    YAML::anchor_t anchor;
    extent before;
    std::uint32_t height = 1;
  };

  struct anchored {
    const node* target = nullptr;  // Null while the value is incomplete.
    extent size;
  };

  [[nodiscard]] bool awaits_key() const;
  [[nodiscard]] bool awaits_value() const;
  void take_key(std::string key, position where);
  void refuse_odd_space(const std::string& key, const YAML::Mark& mark) const;
  node& add(node_kind kind, position where);
  void attach(const node& child, const extent& size, position where);
  void open(node_kind kind, const YAML::Mark& mark, YAML::anchor_t anchor);
  void close();
  void remember(YAML::anchor_t anchor, const anchored& value);
  void refuse_duplicate_keys(const node& map);

  std::string_view text_;
  limits bounds_;
  forest& out_;
  std::vector<open_collection> open_;
  std::vector<anchored> anchors_;
  extent total_;
  std::size_t document_at_ = 0;
  std::vector<std::pair<std::string_view, std::size_t>> keys_;
};

}  // namespace engine::workflow::internal
