"""Tests of every verdict on scripted blocks, and of false alarms and power in simulations with a fixed seed."""

import collections
import math
import os
import random
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import inference, judge  # noqa: E402
from comparison.judge import Block, Floor, Judge, Row, RowFailed  # noqa: E402

ROW = Row("bench_dag", "build/engine/a")
OTHER = Row("bench_dag", "build/engine/b", 2)


def block(time=0.0, tail=0.0, disturbed=False, seconds=0.1):
    return Block(time, tail, 100.0, 100.0 * math.exp(time), disturbed, seconds)


class Source:
    """Gives the blocks of `script`, {row: function of the stage and how many this row had}; notes what is taken."""

    def __init__(self, script):
        self.script = script
        self.taken = []

    def take(self, row, stage):
        number = self.taken.count((row, stage))
        self.taken.append((row, stage))
        return self.script[row](stage, number)

    def count(self, row, stage):
        return self.taken.count((row, stage))


def noisy(spread, time=0.0, tail=0.0, seed=0):
    """Normal noise around a change, which links of one side do not have."""
    rng = random.Random(seed)

    def give(stage, _number):
        added = (0.0, 0.0) if stage == "floor" else (time, tail)
        return block(*(change + rng.gauss(0, spread) for change in added))

    return give


def run(script, threshold=0.03, seed=1, known_floors=None, **more):
    """(Judgements by row, source)"""
    source = Source(script)
    return Judge(source.take, threshold, seed, **more).judge(list(script), known_floors), source


def verdict(give, threshold=0.03, **more):
    judged, _ = run({ROW: give}, threshold, **more)
    return judged[ROW].verdict(threshold)


class VerdictTest(unittest.TestCase):
    def test_by_what_the_blocks_say(self):
        cases = (
            ("equal", "equivalent", lambda *_: block()), ("nearly equal", "equivalent", noisy(0.004)),
            ("5 % slower", "regressed", noisy(0.01, math.log(1.05))),
            ("5 % faster", "improved", noisy(0.01, math.log(0.95))),
            ("twice as slow", "regressed", noisy(0.05, math.log(2))), ("too noisy", "unresolved", noisy(0.3)),
            ("only its tail is slower", "regressed", noisy(0.01, 0.0, math.log(1.3))),
            ("only its tail is faster", "equivalent", noisy(0.004, 0.0, math.log(0.7))),
            ("faster, its tail slower", "regressed", noisy(0.01, -0.1, 0.3)),
            ("a tail within the threshold", "equivalent", noisy(0.004, 0.0, 0.015)),
            ("just beyond the least floor", "equivalent", noisy(0.0005, 0.004)))
        for name, expected, give in cases:
            self.assertEqual(verdict(give), expected, name)

    def test_what_is_settled_needs_no_more_blocks(self):
        judged, source = run({ROW: noisy(0.003, seed=2)})
        self.assertEqual(collections.Counter(source.taken), {(ROW, "screen"): judge.SCREEN_BLOCKS})
        self.assertFalse(judged[ROW].doubtful or judged[ROW].confirmed)
        self.assertEqual(judged[ROW].time.floor, judge.FLOOR_MIN)

    def test_what_made_a_row_suspicious_does_not_convict_it(self):
        """Slower in all blocks of the screening and never again."""
        judged, source = run({ROW: lambda stage, _: block(0.1 if stage == "screen" else 0.0)})
        self.assertEqual(judged[ROW].verdict(0.03), "equivalent")
        self.assertTrue(judged[ROW].doubtful and judged[ROW].confirmed)
        self.assertEqual(len(judged[ROW].blocks), source.count(ROW, "confirm"))
        self.assertAlmostEqual(judged[ROW].time.ratio, 1.0)

    def test_threshold_decides_what_is_equivalent(self):
        self.assertEqual([verdict(noisy(0.05), threshold) for threshold in (0.01, 0.03)], ["unresolved", "equivalent"])
        judged, _ = run({ROW: noisy(0.001, 0.0, 0.1)}, 0.2)
        self.assertAlmostEqual(judged[ROW].tail.floor, math.log1p(0.2))
        self.assertEqual(judged[ROW].verdict(0.2), "equivalent")

    def test_a_change_below_the_floor_is_none(self):
        """Links of the base alone differ by as much."""
        judged, _ = run({ROW: lambda stage, number: block(0.04 + 1e-5 * number)})
        self.assertAlmostEqual(judged[ROW].time.floor, 0.04, places=3)
        self.assertFalse(judged[ROW].slower)
        self.assertEqual(judged[ROW].verdict(0.05), "equivalent")
        self.assertEqual(judged[ROW].verdict(0.03), "unresolved")

    def test_within_is_the_same_both_ways(self):
        def effect(low, high):
            return judge.Effect(1.0, low, high, 0.0)

        for low, high, threshold, expected in (
                (0.98, 1.02, 0.03, True), (0.98, 1.031, 0.03, False), (0.9710, 1.0, 0.03, True),
                (0.9705, 1.0, 0.03, False),
                (1.0, 1.0, 0.01, True), (0.0, math.inf, 0.5, False), (0.0, 1.0, 0.5, False),
                (1.0, math.inf, 0.5, False)):
            self.assertEqual(judge.within(effect(low, high), threshold), expected, (low, high))

    def test_figures_of_an_effect(self):
        values = [math.log(1.05)] * 24
        effect = judge.effect_of(values, 0.01)
        for found in (effect.ratio, effect.low, effect.high):
            self.assertAlmostEqual(found, 1.05, places=6)
        self.assertEqual((effect.p, effect.p_faster), (2.0 ** -24, 1.0))
        self.assertAlmostEqual(effect.visible, math.expm1(0.01), places=6)
        for few in ([0.1], [0.1] * 7):
            self.assertEqual(judge.effect_of(few, 0.01).visible, math.inf)

    def test_visible_effect_is_found_four_times_of_five(self):
        rng = random.Random(1)
        found = visible = 0
        for _ in range(150):
            values = [rng.gauss(0, 0.01) for _ in range(24)]
            effect = judge.effect_of(values, 0.005)
            added = math.log1p(effect.visible)
            visible += effect.visible
            slowed = [rng.gauss(added, 0.01) for _ in range(24)]
            found += inference.p_above(slowed, 0.005) <= judge.ALPHA / 2 / judge.TESTS
        self.assertTrue(0.6 <= found / 150 <= 0.9, found / 150)
        self.assertTrue(0.01 < visible / 150 < 0.02, visible / 150)


