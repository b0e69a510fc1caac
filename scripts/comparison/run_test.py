"""Tests of scripts/compare from its arguments to its exit status, on stand-ins for the benchmarks and for valgrind."""

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)

from comparison import bank, baseline, judge, live, report, run, sampling  # noqa: E402

# Few blocks of one pair each: 11 alike are enough to convict two rows.
CONSTANTS = ((judge, "SCREEN_BLOCKS", 8), (judge, "FLOOR_BLOCKS", 8), (judge, "CONFIRM_BLOCKS", (12, 12)),
             (judge, "STEAL_MAX", 9), (bank, "PAIRS_PER_BLOCK", 1), (live, "LINKS", 2))
CONTEXT = {"commit": "1a2b", "compiler": "gcc 12.2", "flags": "-O2", "allocator": "jemalloc", "cpu": "AMD EPYC"}
A, B, FLOOR_A = "build/engine/a", "build/engine/b", "build/floor/a"
TOOLS = ("sh", "cat", "setarch", "true", "git", "ninja")
# Has the stand-in write its dumps itself.
VALGRIND = """#!/bin/sh
for argument; do
  case $argument in
    --callgrind-out-file=*) DUMP=${argument#*=} ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
export DUMP
exec "$@"
"""
# In a tree with a file `hang_after`, the first that comes after so many others waits for ever.
BENCHMARK = """#!/bin/sh
tree={tree}
echo "$$ $0 $*" >>"$tree/log"
if [ "$1" = --sample ] && [ -e "$tree/hang_after" ] &&
  [ "$(grep -c turns "$tree/log")" -gt "$(cat "$tree/hang_after")" ]
then
  : >"$tree/hanging"
  exec sleep 60
fi
case "$1 $2" in
  '--describe ') printf '%s\\n' {description} ;;
{cases}
  *) echo "error: there is no row \\"$2\\"; --list shows them all" >&2; exit 2 ;;
esac
"""


def row(ns=100.0, tail=1.0, first="", threads=1, instructions=1000, allocations=(2, 2, 2), count_first="", size=10):
    """A row of a stand-in; `first` and `count_first` are done before it is sampled or counted."""
    sample = {"runs": 100, "times_ns": [ns] * 4 + [ns * tail] * 4, "controls_ns": [50.0] * 8}
    if threads > 1:
        sample.update(latency_p50_ns=ns, latency_p99_ns=ns * tail)
    dumps = "".join(f"printf 'events: Ir sysCount\\ntotals: %s %s\\n' {instructions * runs} 0 >\"$DUMP.{number}\"\n"
                    for number, runs in ((1, 100), (2, 200)))
    counts = {"runs": 100, "allocations": list(allocations), "bytes": [64, 64, 64]}
    return {"threads": threads, "size": size, "sample": f"{first}\nprintf '%s\\n' {shlex.quote(json.dumps(sample))}",
            "count": f"{count_first}\n{dumps}printf '%s\\n' {shlex.quote(json.dumps(counts))}"}


WRONG = row(first="echo 'error: build/engine/a: wrong answer: 9 tasks' >&2; exit 1")
CRASHING = row(first="kill -SEGV $$")


