"""Tests of counting on recorded dumps of callgrind, and on stand-ins for valgrind and the benchmark."""

import json
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import exact  # noqa: E402

# As callgrind 3.19 writes them with --collect-systime=yes; its parts are cut to a few lines.
DUMP = """# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 4242
cmd:  bin/bench_dag --count build/engine/chain/nodes:10 --iterations 100
part: 1


desc: I1 cache:
desc: D1 cache:
desc: LL cache:

desc: Timerange: Basic block 0 - 120034
desc: Trigger: Client Request

positions: line
events: Ir sysCount sysTime sysCpuTime
summary: {ir} {calls} 0 0


ob=(1) bin/bench_dag
fl=(1) count.cc
fn=(1) headroom::count_instructions
31 {ir}

totals: {ir} {calls} 0 0
"""
# Events at the end that did not happen are left out.
FEW = DUMP.format(ir=1000, calls=3)
MANY = DUMP.format(ir=1900, calls=5)
WITHOUT_CALLS = DUMP.replace(" {calls} 0 0", "").format(ir=1900)

VALGRIND = """#!/bin/sh
for argument; do
  case $argument in
    --callgrind-out-file=*) dump=${argument#*=} ;;
    --*=*) ;;
    *) break ;;
  esac
  shift
done
echo "$*" >"$0.asked"
"""


