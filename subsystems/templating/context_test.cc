#include "subsystems/templating/context.h"

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
#include "subsystems/templating/render.h"

namespace engine::templating {
namespace {

namespace json = boost::json;

// What `text` becomes, "?" where a reference is unknown.
std::string rendered(std::string_view text, context& values) {
  const auto made = render(compile(text).value(), values);
  if (!made) {
    EXPECT_EQ(made.error().code, errc::unknown_reference) << text << made.error().what();
  }
  return made ? *made : "?";
}

// A context refers to its documents, so it takes none that would not last.
template <class Document>
concept settable = requires(context values, Document&& document) {
  values.set("a", std::forward<Document>(document));
};
static_assert(settable<json::value&> && settable<const json::value&>);
static_assert(!settable<json::value> && !settable<const json::value>);
static_assert(!settable<const char*> && !settable<json::object&> && !settable<const json::array>);

// Made before anything else of the library is.
struct early_context {
  early_context() { values.set("a", document); }

  json::value document = {{"b", 1}};
  context values;
  compiled_template compiled = compile("<{{a.b}}>").value();
};
[[gnu::init_priority(101)]] early_context early;

TEST(context, may_be_a_global) {
  EXPECT_EQ(rendered("{{a.b}}", early.values), "1");
  EXPECT_EQ(render(early.compiled, early.values).value(), "<1>");
  context values;
  values.set("a", early.document);
  EXPECT_EQ(render(early.compiled, values).value(), "<1>");
  EXPECT_EQ(render(compile("{{a.b}}").value(), early.values).value(), "1");
  early.values.unset("a");
  EXPECT_EQ(rendered("{{a.b}}", early.values), "?");
  early.values.set("a", early.document);
}

TEST(context, takes_the_longest_mount_that_has_a_value) {
  const json::value whole = json::parse(R"({"b": {"c": "of a", "d": "of a", "x.y": "of a"}})");
  const json::value part = json::parse(R"({"c": "of a.b", "e": [{"f": "of a.b"}]})");
  const json::value leaf = "of a.b.c.d";
  context values;
  values.set("a", whole);
  values.set("a.b", part);
  values.set("a.b.c.d", leaf);
  struct row {
    std::string_view path;
    std::string_view value;
  };
  const row rows[] = {
      {"a.b.c", "of a.b"},
      {"a.b.d", "of a"},
      {"a.b.e[0].f", "of a.b"},
      {"a.b.e[1].f", "?"},
      {"a.b.c.d", "of a.b.c.d"},
      {"a.b.c.d.e", "?"},
      {"a.b.x.y", "of a"},
      {"a.b['x.y']", "of a"},
      {"a.b['x.z']", "?"},
      {"a['b'].c", "of a.b"},
      {"a['b']['c']", "of a.b"},
      {"b.c", "?"},
      {"a.b", R"({"c":"of a.b","e":[{"f":"of a.b"}]})"},
      {"a.c", "?"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(rendered(fmt::format("{{{{ {} }}}}", each.path), values), each.value) << each.path;
  }
}

TEST(context, finds_keys_with_dots) {
  const json::value workflow = json::parse(R"({
    "annotations": {"example.io/owner": "me", "a.b": {"c.d": [1, 2]}, "p": {}, "p.q": 3},
    "x.y.z": 4, "x.y": 5, "trailing.": 6})");
  context values;
  values.set("workflow", workflow);
  struct row {
    std::string_view path;
    std::string_view value;
  };
  const row rows[] = {
      {"workflow.annotations.example.io/owner", "me"},
      {"workflow.annotations['example.io/owner']", "me"},
      {"workflow.annotations.example['io/owner']", "?"},
      {"workflow.annotations.example", "?"},
      {"workflow.annotations.a.b.c.d[1]", "2"},
      {"workflow.annotations.a.b['c.d'][0]", "1"},
      {"workflow.annotations.a . b . c . d [ 1 ]", "2"},
      {"workflow.annotations['a'].b.c.d[1]", "?"},
      {"workflow.annotations.p.q", "?"},  // There is a member p, so that is meant.
      {"workflow.annotations['p.q']", "3"},
      {"workflow.x.y", "5"},
      {"workflow.x.y.z", "?"},  // The fewest names that make a member are meant: x.y.
      {"workflow['x.y.z']", "4"},
      {"workflow['trailing.']", "6"},
  };
  for (const row& each : rows) {
    EXPECT_EQ(rendered(fmt::format("{{{{{}}}}}", each.path), values), each.value) << each.path;
  }
}

TEST(context, takes_a_document_of_all_first_names) {
  const json::value whole = json::parse(R"({"a": {"b": 1}, "c.d": [2], "": 3, "e": {"": 4}})");
  const json::value part = json::parse(R"({"c": 5})");
  context values;
  values.set("", whole);
  EXPECT_EQ(rendered("{{ a }}{{ a.b }}{{ c.d[0] }}{{ ['c.d'][0] }}{{ e[''] }}", values),
            R"({"b":1}1224)");
  EXPECT_EQ(rendered("{{ [''] }}", values), "3");
  values.set("a", part);
  EXPECT_EQ(rendered("{{ a.b }}{{ a.c }}{{ a }}", values), R"(15{"c":5})");
  EXPECT_EQ(rendered("{{ [''] }}", values), "3");
  EXPECT_EQ(rendered("{{ [''].a.c }}", values), "?");
  EXPECT_EQ(rendered("{{ [0] }}", values), "?");
  values.unset("");
  EXPECT_EQ(rendered("{{ e }}", values), "?");
  EXPECT_EQ(rendered("{{ a.c }}", values), "5");
}

TEST(context, gives_new_values_after_set_unset_and_forget) {
  json::value first(json::string(40, '1'));
  const json::value second(json::string(41, '2'));
  context values;
  const compiled_template compiled = compile("{{ a }}").value();
  resolver resolving;
  const auto both = [&] {
    const auto made = render(compiled, values);
    const auto resolved = resolving.resolve("{{ a }}", values);
    EXPECT_EQ(made.has_value(), resolved.has_value());
    if (!made || !resolved) {
      return std::string("?");
    }
    EXPECT_EQ(*made, *resolved);
    return *made;
  };
  EXPECT_EQ(both(), "?");
  values.set("a", first);
  EXPECT_EQ(both(), std::string(40, '1'));
  EXPECT_EQ(both(), std::string(40, '1'));
  values.set("a", second);
  EXPECT_EQ(both(), std::string(41, '2'));
  values.unset("other");
  EXPECT_EQ(both(), std::string(41, '2'));
  values.unset("a");
  EXPECT_EQ(both(), "?");
  values.set("a", first);
  EXPECT_EQ(both(), std::string(40, '1'));
  first = json::array{1, 2};
  values.forget();
  EXPECT_EQ(both(), "[1,2]");
}

TEST(context, may_be_moved) {
  const json::value document = json::parse(R"({"b": 1})");
  context first;
  first.set("a", document);
  EXPECT_EQ(rendered("{{a.b}}", first), "1");
  context second = std::move(first);
  EXPECT_EQ(rendered("{{a.b}}", second), "1");
  first = std::move(second);
  EXPECT_EQ(rendered("{{a.b}}", first), "1");
  first = context();
  EXPECT_EQ(rendered("{{a.b}}", first), "?");
}

TEST(context, falls_back_to_a_shorter_mount) {
  const json::value whole = json::parse(R"({"b": 1})");
  const json::value part = 2;
  context values;
  values.set("a", whole);
  EXPECT_EQ(rendered("{{ a.b }}", values), "1");
  values.set("a.b", part);
  EXPECT_EQ(rendered("{{ a.b }}", values), "2");
  values.unset("a.b");
  EXPECT_EQ(rendered("{{ a.b }}", values), "1");
  values.unset("a");
  EXPECT_EQ(rendered("{{ a.b }}", values), "?");
}

TEST(context, may_remember_fewer_templates_than_it_renders) {
  const json::value document =
      json::parse(R"({"long": "0123456789012345678901234567890123456789"})");
  for (const std::size_t templates_max : std::vector<std::size_t>{0, 1, 3, 64}) {
    context values({.templates_max = templates_max});
    values.set("a", document);
    std::vector<compiled_template> templates;
    std::vector<std::string> expected;
    for (int number = 0; number < 200; ++number) {
      templates.push_back(compile(fmt::format("{} {{{{ a.long }}}}", number)).value());
      expected.push_back(fmt::format("{} 0123456789012345678901234567890123456789", number));
    }
    for (int round = 0; round < 3; ++round) {
      for (std::size_t number = 0; number < templates.size(); ++number) {
        ASSERT_EQ(render(templates[number], values).value(), expected[number]);
        ASSERT_EQ(render(templates[number], values).value(), expected[number]);
      }
    }
  }
}

// Every path has a text of its own that no document holds, so both kinds of memory fill up.
TEST(context, may_remember_fewer_paths_than_it_renders) {
  json::object document;
  for (int number = 0; number < 1'000; ++number) {
    document[fmt::format("k{}", number)] = json::array{number, json::string(40, 'x')};
  }
  const json::value whole = document;
  const auto expected = [](int number) {
    return fmt::format("<[{},\"{}\"]>", number, std::string(40, 'x'));
  };
  const context::options choices[] = {{},
                                      {.paths_max = 0},
                                      {.paths_max = 1},
                                      {.paths_max = 100},
                                      {.text_bytes_max = 0},
                                      {.text_bytes_max = 1'000}};
  for (const context::options& chosen : choices) {
    context values(chosen);
    values.set("a", whole);
    resolver resolving;
    for (int round = 0; round < 2; ++round) {
      for (int number = 0; number < 1'000; ++number) {
        const std::string text = fmt::format("<{{{{ a.k{} }}}}>", number);
        ASSERT_EQ(rendered(text, values), expected(number));
        ASSERT_EQ(resolving.resolve(text, values).value(), expected(number));
      }
    }
  }
}

// That something is forgotten shows only when a document changes unnoticed, which is not allowed
// where values are texts; numbers are copied.
TEST(context, forgets_what_is_too_much) {
  json::value document =
      json::parse(R"({"n": 1, "m": 2, "l": ["0123456789012345678901234567890"]})");
  struct row {
    context::options chosen;
    bool forgets;
  };
  const row rows[] = {
      {{}, false},
      {{.paths_max = 4}, false},
      {{.paths_max = 3}, true},
      {{.text_bytes_max = 100}, false},
      {{.text_bytes_max = 30}, true},
  };
  for (const row& each : rows) {
    document.as_object()["n"] = 1;
    context values(each.chosen);
    values.set("a", document);
    resolver resolving;
    EXPECT_EQ(resolving.resolve("{{a.n}}{{a.m}}{{a.l}}", values).value(),
              "12[\"0123456789012345678901234567890\"]");
    document.as_object()["n"] = 3;
    EXPECT_EQ(resolving.resolve("{{a.n}}", values).value(), each.forgets ? "3" : "1");
    EXPECT_EQ(rendered("<{{a.n}}>", values), each.forgets ? "<3>" : "<1>");
  }
}

TEST(context, remembers_as_many_templates_as_it_should) {
  json::value document = json::object{{"n", 1}};
  context values({.templates_max = 1});
  values.set("a", document);
  const compiled_template first = compile("{{ a.n | string }}").value();
  const compiled_template second = compile("<{{ a.n | string }}>").value();
  EXPECT_EQ(render(first, values).value(), "1");
  document.as_object()["n"] = 2;
  EXPECT_EQ(render(first, values).value(), "1");
  EXPECT_EQ(render(second, values).value(), "<2>");
  EXPECT_EQ(render(first, values).value(), "2");
}

// More paths than are remembered, in one template: its values must last until it is written.
TEST(context, keeps_the_values_of_the_template_at_work) {
  json::object document;
  std::string text;
  std::string expected;
  for (int number = 0; number < 500; ++number) {
    document[fmt::format("k{}", number)] = json::array{number, json::string(40, 'x')};
    text += fmt::format("{{{{ a.k{0} }}}}{{{{ a.k{0} | json }}}}", number);
    expected += fmt::format("[{0},\"{1}\"][{0},\"{1}\"]", number, std::string(40, 'x'));
  }
  const json::value whole = document;
  context values({.paths_max = 10, .text_bytes_max = 100});
  values.set("a", whole);
  const compiled_template compiled = compile(text).value();
  resolver resolving;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(render(compiled, values).value(), expected);
    EXPECT_EQ(resolving.resolve(text, values).value(), expected);
  }
}

// The object that the last path was found in is where the next is looked for first.
TEST(context, finds_neighbours_where_they_are) {
  const json::value document = json::parse(
      R"({"b": {"x": "bx", "y": "by", "z.w": "bzw", "z": 1}, "c": {"x": "cx"}, "b.x": "dotted"})");
  const json::value longer = "document of its own";
  struct row {
    std::string_view text;
    std::string_view result;
  };
  const row rows[] = {
      {"{{a.b.x}} {{a.b.y}} {{a.c.x}} {{a.b.x}}", "bx by cx bx"},
      {"{{a.b.x}} {{a . b . y}} {{a.b['x']}} {{a['b'].y}}", "bx by bx by"},
      {"{{a.b.x}} {{a.b.y | length}} {{a.b.x | replace('b', 'c')}} {{a.b.y}}", "bx 2 cx by"},
      {"{{a.b.x}} {{a.b.none | default('none')}} {{a.c.none | default('none')}}", "bx none none"},
      {"{{a.b.x}} {{a.b.z.w | default('none')}} {{a.b['z.w']}}", "bx none bzw"},
      {"{{a.c.x}} {{a.c.own}} {{a.c.x}}", "cx document of its own cx"},
  };
  for (const row& each : rows) {
    for (const bool with_longer : {false, true}) {
      if (!with_longer && each.text.find("own") != std::string_view::npos) {
        continue;
      }
      context values;
      values.set("a", document);
      if (with_longer) {
        values.set("a.c.own", longer);
      }
      for (int round = 0; round < 2; ++round, values.forget()) {
        resolver resolving;
        EXPECT_EQ(render(compile(each.text).value(), values).value(), each.result) << each.text;
        EXPECT_EQ(resolving.resolve(each.text, values).value(), each.result) << each.text;
      }
      resolver resolving;
      EXPECT_EQ(resolving.resolve(each.text, values).value(), each.result) << each.text;
    }
  }
}

}  // namespace
}  // namespace engine::templating
