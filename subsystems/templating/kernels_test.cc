// The AVX2 loops against the portable ones, on buffers of the exact size: under the address
// sanitizer nothing may be read beyond an end, and guard bytes show what is written there.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "fixtures/random.h"
#include "subsystems/templating/kernels_internal.h"

namespace engine::templating::internal {
namespace {

constexpr std::size_t alignments = 32;
constexpr std::size_t guard_bytes = 64;
constexpr char guard = '\xA5';

// Of 100 bytes, how many are one that some loop looks for.
constexpr std::uint32_t densities[] = {0, 1, 10, 50, 95};

std::string random_bytes(fixtures::random& source, std::size_t size, std::uint32_t density) {
  constexpr std::string_view special("{{{{{}}'\"\\\n\x1F\0", 13);
  std::string bytes;
  for (std::size_t left = size; left > 0; --left) {
    if (source.below(100) < density) {
      bytes += special[source.below(special.size())];
    } else {
      bytes += static_cast<char>(source.between(0x24, 0x100));  // 0x100 is 0, a control byte
    }
  }
  return bytes;
}

// A copy of a text that ends where its memory ends.
class exact_copy {
 public:
  exact_copy(std::string_view text, std::size_t offset) : memory_(offset), offset_(offset) {
    memory_.reserve(std::max<std::size_t>(offset + text.size(), 1));  // Of nothing, too, a place.
    memory_.insert(memory_.end(), text.begin(), text.end());
  }

  [[nodiscard]] const char* begin() const { return memory_.data() + offset_; }
  [[nodiscard]] const char* end() const { return memory_.data() + memory_.size(); }

 private:
  std::vector<char> memory_;
  std::size_t offset_;
};

// Calls `check` with texts of all lengths up to 300, of all densities, at all alignments.
template <class Check>
void for_each_text(const Check& check) {
  fixtures::random source(7);
  for (std::size_t size = 0; size <= 300; ++size) {
    for (const std::uint32_t density : densities) {
      const std::string text = random_bytes(source, size, density);
      for (std::size_t offset = 0; offset < alignments; ++offset) {
        check(exact_copy(text, offset));
        if (testing::Test::HasFatalFailure()) {
          FAIL() << size << " bytes, density " << density << ", offset " << offset;
        }
      }
    }
  }
}

class kernels_test : public testing::Test {
 protected:
  void SetUp() override {
    if (avx2_kernels() == nullptr) {
      GTEST_SKIP() << "no AVX2 here";
    }
  }

