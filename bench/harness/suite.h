// What a benchmark binary measures: groups of candidates that do the same operation on the same
// input.
//
// The candidates of a group are measured interleaved and compared with each other, never across
// groups. Registration happens once, at start; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/harness/subject.h"

namespace headroom {

/// From the index of a candidate to a new subject.
using subject_maker = std::function<std::unique_ptr<subject>(std::size_t candidate)>;

struct group {
  std::string operation;
  std::string case_name;  ///< "layered/nodes:1000"; may be empty
  std::vector<std::string> candidates;
  /// Each thread runs a subject of its own, on an input of its own. More than one: timed by the
  /// wall clock.
  unsigned threads = 1;
  /// How much is measured, for --quick and --smoke: 1 unit a task, row, message, …
  std::uint64_t size = 0;
  /// Another process or thread does part of the work: timed by the wall clock.
  bool waits = false;
  /// Builds the input of one thread and returns what makes the subject of a candidate on it. The
  /// input lives as long as the maker or any of its subjects.
  std::function<subject_maker(unsigned thread)> open;

  /// `<operation>/<candidate>[/<case>]`, with the suffixes that Google Benchmark adds.
  [[nodiscard]] std::string row_name(std::size_t candidate, bool with_suffix = true) const;
};

/// One candidate of a group; refers to the suite.
struct row_place {
  const group* in;
  std::size_t candidate;
};

class suite {
 public:
  void add(group added) {
    added.waits = added.waits || rows_wait_;
    groups_.push_back(std::move(added));
  }
  /// The rows that are added from now on wait for others, as for a server.
  void add_waiting_rows() { rows_wait_ = true; }
  [[nodiscard]] const std::vector<group>& groups() const { return groups_; }

  /// Marks the rows that a regression would hurt users in: what scripts/compare looks at unless
  /// told otherwise. A name may lack what is said of time and threads at its end; gate() has it
  /// whole. Throws std::logic_error if there is no such row, or one waits, or there are too many.
  void set_gate(std::vector<std::string> row_names);
  [[nodiscard]] const std::vector<std::string>& gate() const { return gate_; }
  static constexpr std::size_t gate_max = 12;

  /// What else the results must be read with, such as the settings of a server; asked for once,
  /// when measuring begins.
  using context_maker = std::function<std::vector<std::pair<std::string, std::string>>()>;
  void set_context(context_maker described) { context_ = std::move(described); }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> context() const {
    return context_ ? context_() : std::vector<std::pair<std::string, std::string>>();
  }

  /// The row of that name, with Google Benchmark's suffixes or without; nothing if there is none.
  [[nodiscard]] std::optional<row_place> find(std::string_view row_name) const;

 private:
  std::vector<group> groups_;
  bool rows_wait_ = false;
  std::vector<std::string> gate_;
  context_maker context_;
};

struct group_key {
  std::string operation;
  std::string case_name;
  unsigned threads = 1;
  std::uint64_t size = 0;
};

/// Registers `Candidates` on the input that `make_input(thread)` returns. The input is built when
/// the group's turn comes and dropped after it.
template <class Input, class... Candidates>
void add_group(suite& to, const group_key& key, std::function<Input(unsigned thread)> make_input) {
  group added{.operation = key.operation,
              .case_name = key.case_name,
              .candidates = {std::string(Candidates::name)...},
              .threads = key.threads,
              .size = key.size,
              .open = {}};
  added.open = [make_input = std::move(make_input)](unsigned thread) -> subject_maker {
    return [input = std::make_shared<const Input>(make_input(thread))](std::size_t candidate) {
      using maker = std::unique_ptr<subject> (*)(const std::shared_ptr<const Input>&);
      static constexpr maker makers[] = {
          [](const std::shared_ptr<const Input>& shared) -> std::unique_ptr<subject> {
            return std::make_unique<subject_of<Input, Candidates>>(shared);
          }...};
      return makers[candidate](input);
    };
  };
  to.add(std::move(added));
}

}  // namespace headroom
