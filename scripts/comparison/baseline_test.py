"""Tests of the committed baseline: every way in which it can be unusable, and what it is compared with."""

import copy
import json
import math
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import baseline, judge, sampling  # noqa: E402
from comparison.baseline import BaselineError, floor_row, floors, key_of, load, make, write  # noqa: E402
from comparison.journal import Journal  # noqa: E402
from comparison.judge import Row  # noqa: E402

ROW = Row("bench_dag", "build/engine/layered/nodes:1000")
OTHER = Row("bench_dag", "run/engine/a", 2)
CONTEXT = {"cpu": "AMD EPYC", "compiler": "gcc 12.2", "flags": "-O2", "commit": "1a2b", "host": "left out"}
EXACT = {"runs": 100, "instructions": 9000.5, "allocations": 0, "bytes": None, "syscalls": 0.0}
ROWS = {key_of(ROW): {"headroom": [2.0, 1.9, 2.2], "exact": EXACT}, key_of(OTHER): {"headroom": [5.0, 5.0, 5.0]}}


class BaselineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "baseline.json")

    def write(self, content):
        with open(self.path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def fails(self, expected):
        with self.assertRaises(BaselineError) as caught:
            load(self.path)
        self.assertTrue(str(caught.exception).startswith(f"{self.path}: "), caught.exception)
        self.assertIn(expected, str(caught.exception))


class FileTest(BaselineTest):
    def test_round_trip(self):
        document = make(CONTEXT, ROWS)
        write(self.path, document)
        self.assertEqual(load(self.path), document)
        self.assertEqual(sorted(document["context"]), sorted(baseline.KEYS))
        self.assertEqual(os.listdir(self.folder), ["baseline.json"])

    def test_without_rows_or_context(self):
        for context, rows in (({}, {}), (CONTEXT, {}), ({}, ROWS)):
            write(self.path, make(context, rows))
            self.assertEqual(load(self.path)["rows"], rows)

    def test_one_row_a_line_in_order(self):
        write(self.path, make(CONTEXT, dict(reversed(ROWS.items()))))
        with open(self.path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertEqual([line.split('"')[1] for line in lines[3:-1]], sorted(ROWS))

    def test_a_file_that_cannot_be_read(self):
        self.fails("No such file or directory (--write-baseline makes one)")
        os.mkdir(self.path)
        self.fails("Is a directory")

    def test_no_json(self):
        for content in ("", " \n", "rubbish", b"\xff\xfe", b"\0", "{", "[" * 100_000, '{"rows": {}} more'):
            self.write(content)
            self.fails("not JSON, or cut short")

    def test_cut_short_anywhere(self):
        write(self.path, make(CONTEXT, ROWS))
        with open(self.path, "rb") as file:
            whole = file.read()
        for length in range(len(whole.rstrip())):
            self.write(whole[:length])
            self.fails("not JSON, or cut short")

    def test_json_that_is_no_baseline(self):
        good = make(CONTEXT, ROWS)
        for document in ([], 5, None, "rows", {}, {"rows": ROWS}, {**good, "rows": []}, {**good, "rows": None},
                         {**good, "context": []}, {**good, "context": None}, {**good, "format": 2},
                         {**good, "format": "1"},
                         {key: value for key, value in good.items() if key != "format"}):
            self.write(json.dumps(document))
            self.fails("JSON, but no baseline")

    def test_rows_that_cannot_be_read(self):
        for row in (None, [], 5, {}, {"headroom": None}, {"headroom": 2.0}, {"headroom": []}, {"headroom": [2.0, 1.9]},
                    {"headroom": [2.0, 1.9, 2.2, 2.3]}, {"headroom": [2.0, "1.9", 2.2]}, {"headroom": [2.0, None, 2.2]},
                    {"headroom": [0, 1.9, 2.2]}, {"headroom": [2.0, -1.9, 2.2]}, {"headroom": [2.0, 1.9, math.inf]},
                    {"headroom": [2.0, 1.9, math.nan]}, {"headroom": [True, True, True]},
                    {"headroom": [2, 2, 2], "exact": []}, {"headroom": [2, 2, 2], "exact": None},
                    {"headroom": [2, 2, 2], "exact": 5}, {"headroom": [2, 2, 2], "exact": {"instructions": "9"}},
                    {"headroom": [2, 2, 2], "exact": {"instructions": [9]}}):
            self.write(json.dumps(make(CONTEXT, {**ROWS, "bench_dag:odd": row})))
            self.fails("bench_dag:odd has no headroom that can be read")

    def test_rows_that_can(self):
        for row in ({"headroom": [2, 2, 2]}, {"headroom": [0.5, 0.4, 0.6], "exact": {}},
                    {"headroom": [1, 1, 1], "exact": {"instructions": None}}, {"headroom": [1, 1, 1], "later": "more"}):
            self.write(json.dumps(make(CONTEXT, {"bench_dag:odd": row})))
            self.assertEqual(load(self.path)["rows"]["bench_dag:odd"], row)


class FloorsTest(unittest.TestCase):
    def test_the_floor_of_a_row(self):
        for name, expected in (("build/engine/layered/nodes:1000", "build/floor/layered/nodes:1000"),
                               ("run/engine/a/real_time/threads:2", "run/floor/a/real_time/threads:2"),
                               ("build/engine", "build/floor"), ("build/engine/", "build/floor"),
                               ("build", "build/floor")):
            self.assertEqual(floor_row(name), expected)

    def test_by_processor(self):
        document = make(CONTEXT, ROWS)
        found = floors(document, CONTEXT, [ROW, OTHER])
        self.assertAlmostEqual(found[ROW].time, math.log(2.2 / 2.0))  # the wider half of its interval
        self.assertEqual(found[OTHER].time, judge.FLOOR_MIN)
        for cpu in ("Intel Xeon", "", None):
            found = floors(document, {**CONTEXT, "cpu": cpu}, [ROW, OTHER])
            self.assertEqual({floor.time for floor in found.values()}, {baseline.OTHER_CPU_FLOOR}, cpu)
        self.assertEqual(floors(document, CONTEXT, []), {})

    def test_a_wide_interval_beats_another_processor(self):
        document = make(CONTEXT, copy.deepcopy(ROWS))
        document["rows"][key_of(ROW)]["headroom"] = [2.0, 1.0, 2.1]
        self.assertAlmostEqual(floors(document, {}, [ROW])[ROW].time, math.log(2.0))


class Sampler:
    """Stands in for sampling.Sampler: the engine takes `headroom` times as long as its floor."""

    def __init__(self, headroom, spread=0.002, failing=False):
        self.log_headroom, self.spread, self.failing = math.log(headroom), spread, failing
        self.rng = random.Random(1)
        self.asked = []

    def pair(self, rows, _threads, paths, _burdens=(0.0, 0.0)):
        self.asked.append((rows, paths))
        if self.failing:
            raise sampling.SampleError("there is no row", rows.index(floor_row(ROW.name)))
        logs = [0.0 if "/floor" in row else self.log_headroom + self.rng.gauss(0, self.spread) for row in rows]
        ratio = logs[1] - logs[0]
        return {"log_ratio": ratio, "log_quantiles": [ratio] * 4, "ns": [100 * math.exp(each) for each in logs],
                "control": [0.0, 0.0], "control_ns": 50.0, "steal": 0.0}


class Side:
    paths = {"bench_dag": ["link0", "link1", "link2"]}


class SourceTest(BaselineTest):
    def source(self, sampler, recorded=None):
        journal = Journal(os.path.join(self.folder, "journal.jsonl"), {})
        self.addCleanup(journal.file.close)
        return baseline.Source(sampler, Side(), journal, 1, recorded)

    def test_times_are_of_the_recorded_headroom(self):
        block = self.source(Sampler(2.2, 0.0), {ROW: 2.0}).take(ROW, "screen")
        self.assertAlmostEqual(block.time, math.log(1.1))
        self.assertAlmostEqual(block.head_ns, 220.0)
        self.assertAlmostEqual(block.base_ns, 200.0)
        self.assertEqual(block.tail, 0.0)

    def test_both_rows_of_one_link_and_another_each_time(self):
        sampler = Sampler(2.0)
        source = self.source(sampler)
        for _ in range(4):
            source.take(ROW, "screen")
        self.assertEqual([paths[0] for _, paths in sampler.asked[::2]], ["link0", "link1", "link2", "link0"])
        for rows, paths in sampler.asked:
            self.assertEqual(set(rows), {ROW.name, floor_row(ROW.name)})
            self.assertEqual(paths[0], paths[1])

    def test_measured_again_it_is_equivalent_or_not(self):
        for headroom, expected in ((2.0, "equivalent"), (2.2, "regressed"), (1.8, "improved")):
            source = self.source(Sampler(headroom), {ROW: 2.0})
            judged = judge.Judge(source.take).judge([ROW], {ROW: judge.Floor(0.01)})
            self.assertEqual(judged[ROW].verdict(0.03), expected, headroom)
            source.journal.close(done=True)

    def test_goes_on(self):
        source = self.source(Sampler(2.0))
        first = [source.take(ROW, "screen") for _ in range(3)]
        sampler = Sampler(9.0)
        again = self.source(sampler)
        self.assertEqual([again.take(ROW, "screen") for _ in range(3)], first)
        self.assertEqual(sampler.asked, [])
        self.assertGreater(again.take(ROW, "screen").time, 2.0)

    def test_without_a_floor_in_the_binary(self):
        with self.assertRaises(judge.RowFailed) as caught:
            self.source(Sampler(2.0, failing=True)).take(ROW, "screen")
        self.assertEqual(str(caught.exception), "its floor: there is no row")

    def test_measure(self):
        headroom, low, high = baseline.measure(self.source(Sampler(2.0)), ROW)
        self.assertAlmostEqual(headroom, 2.0, delta=0.01)
        self.assertTrue(1.98 < low <= headroom <= high < 2.02, (low, high))

    def test_measure_of_long_rows(self):
        source = self.source(Sampler(2.0, 0.05))
        taken = []

        class Slow:
            """Of blocks that take half a second."""

            @staticmethod
            def take(row, stage):
                taken.append(row)
                return judge.Block(**{**vars(source.take(row, stage)), "seconds": 0.5})

        headroom, low, high = baseline.measure(Slow, ROW)
        self.assertEqual(len(taken), baseline.LONG_BLOCKS)
        self.assertTrue(0 < low <= headroom <= high < math.inf)
        write(self.path, make(CONTEXT, {key_of(ROW): {"headroom": [headroom, low, high]}}))
        load(self.path)


if __name__ == "__main__":
    unittest.main()