class StandInTest(unittest.TestCase):
    """Gives a test a stand-in for valgrind, first on PATH, and one for the benchmark."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.executable = os.path.join(self.folder, "bench_dag")
        self.patch(os.environ, "PATH", f"{self.folder}:{os.environ['PATH']}")
        self.temporary = os.path.join(self.folder, "tmp")
        os.mkdir(self.temporary)
        patched = mock.patch.object(tempfile, "tempdir", self.temporary)
        patched.start()
        self.addCleanup(patched.stop)

    def patch(self, mapping, key, value):
        patched = mock.patch.dict(mapping, {key: value})
        patched.start()
        self.addCleanup(patched.stop)

    def write(self, text, name):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def valgrind(self, *dumps, printed='{"runs": 100, "allocations": [2, 2, 2], "bytes": [64, 64, 64]}', first="",
                 last=""):
        text = VALGRIND + first
        for number, dump in enumerate(dumps, 1):
            text += f"cat >\"$dump.{number}\" <<'END'\n{dump}\nEND\n"
        self.write(text + f"cat <<'END'\n{printed}\nEND\n{last}\n", "valgrind")

    def count(self, runs=100):
        found = exact.count(self.executable, "build/engine/a", runs)
        self.assertEqual(os.listdir(self.temporary), [])
        return found

    def fails(self, expected, call=None):
        with self.assertRaises(exact.CountError) as caught:
            (call or self.count)()
        self.assertIn(expected, str(caught.exception))
        self.assertTrue(str(caught.exception).startswith("build/engine/a: "), caught.exception)
        self.assertEqual(os.listdir(self.temporary), [])


class CountTest(StandInTest):
    def test_differences_of_two_dumps(self):
        self.valgrind(FEW, MANY)
        self.assertEqual(self.count(), {"instructions": 9.0, "allocations": 2, "bytes": 64, "syscalls": 0.02})
        with open(os.path.join(self.folder, "valgrind.asked"), encoding="utf-8") as file:
            self.assertEqual(file.read(), f"{self.executable} --count build/engine/a --iterations 100\n")

    def test_by_the_runs_that_were_made(self):
        self.valgrind(FEW, MANY, printed='{"runs": 128, "allocations": [0], "bytes": [0]}')
        self.assertEqual(self.count()["instructions"], 900 / 128)

    def test_what_is_printed_before_does_not_matter(self):
        self.valgrind(FEW, MANY, printed='hello\n{"runs": 100, "allocations": [1], "bytes": [8]}')
        self.assertEqual(self.count()["bytes"], 8)

    def test_events_that_did_not_happen(self):
        self.valgrind(WITHOUT_CALLS, WITHOUT_CALLS)
        self.assertEqual((self.count()["instructions"], self.count()["syscalls"]), (0.0, 0.0))
        self.valgrind(DUMP.format(ir=1000, calls=0), WITHOUT_CALLS)
        self.assertEqual((self.count()["instructions"], self.count()["syscalls"]), (9.0, 0.0))

    def test_calls_are_never_fewer_than_none(self):
        self.valgrind(FEW, WITHOUT_CALLS)
        self.assertEqual(self.count()["syscalls"], 0.0)

    def test_allocations_that_are_not_always_the_same(self):
        for printed, expected in (([2, 2, 2], 2), ([2, 3, 2], None), ([], None), ([0.5, 0.5, 0.5], 0.5), ([0, 0], 0)):
            self.valgrind(FEW, MANY, printed=json.dumps({"runs": 100, "allocations": printed, "bytes": printed}))
            self.assertEqual((self.count()["allocations"], self.count()["bytes"]), (expected, expected), printed)

    def test_dumps_that_cannot_be_read(self):
        for dumps in ((), (FEW,), (FEW, ""), ("", MANY), (FEW, MANY[:MANY.index("totals")]),
                      (FEW.replace("events", "x"), MANY),
                      (FEW, MANY.replace("totals: 1900", "totals: many")), (FEW.replace(" Ir ", " Dr "), MANY),
                      (FEW, MANY.replace("totals: ", "totals:"))):
            self.valgrind(*dumps)
            self.fails("callgrind's output cannot be read")

    def test_output_that_cannot_be_read(self):
        for printed in ("", "rubbish", "{}", "[]", "5", "null", '{"runs": 100}',
                        '{"runs": 100, "allocations": [1], "by',
                        '{"runs": 0, "allocations": [1], "bytes": [1]}',
                        '{"runs": "x", "allocations": [1], "bytes": [1]}',
                        '{"runs": null, "allocations": [1], "bytes": [1]}',
                        '{"runs": 100, "allocations": 5, "bytes": [1]}'):
            self.valgrind(FEW, MANY, printed=printed)
            self.fails("callgrind's output cannot be read")

    def test_failures(self):
        for last, expected in (
                ("echo 'error: build/engine/a: wrong answer: 9 tasks' >&2; exit 1",
                 "build/engine/a: wrong answer: 9 tasks"),
                ("echo '==42== Invalid read' >&2; exit 3", "ended with status 3"), ("exit 7", "ended with status 7"),
                ("kill -SEGV $$", "was ended by SIGSEGV"), ("kill -37 $$", "was ended by"),
                ("printf 'error: \\377\\n' >&2; exit 1", "\N{REPLACEMENT CHARACTER}")):
            self.valgrind(FEW, MANY, last=last)
            self.fails(expected)

    def test_output_that_is_no_text(self):
        self.valgrind(FEW, MANY, first="printf '\\377\\376\\n'\n")
        self.assertEqual(self.count()["instructions"], 9.0)

    def test_takes_too_long(self):
        self.valgrind(first="exec sleep 60\n")
        with mock.patch.object(exact, "COUNT_SECONDS_MAX", 0.1):
            self.fails("took longer than 0.1 s")

    def test_not_installed(self):
        with mock.patch.dict(os.environ, {"PATH": self.folder}):
            self.assertIn("valgrind is not installed", exact.missing_tool())
            self.valgrind()
            self.assertEqual(exact.missing_tool(), "")

    def test_cannot_be_started(self):
        self.patch(os.environ, "PATH", self.temporary)
        with mock.patch.object(exact, "fixed_addresses", lambda: []):
            self.fails("valgrind: No such file or directory")


class ChooseRunsTest(StandInTest):
    def choose(self):
        return exact.choose_runs(self.executable, "build/engine/a")

    def test_as_the_benchmark_says(self):
        self.write("#!/bin/sh\necho \"$*\" >\"$0.asked\"; echo '{\"runs\": 480, \"times_ns\": [1]}'\n", "bench_dag")
        self.assertEqual(self.choose(), 480)
        with open(f"{self.executable}.asked", encoding="utf-8") as file:
            self.assertEqual(file.read(), "--sample build/engine/a --chunks 1 --chunk-us 1000\n")

    def test_unusable(self):
        for printed in ("", "rubbish", "[]", "{}", '{"runs": "x"}', '{"runs": null}', '{"runs": Infinity}',
                        '{"runs": NaN}'):
            self.write(f"#!/bin/sh\necho '{printed}'\n", "bench_dag")
            self.fails("--sample printed no JSON", self.choose)
        self.write("#!/bin/sh\necho 'error: wrong answer' >&2; exit 1\n", "bench_dag")
        self.fails("wrong answer", self.choose)
        os.unlink(self.executable)
        self.fails(": ", self.choose)

    def test_no_fewer_than_one(self):
        self.write("#!/bin/sh\necho '{\"runs\": 0}'\n", "bench_dag")
        self.assertEqual(self.choose(), 1)


class ChangesTest(unittest.TestCase):
    def test_by_figure(self):
        cases = (
            ({"instructions": 1000.0}, {"instructions": 1003.0}, []),
            ({"instructions": 1000.0}, {"instructions": 1003.1}, [("instructions", True)]),
            ({"instructions": 1000.0}, {"instructions": 996.9}, [("instructions", False)]),
            ({"instructions": 0.0}, {"instructions": 0.0}, []),
            ({"instructions": 0.0}, {"instructions": 1.0}, [("instructions", True)]),
            ({"allocations": 1}, {"allocations": 1}, []), ({"allocations": 0}, {"allocations": 0.01},
                                                           [("allocations", True)]),
            ({"allocations": 2}, {"allocations": 1}, [("allocations", False)]),
            ({"bytes": 64.0}, {"bytes": 64.0 + 1e-12}, []), ({"bytes": 64}, {"bytes": 65}, [("bytes", True)]),
            ({"syscalls": 1.0}, {"syscalls": 1.009}, []), ({"syscalls": 1.0}, {"syscalls": 1.02}, [("syscalls", True)]),
            ({"syscalls": 0.02}, {"syscalls": 0.0}, [("syscalls", False)]),
            ({"allocations": None}, {"allocations": 5}, []), ({"allocations": 5}, {"allocations": None}, []),
            ({}, {"allocations": 5}, []), ({"allocations": 5}, {}, []), ({}, {}, []),
            ({"runs": 5}, {"runs": 9}, []),
            ({"instructions": 10, "allocations": 1, "bytes": 8, "syscalls": 1},
             {"instructions": 20, "allocations": 0, "bytes": 9, "syscalls": 0},
             [("instructions", True), ("allocations", False), ("bytes", True), ("syscalls", False)]))
        for base, head, expected in cases:
            self.assertEqual(exact.changes(base, head), expected, (base, head))


if __name__ == "__main__":
    unittest.main()