class FailureTest(unittest.TestCase):
    @staticmethod
    def failing(at_stage, at_number):
        def give(stage, number):
            if (stage, number) == (at_stage, at_number):
                raise RowFailed("head: was ended by SIGSEGV")
            return block(0.0 if stage == "floor" else 0.1)

        return give

    def test_fails_at_once_or_later(self):
        for stage, number in (("screen", 0), ("screen", 5), ("confirm", 0), ("confirm", 20)):
            judged, source = run({ROW: self.failing(stage, number), OTHER: noisy(0.003)})
            self.assertEqual(judged[ROW].verdict(0.03), "failed", (stage, number))
            self.assertEqual(judged[ROW].problem, "head: was ended by SIGSEGV")
            self.assertEqual(source.count(ROW, stage), number + 1, "is not asked again")
            self.assertEqual(judged[OTHER].verdict(0.03), "equivalent")

    def test_all_fail(self):
        judged, _ = run({row: self.failing("screen", 0) for row in (ROW, OTHER)})
        self.assertEqual([each.verdict(0.03) for each in judged.values()], ["failed"] * 2)

    def test_without_a_floor_nothing_is_said(self):
        floors = {}
        judged, source = run({ROW: self.failing("floor", 3)}, known_floors=floors)
        self.assertEqual(judged[ROW].verdict(0.03), "failed")
        self.assertIn("other links of the base", judged[ROW].problem)
        self.assertEqual((source.count(ROW, "confirm"), floors), (0, {}))

    def test_other_errors_are_not_swallowed(self):
        def give(*_):
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            run({ROW: give})

    def test_no_rows(self):
        self.assertEqual(run({})[0], {})