  const kernels& portable = portable_kernels();
  const kernels& avx2 = avx2_kernels() == nullptr ? portable : *avx2_kernels();
};

TEST_F(kernels_test, have_names) {
  EXPECT_EQ(portable.name, "portable");
  EXPECT_EQ(avx2.name, "avx2");
  EXPECT_EQ(best_kernels().name, "avx2");
}

TEST_F(kernels_test, find_the_same_openings) {
  for_each_text([&](const exact_copy& text) {
    ASSERT_EQ(avx2.find_opening(text.begin(), text.end()),
              portable.find_opening(text.begin(), text.end()));
  });
}

TEST_F(kernels_test, find_the_same_stops) {
  for_each_text([&](const exact_copy& text) {
    ASSERT_EQ(avx2.find_stop(text.begin(), text.end()),
              portable.find_stop(text.begin(), text.end()));
  });
}

TEST_F(kernels_test, find_the_same_escapes) {
  for_each_text([&](const exact_copy& text) {
    ASSERT_EQ(avx2.find_escape(text.begin(), text.end()),
              portable.find_escape(text.begin(), text.end()));
  });
}

TEST_F(kernels_test, find_the_same_placeholders) {
  for_each_text([&](const exact_copy& text) {
    const auto expected = portable.find_placeholder(text.begin(), text.end());
    const auto found = avx2.find_placeholder(text.begin(), text.end());
    ASSERT_EQ(found.opening, expected.opening);
    ASSERT_EQ(found.stop, expected.stop);
  });
}

TEST(kernels, find_what_a_search_finds) {
  for_each_text([](const exact_copy& copy) {
    const std::string_view text(copy.begin(), static_cast<std::size_t>(copy.end() - copy.begin()));
    const auto expected = [&](std::size_t at) {
      return at == std::string_view::npos ? copy.end() : copy.begin() + at;
    };
    const kernels& code = portable_kernels();
    ASSERT_EQ(code.find_opening(copy.begin(), copy.end()), expected(text.find("{{")));
    ASSERT_EQ(code.find_stop(copy.begin(), copy.end()), expected(text.find_first_of("}'\"")));
    const auto* const escape = std::find_if(copy.begin(), copy.end(), [](char c) {
      return c == '"' || c == '\\' || (c >= 0 && c < 0x20);
    });
    ASSERT_EQ(code.find_escape(copy.begin(), copy.end()), escape);
  });
}

// Every pair of places for two bytes that matter, over more than the widest step of any loop.
TEST_F(kernels_test, see_every_place) {
  constexpr std::size_t size = 330;
  for (std::size_t first = 0; first + 1 < size; ++first) {
    std::string text(size, 'a');
    text[first] = text[first + 1] = '{';
    const exact_copy copy(text, first % alignments);
    ASSERT_EQ(avx2.find_opening(copy.begin(), copy.end()), copy.begin() + first);
    for (std::size_t second = first + 2; second < size; ++second) {
      std::string closed = text;
      closed[second] = '}';
      const exact_copy whole(closed, second % alignments);
      const auto found = avx2.find_placeholder(whole.begin(), whole.end());
      ASSERT_EQ(found.opening, whole.begin() + first) << second;
      ASSERT_EQ(found.stop, whole.begin() + second) << first;
    }
  }
}

void expect_copied(const kernels& code, const exact_copy& text) {
  const auto expected = portable_kernels().find_placeholder(text.begin(), text.end());
  const auto passed = static_cast<std::size_t>(expected.opening - text.begin());
  std::vector<char> to(guard_bytes + passed + slack_bytes + guard_bytes, guard);
  const auto found = code.copy_to_placeholder(text.begin(), text.end(), to.data() + guard_bytes);
  ASSERT_EQ(found.opening, expected.opening) << code.name;
  ASSERT_EQ(found.stop, expected.stop) << code.name;
  ASSERT_TRUE(std::equal(text.begin(), expected.opening, to.data() + guard_bytes)) << code.name;
  const auto is_guard = [](char c) { return c == guard; };
  ASSERT_TRUE(std::all_of(to.begin(), to.begin() + guard_bytes, is_guard)) << code.name;
  ASSERT_TRUE(std::all_of(to.end() - guard_bytes, to.end(), is_guard)) << code.name;
}

TEST_F(kernels_test, copy_up_to_a_placeholder) {
  for_each_text([&](const exact_copy& text) {
    expect_copied(portable, text);
    expect_copied(avx2, text);
  });
}

// What gather() reads: each part in memory of its own, of the exact size.
class pieces {
 public:
  void add(std::string_view literal, std::string_view value) {
    literals_.insert(literals_.end(), literal.begin(), literal.end());
    const std::vector<char>& kept = values_.emplace_back(value.begin(), value.end());
    cell added{};
    std::copy_n(kept.begin(), std::min(kept.size(), cell::head_bytes), added.head);
    added.data = kept.size() <= cell::head_bytes ? nullptr : kept.data();
    added.size = kept.size();
    cells_.push_back(added);
    records_.push_back({static_cast<std::uint32_t>(literal.size()),
                        static_cast<std::uint32_t>(cells_.size() - 1)});
    expected_.append(literal).append(value);
  }

  void finish(std::string_view literal) {
    last_ = literal.size();
    literals_.insert(literals_.end(), literal.begin(), literal.end());
    literals_.insert(literals_.end(), slack_bytes, guard);
    literals_.shrink_to_fit();
    expected_.append(literal);
  }

  [[nodiscard]] gathering gathered() const {
    std::size_t roomy = records_.size();
    std::size_t behind = last_;
    while (roomy > 0 && behind < roomy_bytes) {
      --roomy;
      behind += records_[roomy].literal_size + cells_[records_[roomy].slot].size;
    }
    return {records_, literals_.data(), last_, cells_.data(), roomy};
  }

  [[nodiscard]] const std::string& expected() const { return expected_; }

