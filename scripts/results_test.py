"""Tests of headroom_results: names, statistics, and every way in which a file can be unusable."""

import json
import os
import random
import tempfile
import unittest

import headroom_results
from headroom_results import Candidate, InputError, low_rank, parse_name, ratio_of

TESTDATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "testdata")


def recorded(name):
    return os.path.join(TESTDATA, name)


def row(name, time=100.0, index=0, **more):
    """A row as Google Benchmark 1.7.1 writes it."""
    return {"name": name, "family_index": 0, "per_family_instance_index": 0, "run_name": name, "run_type": "iteration",
            "repetitions": 5, "repetition_index": index, "threads": 1, "iterations": 10, "real_time": 2 * time,
            "cpu_time": time, "time_unit": "ns", **more}


def document(*rows, **context):
    return {"context": {"executable": "build/release/bin/bench_dag", **context}, "benchmarks": list(rows)}


def candidate(*times):
    made = Candidate("any", list(times))
    made.complete()
    return made


class FilesTest(unittest.TestCase):
    """Gives a test files to load."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, content, name="dag.json"):
        path = os.path.join(self.folder, name)
        data = content if isinstance(content, (str, bytes)) else json.dumps(content)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return path

    def load(self, *rows):
        return headroom_results.load([self.write(document(*rows))])


class NameTest(unittest.TestCase):
    def test_splits_names(self):
        cases = {
            "build/engine": ("build", "engine", "", {}, "cpu"),
            "build/engine/layered/nodes:1000": ("build", "engine", "layered", {"nodes": "1000"}, "cpu"),
            "build/boost_csr/ids/layered": ("build", "boost_csr", "ids/layered", {}, "cpu"),
            "checkout/mutex/contended/real_time/threads:8": ("checkout", "mutex", "contended", {"threads": "8"}, "real"),
            "send/floor/manual_time": ("send", "floor", "", {}, "real"),
            "send/floor/process_time": ("send", "floor", "", {}, "cpu"),
            "send/floor/process_time/real_time": ("send", "floor", "", {}, "real"),
            "render/re2/bytes:4096/placeholders:8": ("render", "re2", "", {"bytes": "4096", "placeholders": "8"}, "cpu"),
            "a/b/c/min_time:0.010/min_warmup_time:1.0/iterations:5/repeats:7": ("a", "b", "c", {}, "cpu"),
            "a/b/100/x:": ("a", "b", "100/x:", {}, "cpu"),
            "a/b/:": ("a", "b", ":", {}, "cpu"),
        }
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(parse_name(name), expected)

    def test_refuses_names_without_a_candidate(self):
        for name in ("", "build", "build/", "/engine", "BM_old_style"):
            with self.subTest(name), self.assertRaises(ValueError):
                parse_name(name)


class StatisticsTest(unittest.TestCase):
    def test_low_quantile_is_the_one_that_the_binaries_report(self):
        with open(recorded("dag.json"), encoding="utf-8") as file:
            rows = json.load(file)["benchmarks"]
        reported = {each["run_name"]: each for each in rows if each.get("aggregate_name") == "p05"}
        self.assertEqual(len(reported), 8)
        for group in headroom_results.load([recorded("dag.json")]).groups:
            for name, each in group.candidates.items():
                aggregate = next(value for key, value in reported.items()
                                 if key.startswith(f"build/{name}/") and ("threads" in key) == (group.clock == "real"))
                time_ns = aggregate["real_time" if group.clock == "real" else "cpu_time"]
                self.assertAlmostEqual(each.time_ns, time_ns, places=6, msg=f"{name} {group.params}")

    def test_low_rank(self):
        for count, rank in ((1, 0), (2, 0), (5, 0), (10, 0), (11, 1), (16, 1), (40, 2), (120, 6)):
            self.assertEqual(low_rank(count), rank, count)

    def test_interval_is_that_of_many_resamples(self):
        generator = random.Random(1)
        above = candidate(*(160 + generator.expovariate(0.2) for _ in range(30)))
        below = candidate(*(100 + generator.expovariate(0.2) for _ in range(17)))

        def resampled(of):
            return sorted(generator.choices(of.times_ns, k=len(of.times_ns)))[low_rank(len(of.times_ns))]
        ratios = sorted(resampled(above) / resampled(below) for _ in range(20_000))
        ratio = ratio_of(above, below)
        self.assertAlmostEqual(ratio.low, ratios[500], delta=0.002)
        self.assertAlmostEqual(ratio.high, ratios[19_500], delta=0.002)
        self.assertTrue(ratio.low < ratio.value < ratio.high)

    def test_steady_times_have_no_spread(self):
        ratio = ratio_of(candidate(*[30.0] * 5), candidate(*[20.0] * 5))
        self.assertEqual((ratio.value, ratio.low, ratio.high, ratio.spread, ratio.trusted), (1.5, 1.5, 1.5, 0, True))

    def test_trust_needs_repetitions_and_a_narrow_interval(self):
        steady, few, wild = candidate(*[20.0] * 5), candidate(*[20.0] * 4), candidate(20, 22, 24, 26, 28)
        self.assertFalse(ratio_of(steady, few).trusted)
        self.assertFalse(ratio_of(few, steady).trusted)
        self.assertFalse(ratio_of(wild, steady).trusted)

    def test_many_repetitions(self):
        many = candidate(*(100 + index * 1e-3 for index in range(20_000)))
        self.assertAlmostEqual(ratio_of(many, candidate(50.0)).value, 2.02, places=3)

    def test_verdict(self):
        for times, verdict in (([20] * 5, "ahead"), ([5] * 5, "behind"), ([9, 9.5, 10.5, 11, 11], "level"),
                               ([10] * 5, "ahead")):
            self.assertEqual(ratio_of(candidate(*times), candidate(*[10] * 5)).verdict, verdict, times)


class GroupTest(FilesTest):
    def test_compares_engine_with_floor_and_best_peer(self):
        group, = self.load(row("a/engine/x", 15.0), row("a/floor/x", 10.0), row("a/slow/x", 60.0), row("a/fast/x", 30.0),
                           row("a/faster/y", 1.0)).groups[:1]
        self.assertEqual((group.headroom.value, group.best_peer.name, group.peer_ratio.value), (1.5, "fast", 2.0))
        self.assertEqual([each.name for each in group.peers], ["fast", "slow"])

    def test_wall_time_only_where_the_name_says_so(self):
        for name, expected in (("a/engine", 10.0), ("a/engine/real_time", 20.0), ("a/engine/threads:2", 10.0),
                               ("a/engine/manual_time", 20.0), ("a/engine/process_time", 10.0)):
            self.assertEqual(self.load(row(name, 10.0)).groups[0].engine.time_ns, expected, name)

    def test_units(self):
        for unit, expected in (("ns", 3.0), ("us", 3e3), ("ms", 3e6), ("s", 3e9)):
            self.assertEqual(self.load(row("a/engine", 3, time_unit=unit)).groups[0].engine.time_ns, expected, unit)

    def test_missing_candidates(self):
        for names, headroom, peer_ratio in ((("engine",), None, None), (("floor", "peer"), None, None),
                                            (("engine", "floor"), 1.0, None), (("engine", "peer"), None, 1.0)):
            group, = self.load(*(row(f"a/{name}") for name in names)).groups
            self.assertEqual(group.headroom and group.headroom.value, headroom, names)
            self.assertEqual(group.peer_ratio and group.peer_ratio.value, peer_ratio, names)

    def test_counters_are_medians(self):
        rows = [row("a/engine", index=index, allocs_per_op=value, note="text", ok=True)
                for index, value in enumerate((3.0, 0.0, 1.0, float("nan")))]
        self.assertEqual(self.load(*rows).groups[0].engine.counters, {"allocs_per_op": 1.0})

    def test_a_failed_repetition_fails_the_candidate(self):
        failed = row("a/peer", 0.0, 1, error_occurred=True, error_message="wrong\nanswer")
        group, = self.load(row("a/engine"), row("a/peer"), failed).groups
        self.assertEqual([(each.name, each.failure) for each in group.failures], [("peer", "wrong answer")])
        self.assertIsNone(group.best_peer)

    def test_times_that_measure_nothing_fail(self):
        for time in (0.0, -1.0, float("nan"), float("inf")):
            group, = self.load(row("a/engine", 10.0), row("a/engine", time, 1), row("a/floor")).groups
            self.assertIn("above zero", group.failures[0].failure, time)
            self.assertIsNone(group.headroom, time)

    def test_clocks_are_not_mixed(self):
        self.assertEqual(len(self.load(row("a/engine"), row("a/floor/real_time")).groups), 2)

    def test_json(self):
        first, second = headroom_results.to_json(self.load(
            row("a/engine/x/nodes:10", 15.0, allocs_per_op=2.0), row("a/floor/x/nodes:10", 10.0),
            row("b/peer", error_occurred=True, error_message="no")))
        self.assertEqual(first, {
            "class": "dag", "operation": "a", "case": "x", "params": {"nodes": "10"}, "clock": "cpu",
            "candidates": {"engine": {"time_ns": 15.0, "repetitions": 1, "allocs_per_op": 2.0},
                           "floor": {"time_ns": 10.0, "repetitions": 1}},
            "headroom": 1.5, "headroom_interval": [1.5, 1.5], "trusted": False,
            "best_peer": None, "peer_ratio": None, "peer_ratio_interval": None, "peer_trusted": None})
        self.assertEqual(second["candidates"], {"peer": {"time_ns": None, "repetitions": 0, "failure": "no"}})


class LoadTest(FilesTest):
    def test_recorded_run(self):
        results = headroom_results.load([recorded("dag.json")])
        self.assertEqual([(group.binary, group.operation, group.case, group.params, group.clock, len(group.peers))
                          for group in results.groups],
                         [("dag", "build", "layered", {"nodes": "100"}, "cpu", 2),
                          ("dag", "build", "layered", {"nodes": "1000", "threads": "2"}, "real", 2)])
        for group in results.groups:
            self.assertEqual({len(each.times_ns) for each in group.candidates.values()}, {5})
            self.assertTrue(1 < group.headroom.value < 10)
        self.assertIn("latency_us_p99", results.groups[1].engine.counters)

    def test_recorded_failure(self):
        group, = headroom_results.load([recorded("failed.json")]).groups
        self.assertEqual({each.name: each.failure for each in group.failures},
                         {"lemon": "wrong answer: node 3 is in level 2, not 1"})
        self.assertIsNotNone(group.headroom)

    def test_cut_short_counts_only_if_asked(self):
        with self.assertRaisesRegex(InputError, r"cut_short\.json: not JSON, or cut short \(line 1\d\d\d"):
            headroom_results.load([recorded("cut_short.json")])
        results = headroom_results.load([recorded("cut_short.json")], partial=True)
        self.assertEqual(results.notes, ["cut_short.json was cut short: rows at its end are missing"])
        self.assertIsNotNone(results.groups[0].headroom)

    def test_complete_files_are_not_called_cut_short(self):
        self.assertEqual(headroom_results.load([recorded("dag.json")], partial=True).notes, [])

    def test_every_cut_is_survived(self):
        with open(recorded("failed.json"), encoding="utf-8") as file:
            text = file.read()
        for length in range(0, len(text), 211):
            path = self.write(text[:length])
            for partial in (False, True):
                try:
                    headroom_results.load([path], partial)
                except InputError as problem:
                    self.assertNotIn("\n", str(problem), length)

    def test_two_classes_and_their_own_names(self):
        first = self.write(document(row("a/engine")), "x.json")
        second = self.write(document(row("a/engine"), executable="./bench_dag_malloc"), "y.json")
        third = self.write({"context": {}, "benchmarks": [row("a/engine")]}, "bench_other.json")
        binaries = [group.binary for group in headroom_results.load([first, second, third]).groups]
        self.assertEqual(binaries, ["dag", "dag_malloc", "other"])

    def test_two_runs_of_one_class_are_not_mixed(self):
        paths = [self.write(document(row("a/engine")), name) for name in ("old.json", "new.json")]
        with self.assertRaisesRegex(InputError, r"new\.json: a/engine is in .*old\.json too"):
            headroom_results.load(paths)

    def test_unusable_files(self):
        good = row("a/engine")
        cases = {
            "empty": ("", "empty"),
            "blank": (" \n\t\n", "empty"),
            "text": ("Running ./bench_dag\n", "not JSON, or cut short (line 1, column 1"),
            "binary": (b"\x7fELF\xff\xfe\x00", "not text"),
            "nested": ("[" * 200_000, "nested too deeply"),
            "number": ("17", "not written by Google Benchmark"),
            "null": ("null", "not written by Google Benchmark"),
            "list": ("[]", "not written by Google Benchmark"),
            "other JSON": ({"version": 6, "configurePresets": []}, "not written by Google Benchmark"),
            "no context": ({"benchmarks": [good]}, "not written by Google Benchmark"),
            "context of a wrong type": ({"context": [], "benchmarks": [good]}, "not written by Google Benchmark"),
            "benchmarks of a wrong type": ({"context": {}, "benchmarks": {}}, "not written by Google Benchmark"),
            "no rows": (document(), "holds no measured rows"),
            "aggregates only": (document(row("a/engine", run_type="aggregate")), "holds no measured rows"),
            "row of a wrong type": (document(good, "a/engine"), "row 2 is not an object"),
            "no name": (document({"run_type": "iteration"}), "row 1 is named \"None\""),
            "name of a wrong type": (document(row(["a"])), "row 1 is named"),
            "name without candidate": (document(good, row("BM_build")), "row 2 is named \"BM_build\", not <operation>/"),
            "no time": (document({"run_name": "a/engine", "time_unit": "ns"}), "a/engine has no time"),
            "time of a wrong type": (document(row("a/engine", cpu_time="12")), "a/engine has no time"),
            "time that is true": (document(row("a/engine", cpu_time=True)), "a/engine has no time"),
            "unit unknown": (document(row("a/engine", time_unit="min")), "a/engine has no time"),
            "unit of a wrong type": (document(row("a/engine", time_unit=["ns"])), "a/engine has no time"),
        }
        for name, (content, expected) in cases.items():
            for partial in (False, True):
                with self.subTest(name, partial=partial), self.assertRaises(InputError) as caught:
                    headroom_results.load([self.write(content)], partial)
                self.assertIn(expected, str(caught.exception))
                self.assertIn("dag.json: ", str(caught.exception))
                self.assertNotIn("\n", str(caught.exception))

    def test_names_that_a_terminal_would_obey(self):
        document = {"context": {"executable": "bench_dag"}, "benchmarks": [
            {"run_name": "a/engine/\x1b[2J\u202e", "run_type": "iteration", "cpu_time": 1, "real_time": 1, "time_unit": "ns"}]}
        loaded = headroom_results.load([self.write(json.dumps(document))])
        self.assertEqual(loaded.groups[0].case, r"\x1b[2J\u{202e}")

    def test_recorded_aggregates_only(self):
        with self.assertRaisesRegex(InputError, "aggregates alone"):
            headroom_results.load([recorded("aggregates_only.json")])

    def test_unreadable_files(self):
        for path, expected in ((os.path.join(self.folder, "none.json"), "No such file"), (self.folder, "Is a directory")):
            with self.assertRaisesRegex(InputError, expected):
                headroom_results.load([path])


if __name__ == "__main__":
    unittest.main()