class DisturbedTest(unittest.TestCase):
    def test_taken_again(self):
        """Every third block was disturbed, and looks slower."""
        judged, source = run({ROW: lambda _, number: block(0.5, 0.5, True) if number % 3 == 2 else block()})
        self.assertEqual(judged[ROW].verdict(0.03), "equivalent")
        self.assertEqual((judged[ROW].repeated, source.count(ROW, "screen")), (5, judge.SCREEN_BLOCKS + 5))
        self.assertFalse(any(each.disturbed for each in judged[ROW].blocks))

    def test_not_for_ever(self):
        judged, source = run({ROW: lambda *_: block(0.0, 0.0, True)})
        most = int(judge.SCREEN_BLOCKS * judge.REPEATS_MAX)
        self.assertEqual((judged[ROW].repeated, source.count(ROW, "screen")), (most, judge.SCREEN_BLOCKS + most))
        self.assertEqual(len(judged[ROW].blocks), judge.SCREEN_BLOCKS)

    def test_repeats_of_both_stages_are_told(self):
        judged, _ = run({ROW: lambda stage, number: block(0.0 if stage == "floor" else 0.1, 0.0, number == 0)})
        self.assertEqual(judged[ROW].repeated, 2)

    def test_judge_block(self):
        pair = {"log_quantiles": [0.01, 0.0, 0.0, 0.2], "ns": [100.0, 101.0], "control": [0.0, 0.0], "steal": 0.0}
        found = judge.judge_block([pair, {**pair, "log_quantiles": [0.03, 9, 9, 0.4], "ns": [102.0, 105.0]}], 1, 0.5)
        for name, expected in (("time", 0.02), ("tail", 0.3), ("base_ns", 101.0), ("head_ns", 103.0)):
            self.assertAlmostEqual(getattr(found, name), expected)
        self.assertEqual((found.disturbed, found.seconds, found.pairs), (False, 0.5, 2))

    def test_latencies_are_the_tail_where_there_are_some(self):
        pair = {"log_quantiles": [0.0, 0.0, 0.0, 0.2], "log_latency": [0.0, 0.7], "ns": [1.0, 1.0],
                "control": [0.0, 0.0], "steal": 0.0}
        self.assertAlmostEqual(judge.judge_block([pair, pair], 2).tail, 0.7)

    def test_what_is_disturbed(self):
        for control, steal, threads, expected in (
                ([0.0, 0.009], 0.0, 1, False), ([0.0, 0.011], 0.0, 1, True), ([-0.011, 0.0], 0.0, 1, True),
                ([0.0, 0.05], 0.0, 2, False), ([0.0, -0.11], 0.0, 2, True), ([0.0, 0.0], 0.021, 1, True),
                ([0.0, 0.0], 0.019, 1, False)):
            pair = {"log_quantiles": [0.0] * 4, "ns": [1.0, 1.0], "control": [0.0, 0.0], "steal": 0.0}
            found = judge.judge_block([pair, {**pair, "control": control, "steal": steal}], threads)
            self.assertEqual(found.disturbed, expected, (control, steal, threads))


class FloorTest(unittest.TestCase):
    def test_measured_once_and_used(self):
        floors = {}
        script = {ROW: lambda stage, _: block(-0.02 if stage == "floor" else 0.1, 0.06)}
        judged, source = run(script, known_floors=floors)
        self.assertEqual(source.count(ROW, "floor"), judge.FLOOR_BLOCKS)
        self.assertAlmostEqual(floors[ROW].time, 0.02, places=6)
        self.assertAlmostEqual(floors[ROW].tail, 0.06, places=6)
        self.assertAlmostEqual(judged[ROW].time.floor, 0.02, places=6)
        self.assertAlmostEqual(judged[ROW].tail.floor, 0.06, places=6)
        again, source = run(script, known_floors=floors)
        self.assertEqual((source.count(ROW, "floor"), again[ROW].time), (0, judged[ROW].time))

    def test_known_one_keeps_a_change_from_counting(self):
        for floor, expected in ((Floor(0.12, 0.2), "unresolved"), (Floor(0.08, 0.2), "regressed"), (None, "regressed")):
            judged, source = run({ROW: noisy(0.002, 0.1)}, known_floors={ROW: floor} if floor else None)
            self.assertEqual(judged[ROW].verdict(0.03), expected, floor)
            self.assertEqual(source.count(ROW, "floor") == 0, floor is not None)

    def test_noise_is_no_floor(self):
        rng = random.Random(4)
        noise = [block(rng.gauss(0, 0.05), rng.gauss(0.05, 0.01)) for _ in range(judge.FLOOR_BLOCKS)]
        self.assertEqual(judge.floor_of(noise).time, judge.FLOOR_MIN)
        self.assertAlmostEqual(judge.floor_of(noise).tail, 0.05, delta=0.005)

    def test_never_below_the_least(self):
        self.assertEqual(judge.floor_of([block(0.001, -0.002)] * 24), Floor(judge.FLOOR_MIN, judge.FLOOR_MIN))
        self.assertEqual(judge.effect_of([0.0] * 24, judge.FLOOR_MIN).floor, judge.FLOOR_MIN)
        judged, _ = run({ROW: noisy(0.002, 0.1)}, known_floors={ROW: Floor(0.0, 0.0)})
        self.assertEqual(judged[ROW].time.floor, judge.FLOOR_MIN)

    def test_settled_rows_need_none(self):
        floors = {}
        run({ROW: noisy(0.003, seed=2)}, known_floors=floors)
        self.assertEqual(floors, {})