 private:
  std::vector<char> literals_;
  std::vector<std::vector<char>> values_;
  std::vector<cell> cells_;
  std::vector<record> records_;
  std::size_t last_ = 0;
  std::string expected_;
};

void expect_gathered(const kernels& code, const pieces& from, std::size_t offset) {
  const std::string& expected = from.expected();
  std::vector<char> to(offset + guard_bytes + expected.size() + guard_bytes, guard);
  code.gather(from.gathered(), to.data() + offset + guard_bytes);
  const auto begin = to.begin() + static_cast<std::ptrdiff_t>(offset + guard_bytes);
  const std::string_view written(&*begin, expected.size());
  ASSERT_TRUE(written == expected) << code.name;
  const auto is_guard = [](char c) { return c == guard; };
  ASSERT_TRUE(std::all_of(to.begin(), begin, is_guard)) << code.name << " before";
  ASSERT_TRUE(std::all_of(to.end() - guard_bytes, to.end(), is_guard)) << code.name << " behind";
}

std::vector<std::size_t> gathered_sizes() {
  std::vector<std::size_t> sizes = {0,  1,  2,  3,  4,  5,   7,   8,   9,   15,  16,   17,
                                    30, 31, 32, 33, 34, 127, 128, 129, 160, 161, 5'000};
  for (std::size_t size = 510; size <= 520; ++size) {
    sizes.push_back(size);
  }
  return sizes;
}

TEST_F(kernels_test, gather_pieces_of_all_sizes) {
  fixtures::random source(8);
  const std::string filler = random_bytes(source, 6'000, 10);
  const std::string_view all = filler;
  const std::vector<std::size_t> sizes = gathered_sizes();
  for (const std::size_t literal : sizes) {
    for (const std::size_t value : sizes) {
      for (const std::size_t last : std::vector<std::size_t>{0, 1, 31, 32, 63, 64, 600}) {
        pieces made;
        made.add(all.substr(1, literal), all.substr(2, value));
        made.finish(all.substr(3, last));
        for (const kernels* code : {&portable, &avx2}) {
          ASSERT_NO_FATAL_FAILURE(expect_gathered(*code, made, (literal + value) % alignments))
              << literal << ' ' << value << ' ' << last;
        }
      }
    }
  }
}

TEST_F(kernels_test, gather_long_pieces) {
  constexpr std::size_t library_copy = std::size_t{256} << 10U;
  fixtures::random source(9);
  const std::string filler = random_bytes(source, 300'100, 10);
  const std::string_view all = filler;
  for (const std::size_t size :
       {library_copy - 1, library_copy, library_copy + 1, std::size_t{300'000}}) {
    for (const std::size_t offset : std::vector<std::size_t>{0, 1, 31}) {
      pieces made;
      made.add(all.substr(0, size), all.substr(10, size));
      made.add("", all.substr(20, size));
      made.finish(all.substr(5, size));
      for (const kernels* code : {&portable, &avx2}) {
        ASSERT_NO_FATAL_FAILURE(expect_gathered(*code, made, offset)) << size << ' ' << offset;
      }
    }
  }
}

TEST_F(kernels_test, gather_random_sequences) {
  fixtures::random source(10);
  const std::string filler = random_bytes(source, 6'000, 10);
  const std::vector<std::size_t> sizes = gathered_sizes();
  const auto piece = [&](std::size_t most) {
    const std::size_t size = sizes[source.below(static_cast<std::uint32_t>(sizes.size()))];
    return std::string_view(filler).substr(source.below(500), std::min(size, most));
  };
  for (int round = 0; round < 3'000; ++round) {
    // Short pieces at the end are what must be copied exactly.
    const std::size_t most = round % 3 == 0 ? 5'000 : round % 3 == 1 ? 40 : 5;
    pieces made;
    for (std::uint32_t left = source.below(12); left > 0; --left) {
      const std::string_view literal = piece(most);
      made.add(literal, piece(most));
    }
    made.finish(piece(most));
    for (const kernels* code : {&portable, &avx2}) {
      ASSERT_NO_FATAL_FAILURE(expect_gathered(*code, made, source.below(alignments))) << round;
    }
  }
}

}  // namespace
}  // namespace engine::templating::internal
