#include "subsystems/postgres/uuid.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include <gtest/gtest.h>

namespace engine::postgres {
namespace {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

time_point at_micros(std::int64_t micros) { return time_point(std::chrono::microseconds(micros)); }

// RFC 9562, figure 11 and the example of its appendix A.6.
TEST(uuid, has_the_layout_of_version_7) {
  struct {
    std::int64_t micros;
    std::uint64_t random;
    std::string_view text;
  } constexpr cases[] = {
      {0, 0, "00000000-0000-7000-8000-000000000000"},
      {0, all_ones, "00000000-0000-7000-bfff-ffffffffffff"},
      {1'645'557'742'000'000, 0, "017f22e2-79b0-7000-8000-000000000000"},
      {1'645'557'742'000'999, 0, "017f22e2-79b0-7ffb-8000-000000000000"},
      {1'645'557'742'000'500, all_ones, "017f22e2-79b0-7800-bfff-ffffffffffff"},
      {-1, 0, "00000000-0000-7000-8000-000000000000"},
  };
  for (const auto& each : cases) {
    const uuid made = make_uuid(at_micros(each.micros), each.random);
    EXPECT_EQ(made.text(), each.text);
    EXPECT_EQ(made.bytes[6] >> 4, 7) << each.text;
    EXPECT_EQ(made.bytes[8] >> 6, 2) << each.text;
    EXPECT_EQ(made.time(), at_micros(std::max<std::int64_t>(0, each.micros) / 1'000 * 1'000));
  }
}

TEST(uuid, order_is_that_of_time) {
  std::vector<uuid> keys;
  for (const std::int64_t micros :
       std::initializer_list<std::int64_t>{0, 999, 1'000, 1'001, 1'999, 2'000, 3'600'000'000,
                                           1'700'000'000'000'000, 1'700'000'000'000'001}) {
    keys.push_back(make_uuid(at_micros(micros), all_ones - static_cast<std::uint64_t>(micros)));
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const uuid& key : keys) {
    texts.push_back(key.text());
  }
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end()));
}

TEST(uuid, now_is_within_the_times_around_it) {
  const auto before = std::chrono::floor<std::chrono::milliseconds>(now());
  const uuid made = make_uuid();
  EXPECT_GE(made.time(), before);
  EXPECT_LE(made.time(), now());
  EXPECT_EQ(made.text()[14], '7');
}

TEST(uuid, first_of_a_millisecond_parts_those_before_from_those_after) {
  for (const std::int64_t millis : {1LL, 1'000LL, 1'709'251'200'000LL, 253'402'300'799'999LL}) {
    const uuid first = first_uuid_of(at_micros(millis * 1'000));
    EXPECT_LT(make_uuid(at_micros(millis * 1'000 - 1), all_ones), first) << millis;
    EXPECT_LT(first, make_uuid(at_micros(millis * 1'000), 0)) << millis;
    EXPECT_EQ(first_uuid_of(at_micros(millis * 1'000 + 999)), first) << millis;
    EXPECT_EQ(first.time(), at_micros(millis * 1'000));
  }
  EXPECT_EQ(first_uuid_of(at_micros(-5)), uuid());
}

TEST(uuid, is_unique_over_threads) {
  constexpr std::size_t keys_per_thread = 10'000;
  std::vector<std::vector<uuid>> made(4);
  std::vector<std::thread> threads;
  threads.reserve(made.size());
  for (auto& mine : made) {
    threads.emplace_back([&mine] {
      mine.reserve(keys_per_thread);
      for (std::size_t key = 0; key < keys_per_thread; ++key) {
        mine.push_back(make_uuid());
      }
    });
  }
  std::unordered_set<uuid> distinct;
  for (std::size_t at = 0; at < threads.size(); ++at) {
    threads[at].join();
    distinct.insert(made[at].begin(), made[at].end());
  }
  EXPECT_EQ(distinct.size(), made.size() * keys_per_thread);
}

TEST(uuid, parse) {
  struct {
    std::string_view text;
    bool valid;
  } constexpr cases[] = {
      {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f", true},
      {"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", true},
      {"00000000-0000-0000-0000-000000000000", true},
      {"ffffffff-ffff-ffff-ffff-ffffffffffff", true},
      {"919108f7-52d1-4320-9bac-f847db4148a8", true},
      {"", false},
      {"017f22e2-79b0-7cc3-98c4-dc0c0c07398", false},
      {"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", false},
      {"017f22e2-79b0-7cc3-98c4-dc0c0c07398g", false},
      {"017f22e2+79b0-7cc3-98c4-dc0c0c07398f", false},
      {"017f22e279b0-7cc3-98c4-dc0c0c07398f0-", false},
      {"017f22e2-79b0-7cc3-98c4-dc0c0c07398-", false},
      {"017f22e2-79b0-7cc3-98c4 dc0c0c07398f", false},
      {"017f22e279b07cc398c4dc0c0c07398f", false},
      {"{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", false},
      {"0x7f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
      {"'; DROP TABLE execution_records; --.", false},
      {" 17f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
      {std::string_view("017f22e2-79b0-7cc3-98c4-dc0c0c07398\0", 36), false},
      {"017f22e2-79b0-7cc3-98c4-dc0c0c0\xc3\xa9"
       "739",
       false},
      {"@17f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
      {"`17f22e2-79b0-7cc3-98c4-dc0c0c07398f", false},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.text);
    const result<uuid> parsed = parse_uuid(each.text);
    ASSERT_EQ(parsed.has_value(), each.valid);
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, errc::bad_input);
      EXPECT_NE(parsed.error().what().find("is not a UUID"), std::string::npos);
      continue;
    }
    std::string lower(each.text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char digit) { return digit >= 'A' && digit <= 'F' ? digit | 0x20 : digit; });
    EXPECT_EQ(parsed->text(), lower);
    EXPECT_EQ(*parse_uuid(parsed->text()), *parsed);
  }
}

}  // namespace
}  // namespace engine::postgres
