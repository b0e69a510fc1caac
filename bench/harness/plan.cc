#include "bench/harness/plan.h"

#include "bench/harness/row_filter.h"

namespace headroom {
namespace {

budget budget_of(effort spent) {
  switch (spent) {
    case effort::smoke:
      return {0, 0, 1, 1};
    case effort::quick:
      return {.group_seconds = 0.25,
              .repetition_seconds = 0.001,
              .repetitions_min = 5,
              .repetitions_max = 30};
    case effort::full:
      break;
  }
  return {.group_seconds = 0.8,
          .repetition_seconds = 0.0025,
          .repetitions_min = 8,
          .repetitions_max = 40};
}

budget share_of(budget whole, int rounds) {
  whole.group_seconds /= rounds;
  whole.repetitions_min = (whole.repetitions_min + rounds - 1) / rounds;
  whole.repetitions_max = (whole.repetitions_max + rounds - 1) / rounds;
  return whole;
}

// How many of `rounds` a group takes part in: making the subjects of a large one anew takes longer
// than measuring them.
int rounds_for(const group& measured, int rounds) {
  constexpr std::uint64_t half_from = 5'000;
  constexpr std::uint64_t quarter_from = 20'000;
  constexpr std::uint64_t one_from = 200'000;
  if (measured.size >= one_from) {
    return 1;
  }
  if (measured.waits) {  // A server, whose tables are made anew.
    return (rounds + 3) / 4;
  }
  if (measured.size >= quarter_from) {
    return (rounds + 3) / 4;
  }
  return measured.size >= half_from ? (rounds + 1) / 2 : rounds;
}

}  // namespace

std::vector<step> make_plan(const suite& measured, const settings& chosen) {
  const row_filter filter(chosen);
  const budget whole = budget_of(chosen.effort);
  std::vector<step> steps;
  for (int round = 0; round < chosen.rounds; ++round) {
    for (const group& each : measured.groups()) {
      const std::vector<std::size_t> selected = filter.select(each);
      const int rounds = rounds_for(each, chosen.rounds);
      const int every = chosen.rounds / rounds;
      if (selected.empty() || round % every != 0 || round / every >= rounds) {
        continue;
      }
      const budget spent = share_of(whole, rounds);
      // Building and checking costs some microseconds an item and candidate.
      const double making = 5e-6 * static_cast<double>(each.size * selected.size());
      steps.push_back({&each, selected, spent, spent.group_seconds + making + 0.01,
                       round / every == rounds - 1});
    }
  }
  return steps;
}

}  // namespace headroom