class BudgetTest(unittest.TestCase):
    def budgeted(self, seconds, script):
        source = Source(script)
        spent = [0.0]

        def take(row, stage):
            found = source.take(row, stage)
            spent[0] += found.seconds
            return found

        judged = Judge(take, seconds_left=lambda: seconds - spent[0]).judge(list(script))
        return judged, source

    def script(self, count, spread, **more):
        return {Row("b", f"r/engine/{at}"): noisy(spread, 0.05, seed=at) for at in range(count)}

    def test_enough_for_all(self):
        judged, source = self.budgeted(1e9, self.script(2, 0.05))
        self.assertEqual([source.count(row, "confirm") for row in judged], [judge.CONFIRM_BLOCKS[1]] * 2)

    def test_shares_what_there_is(self):
        screened = 2 * (judge.SCREEN_BLOCKS + judge.FLOOR_BLOCKS) * 0.1
        judged, source = self.budgeted(screened + 12.0, self.script(2, 0.05))
        self.assertEqual([source.count(row, "confirm") for row in judged], [60, 60])

    def test_drops_the_least_suspicious_rows(self):
        def give(seconds):
            return lambda stage, number: block(0.0 if stage == "floor" else 0.1 if seconds < 2 or number % 3 else -0.1,
                                               seconds=seconds)

        script = {Row("b", f"r/engine/{seconds}"): give(seconds) for seconds in (0.1, 2.0, 0.2)}
        before = sum((0.1, 2.0, 0.2)) * (judge.SCREEN_BLOCKS + judge.FLOOR_BLOCKS)
        judged, source = self.budgeted(before + 8.0, script)
        self.assertEqual([each.confirmed for each in judged.values()], [True, False, True])
        self.assertEqual([each.doubtful for each in judged.values()], [True] * 3)
        self.assertEqual([each.verdict(0.03) for each in judged.values()], ["regressed", "unresolved", "regressed"])
        self.assertLessEqual(sum(script[row](stage, 0).seconds for row, stage in source.taken), before + 8.0)

    def test_spent_while_confirming(self):
        script = self.script(1, 0.05)
        before = judge.SCREEN_BLOCKS + judge.FLOOR_BLOCKS
        left = iter([1e9] * (before + 4))  # asked before each round, and once to plan
        judged = judge.Judge(Source(script).take, seconds_left=lambda: next(left, 0.0)).judge(list(script))
        (only,) = judged.values()
        self.assertEqual((only.confirmed, len(only.blocks)), (True, 3))
        self.assertEqual((only.verdict(0.03), only.time.visible, only.time.low), ("unresolved", math.inf, 0.0))

    def test_spent_already(self):
        judged, source = self.budgeted(0.5, self.script(3, 0.01))
        self.assertEqual(sum(stage == "confirm" for _, stage in source.taken), 0)
        self.assertEqual({each.verdict(0.03) for each in judged.values()}, {"unresolved"})

    def test_as_many_blocks_as_the_spread_asks_for(self):
        counts = []
        for spread in (0.001, 0.012, 0.03, 0.2):
            _, source = run({ROW: noisy(spread, 0.05, seed=3)})
            counts.append(source.count(ROW, "confirm"))
        least, most = judge.CONFIRM_BLOCKS
        self.assertEqual(counts, sorted(counts))
        self.assertEqual((counts[0], counts[-1]), (least, most))
        self.assertTrue(least < counts[1] < most, counts)


class FamilyTest(unittest.TestCase):
    @staticmethod
    def confirmed(p, p_faster=1.0, p_tail=1.0):
        def effect(p, p_faster=1.0):
            return judge.Effect(1.0, 0.9, 1.1, 0.0, p=p, p_faster=p_faster)

        return judge.Judgement(ROW, confirmed=True, time=effect(p, p_faster), tail=effect(p_tail))

    def test_the_more_are_tested_the_less_one_says(self):
        """Alone, 0.002 suffices (0.005 / 2: its tail is tested as well); among ten it does not."""
        for others, expected in ((0, True), (9, False)):
            judged = [self.confirmed(0.002), *(self.confirmed(0.5) for _ in range(others))]
            judge.convict(judged)
            self.assertEqual(judged[0].slower, expected)
            self.assertFalse(any(each.slower or each.tail_slower or each.faster for each in judged[1:]))

    def test_tails_belong_to_the_family(self):
        for p_tail, expected in ((0.0024, True), (0.0026, False)):
            judged = [self.confirmed(1.0, p_tail=p_tail)]
            judge.convict(judged)
            self.assertEqual((judged[0].tail_slower, judged[0].slower), (expected, False))

    def test_what_is_better_is_a_family_of_its_own(self):
        judged = [self.confirmed(1.0, p_faster=0.0017), self.confirmed(1e-9), self.confirmed(1.0, p_faster=0.0024)]
        judge.convict(judged)
        self.assertEqual([each.faster for each in judged], [False, False, False])
        judged[0].time.p_faster = 0.0016
        judge.convict(judged)
        self.assertEqual([each.faster for each in judged], [True, False, True])
        self.assertEqual([each.slower for each in judged], [False, True, False])

    def test_none(self):
        judge.convict([])


