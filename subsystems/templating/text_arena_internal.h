// Memory for many short texts that are forgotten together.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace engine::templating::internal {

/// Texts stay where they are until clear(), which keeps the first chunk for those to come.
class text_arena {
 public:
  [[nodiscard]] std::string_view keep(std::string_view text) {
    if (text.size() > left_) {
      add_chunk(text.size());
    }
    char* const place = free_;
    std::memcpy(place, text.data(), text.size());
    free_ += text.size();
    left_ -= text.size();
    bytes_ += text.size();
    return {place, text.size()};
  }

  /// What is kept now.
  struct mark {
    std::size_t chunks;
    char* free;
    std::size_t left;
    std::size_t bytes;
  };
  [[nodiscard]] mark now() const { return {chunks_.size(), free_, left_, bytes_}; }

  /// Forgets all that was kept since.
  void rewind(const mark& to) {
    if (to.chunks == 0) {
      return clear();
    }
    chunks_.resize(to.chunks);
    free_ = to.free;
    left_ = to.left;
    bytes_ = to.bytes;
  }

  void clear() {
    if (chunks_.size() > 1) {
      chunks_.resize(1);
    }
    if (!chunks_.empty()) {
      free_ = chunks_.front().get();
      left_ = first_chunk_bytes_;
    }
    bytes_ = 0;
  }

  /// Of all texts.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t chunk_bytes = 4'096;

  void add_chunk(std::size_t least) {
    const std::size_t size = least > chunk_bytes ? least : chunk_bytes;
    chunks_.push_back(std::make_unique<char[]>(size));
    first_chunk_bytes_ = chunks_.size() == 1 ? size : first_chunk_bytes_;
    free_ = chunks_.back().get();
    left_ = size;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t first_chunk_bytes_ = 0;
  char* free_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace engine::templating::internal
