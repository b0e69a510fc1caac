// Memory: a limit comes before what it limits is allocated, and each allocation may fail. What was
// at work then is as it was before, or as good as new.

#include "fixtures/allocations.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "subsystems/templating/compiled_template.h"
#include "subsystems/templating/context.h"
#include "subsystems/templating/path_memory_internal.h"
#include "subsystems/templating/pattern.h"
#include "subsystems/templating/reference_reader.h"
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

using fixtures::fail_each_allocation;

TEST(limits, come_before_what_they_limit) {
  constexpr std::size_t large = std::size_t{8} << 20U;
  const limits bounds = {.output_bytes_max = 1'000};
  const json::value document = {{"text", json::string(large, 'a')},
                                {"controls", json::string(large, '\x01')},
                                {"list", {json::string(large, 'a')}},
                                {"list_of_controls", {json::string(large, '\x01')}},
                                {"map", {{std::string(large, '"'), 1}}}};
  const char* const insides[] = {"a.text",
                                 "a.text | string",
                                 "a.text | default('x')",
                                 "a.text | json",
                                 "a.controls",
                                 "a.controls | json",
                                 "a.list",
                                 "a.list | string",
                                 "a.list_of_controls",
                                 "a.map",
                                 "a",
                                 "a | json"};
  for (const char* inside : insides) {
    const std::string text = fmt::format("{{{{ {} }}}}", inside);
    const compiled_template forms[] = {
        compile(text).value(), compile("<" + text + ">").value(),
        compile_document(json::value(json::string(text))).value(),
        compile_document(json::value(json::string("<" + text + ">"))).value()};
    context values({.bounds = bounds});
    values.set("a", document);
    resolver resolving(bounds);
    for (const compiled_template& each : forms) {
      const std::uint64_t before = fixtures::allocated_bytes();
      const auto rendered = render(each, values);
      ASSERT_FALSE(rendered.has_value()) << each.source();
      EXPECT_EQ(rendered.error().code, errc::output_too_big) << each.source();
      EXPECT_LT(fixtures::allocated_bytes() - before, 50'000U) << each.source();
    }
    const std::uint64_t before = fixtures::allocated_bytes();
    const auto resolved = resolving.resolve(text, values);
    ASSERT_FALSE(resolved.has_value()) << text;
    EXPECT_EQ(resolved.error().code, errc::output_too_big) << text;
    EXPECT_LT(fixtures::allocated_bytes() - before, 50'000U) << text;
  }
  const std::uint64_t before = fixtures::allocated_bytes();
  const auto compiled = compile_document(document, {.template_bytes_max = 1'000});
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, errc::template_too_big);
  EXPECT_LT(fixtures::allocated_bytes() - before, 50'000U);
}

// Names so long that every few of them need memory of their own.
std::string long_name(char letter) { return std::string(1'500, letter); }

json::value documents() {
  json::object made;
  int number = 0;
  for (const char outer : {'b', 'c', 'd'}) {
    json::object inner;
    for (const char name : {'x', 'y', 'z'}) {
      inner[long_name(name)] = ++number;
      inner[std::string(1, name)] = json::array{++number, json::string(50, name)};
    }
    made[std::string(1, outer)] = inner;
    inner["y"] = ++number;
    made[long_name(outer)] = inner;
  }
  made["text"] = json::string(300, 't');
  made["quotes"] = json::string(100, '"');
  return made;
}

std::vector<std::string> texts() {
  std::vector<std::string> made = {"",
                                   "plain",
                                   "{{a.text}}",
                                   "<{{ a.quotes | json }}>",
                                   "{{ a.b.x | default('none') }}{{ a.none | default('none') }}",
                                   "{{ a.text | length }}{{ a['b']['z'][1] | string }}",
                                   "{{ a.text | json | json }}{{ unknown }}"};
  for (const std::string& outer : {std::string("b"), long_name('b'), long_name('c')}) {
    for (const std::string& name : {std::string("x"), long_name('x'), long_name('y')}) {
      made.push_back(fmt::format("<{{{{ a.{}.{} }}}}>", outer, name));
    }
  }
  std::string all;
  for (const std::string& each : made) {
    all += each.find("unknown") == std::string::npos ? each : "";
  }
  made.push_back(all);
  return made;
}

template <class Text>
std::string made_or_not(const result<Text>& made) {
  return made ? std::string(*made) : made.error().what();
}

std::vector<std::string> expected_of(const json::value& document) {
  std::vector<std::string> made;
  for (const std::string& text : texts()) {
    context fresh;
    fresh.set("a", document);
    made.push_back(made_or_not(render(compile(text).value(), fresh)));
  }
  return made;
}

// Whether `values` has the document as a fresh context would have it.
void expect_as_fresh(context& values, resolver& resolving,
                     const std::vector<std::string>& expected) {
  const std::vector<std::string> all = texts();
  for (std::size_t number = 0; number < all.size(); ++number) {
    ASSERT_EQ(made_or_not(resolving.resolve(all[number], values)), expected[number]);
  }
  for (std::size_t number = all.size(); number-- > 0;) {
    ASSERT_EQ(made_or_not(render(compile(all[number]).value(), values)), expected[number]);
  }
}

TEST(allocation_failures, while_texts_are_resolved) {
  const json::value document = documents();
  const std::vector<std::string> all = texts();
  const std::vector<std::string> expected = expected_of(document);
  const std::uint64_t failed = fail_each_allocation([&](const auto& failure) {
    context values;
    values.set("a", document);
    resolver resolving;
    failure([&] {
      for (const std::string& text : all) {
        static_cast<void>(resolving.resolve(text, values));
      }
    });
    expect_as_fresh(values, resolving, expected);
  });
  EXPECT_GT(failed, 20U);
}

// The first path that is looked up after the failure may be a neighbour of the last before it.
TEST(allocation_failures, leave_no_neighbours_mixed_up) {
  const json::value document = documents();
  std::vector<std::string> objects;
  for (const char outer : {'b', 'c', 'd'}) {
    objects.push_back("a." + std::string(1, outer));
    objects.push_back("a." + long_name(outer));
  }
  for (const std::string& first : objects) {
    const std::string text = "{{ " + first + ".y }}";
    context fresh;
    fresh.set("a", document);
    const std::string expected = render(compile(text).value(), fresh).value();
    fail_each_allocation([&](const auto& failure) {
      context values;
      values.set("a", document);
      resolver resolving;
      failure([&] {
        for (const std::string& each : objects) {
          static_cast<void>(resolving.resolve("{{ " + each + ".x }}", values));
        }
      });
      ASSERT_EQ(resolving.resolve(text, values).value(), expected);
    });
  }
}

TEST(allocation_failures, while_the_last_result_is_resolved) {
  const json::value document = json::parse(R"({"b": "{{ a.b }}{{ a.c }}", "c": "ccc"})");
  fail_each_allocation([&](const auto& failure) {
    context values;
    values.set("a", document);
    resolver resolving;
    const std::string_view first = resolving.resolve("{{ a.b }}", values).value();
    failure([&] {
      std::string_view text = first;
      for (int round = 0; round < 20; ++round) {
        text = resolving.resolve(text, values).value();
      }
    });
    ASSERT_EQ(resolving.resolve("<{{ a.b }}>", values).value(), "<{{ a.b }}{{ a.c }}>");
  });
}

TEST(allocation_failures, while_templates_are_rendered) {
  const json::value document = documents();
  const std::vector<std::string> expected = expected_of(document);
  std::vector<compiled_template> compiled;
  for (const std::string& text : texts()) {
    compiled.push_back(compile(text).value());
    compiled.push_back(compile_document(json::value(json::string(text))).value());
  }
  const std::uint64_t failed = fail_each_allocation([&](const auto& failure) {
    context values({.templates_max = 8});
    values.set("a", document);
    resolver resolving;
    failure([&] {
      for (const compiled_template& each : compiled) {
        static_cast<void>(render(each, values));
      }
    });
    expect_as_fresh(values, resolving, expected);
  });
  EXPECT_GT(failed, 20U);
}

TEST(allocation_failures, leave_what_is_rendered_into_alone) {
  const json::value document = json::parse(R"({"b": "text", "c": [1, {"d": null}]})");
  const compiled_template compiled = compile(std::string(100, 'x') + "{{ a.b }}{{ a.c }}").value();
  const compiled_template whole = compile_document(json::parse(R"(["{{ a.c }}", 2])")).value();
  fail_each_allocation([&](const auto& failure) {
    context values;
    values.set("a", document);
    std::string text = "as it was";
    if (!failure([&] { render(compiled, values, text).value(); })) {
      ASSERT_EQ(text, "as it was");
    }
    render(compiled, values, text).value();
    ASSERT_EQ(text, std::string(100, 'x') + R"(text[1,{"d":null}])");
  });
  fail_each_allocation([&](const auto& failure) {
    context values;
    values.set("a", document);
    std::string buffer(200, 'b');
    if (!failure([&] { render(compiled, values, std::span(buffer)).value(); })) {
      ASSERT_EQ(buffer, std::string(200, 'b'));
    }
    ASSERT_EQ(render(compiled, values, std::span(buffer)).value(), 118U);
  });
  fail_each_allocation([&](const auto& failure) {
    context values;
    values.set("a", document);
    failure([&] { static_cast<void>(render_value(whole, values)); });
    ASSERT_EQ(render_value(whole, values).value(), json::parse(R"([[1, {"d": null}], 2])"));
  });
}

// RE2 loses memory where an allocation of its own fails, so it makes them before.
TEST(allocation_failures, while_patterns_are_used) {
  const json::value document = json::string(300, 't');
  const std::string expected = std::string(1'200, 'x') + "true";
  const pattern used = pattern::compile("t").value();
  const compiled_template compiled =
      compile("{{ a | replace('t', 'xxxx') }}{{ a | match('t+$') }}").value();
  context before;
  before.set("a", document);
  ASSERT_EQ(render(compiled, before).value(), expected);
  ASSERT_EQ(used.replace("tat", "xx", 10).value(), "xxaxx");
  const std::uint64_t failed = fail_each_allocation([&](const auto& failure) {
    context values;
    values.set("a", document);
    failure([&] {
      static_cast<void>(render(compiled, values));
      static_cast<void>(used.replace(std::string(300, 't'), "xxxx", 2'000));
    });
    ASSERT_EQ(render(compiled, values).value(), expected);
    ASSERT_TRUE(used.matches("t"));
    ASSERT_EQ(used.replace("tat", "xx", 10).value(), "xxaxx");
  });
  EXPECT_GT(failed, 5U);
}

TEST(allocation_failures, while_documents_are_set) {
  const json::value before = json::parse(R"({"b": 1})");
  const json::value after = json::parse(R"({"b": 2})");
  const std::vector<std::string> paths = {"", "a", "a.b", long_name('p'), "p.q"};
  for (const std::string& path : paths) {
    fail_each_allocation([&](const auto& failure) {
      context values;
      for (const std::string& each : paths) {
        if (each != path) {
          values.set(each, before);
        }
      }
      const std::string text = "{{ " + (path.empty() ? "b" : path) + " }}";
      const std::string changed = path.empty() ? "2" : R"({"b":2})";
      const std::string until_then = made_or_not(render(compile(text).value(), values));
      const bool is_set = failure([&] { values.set(path, after); });
      ASSERT_EQ(made_or_not(render(compile(text).value(), values)), is_set ? changed : until_then);
      values.set(path, after);
      ASSERT_EQ(made_or_not(render(compile(text).value(), values)), changed);
    });
  }
  fail_each_allocation([&](const auto& failure) {
    std::optional<context> values;
    failure([&] { values.emplace(); });
  });
}

TEST(allocation_failures, in_a_path_memory) {
  const json::value value = 1;
  std::vector<std::string> paths;
  paths.reserve(300);
  for (int number = 0; number < 300; ++number) {
    paths.push_back(fmt::format("path.{}", number));
  }
  const std::uint64_t failed = fail_each_allocation([&](const auto& failure) {
    internal::path_memory memory;
    std::size_t added = 0;
    failure([&] {
      for (; added < paths.size(); ++added) {
        memory.add(added * 977, paths[added], value, {});
      }
    });
    ASSERT_EQ(memory.size(), added);
    for (; added < paths.size(); ++added) {
      ASSERT_EQ(memory.find(added * 977, paths[added]), nullptr);
      memory.add(added * 977, paths[added], value, {});
    }
    for (std::size_t number = 0; number < paths.size(); ++number) {
      ASSERT_EQ(memory.find(number * 977, paths[number])->path, paths[number]);
    }
  });
  EXPECT_GT(failed, 2U);
}

TEST(allocation_failures, while_templates_are_compiled) {
  const json::value document = json::parse(
      R"({"k": ["{{ a.b }}", "x {{ a['it\\'s'] | default('\\'') }}", 1, {"{{": "{{'}}'}}"}]})");
  std::string many;
  for (int number = 0; number < 50; ++number) {
    many += fmt::format("{{{{ a.b{} | json | default(null) }}}} ", number);
  }
  const std::uint64_t failed = fail_each_allocation([&](const auto& failure) {
    std::optional<compiled_template> text;
    std::optional<compiled_template> whole;
    std::vector<reference> found;
    reference_reader reader;
    failure([&] {
      text = compile(many).value();
      whole = compile_document(document).value();
      static_cast<void>(compile("{{ a | nope }}"));
      static_cast<void>(compile("{{ a"));
      found = references(*text);
      static_cast<void>(reader.read("{{ a['\\''].b[0] | default('x') }}"));
      static_cast<void>(reader.read("{{ a | nope }}"));
    });
    ASSERT_EQ(reader.read("{{ a['\\''].b[0] }}").value().path.size(), 4U);
    ASSERT_EQ(references(compile(many).value()).size(), 50U);
  });
  EXPECT_GT(failed, 50U);
}

}  // namespace
}  // namespace engine::templating
