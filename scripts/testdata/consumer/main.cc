// What a user of the installed libraries writes: no path into our source tree, no flag of ours.
#include <cstdio>
#include <string_view>
#include <vector>

#include "subsystems/dag/builder.h"
#include "subsystems/postgres/batch_writer.h"
#include "subsystems/postgres/connection.h"
#include "subsystems/postgres/migration.h"
#include "subsystems/postgres/partition_keeper.h"
#include "subsystems/postgres/store_pool.h"
#include "subsystems/support/nearest_name.h"
#include "subsystems/support/quote.h"
#include "subsystems/support/utf8.h"
#include "subsystems/templating/cache.h"
#include "subsystems/templating/render.h"
#include "subsystems/workflow/manifest.h"
#include "subsystems/workflow/validate.h"

namespace {

bool builds_a_graph() {
  const std::vector<std::string_view> after_fetch{"fetch"};
  const std::vector<engine::dag::task> tasks{{"report", after_fetch}, {"fetch", {}}};
  engine::dag::builder builder;
  engine::dag::graph graph;
  return builder.build(tasks, graph) && graph.level_count() == 2 && graph.order()[0] == 1;
}

bool renders_a_template() {
  engine::templating::template_cache cache;
  engine::templating::template_cache::client client(cache);
  const boost::json::value parameters = {{"name", "world"}};
  engine::templating::context values;
  values.set("inputs.parameters", parameters);
  const auto greeting = client.get("Hello {{ inputs.parameters.name | replace('^w', 'W') }}!");
  const auto rendered = engine::templating::render(**greeting, values);
  return rendered && *rendered == "Hello World!";
}

bool validates_a_workflow() {
  const auto loaded = engine::workflow::load_manifest(
      "{apiVersion: orchestration.headroom.dev/v1alpha1, kind: Workflow, metadata: {name: w},"
      " spec: {tasks: [{name: a, type: t}]}}",
      "consumer");
  engine::dag::builder builder;
  engine::dag::graph graph;
  return loaded && engine::workflow::validate(loaded->definitions.front(), builder, graph);
}

bool words_a_message() {
  const std::string_view known[] = {"build", "deploy"};
  engine::support::guess_budget guesses;
  const std::string_view near = engine::support::nearest_name("biuld", known, guesses);
  return engine::support::is_utf8("é") &&
         engine::support::did_you_mean(near) == "; did you mean \"build\"?";
}

// Without a server: every header is there, and what can be said without one is right.
bool asks_a_store() {
  using namespace engine::postgres;
  const auto opened = store_pool::open(store_connector("host=/nonexistent"), {.size_max = 1});
  batch_writer writer("host=/nonexistent", {.lanes = 1});
  receipt nothing;
  const auto refused = writer.submit({}, nothing);
  const auto lending = pool::open(connector("host=/nonexistent"), {.size_max = 0});
  return opened && !refused && refused.error().code == errc::bad_input && !lending &&
         parse_uuid(make_uuid().text());
}

}  // namespace

int main() {
  if (!asks_a_store() || !builds_a_graph() || !renders_a_template() || !validates_a_workflow() ||
      !words_a_message()) {
    std::puts("wrong answer");
    return 1;
  }
  return 0;
}
