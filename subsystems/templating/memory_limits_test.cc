// Little input must not take much memory: a limit is looked at before what it limits is made, and
// nothing is kept once for each of many.

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

std::string many(std::string_view unit, std::size_t times) {
  std::string made;
  for (; times > 0; --times) {
    made += unit;
  }
  return made;
}

std::size_t resident_now() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// How much memory `body` holds at its most, beyond what is held now. Runs it in a process of its
// own, where no peak was before; fails unless it returns true.
std::size_t peak_of(const std::function<bool()>& body) {
  const std::size_t before = resident_now();
  const pid_t child = fork();
  if (child == 0) {
    _exit(body() ? 0 : 1);
  }
  int status = 0;
  rusage used{};
  EXPECT_EQ(wait4(child, &status, 0, &used), child);
  EXPECT_EQ(status, 0) << "it did not end as it should";
  const std::size_t peak = static_cast<std::size_t>(used.ru_maxrss) * 1024;
  return peak - std::min(peak, before);
}

TEST(memory_limits, of_what_values_become) {
  // Each byte is six as JSON text.
  const std::string escaped(15 * mebibyte, '\1');
  struct row {
    std::string_view name;
    json::value compiled;  // a document, or the text of a template
    bool is_document;
    json::value value;  // of "a"
    std::size_t mebibytes_max;
  };
  const json::value text(json::string{escaped});
  const row rows[] = {
      {"replace", json::value("{{a|replace('^.*$','" + many("\\0", 8'000) + "')}}"), false,
       json::value(std::string(64'000, 'a')), 20},
      {"json", "{{a|json}}", false, text, 60},
      {"key", "{{a}}", false, json::object{{escaped, 1}}, 60},
      {"element", "{{a|string}}", false, json::array{text}, 60},
      {"alone", {{"k", "{{a}}"}}, true, text, 60},
      {"inside", {{"k", "x{{a}}"}}, true, text, 60},
      {"default", "{{a|default(1)}}", false, json::value(std::string(30 * mebibyte, 'a')), 8},
      {"length", "{{a|json|length}}", false, json::value(std::string(63 * mebibyte, '\1')), 60},
  };
  for (const row& each : rows) {
    context values;
    values.set("a", each.value);
    const auto compiled =
        each.is_document ? compile_document(each.compiled) : compile(each.compiled.as_string());
    ASSERT_TRUE(compiled.has_value()) << each.name;
    const std::size_t peak = peak_of([&] {
      const auto rendered = render(*compiled, values);
      return !rendered && (rendered.error().code == errc::output_too_big ||
                           rendered.error().code == errc::value_too_big);
    });
    EXPECT_LT(peak, each.mebibytes_max * mebibyte) << each.name;
  }
}

TEST(memory_limits, of_documents) {
  const json::value rows[] = {
      json::value(std::string(50 * mebibyte, '\1')),
      json::object{{std::string(50 * mebibyte, '\1'), 1}},
      json::array{json::array{json::value(std::string(50 * mebibyte, '\1'))}},
  };
  for (const json::value& each : rows) {
    EXPECT_LT(peak_of([&] {
                const auto compiled = compile_document(each);
                return !compiled && compiled.error().code == errc::template_too_big;
              }),
              8 * mebibyte);
  }
}

json::value strings(std::size_t count) {
  json::array made;
  for (std::size_t number = 0; number < count; ++number) {
    made.emplace_back(fmt::format("{{{{a{}}}}}", number));
  }
  return made;
}

// About `bytes` of a document whose strings have pointers about as long as all of it.
struct long_pointers {
  std::string_view name;
  json::value (*make)(std::size_t bytes);
};

json::value below_one_key(std::size_t bytes) {
  return json::object{{std::string(bytes / 2, 'k'), strings(bytes / 20)}};
}

json::value below_an_escaped_key(std::size_t bytes) {
  return json::object{{std::string(bytes / 2, '~'), strings(bytes / 20)}};
}

json::value below_many_keys(std::size_t bytes) {
  json::value made = strings(bytes / 20);
  for (int level = 0; level < 50; ++level) {
    made = json::object{{std::string(bytes / 100, 'k'), std::move(made)}};
  }
  return made;
}

json::value below_keys_and_elements(std::size_t bytes) {
  json::value made = strings(bytes / 20);
  for (int level = 0; level < 25; ++level) {
    made = json::array{json::object{{std::string(bytes / 50, 'k'), std::move(made)}}};
  }
  return made;
}

json::value in_every_level(std::size_t bytes) {
  json::value made = 1;
  for (int level = 0; level < 50; ++level) {
    made = json::object{{std::string(bytes / 100, 'k'), std::move(made)},
                        {"s", strings(bytes / 1'000)}};
  }
  return made;
}

constexpr long_pointers long_pointer_rows[] = {
    {"one key", below_one_key},      {"escaped key", below_an_escaped_key},
    {"many keys", below_many_keys},  {"keys and elements", below_keys_and_elements},
    {"every level", in_every_level},
};

TEST(memory_limits, of_documents_grow_with_them) {
  for (const long_pointers& each : long_pointer_rows) {
    double bytes_by_the_byte = 0;
    for (const std::size_t bytes : {20'000U, 200'000U}) {
      const json::value document = each.make(bytes);
      const auto size = static_cast<double>(json::serialize(document).size());
      ASSERT_NEAR(size, static_cast<double>(bytes), 0.2 * static_cast<double>(bytes)) << each.name;
      const auto compiled = compile_document(document);
      ASSERT_TRUE(compiled.has_value()) << each.name;
      const double held = static_cast<double>(compiled->bytes()) / size;
      EXPECT_LT(held, 30) << each.name;
      // Capacities are powers of two, so that one may be twice as large as it need be.
      EXPECT_TRUE(bytes_by_the_byte == 0 || held < 1.5 * bytes_by_the_byte) << each.name;
      bytes_by_the_byte = held;
      EXPECT_LT(peak_of([&] { return compile_document(document).has_value(); }), 12 * mebibyte)
          << each.name;
    }
  }
}

TEST(memory_limits, leave_pointers_as_they_are) {
  for (const long_pointers& each : long_pointer_rows) {
    const json::value document = each.make(2'000);
    const auto compiled = compile_document(document).value();
    const std::vector<reference> found = references(compiled);
    ASSERT_GT(found.size(), 1U) << each.name;
    context values;
    for (const reference& mention : found) {
      boost::system::error_code problem;
      const json::value* const text = document.find_pointer(mention.pointer, problem);
      ASSERT_TRUE(text != nullptr && text->is_string()) << mention.pointer;
      EXPECT_EQ(text->get_string(), "{{" + mention.text + "}}");
    }
    const auto rendered = render(compiled, values);
    ASSERT_FALSE(rendered.has_value());
    EXPECT_EQ(rendered.error().pointer, found.front().pointer) << each.name;
  }
}

TEST(memory_limits, of_references_leave_out_pointers) {
  const json::value document = below_one_key(200'000);
  const auto compiled = compile_document(document).value();
  std::size_t with_pointer = 0;
  std::size_t bytes = 0;
  const std::vector<reference> found = references(compiled);
  for (const reference& each : found) {
    with_pointer += each.pointer.empty() ? 0U : 1U;
    bytes += each.pointer.size();
  }
  EXPECT_EQ(found.size(), 10'000U);
  EXPECT_GT(with_pointer, 100U);
  EXPECT_LT(with_pointer, found.size());
  EXPECT_LE(bytes, reference::pointer_bytes_max);
  EXPECT_TRUE(found.back().pointer.empty());
}

}  // namespace
}  // namespace engine::templating