class RunTest(unittest.TestCase):
    """Gives a test two build trees and a root, and little but stand-ins on PATH."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.root = self.path("root")
        self.write_executable("#!/bin/sh\necho set up\n", "root", "scripts", "setup")
        self.write_executable(VALGRIND, "tools", "valgrind")
        for name in TOOLS:
            if shutil.which(name, path="/usr/bin:/bin"):
                os.symlink(shutil.which(name, path="/usr/bin:/bin"), self.path("tools", name))
        for patched in (mock.patch.object(sampling, "PLACE", self.folder),  # No one else's measurements are waited for.
                        mock.patch.dict(os.environ, {"PATH": self.path("tools"), "HOME": self.folder, "NO_COLOR": "1"}),
                        *(mock.patch.object(*constant) for constant in CONSTANTS)):
            patched.start()
            self.addCleanup(patched.stop)
        for sent in (signal.SIGTERM, signal.SIGHUP):
            self.addCleanup(signal.signal, sent, signal.getsignal(sent))
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        self.stdout = self.stderr = ""

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, text, *parts):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as file:
            file.write(text)

    def write_executable(self, text, *parts):
        self.write(text, *parts)
        os.chmod(self.path(*parts), 0o755)

    def read(self, *parts):
        with open(self.path(*parts), encoding="utf-8") as file:
            return file.read()

    def tree(self, name, rows, gate=None, context=None, binary="bench_dag"):
        """A build tree with a stand-in that has these rows, {name: row()}."""
        description = {"protocol": 1, "context": {**CONTEXT, **(context or {})},
                       "rows": [{"name": each, "threads": made["threads"], "size": made["size"]}
                                for each, made in rows.items()],
                       "gate": list(rows) if gate is None else gate}
        cases = "".join(f"  '--{what} {each}') {made[what]} ;;\n" for each, made in rows.items()
                        for what in ("sample", "count"))
        self.write_executable(BENCHMARK.format(tree=self.path(name), description=shlex.quote(json.dumps(description)),
                                               cases=cases), name, "bin", binary)

    def main(self, *arguments):
        """The exit status of scripts/compare."""
        stdout, stderr = (open(self.path(name), "w", encoding="utf-8") for name in ("stdout", "stderr"))
        loader = importlib.machinery.SourceFileLoader("compare", os.path.join(SCRIPTS, "compare"))
        compare = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare", loader))
        with stdout, stderr, contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr), \
                mock.patch.object(sys, "argv", ["compare", *arguments]), \
                mock.patch.object(sys, "dont_write_bytecode", True):
            loader.exec_module(compare)
            try:
                status = run.main(self.root, compare.parse_arguments())
            except SystemExit as end:
                status = end.code
        self.stdout, self.stderr = self.read("stdout"), self.read("stderr")
        return status

    def compare(self, *arguments, expected=0):
        """{row: what the JSON says of it}"""
        status = self.main("base", "head", "--json", "out.json", *arguments)
        self.assertEqual(status, expected, self.stdout + self.stderr)
        return {each["row"]: each for each in report.load(self.path("out.json"))["rows"]}

    def log(self, tree="head"):
        return self.read(tree, "log").splitlines() if os.path.exists(self.path(tree, "log")) else []

    def sampled(self, tree="head"):
        return sum(" --turns " in line for line in self.log(tree))

    def assert_nothing_is_left(self):
        for tree in ("base", "head"):
            for line in self.log(tree):
                process, name = line.split()[:2]
                self.assertFalse(os.path.exists(f"/proc/{process}"), line)
                self.assertFalse(os.path.islink(name), line)
                self.assertFalse(os.path.basename(os.path.dirname(name)).startswith("headroom-compare-")
                                 and os.path.exists(os.path.dirname(name)), line)


class VerdictTest(RunTest):
    def test_equal(self):
        self.tree("base", {A: row(), B: row(2000.0, threads=2)})
        self.tree("head", {A: row(100.5), B: row(2000.0, threads=2)})
        found = self.compare("--markdown", "out.md")
        self.assertEqual({name: each["verdict"] for name, each in found.items()}, {A: "equivalent", B: "equivalent"})
        self.assertEqual((found[A]["time"]["pairs"], found[A]["problem"], found[A]["profile"]), (12, "", ""))
        self.assertEqual(found[A]["exact"], {"instructions": [1000.0, 1000.0], "allocations": [2, 2], "bytes": [64, 64],
                                             "syscalls": [0.0, 0.0]})
        self.assertIsNone(found[B]["exact"])
        self.assertIn("2 equivalent of 2 benchmarks", self.stdout)
        self.assertIn("2 equivalent of 2 benchmarks", self.read("out.md"))
        self.assertIn("comparing: base with head, 2 benchmarks\n", self.stderr)
        self.assertNotIn("set up", self.stdout + self.stderr)
        self.assert_nothing_is_left()
        self.assertEqual(os.listdir(self.path("root", "build", "compare", "runs")), [])

    def test_slower_and_faster(self):
        self.tree("base", {A: row(), B: row(2000.0)})
        self.tree("head", {A: row(110.0), B: row(1800.0)})
        found = self.compare(expected=1)
        self.assertEqual({name: (each["verdict"], each["reasons"]) for name, each in found.items()},
                         {A: ("regressed", ["time", "tail"]), B: ("improved", ["time"])})
        self.assertAlmostEqual(found[A]["time"]["ratio"], 1.1, places=5)
        self.assertEqual((found[A]["time"]["base_ns"], found[A]["time"]["head_ns"]), (100.0, 110.0))
        self.assertEqual(shlex.split(found[A]["profile"]), ["scripts/profile", "bench_dag", "--filter", f"^{A}$"])
        self.assertIn("REGRESSED", self.stdout)
        self.assertIn("scripts/profile", self.stdout)

    def test_only_its_tail_is_slower(self):
        self.tree("base", {A: row(threads=2)})
        self.tree("head", {A: row(tail=1.5, threads=2)})
        self.assertEqual(self.compare(expected=1)[A]["reasons"], ["tail"])

    def test_what_is_counted(self):
        self.tree("base", {A: row(), B: row()})
        self.tree("head", {A: row(instructions=1010), B: row(allocations=(1, 1, 1))})
        found = self.compare(expected=1)
        self.assertEqual({name: (each["verdict"], each["reasons"]) for name, each in found.items()},
                         {A: ("regressed", ["instructions"]), B: ("improved", ["allocations"])})
        self.assertEqual(found[A]["exact"]["instructions"], [1000.0, 1010.0])

    def test_faster_is_worth_more_instructions(self):
        self.tree("base", {A: row()})
        self.tree("head", {A: row(80.0, instructions=1200)})
        self.assertEqual(self.compare()[A]["verdict"], "improved")

    def test_unresolved_fails_only_when_strict(self):
        self.tree("base", {A: row()})
        self.tree("head", {A: row(110.0)})
        with mock.patch.object(run, "parse_duration", lambda _: 0.001):
            for arguments, expected in (((), 0), (("--strict",), 1)):
                found = self.compare("--no-exact", "--budget", "1s", *arguments, expected=expected)
                self.assertEqual(found[A]["verdict"], "unresolved")
                self.assertIn("the budget did not reach to confirm 1 benchmarks: build/engine/a; raise --budget",
                              self.stderr)

    def test_threshold(self):
        self.tree("base", {A: row()})
        self.tree("head", {A: row(101.5)})
        for threshold, expected in (("1%", "unresolved"), ("0.03", "equivalent")):
            self.assertEqual(self.compare("--no-exact", "--threshold", threshold)[A]["verdict"], expected)

    def test_compared_by_one_link_only(self):
        self.tree("base", {A: row()})
        self.tree("head", {A: row(102.5)})
        found = self.compare("--no-exact")[A]
        notes = report.load(self.path("out.json"))["notes"]
        for side in ("base", "head"):
            self.assertIn(f"bench_dag of {side} is compared by one link only: ", "\n".join(notes))
        self.assertEqual((found["verdict"], found["time"]["floor"]), ("equivalent", live.UNLINKED_FLOOR.time))

    @unittest.skipUnless(shutil.which("ninja"), "ninja is not installed")
    def test_linked_in_other_orders(self):
        for name, ns in (("base", 100.0), ("head", 103.0)):
            self.tree(name, {A: row(ns)})
            self.write_executable("#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\n"
                                  f"cat '{self.path(name)}/bin/bench_dag' >\"$2\" && chmod 755 \"$2\"\n", name, "link")
            self.write(f"rule make\n  command = touch $out\nrule link\n  command = {self.path(name)}/link $in -o $out\n"
                       "build a.o: make\nbuild b.o: make\nbuild bin/bench_dag: link a.o b.o\n", name, "build.ninja")
        with mock.patch.dict(os.environ, {"PATH": f"{self.path('tools')}:/usr/bin:/bin"}):
            found = self.compare("--no-exact", expected=1)
        self.assertEqual((found[A]["verdict"], found[A]["time"]["floor"]), ("regressed", judge.FLOOR_MIN))
        self.assertEqual(report.load(self.path("out.json"))["notes"], [])
        links = [files for _, _, files in os.walk(self.path("root", "build", "compare", "links")) if files]
        self.assertEqual(sorted(map(sorted, links)), [["0000", "0001"], ["0002", "0003"]])
        base = self.sampled("base")
        with mock.patch.dict(os.environ, {"PATH": f"{self.path('tools')}:/usr/bin:/bin"}):
            self.compare("--no-exact", expected=1)
        # The base was compared with itself the first time only.
        self.assertEqual(self.sampled("base") - base, base - 2 * judge.FLOOR_BLOCKS)

    def test_broken_floors_are_measured_anew(self):
        self.tree("base", {A: row()})
        self.tree("head", {A: row()})
        for text in ("", "{", "[]", "5", '{"x": 5}', '{"x": {"y": 5}}', '{"x": {"y": [1]}}',
                     '{"x": {"y": ["a", "b"]}}'):
            self.write(text, "root", "build", "compare", "floors.json")
            self.compare("--no-exact")
            self.assertEqual([list(kept.values()) for kept in json.loads(
                self.read("root", "build", "compare", "floors.json")).values()], [[]], text)

    def test_differing_builds_are_told(self):
        self.tree("base", {A: row()}, context={"compiler": "clang 14", "allocator": "malloc"})
        self.tree("head", {A: row()})
        self.compare("--no-exact")
        self.assertIn("compiler differs: clang 14 against gcc 12.2", self.stdout)
        self.assertIn("allocator differs: malloc against jemalloc", self.stdout)
        self.assertNotIn("flags differs", self.stdout)


class FailureTest(RunTest):
    def test_wrong_answer(self):
        self.tree("base", {A: row(), B: row()})
        self.tree("head", {A: WRONG, B: row()})
        found = self.compare(expected=1)
        self.assertEqual((found[A]["verdict"], found[B]["verdict"]), ("failed", "equivalent"))
        self.assertEqual((found[A]["problem"], found[A]["time"]), ("head: build/engine/a: wrong answer: 9 tasks", None))
        self.assertIn("FAILED", self.stdout)

    def test_crash_of_either_side(self):
        for side in ("base", "head"):
            for name in ("base", "head"):
                self.tree(name, {A: CRASHING if name == side else row(), B: row()})
            found = self.compare("--no-exact", expected=int(side == "head"))  # The head may have mended the base.
            self.assertEqual((found[A]["verdict"], found[A]["problem"]), ("failed", f"{side}: was ended by SIGSEGV"))
            self.assertEqual(found[B]["verdict"], "equivalent")
            self.assert_nothing_is_left()

    def test_crash_in_the_middle(self):
        self.tree("base", {A: row(), B: row()})
        self.tree("head", {A: row(first='[ "$(grep -c "turns" "$tree/log")" -lt 9 ] || kill -ABRT $$'), B: row()})
        found = self.compare("--no-exact", expected=1)
        self.assertEqual(found[A]["problem"], "head: was ended by SIGABRT")

    def test_broken_json(self):
        self.tree("base", {A: row()})
        for text, expected in (("echo '{\"runs\": 1, \"times'; exit", "head: printed no JSON"),
                               ("echo '{}'; exit", "head: printed JSON that is no sample")):
            self.tree("head", {A: row(first=text)})
            self.assertEqual(self.compare("--no-exact", expected=1)[A]["problem"], expected)

    def test_what_cannot_be_counted_is_noted(self):
        self.tree("base", {A: row(), B: row()})
        self.tree("head", {A: row(), B: row(count_first="echo 'error: cannot' >&2; exit 1")})
        found = self.compare()
        self.assertEqual([each["verdict"] for each in found.values()], ["equivalent"] * 2)
        self.assertIsNone(found[B]["exact"])
        self.assertIn("note: not counted: head: build/engine/b: cannot\n", self.stderr)

    def test_what_is_only_counted_and_cannot_be_has_failed(self):
        self.tree("base", {A: row(), B: row(threads=2)})
        self.tree("head", {A: row(count_first="echo 'error: wrong answer' >&2; exit 1"), B: row(threads=2)})
        found = self.compare("--no-time", expected=1)
        self.assertEqual((found[A]["verdict"], found[A]["problem"]), ("failed", "head: build/engine/a: wrong answer"))
        self.assertEqual(found[B]["verdict"], "unresolved", "nothing was measured of it")

    def test_without_valgrind(self):
        self.tree("base", {A: row()})
        self.tree("head", {A: row()})
        os.unlink(self.path("tools", "valgrind"))
        self.assertIsNone(self.compare()[A]["exact"])
        self.assertIn("note: valgrind is not installed", self.stderr)
        self.assertEqual(self.main("base", "head", "--no-time"), 2)
        self.assertIn("error: valgrind is not installed", self.stderr)

    def test_a_binary_that_cannot_describe_itself(self):
        self.tree("base", {A: row()})
        for text, expected in (("exit 1", "--describe failed with status 1"),
                               ("echo '{\"protocol\": 1, '", "printed no JSON"),
                               ("kill -SEGV $$", "was ended by SIGSEGV"),
                               ("echo '{\"protocol\": 2}'", "speaks protocol 2"),
                               ("echo '{\"protocol\": 1, \"context\": {}, \"rows\": [{}]}'",
                                "rows that cannot be read")):
            self.write_executable(f"#!/bin/sh\n{text}\n", "head", "bin", "bench_dag")
            self.assertEqual(self.main("base", "head"), 2, text)
            self.assertIn(expected, self.stderr)
            self.assertEqual(self.stdout, "")

    def test_a_ref_that_does_not_build(self):
        self.write("{}", "root", "CMakePresets.json")
        self.write("/build/\n", "root", ".gitignore")
        self.write_executable("#!/bin/sh\n[ \"$1\" = -S ] || { echo \"build.cc:7:1: error: expected ';'\"; exit 1; }\n",
                              "tools", "cmake")
        self.write_executable("#!/bin/sh\necho 'bin/bench_dag: CXX_EXECUTABLE_LINKER__x'\n", "ninja")
        os.replace(self.path("ninja"), self.path("tools", "ninja"))
        environment = {f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        for arguments in (("init", "--quiet", "--initial-branch=main"), ("add", "--all"),
                          ("commit", "--quiet", "-m", "first"),
                          ("commit", "--quiet", "--allow-empty", "-m", "second")):
            subprocess.run(["git", "-C", self.root, *arguments], check=True, env={**os.environ, **environment})
        self.tree("head", {A: row()})
        for arguments in (("main~1", "head"), ("main~1",), ("head", "main"), ()):
            self.assertEqual(self.main(*arguments), 2, arguments)
            self.assertIn("build.cc:7:1: error: expected ';'" if arguments else "nothing to compare", self.stderr)
            self.assertEqual(self.stdout, "")
        self.assertEqual(self.main("main~7", "head"), 2)
        self.assertIn("there is no git ref and no build directory \"main~7\"", self.stderr)
        self.write_executable("#!/bin/sh\nexit 1\n", "root", "scripts", "setup")
        self.assertEqual(self.main("main~1", "head"), 2)
        self.assertIn("error: setting up failed\n", self.stderr)


class SelectionTest(RunTest):
    def setUp(self):
        super().setUp()
        self.tree("base", {A: row(), B: row(), "build/engine/old": row(), "build/peer/a": row()},
                  [A, "build/engine/old"])
        self.tree("head", {A: row(), B: row(), "build/engine/new": row(), "build/peer/a": row()},
                  [A, "build/engine/new"])

    def verdicts(self, *arguments, expected=0):
        found = self.compare("--no-exact", *arguments, expected=expected)
        return {name: each["verdict"] for name, each in found.items()}

    def test_gate_with_added_and_removed(self):
        self.assertEqual(self.verdicts(), {A: "equivalent", "build/engine/new": "added", "build/engine/old": "removed"})
        self.assertIn("added", self.stdout)
        self.assertIn("1 benchmarks\n", self.stderr)

    def test_all(self):
        self.assertEqual(set(self.verdicts("--all")), {A, B, "build/engine/new", "build/engine/old"})

    def test_filter(self):
        self.assertEqual(self.verdicts("--filter", "/a$"), {A: "equivalent", "build/peer/a": "equivalent"})
        self.assertEqual(self.main("base", "head", "--filter", "nothing"), 2)
        self.assertIn('error: no row matches "nothing"; those that wait for a server are not compared\n', self.stderr)
        self.assertEqual(self.main("base", "head", "--filter", "old|new"), 2)
        self.assertIn("error: no row is in both builds: build/engine/new, build/engine/old\n", self.stderr)

    def test_only(self):
        self.tree("base", {"scan/engine/x": row()}, binary="bench_templating")
        self.tree("head", {"scan/engine/x": row()}, binary="bench_templating")
        self.assertEqual(self.verdicts("--only", "templating"), {"scan/engine/x": "equivalent"})
        self.assertEqual(len(self.verdicts("--only", "templating", "--only", "dag")), 4)
        self.assertEqual(len(self.verdicts()), 4)
        self.assertEqual(self.main("base", "head", "--only", "dgg"), 2)
        self.assertIn('error: there is no class "dgg"; there are: dag, templating\n', self.stderr)

    def test_a_class_of_one_side_alone(self):
        self.tree("head", {"scan/engine/x": row()}, binary="bench_templating")
        self.assertEqual(self.verdicts()["scan/engine/x"], "added")
        self.assertEqual(self.main("base", "head", "--only", "templating"), 2)

    def test_no_gate(self):
        for tree in ("base", "head"):
            self.tree(tree, {A: row(), "odd": row()}, [])
        self.assertEqual(self.main("base", "head"), 2)
        self.assertIn("no binary marks a gate set", self.stderr)
        self.assertEqual(set(self.verdicts("--all")), {A})

    def test_channels(self):
        found = self.compare("--no-exact")[A]
        self.assertTrue(found["time"] and found["exact"] is None)
        self.assertFalse(any("--count" in line for line in self.log()))
        before = self.sampled()
        found = self.compare("--no-time")[A]
        self.assertTrue(found["exact"] and found["time"] is None and found["verdict"] == "equivalent")
        self.assertEqual(self.sampled(), before)
        self.assertEqual(report.load(self.path("out.json"))["settings"]["channels"], ["exact"])


class ArgumentsTest(RunTest):
    def setUp(self):
        super().setUp()
        for tree in ("base", "head"):
            self.tree(tree, {A: row()})

    def refuses(self, *arguments):
        self.assertEqual(self.main(*arguments), 2, arguments)
        self.assertEqual((self.stdout, self.log("base"), self.log()), ("", [], []), "nothing is measured before")

    def test_unusable_values(self):
        for name, values in (
                ("--budget", ("0", "0.5", "-1s", "5x", "s", "", "25h", "1e3", "10 m", "nan", "99999999999")),
                ("--threshold", ("0", "0.5%", "0.005", "100%", "1", "-3%", "3 %", "x", "", "nan", "inf")),
                ("--filter", ("(", "[", "*")), ("--calibrate", ("0", "-1", "1.5", "x", "1000000", "")),
                ("--seed", ("x", "1.5", "")), ("--color", ("purple", ""))):
            for value in values:
                self.refuses("base", "head", f"{name}={value}")
                self.assertIn(name, self.stderr.splitlines()[-1])

    def test_usable_values(self):
        for parse, values in ((run.parse_duration, {"90s": 90, "10m": 600, "1h": 3600, "24h": 86400, "1.5m": 90,
                                                    "7": 7}),
                              (run.parse_share, {"3%": 0.03, "0.03": 0.03, "0.6%": 0.006, "99%": 0.99}),
                              (run.parse_count, {"1": 1, "999999": 999999}),
                              (run.parse_pattern, {"": "", "^a|b": "^a|b"})):
            for text, expected in values.items():
                self.assertEqual(parse(text), expected)

    def test_shows_a_saved_result_again(self):
        saved = os.path.join(SCRIPTS, "testdata", "comparison.json")
        self.assertEqual(self.main("--show", saved, "--markdown", self.path("again.md")), 1)
        self.assertIn("3 regressed, 1 failed", self.stdout)
        with open(self.path("again.md"), encoding="utf-8") as file:
            self.assertIn("### Regressed", file.read())
        for broken in (self.path("nowhere.json"), os.path.join(SCRIPTS, "testdata", "cut_short.json")):
            self.assertEqual(self.main("--show", broken), 2)
            self.assertIn(os.path.basename(broken), self.stderr)

    def test_unusable_combinations(self):
        for arguments, expected in (
                (("--frobnicate",), "unrecognized arguments"), (("base", "head", "more"), "unrecognized arguments"),
                (("base", "head", "--no-time", "--no-exact"), "leave nothing to compare"),
                (("base", "head", "--filter", "a", "--all"), "cannot be combined"),
                (("base", "head", "--filter", "", "--all"), "cannot be combined"),
                (("base", "head", "--baseline"), "--baseline takes one build"),
                (("base", "head", "--write-baseline"), "--write-baseline takes one build"),
                (("base", "head", "--calibrate", "5"), "--calibrate takes one build"),
                (("--baseline", "--write-baseline"), "takes one build"),
                (("--baseline", "--calibrate", "5"), "takes one build"),
                (("base", "--write-baseline", "--all"), "--all has no meaning with --write-baseline"),
                (("base", "--write-baseline", "--only", "dag"), "--only has no meaning with --write-baseline"),
                (("HEAD", "--calibrate", "5", "--no-exact"), "--no-exact has no meaning with --calibrate"),
                (("base", "head", "--only"), "expected one argument")):
            self.refuses(*arguments)
            self.assertIn(expected, self.stderr)

    def test_unwritable_output(self):
        for option in ("--json", "--markdown"):
            for path in ("none/out", "head", "base/bin/bench_dag/out", "", self.path("none", "out")):
                self.refuses("base", "head", option, path)
                self.assertIn(f'error: cannot write "{path}"\n', self.stderr)

    def test_the_result_is_shown_even_if_it_cannot_be_written(self):
        self.assertEqual(self.main("base", "head", "--no-exact", "--json", "/dev/full"), 2)
        self.assertIn("1 equivalent of 1 benchmark", self.stdout)
        self.assertIn('error: cannot write "/dev/full": No space left on device\n', self.stderr)

    def test_unknown_builds(self):
        os.mkdir(self.path("empty"))
        for arguments in (("none", "head"), ("base", "none"), ("empty", "head"), ("base", "empty"), ("", "")):
            self.refuses(*arguments)
            self.assertIn("error: ", self.stderr)

    def test_help(self):
        self.assertEqual(self.main("--help"), 0)
        self.assertIn("Exit status: 0 if nothing regressed", self.stdout)

    def test_color(self):
        for color, expected in (("always", True), ("never", False), ("auto", False)):
            self.main("base", "head", "--no-exact", "--color", color)
            self.assertEqual("\033[" in self.stdout, expected, color)

    def test_a_build_against_itself(self):
        self.assertEqual(self.main("base", "base", "--no-exact"), 0)
        self.assertIn("1 equivalent", self.stdout)


class BaselineTest(RunTest):
    def record(self, headroom=2.0, context=None, exact=None, **more):
        rows = {f"bench_dag:{A}": {"headroom": [headroom, headroom, headroom], "exact": exact or {}}}
        rows.update({f"bench_dag:{name}": {"headroom": [1.0, 1.0, 1.0]} for name in more.get("rows", ())})
        os.makedirs(self.path("root", "results"), exist_ok=True)
        baseline.write(self.path("root", baseline.FILE), baseline.make({**CONTEXT, **(context or {})}, rows))

    def check(self, *arguments, expected=0):
        status = self.main("head", "--baseline", "--json", "out.json", *arguments)
        self.assertEqual(status, expected, self.stdout + self.stderr)
        return {each["row"]: each for each in report.load(self.path("out.json"))["rows"]}

    def head(self, ns=200.0, **more):
        self.tree("head", {A: row(ns, **more), FLOOR_A: row(100.0)}, [A])

    def test_verdicts(self):
        self.record()
        for ns, verdict, expected in ((200.0, "equivalent", 0), (220.0, "regressed", 1), (180.0, "improved", 0)):
            self.head(ns)
            found = self.check(expected=expected)[A]
            self.assertEqual(found["verdict"], verdict, ns)
            self.assertAlmostEqual(found["time"]["ratio"], ns / 200, places=4)
            self.assertAlmostEqual(found["time"]["base_ns"], 200.0, places=2)
        self.assertEqual(report.load(self.path("out.json"))["base"]["label"], "results/baseline.json (1a2b)")

    def test_another_processor(self):
        self.record(context={"cpu": "Intel Xeon"})
        for ns, verdict, expected in ((220.0, "unresolved", 0), (260.0, "regressed", 1)):
            self.head(ns)
            self.assertEqual(self.check(expected=expected)[A]["verdict"], verdict, ns)
            self.assertIn("the baseline is of another processor (Intel Xeon)", self.stderr)

    def test_counts(self):
        exact = {"runs": 100, "instructions": 1000.0, "allocations": 2, "bytes": 64, "syscalls": 0.0}
        self.record(exact=exact)
        self.head(instructions=1010)
        self.assertEqual(self.check(expected=1)[A]["reasons"], ["instructions"])
        self.record(exact=exact, context={"compiler": "clang 14"})
        self.assertEqual(self.check()[A]["verdict"], "equivalent")
        self.assertIn("instructions are not compared", self.stderr)
        self.record(exact={**exact, "allocations": 1}, context={"compiler": "clang 14"})
        self.assertEqual(self.check(expected=1)[A]["reasons"], ["allocations"])
        self.record()
        self.assertIsNone(self.check()[A]["exact"])
        self.assertEqual(self.check("--no-time")[A]["verdict"], "unresolved", "there is nothing to compare with")

    def test_added_and_removed(self):
        self.record(rows=["build/engine/old"])
        self.tree("head", {A: row(200.0), B: row(), FLOOR_A: row()}, [A, B])
        self.assertEqual({name: each["verdict"] for name, each in self.check("--no-exact").items()},
                         {A: "equivalent", B: "added", "build/engine/old": "removed"})

    def test_without_its_floor(self):
        self.record()
        self.tree("head", {A: row()})
        found = self.check("--no-exact", expected=1)[A]
        self.assertEqual(found["verdict"], "failed")
        self.assertIn('there is no row "build/floor/a"', found["problem"])

    def test_unusable_baselines(self):
        self.head()
        self.assertEqual(self.main("head", "--baseline"), 2)
        self.assertIn("--write-baseline makes one", self.stderr)
        for text, expected in (("{", "not JSON, or cut short"), ("{}", "no baseline")):
            self.write(text, "root", baseline.FILE)
            self.assertEqual(self.main("head", "--baseline"), 2)
            self.assertIn(expected, self.stderr)
        self.assertEqual(self.sampled(), 0)

    def test_write_and_check(self):
        os.makedirs(self.path("root", "results"))
        self.tree("head", {A: row(300.0), FLOOR_A: row(100.0), B: row(), "build/engine/huge": row(size=10 ** 7)}, [A])
        self.assertEqual(self.main("head", "--write-baseline"), 0, self.stderr)
        self.assertEqual(self.stdout, "results/baseline.json: 1 benchmarks\n")
        document = baseline.load(self.path("root", baseline.FILE))
        self.assertEqual(document["rows"], {f"bench_dag:{A}": {"headroom": [3.0, 3.0, 3.0], "exact": {
            "runs": 100, "instructions": 1000.0, "allocations": 2, "bytes": 64, "syscalls": 0.0}}})
        self.assertEqual(document["context"], {key: CONTEXT[key] for key in baseline.KEYS})
        self.assertEqual(self.check()[A]["verdict"], "equivalent")
        self.assert_nothing_is_left()

    def test_write_leaves_out_what_fails(self):
        os.makedirs(self.path("root", "results"))
        self.tree("head", {A: WRONG, FLOOR_A: row(), B: row(), "build/floor/b": row()})
        self.assertEqual(self.main("head", "--write-baseline"), 1)
        self.assertIn("left out: build/engine/a: head: build/engine/a: wrong answer: 9 tasks\n", self.stderr)
        self.assertEqual(list(baseline.load(self.path("root", baseline.FILE))["rows"]), [f"bench_dag:{B}"])


# The constants are those of CONSTANTS, which a process of its own does not know.
DRIVER = """
import importlib.machinery, importlib.util, sys
sys.dont_write_bytecode = True
sys.path.insert(0, {scripts!r})
from comparison import bank, judge, live, run, sampling
sampling.PLACE = {root!r}
judge.SCREEN_BLOCKS, judge.CONFIRM_BLOCKS, judge.STEAL_MAX, bank.PAIRS_PER_BLOCK, live.LINKS = 8, (12, 12), 9, 1, 2
loader = importlib.machinery.SourceFileLoader("compare", {scripts!r} + "/compare")
compare = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare", loader))
loader.exec_module(compare)
sys.exit(run.main({root!r}, compare.parse_arguments()))
"""


class KilledTest(RunTest):
    def start(self, *arguments):
        return subprocess.Popen([sys.executable, "-c", DRIVER.format(scripts=SCRIPTS, root=self.root), "base", "head",
                                 "--no-exact", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True)

    def end(self, *arguments):
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=60)
        return process.returncode, stdout, stderr

    def killed(self, sent, after=9):
        """The standard error of a run that was sent a signal when it had sampled `after` pairs, and its exit status."""
        self.write(str(after), "head", "hang_after")
        process = self.start()
        while not os.path.exists(self.path("head", "hanging")):
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        process.send_signal(sent)
        _, stderr = process.communicate(timeout=30)
        os.unlink(self.path("head", "hang_after"))
        os.unlink(self.path("head", "hanging"))
        return process.returncode, stderr

    def setUp(self):
        super().setUp()
        self.tree("base", {A: row(), B: row()})
        self.tree("head", {A: row(110.0), B: row()})

    def uninterrupted(self):
        status, _, stderr = self.end("--json", "whole.json", "--fresh")
        self.assertEqual(status, 1, stderr)
        self.assertNotIn("going on", stderr)
        return report.load(self.path("whole.json"))["rows"]

    def test_goes_on(self):
        expected = self.uninterrupted()
        of_one_run = self.sampled()
        for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            before = self.sampled()
            status, stderr = self.killed(sent, before + 9)
            self.assertEqual(status, 130, stderr)
            self.assertTrue(stderr.endswith("interrupted: the same command goes on where this one stopped\n"), stderr)
            self.assert_nothing_is_left()
            status, stdout, stderr = self.end("--json", "out.json")
            self.assertEqual(status, 1, stderr)
            self.assertIn("going on with a run that was killed after 9 measurements (--fresh begins anew)\n", stderr)
            self.assertIn("1 regressed, 1 equivalent", stdout)
            self.assertEqual(report.load(self.path("out.json"))["rows"], expected)
            self.assertEqual(self.sampled() - before, of_one_run + 1)  # one pair was cut short
        self.assertNotIn("going on", self.end()[2])

    def test_killed_outright(self):
        self.killed(signal.SIGKILL)
        processes = [line.split() for line in self.log() + self.log("base")]
        for process, name, *_ in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        status, _, stderr = self.end()
        self.assertEqual(status, 1, stderr)
        self.assertIn("after 9 measurements", stderr)

    def test_begins_anew(self):
        self.killed(signal.SIGTERM)
        for arguments in (("--seed", "2"), ("--threshold", "4%"), ("--filter", "/b$"), ("--fresh",)):
            self.assertNotIn("going on", self.end(*arguments)[2])

    def test_another_build_is_another_run(self):
        self.killed(signal.SIGTERM)
        self.tree("head", {A: row(120.0), B: row()})
        self.assertNotIn("going on", self.end()[2])


if __name__ == "__main__":
    unittest.main()