class OrderTest(unittest.TestCase):
    def test_same_seed_same_run(self):
        script = {Row("b", f"r/engine/{at}"): None for at in range(5)}

        def fresh():
            return {row: noisy(0.02, 0.01 * at, seed=at) for at, row in enumerate(script)}

        first, source = run(fresh(), seed=7)
        second, again = run(fresh(), seed=7)
        _, other = run(fresh(), seed=8)
        self.assertEqual((first, source.taken), (second, again.taken))
        self.assertNotEqual(source.taken, other.taken)
        self.assertEqual(collections.Counter(source.taken), collections.Counter(other.taken))

    def test_round_by_round(self):
        rows = [Row("b", f"r/engine/{at}") for at in range(4)]
        _, source = run({row: lambda *_: block() for row in rows})
        for number in range(judge.SCREEN_BLOCKS):
            self.assertEqual({row for row, _ in source.taken[4 * number:4 * number + 4]}, set(rows))

    def test_tells_how_far_it_is(self):
        told = []
        run({ROW: noisy(0.002, 0.1), OTHER: lambda *_: block()}, show=lambda *now: told.append(now))
        self.assertEqual(told[0][:3], ("screen", 0, 24))
        self.assertEqual([stage for stage in dict.fromkeys(each[0] for each in told)], ["screen", "floor", "confirm"])
        for stage, done, planned, row in told:
            self.assertLess(done, planned, stage)
            self.assertIn(row, (ROW.name, OTHER.name))


class SimulationTest(unittest.TestCase):
    """Figures of the whole way; intervals, which do not decide them, are left out where that saves the time."""

    @staticmethod
    def heavy(rng):
        """As two processes of 50 ms differ: modes, and outliers."""
        def draw():
            return (rng.random() < 0.3) * 0.08 + rng.gauss(0, 0.012) + (rng.random() < 0.05) * rng.expovariate(5)

        return draw() - draw()

    def test_false_alarms(self):
        """All rows are confirmed, so that the tests alone decide, not the screening."""
        rng = random.Random(1)
        alarms = 0
        for _ in range(300):
            judged = []
            for _ in range(10):
                each = judge.Judgement(ROW, confirmed=True)
                for name in ("time", "tail"):
                    values = [self.heavy(rng) for _ in range(judge.CONFIRM_BLOCKS[0])]
                    setattr(each, name, judge.Effect(1, 1, 1, 0, p=inference.p_above(values),
                                                     p_faster=inference.p_below(values)))
                judged.append(each)
            judge.convict(judged)
            alarms += any(each.slower or each.tail_slower or each.faster for each in judged)
        self.assertLessEqual(alarms, 2)  # a level of 1 % allows three

    def test_false_alarms_of_whole_runs(self):
        rng = random.Random(2)
        with mock.patch.object(inference, "centre", lambda values: sorted(values)[len(values) // 2]), \
                mock.patch.object(judge, "CONFIRM_BLOCKS", (24, 24)), mock.patch.object(judge, "FLOOR_BLOCKS", 8):
            alarms = 0
            for seed in range(40):
                rows = {Row("b", f"r/engine/{at}"): lambda *_: block(self.heavy(rng), self.heavy(rng))
                        for at in range(10)}
                judged, _ = run(rows, seed=seed)
                alarms += any(each.slower or each.tail_slower for each in judged.values())
        self.assertLessEqual(alarms, 1)

    def test_power(self):
        """3 % at a spread of 1 %, among nine rows that have not changed."""
        rng = random.Random(3)
        found = wrong = 0
        for seed in range(20):
            rows = {Row("b", f"r/engine/{at}"): noisy(0.01, math.log(1.03) * (at == 4), seed=rng.random())
                    for at in range(10)}
            judged, _ = run(rows, seed=seed)
            verdicts = [each.verdict(0.03) for each in judged.values()]
            found += verdicts.pop(4) == "regressed"
            wrong += verdicts.count("regressed") + verdicts.count("improved")
        self.assertGreaterEqual(found, 19)
        self.assertEqual(wrong, 0)


if __name__ == "__main__":
    unittest.main()
