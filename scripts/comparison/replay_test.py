"""Tests of recording a bank with a stand-in for the sampler, of reading it, and of replaying comparisons from it."""

import csv
import gzip
import math
import os
import random
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import bank, judge, replay, sampling  # noqa: E402
from comparison.judge import Block, Row  # noqa: E402

ROWS = [("bench_dag", "build/engine/a", 1), ("bench_dag", "run/engine/b/real_time/threads:2", 2)]
LINKS = {"bench_dag": (["base0", "base1", "base2"], ["head0", "head1", "head2"])}


class Sampler:
    """Stands in for sampling.Sampler: the head is slower by `change`, and the noise has a fixed seed."""

    def __init__(self, change=0.0, spread=0.001, failing=None):
        self.rng = random.Random(1)
        self.change, self.spread, self.failing = change, spread, failing
        self.asked = []

    def pair(self, rows, threads, paths, burdens=(0.0, 0.0)):
        self.asked.append((rows, threads, paths, burdens))
        if self.failing in paths:
            raise sampling.SampleError("was ended by SIGSEGV", paths.index(self.failing))
        if self.failing == "time":
            raise sampling.SampleError("took longer than 300 s")
        sides = [self.change if path.startswith("head") else 0.0 for path in paths]
        log_ratio = sides[1] - sides[0] + sum(math.log1p(each) * sign for each, sign in zip(burdens, (-1, 1)))
        found = {"log_ratio": log_ratio, "log_quantiles": [log_ratio + self.rng.gauss(0,
                                                                                      self.spread) for _ in range(4)],
                 "ns": [100.0 * math.exp(side) for side in sides], "control": [0.001, -0.002], "control_ns": 50.0,
                 "steal": 0.003}
        return found | ({"log_latency": [log_ratio, 2 * log_ratio]} if threads > 1 else {})


class BlockTest(unittest.TestCase):
    def taken(self, sampler, head_first, burden=0.0):
        with mock.patch.object(random.Random, "random", lambda _: 0.1 if head_first else 0.9):
            return bank.block(sampler, ("old", "new"), 2, ("base0", "head0"), random.Random(1), burden)

    def test_each_side_begins_once(self):
        for head_first in (False, True):
            sampler = Sampler(0.1, 0.0)
            pairs = self.taken(sampler, head_first)
            orders = [(("old", "new"), ("base0", "head0")), (("new", "old"), ("head0", "base0"))]
            self.assertEqual([(asked[0], asked[2]) for asked in sampler.asked], orders[::-1] if head_first else orders)
            self.assertEqual([pair["head_first"] for pair in pairs], [head_first, not head_first])

    def test_signed_as_head_by_base(self):
        for head_first in (False, True):
            for pair in self.taken(Sampler(0.1, 0.0), head_first):
                self.assertAlmostEqual(pair["log_ratio"], 0.1)
                for value in pair["log_quantiles"]:
                    self.assertAlmostEqual(value, 0.1)
                self.assertAlmostEqual(pair["log_latency"][1], 0.2)
                self.assertAlmostEqual(pair["ns"][1] / pair["ns"][0], math.exp(0.1))
                self.assertEqual(pair["control"], [-0.001, 0.002] if pair["head_first"] else [0.001, -0.002])
                self.assertEqual(pair["steal"], 0.003)

    def test_the_head_carries_the_burden(self):
        for head_first in (False, True):
            for pair in self.taken(Sampler(0.0, 0.0), head_first, 0.05):
                self.assertAlmostEqual(pair["log_ratio"], math.log1p(0.05))

    def test_says_which_side_failed(self):
        for head_first in (False, True):
            for failing, expected in (("head0", "head: was ended by SIGSEGV"), ("base0", "base: was ended by SIGSEGV"),
                                      ("time", "took longer than 300 s")):
                with self.assertRaises(sampling.SampleError) as caught:
                    self.taken(Sampler(failing=failing), head_first)
                self.assertEqual(str(caught.exception), expected)


class BankTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "pairs.csv.gz")

    def record(self, rounds=4, sampler=None):
        """Records until `rounds` were shown."""
        now = [0.0]

        def show(number, _seconds):
            now[0] = 1e9 * (number == rounds)

        with mock.patch.object(bank.time, "time", lambda: now[0]):
            return bank.record(self.path, sampler or Sampler(), ROWS, LINKS, 10.0, show=show)

    def lines(self):
        with gzip.open(self.path, "rt", newline="", encoding="ascii") as file:
            return list(csv.reader(file))

    def write(self, lines):
        with gzip.open(self.path, "wt", newline="", encoding="ascii") as file:
            csv.writer(file).writerows(lines)

    def fails(self, expected=""):
        with self.assertRaises(replay.BankError) as caught:
            replay.load(self.path)
        self.assertTrue(str(caught.exception).startswith(f"{self.path}: "), caught.exception)
        self.assertIn(expected, str(caught.exception))

    def test_round_trip(self):
        sampler = Sampler(0.1)
        self.assertEqual(self.record(sampler=sampler), 4)
        found = replay.load(self.path)
        self.assertEqual([(name, threads) for name, (threads, _, _) in found.items()], [row[1:] for row in ROWS])
        for name, (threads, blocks, pairs) in found.items():
            self.assertEqual((len(blocks), len(pairs)), (3, 3), "without the last round, which may not be whole")
            for block, each in zip(blocks, pairs):
                self.assertEqual(block, judge.judge_block(each, threads))
                self.assertAlmostEqual(block.time, 0.1, delta=0.005)
                self.assertAlmostEqual(block.tail, 0.2 if "threads" in name else 0.1, delta=0.005)
                self.assertAlmostEqual(block.head_ns / block.base_ns, math.exp(0.1), places=4)
                self.assertEqual((block.disturbed, block.pairs), (False, 2))
                self.assertEqual(each[0]["steal"], 0.003)

    def test_every_link_once_before_any_comes_again(self):
        self.record(rounds=6)
        drawn = {}
        for _, number, _, base, head, *_ in self.lines()[1:]:
            drawn[int(number)] = (base, head)
        for side in (0, 1):
            for first in (0, 3):
                self.assertEqual({drawn[number][side] for number in range(first, first + 3)}, {"0", "1", "2"})

    def test_a_crash_ends_the_recording(self):
        with self.assertRaises(sampling.SampleError):
            self.record(sampler=Sampler(failing="head1"))

    def test_cut_short(self):
        self.record(rounds=40)
        with open(self.path, "rb") as file:
            whole = file.read()
        for length in (0, 1, 5, 12, len(whole) // 2, len(whole) - 9, len(whole) - 1):
            with open(self.path, "wb") as file:
                file.write(whole[:length])
            self.fails()

    def test_damaged(self):
        self.record(rounds=40)
        with open(self.path, "rb") as file:
            whole = bytearray(file.read())
        for at in (2, 30, len(whole) // 2, len(whole) - 5):
            damaged = bytearray(whole)
            damaged[at] ^= 0xFF
            with open(self.path, "wb") as file:
                file.write(damaged)
            self.fails()

    def test_other_files(self):
        self.fails("No such file")
        for content in (b"not gzip", b"\x1f\x8b", b"\0" * 100):
            with open(self.path, "wb") as file:
                file.write(content)
            self.fails()
        for text in ("a,b,c\n1,2,3\n", "round\n", "\n", "unix_time,round,row\n", "\N{LATIN SMALL LETTER E WITH ACUTE}"):
            with gzip.open(self.path, "wt", encoding="utf-8") as file:
                file.write(text)
            self.fails()
        os.unlink(self.path)
        os.mkdir(self.path)
        self.fails()

    def test_unreadable_figures(self):
        self.record()
        lines = self.lines()
        for column, value in (("round", "x"), ("round", "1.5"), ("log_p05", ""), ("log_p05", "fast"),
                              ("base_ns", "1,0"),
                              ("steal", "-"), ("control_p25", ""), ("log_p90", "nan"), ("head_ns", "inf")):
            broken = [list(line) for line in lines]
            broken[3][bank.FIELDS.index(column)] = value
            self.write(broken)
            self.fails()
        for length in (1, len(bank.FIELDS) - 1):
            self.write([*lines[:3], lines[3][:length], *lines[4:]])
            self.fails()

    def test_missing_lines(self):
        self.record()
        lines = self.lines()
        for left_out in (1, 4, 7):  # one pair of the first rounds
            self.write(lines[:left_out] + lines[left_out + 1:])
            self.fails("is not in every round")
        self.write([line for line in lines if line[1] != "1"])
        self.fails("is not in every round")
        self.write(lines + lines[1:2])
        self.write([*lines[:2], lines[1], *lines[2:]])
        self.fails("is not in every round")
        self.write(lines[:-3])  # the last round
        self.assertEqual([len(blocks) for _, blocks, _ in replay.load(self.path).values()], [3, 3])

    def test_no_whole_round(self):
        self.record(rounds=1)
        self.fails("no whole round")
        self.write(self.lines()[:1])
        self.fails("no whole round")


class SourceTest(unittest.TestCase):
    ROW, OTHER = Row("", "a/engine"), Row("", "b/engine")

    def blocks(self, spread=0.01, rounds=150):
        rng = random.Random(2)
        return {row: [Block(rng.gauss(0, spread), rng.gauss(0, spread), 1.0, 1.0, False) for _ in range(rounds)]
                for row in (self.ROW, self.OTHER)}

    def test_a_contiguous_stretch_by_row(self):
        blocks = self.blocks(rounds=5)
        source = replay.BankSource(blocks, 3)
        taken = [source.take(self.ROW, stage) for stage in ("screen", "screen", "floor", "confirm")]
        self.assertEqual(taken, [blocks[self.ROW][at] for at in (3, 4, 0, 1)])
        self.assertEqual(source.take(self.OTHER, "screen"), blocks[self.OTHER][3])

    def test_slows_the_head_and_not_the_floor(self):
        blocks = self.blocks()
        source = replay.BankSource(blocks, 0, {self.ROW: 0.05})
        for at, (stage, added) in enumerate((("screen", math.log1p(0.05)), ("floor", 0.0),
                                             ("confirm", math.log1p(0.05)))):
            found = source.take(self.ROW, stage)
            self.assertAlmostEqual(found.time, blocks[self.ROW][at].time + added)
            self.assertAlmostEqual(found.tail, blocks[self.ROW][at].tail + added)
            self.assertEqual(source.take(self.OTHER, stage), blocks[self.OTHER][at])

    def test_slowdowns_are_found(self):
        for start in (0, 40, 149):
            for share in (0.03, 0.05):
                judged = replay.run_once(self.blocks(0.008), start, start, 0.03, {self.ROW: share})
                self.assertEqual((judged[self.ROW].slower, judged[self.OTHER].slower), (True, False), (start, share))
            judged = replay.run_once(self.blocks(0.008), start, start, 0.03)
            self.assertFalse(any(each.slower or each.tail_slower or each.faster for each in judged.values()))

    def test_replays_are_repeatable(self):
        self.assertEqual(replay.run_once(self.blocks(), 7, 1, 0.03), replay.run_once(self.blocks(), 7, 1, 0.03))


class MannWhitneyTest(unittest.TestCase):
    def test_known_values(self):
        """By hand, without ties: U of 10 and 10 has mean 50 and deviation 13.2288; with continuity."""
        low, high = [float(at) for at in range(10)], [at + 100.0 for at in range(10)]
        for first, second, expected in ((low, high, 1.8267e-4), (high, low, 1.8267e-4), (low, low, 1.0),
                                        ([1.0, 3, 5, 7, 9, 11, 13, 15, 17, 19], [2.0, 4, 6, 8, 10, 12, 14, 16, 18, 20],
                                         0.7336),
                                        (low, [at + 5.5 for at in range(10)], 0.0028277)):
            self.assertAlmostEqual(replay.mann_whitney(first, second) / expected, 1.0, places=3, msg=(first, second))

    def test_flags_by_the_processes_of_a_comparison(self):
        def pairs(change):
            return [[{"ns": [100.0 + at + each, (100.5 + at + each) * change]} for each in (0, 1)] for at in range(30)]

        for change, expected in ((1.0, False), (1.2, True), (0.8, True)):
            for start in (0, 20):
                self.assertEqual(replay.google_flags(pairs(change), start), expected, (change, start))


if __name__ == "__main__":
    unittest.main()
