// bench_templating: finding, compiling and filling in placeholders, beside the floor, RE2,
// PCRE2-JIT, Hyperscan and std::regex.
//
// A new candidate is a matcher in a file beside this one (substitution.h says of what form), and
// its name in the lists below.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bench/harness/fixed_addresses.h"
#include "bench/harness/main.h"
#include "bench/templating/engine.h"
#include "bench/templating/floor.h"
#include "bench/templating/hostile_work.h"
#include "bench/templating/hyperscan.h"
#include "bench/templating/mutex_lru_lookup.h"
#include "bench/templating/pcre2_jit.h"
#include "bench/templating/re2.h"
#include "bench/templating/regex_peers.h"
#include "bench/templating/scope_per_task.h"
#include "bench/templating/split_once.h"
#include "bench/templating/std_regex.h"
#include "fixtures/template_strings.h"
#include "subsystems/templating/hash_seed.h"

namespace headroom::templating_bench {
namespace {

using text_maker = std::function<text_input(unsigned)>;

// Making an input of 100 bytes takes as long as a task.
std::uint64_t size_of(const text_options& options) {
  return std::uint64_t{options.placeholders} * (options.literal_bytes + options.value_bytes) / 100;
}

// What fills a text in.
void add_filling(suite& to, const std::string& case_name, const text_options& options) {
  const std::uint64_t size = size_of(options);
  const text_maker make = [options](unsigned) { return text_input(options); };
  add_group<text_input, ours::render, least::render, split_once::render, re2_peer::render,
            pcre2_jit::render, hyperscan::render, std_regex::render>(
      to, {"render", case_name, 1, size}, make);
  add_group<text_input, ours::first_render, least::first_render, split_once::first_render,
            re2_peer::render, pcre2_jit::render, hyperscan::render, std_regex::render>(
      to, {"first_render", case_name, 1, size}, make);
  add_group<text_input, ours::resolve, least::resolve, re2_peer::resolve, pcre2_jit::resolve,
            hyperscan::resolve, std_regex::resolve>(to, {"resolve", case_name, 1, size}, make);
}

// Every operation on one kind of text.
void add_text(suite& to, const std::string& case_name, const text_options& options) {
  const std::uint64_t size = size_of(options);
  const text_maker make = [options](unsigned) { return text_input(options); };
  add_group<text_input, ours::scan, least::scan, re2_peer::scan, pcre2_jit::scan, hyperscan::scan,
            std_regex::scan>(to, {"scan", case_name, 1, size}, make);
  add_group<text_input, ours::compile, least::compile, re2_peer::compile, pcre2_jit::compile,
            hyperscan::compile, std_regex::compile>(to, {"compile", case_name, 1, size}, make);
  add_filling(to, case_name, options);
}

void add_texts(suite& to) {
  constexpr text_options texts[] = {{0, 1'024}, {0, 102'400}, {1, 4},      {1, 28},
                                    {10, 4},    {100, 4},     {1, 128},    {10, 128},
                                    {100, 128}, {1, 4'096},   {10, 4'096}, {100, 4'096}};
  for (const text_options& each : texts) {
    add_text(to,
             fmt::format("text/placeholders:{}/literal:{}", each.placeholders, each.literal_bytes),
             each);
  }
  for (const std::uint32_t depth : {1U, 10U}) {
    add_text(to, fmt::format("deep_path/placeholders:10/literal:128/depth:{}", depth),
             {.placeholders = 10, .literal_bytes = 128, .path_depth = depth});
  }
  add_text(to, "repeated_path/placeholders:100/literal:128/paths:10",
           {.placeholders = 100, .literal_bytes = 128, .different_paths = 10});
  constexpr std::uint32_t huge = 1'000'000;
  add_filling(to, fmt::format("huge_value/placeholders:1/literal:128/value:{}", huge),
              {.placeholders = 1, .literal_bytes = 128, .value_bytes = huge});
}

void add_documents(suite& to) {
  for (const std::uint32_t variables : {4U, 400U}) {
    add_group<document_input, ours::document, least::document, split_once::document,
              re2_peer::document, pcre2_jit::document, hyperscan::document, std_regex::document>(
        to, {"document", fmt::format("task/variables:{}", variables), 1, variables},
        [variables](unsigned) { return document_input(variables); });
  }
}

// The texts that are looked up again fit into what a client keeps, or only into what all share.
void add_cache(suite& to, const std::string& case_name, unsigned threads, std::size_t texts) {
  // The caches live as long as the threads that use them.
  auto last = std::make_shared<std::weak_ptr<shared_caches>>();
  add_group<cache_input, ours::cache, least::cache, mutex_lru_lookup>(
      to, {"cache", case_name, threads, 1}, [last, texts](unsigned thread) {
        std::shared_ptr<shared_caches> shared = last->lock();
        if (!shared) {
          shared = std::make_shared<shared_caches>();
          *last = shared;
        }
        return cache_input(thread, texts, std::move(shared));
      });
}

void add_caches(suite& to) {
  constexpr std::size_t few = 64;
  constexpr std::size_t many = 2'000;
  for (const unsigned threads : {1U, 2U, 4U, 8U}) {
    add_cache(to, fmt::format("threads:{}", threads), threads, few);
  }
  for (const unsigned threads : {1U, 4U}) {
    add_cache(to, fmt::format("many_texts/threads:{}", threads), threads, many);
  }
}

// Without std::regex: the library's recursion overflows the stack on texts of this length. Without
// a floor: whoever refuses a text early need not read it.
void add_hostile(suite& to) {
  for (const hostile_pattern& pattern : hostile_patterns) {
    for (const std::size_t bytes : {std::size_t{1'000'000}, std::size_t{10'000'000}}) {
      add_group<hostile_input, ours::hostile, re2_peer::hostile, pcre2_jit::hostile,
                hyperscan::hostile>(
          to, {"hostile", fmt::format("{}/bytes:{}", pattern.name, bytes), 1, bytes / 100},
          [pattern, bytes](unsigned) { return hostile_input(pattern, bytes); });
    }
  }
}

// Nobody else has filters, documents or parameters.
void add_hostile_works(suite& to) {
  for (const hostile_work& row : hostile_works()) {
    for (const std::size_t bytes : {row.bytes, 10 * row.bytes}) {
      add_group<hostile_work_input, ours::hostile_work>(
          to, {"hostile", fmt::format("{}/bytes:{}", row.name, bytes), 1, bytes / 100},
          [row, bytes](unsigned) { return hostile_work_input(row, bytes); });
    }
  }
}

void add_validations(suite& to) {
  for (const std::uint32_t tasks : {100U, 1'000U}) {
    add_group<validate_input, ours::validate, least::validate, scope_per_task>(
        to, {"validate", fmt::format("layered/tasks:{}", tasks), 1, tasks},
        [tasks](unsigned) { return validate_input(tasks); });
  }
}

void add_regexes(suite& to) {
  for (const regex_case& each : {match_case, explode_case}) {
    add_group<regex_input, ours::regex, least::regex, re2_regex, re2_compiled_each_time,
              pcre2_regex, hyperscan_regex, std_regex_filter>(
        to, {"regex", std::string(each.name), 1, 1},
        [each](unsigned) { return regex_input(each); });
  }
  add_group<regex_input, ours::regex, least::regex, re2_regex, re2_compiled_each_time, pcre2_regex,
            std_regex_filter>(to, {"regex", std::string(replace_case.name), 1, 1},
                              [](unsigned) { return regex_input(replace_case); });
}

void add_corpus(suite& to, const std::string& folder) {
  const std::vector<std::string> strings = engine::fixtures::load_template_strings(folder);
  const corpus_input sample(strings);
  fmt::print(stderr,
             "corpus: {} strings with placeholders, {} of them with paths alone (others have "
             "expressions)\n",
             strings.size(), sample.texts().size());
  const auto make = [strings](unsigned) { return corpus_input(strings); };
  add_group<corpus_input, ours::corpus, least::corpus, re2_peer::corpus, pcre2_jit::corpus,
            hyperscan::corpus, std_regex::corpus>(to, {"resolve", "corpus", 1, 0}, make);
  add_group<corpus_input, ours::corpus_render, least::corpus, re2_peer::corpus, pcre2_jit::corpus,
            hyperscan::corpus, std_regex::corpus>(to, {"render", "corpus", 1, 0}, make);
}

void register_all(suite& to, const settings& chosen) {
  // The same tables in every run, so that two runs compare.
  engine::templating::fix_hash_seed(1);
  if (!chosen.corpus.empty()) {
    add_corpus(to, chosen.corpus);
  }
  add_texts(to);
  add_documents(to);
  add_caches(to);
  add_hostile(to);
  add_hostile_works(to);
  add_validations(to);
  add_regexes(to);
  to.set_gate({"scan/engine/text/placeholders:10/literal:128",
               "compile/engine/text/placeholders:10/literal:128",
               "render/engine/text/placeholders:1/literal:28",
               "render/engine/text/placeholders:10/literal:128",
               "first_render/engine/text/placeholders:10/literal:128",
               "resolve/engine/text/placeholders:10/literal:128",
               "resolve/engine/text/placeholders:100/literal:4", "document/engine/task/variables:4",
               "cache/engine/threads:1", "cache/engine/threads:4/real_time/threads:4",
               "validate/engine/layered/tasks:1000", "regex/engine/match"});
}

}  // namespace
}  // namespace headroom::templating_bench

int main(int argc, char** argv) {
  headroom::fix_addresses(argv);
  return headroom::benchmark_main(
      argc, argv,
      "Measures the engine's templates beside the machine's floor, RE2, PCRE2-JIT, Hyperscan and "
      "std::regex.",
      headroom::templating_bench::register_all);
}
