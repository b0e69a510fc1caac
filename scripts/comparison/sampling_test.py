"""Tests of sampling pairs of processes, on stand-ins for the benchmarks."""

import json
import math
import os
import signal
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import sampling  # noqa: E402
from comparison.sampling import SampleError, Sampler  # noqa: E402

FAST = {"runs": 10, "times_ns": [100.0, 110.0, 90.0, 100.0, 400.0], "controls_ns": [50.0, 50.0, 50.0, 60.0, 50.0]}
SLOW = {**FAST, "times_ns": [105.0, 115.5, 94.5, 105.0, 840.0]}


def prints(sample):
    return f"cat <<'END'\n{json.dumps(sample)}\nEND\n"


class SamplerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        place = mock.patch.object(sampling, "PLACE", self.folder)  # No one else's measurements are waited for.
        place.start()
        self.addCleanup(place.stop)
        self.sampler = Sampler()
        self.addCleanup(self.sampler.close)

    def path(self, name):
        return os.path.join(self.folder, name)

    def stub(self, name, text):
        """A benchmark that notes how it was called and then does as `text` says."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n"
                       f"echo \"$$ $0 $*\" >>'{self.path(name)}.asked'\n"
                       f"grep Cpus_allowed_list /proc/self/status >>'{self.path(name)}.cpus'\n"
                       f"env >'{self.path(name)}.env'\n"
                       f"{text}\n")
        os.chmod(self.path(name), 0o755)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def pair(self, first, second, threads=1, **more):
        return self.sampler.pair(("old/row", "new/row"), threads, (first, second), **more)

    def fails(self, expected, side, first, second):
        affinity = os.sched_getaffinity(0)
        with self.assertRaises(SampleError) as caught:
            self.pair(first, second)
        self.assertIn(expected, str(caught.exception))
        self.assertEqual(caught.exception.side, side)
        self.assertEqual(os.sched_getaffinity(0), affinity)
        self.assert_nothing_runs()

    def assert_nothing_runs(self):
        """No stand-in is left, not even as a zombie."""
        for name in os.listdir(self.folder):
            if name.endswith(".asked"):
                for line in self.read(name).splitlines():
                    self.assertFalse(os.path.exists(f"/proc/{line.split()[0]}"), line)

    def test_ratio_of_two(self):
        found = self.pair(self.stub("a", prints(FAST)), self.stub("b", prints(SLOW)))
        self.assertAlmostEqual(found["log_ratio"], math.log(1.05))
        for value, expected in zip(found["log_quantiles"], (1.05, 1.05, 1.05, 2.1)):
            self.assertAlmostEqual(value, math.log(expected))
        self.assertEqual((found["ns"], found["control"], found["control_ns"]), ([100.0, 105.0], [0.0, 0.0], 50.0))
        self.assertNotIn("log_latency", found)
        self.assertTrue(0 <= found["steal"] <= 1, found["steal"])
        self.assert_nothing_runs()

    def test_the_other_way_round(self):
        found = self.pair(self.stub("a", prints(SLOW)), self.stub("b", prints(FAST)))
        self.assertAlmostEqual(found["log_ratio"], -math.log(1.05))

    def test_latencies(self):
        slow = {**FAST, "latency_p50_ns": 120, "latency_p99_ns": 300}
        fast = {**FAST, "latency_p50_ns": 100, "latency_p99_ns": 150}
        found = self.pair(self.stub("a", prints(fast)), self.stub("b", prints(slow)), 2)
        for value, expected in zip(found["log_latency"], (1.2, 2.0)):
            self.assertAlmostEqual(value, math.log(expected))
        # One side alone has none to be compared with.
        self.assertNotIn("log_latency", self.pair(self.stub("a", prints(FAST)), self.stub("b", prints(slow)), 2))

    def test_how_they_are_called(self):
        self.pair(self.stub("a", prints(FAST)), self.stub("b", prints(SLOW)), burdens=(0.0, 0.05))
        for side, (name, row, burden) in enumerate((("a", "old/row", "0"), ("b", "new/row", "0.05"))):
            _, called, *arguments = self.read(f"{name}.asked").split()
            self.assertEqual(called, f"{self.sampler.folder}/{side}")  # names of the same length
            self.assertEqual(arguments, ["--sample", row, "--turns", self.sampler.turns, "--side", str(side),
                                         *sampling.SINGLE, "--burden", burden])
            variables = {line.split("=")[0] for line in self.read(f"{name}.env").splitlines()}
            self.assertEqual(variables - {"PWD", "_", "SHLVL"}, {"LC_ALL"})

    def test_one_processor_for_a_single_thread(self):
        everywhere = os.sched_getaffinity(0)
        first, second = self.stub("a", prints(FAST)), self.stub("b", prints(SLOW))
        self.pair(first, second)
        for name in ("a", "b"):
            self.assertEqual(self.read(f"{name}.cpus").split()[1], str(max(everywhere)))
        self.assertEqual(os.sched_getaffinity(0), everywhere)
        self.pair(first, second, 2)
        allowed = self.read("a.cpus").split()[-1]
        self.assertEqual(allowed == str(max(everywhere)), len(everywhere) == 1)
        self.assertIn(sampling.THREADED[-1], self.read("a.asked").splitlines()[-1].split())

    def test_turns_begin_at_zero(self):
        text = "od -An -v -tx1 \"$4\" | tr -d ' \\n0' >\"${0%/*}/seen$6\"; printf x >\"$4\"\n" + prints(FAST)
        first = self.stub("a", text)
        for _ in range(2):
            self.pair(first, self.stub("b", prints(SLOW)))
            with open(os.path.join(self.sampler.folder, "seen0"), encoding="utf-8") as file:
                self.assertEqual(file.read(), "")

    def test_failures(self):
        good = self.stub("good", prints(FAST))
        cases = (
            ("ends by a signal", "kill -SEGV $$", "was ended by SIGSEGV"),
            ("aborts", "kill -ABRT $$", "was ended by SIGABRT"),
            ("real-time signal", "kill -40 $$", "was ended by"),
            ("wrong answer", "echo note >&2; echo 'error: old/row: wrong answer: 9 tasks' >&2; exit 1",
             "old/row: wrong answer: 9 tasks"),
            ("no such row", "echo 'error: there is no row \"x\"' >&2; exit 2", "there is no row \"x\""),
            ("status alone", "exit 9", "ended with status 9"),
            ("no text", "printf '\\377\\n' >&2; exit 1", "\N{REPLACEMENT CHARACTER}"),
            ("prints nothing", "true", "printed no JSON"),
            ("cut short", "echo '{\"runs\": 10, \"times_ns\": [1, 2'", "printed no JSON"),
            ("rubbish", "echo rubbish", "printed no JSON"), ("two lines", prints(FAST) * 2, "printed no JSON"),
            ("not text", "printf '\\377\\376'", "printed no JSON"))
        for name, text, expected in cases:
            with self.subTest(name):
                bad = self.stub("bad", text)
                self.fails(expected, 0, bad, good)
                self.fails(expected, 1, good, bad)

    def test_json_that_is_no_sample(self):
        good = self.stub("good", prints(FAST))
        for text in ("[]", "5", "null", "{}", '"times_ns"', '{"times_ns": [1.0]}',
                     '{"times_ns": [], "controls_ns": [1]}',
                     '{"times_ns": [1], "controls_ns": []}', '{"times_ns": "1", "controls_ns": [1]}',
                     '{"times_ns": [null], "controls_ns": [1]}', '{"times_ns": [NaN], "controls_ns": [1]}',
                     '{"times_ns": [Infinity], "controls_ns": [1]}', '{"times_ns": [-1], "controls_ns": [1]}',
                     '{"times_ns": [1], "controls_ns": [1], "latency_p50_ns": "x", "latency_p99_ns": 2}'):
            with self.subTest(text):
                self.fails("printed JSON that is no sample", 1, good, self.stub("bad", f"echo '{text}'"))

    def test_times_too_short_for_the_clock(self):
        zero = {**FAST, "times_ns": [0, 0, 0]}
        found = self.pair(self.stub("a", prints(zero)), self.stub("b", prints(FAST)))
        self.assertEqual((found["log_ratio"], found["log_quantiles"]), (0.0, [0.0] * 4))

    def test_crash_in_the_middle_ends_the_partner(self):
        waiting, crash = self.stub("waiting", "exec sleep 60"), self.stub("crash", "sleep 0.05; kill -SEGV $$")
        start = time.monotonic()
        self.fails("was ended by SIGSEGV", 0, crash, waiting)
        self.fails("was ended by SIGSEGV", 1, waiting, crash)
        self.assertLess(time.monotonic() - start, 20)

    def test_who_was_left_is_not_to_blame(self):
        """The partner is told at once, and may have ended before the one that fails has."""
        left = self.stub("left", "exit 3")
        for text, expected in (("sleep 0.2; kill -ABRT $$", "was ended by SIGABRT"),
                               ("sleep 0.2; echo 'error: out of memory' >&2; exit 1", "out of memory")):
            bad = self.stub("bad", text)
            self.fails(expected, 1, left, bad)
            self.fails(expected, 0, bad, left)
        self.fails("ended with status 3", 1, self.stub("good", prints(FAST)), left)

    def test_hangs(self):
        for names in (("good", "hangs"), ("hangs", "good"), ("hangs", "hangs")):
            paths = {"good": self.stub("good", prints(FAST)), "hangs": self.stub("hangs", "exec sleep 60")}
            with mock.patch.object(sampling, "PAIR_SECONDS_MAX", 0.3):
                self.fails("took longer than 0.3 s", None, *(paths[name] for name in names))

    def test_cannot_be_started(self):
        good = self.stub("good", prints(FAST))
        missing = self.path("missing")
        for words in (sampling.fixed_addresses(), []):
            with mock.patch.object(sampling, "fixed_addresses", lambda words=words: words):
                self.fails("No such file", 0, missing, good)
                self.fails("No such file", 1, good, missing)

    def test_interrupted(self):
        affinity = os.sched_getaffinity(0)
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        hangs = self.stub("hangs", "exec sleep 60")
        with self.assertRaises(KeyboardInterrupt):
            self.pair(hangs, hangs)
        self.assertEqual(os.sched_getaffinity(0), affinity)
        self.assert_nothing_runs()

    def test_goes_on_after_a_failure(self):
        good = self.stub("good", prints(FAST))
        self.fails("SIGSEGV", 1, good, self.stub("bad", "kill -SEGV $$"))
        self.assertEqual(self.pair(good, good)["log_ratio"], 0.0)

    def test_leaves_nothing_behind(self):
        descriptors = len(os.listdir("/proc/self/fd"))
        with Sampler() as sampler:
            good = self.stub("good", prints(FAST))
            for _ in range(3):
                sampler.pair(("a", "b"), 1, (good, good))
                with self.assertRaises(SampleError):
                    sampler.pair(("a", "b"), 1, (good, self.stub("bad", "exit 1")))
            self.assertEqual(sorted(os.listdir(sampler.folder)), ["0", "1", "turns"])
            self.assertEqual(os.path.getsize(sampler.turns), sampling.TURNS_BYTES)
        self.assertFalse(os.path.exists(sampler.folder))
        self.assertEqual(len(os.listdir("/proc/self/fd")), descriptors)
        sampler.close()  # twice is no error


class FixedAddressesTest(unittest.TestCase):
    def setUp(self):
        sampling.fixed_addresses.cache_clear()
        self.addCleanup(sampling.fixed_addresses.cache_clear)

    def test_not_permitted(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"PATH": folder}):
            self.assertEqual(sampling.fixed_addresses(), [])
            sampling.fixed_addresses.cache_clear()
            with open(os.path.join(folder, "setarch"), "w", encoding="ascii") as file:
                file.write("#!/bin/sh\necho 'setarch: failed to set personality' >&2; exit 1\n")
            os.chmod(os.path.join(folder, "setarch"), 0o755)
            self.assertEqual(sampling.fixed_addresses(), [])
            sampling.fixed_addresses.cache_clear()
            with open(os.path.join(folder, "setarch"), "w", encoding="ascii") as file:
                file.write("#!/bin/sh\nexit 0\n")
            self.assertEqual(sampling.fixed_addresses(), ["setarch", "--addr-no-randomize"])


class QuantileTest(unittest.TestCase):
    def test_by_rank(self):
        for values, share, expected in (([5.0], 0.05, 5.0), ([3.0, 1.0, 2.0], 0.5, 2.0), ([3.0, 1.0, 2.0], 0.0, 1.0),
                                        ([3.0, 1.0, 2.0], 1.0, 3.0), ([float(at) for at in range(41)], 0.05, 2.0)):
            self.assertEqual(sampling.quantile(values, share), expected)

    def test_log_ratio(self):
        for first, second, expected in ((1.0, 2.0, math.log(2)), (2.0, 1.0, -math.log(2)), (0, 1, 0.0), (1, 0, 0.0)):
            self.assertAlmostEqual(sampling.log_ratio(first, second), expected)

    def test_steal(self):
        self.assertGreaterEqual(sampling.steal_seconds(), 0.0)


if __name__ == "__main__":
    unittest.main()
