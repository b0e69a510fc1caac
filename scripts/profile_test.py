"""Tests of scripts/profile on stand-ins for perf, valgrind, npm and benchmarks; nothing is built, fetched or recorded."""

import base64
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import unittest

SCRIPTS = os.path.dirname(os.path.abspath(__file__))
TESTDATA = os.path.join(SCRIPTS, "profiling", "testdata")

BENCHMARK = """#!/bin/bash
# Stands in for a benchmark: has the rows in ROWS, and writes down how it was called.
printf '%s\\n' "$*" >>"${LOG}"
case $1 in
  --help) echo "usage ${OLD---perf-control}" ;;
  --list)
    pattern=${2#*=}
    [[ ${pattern} != "(" ]] || { echo "error: \\"(\\" is no regular expression" >&2; exit 2; }
    grep -E -- "${pattern}" <<<"${ROWS}" || true
    ;;
  --run) [[ -z ${WRONG:-} ]] || { echo "error: $2: wrong answer: 41" >&2; exit 1; }
         echo '{"runs": 4000, "seconds": 2.0, "threads": 1}' ;;
esac
"""

PERF = """#!/bin/bash
# Stands in for perf, and does as PERF says.
printf 'perf %s\\n' "$*" >>"${LOG}"
refuse() {
  printf 'Error:\\nAccess to performance monitoring and observability operations is limited.\\nConsider adjusting' >&2
  printf '/proc/sys/kernel/perf_event_paranoid setting\\n' >&2
  exit 255
}
case $1-${PERF:-works} in
  *-refuses) refuse ;;
  stat-no_switches) [[ $* != *sched* ]] || refuse; echo "5,,cycles,5,100.00,," >&2 ;;
  stat-no_cycles)
    [[ $* == *cpu-clock* ]] && counted=0.5,msec,cpu-clock || counted="<not supported>,,cycles"
    echo "${counted},5,100.00,," >&2
    ;;
  stat-*) echo "5,,cycles,5,100.00,," >&2 ;;
  record-refuses_late) refuse ;;
  record-breaks) touch "$3"; echo "failed to mmap" >&2; exit 1 ;;
  record-overflows)
    touch "$3"
    echo "[ perf record: perf size limit reached (2097152 KB), stopping session ]" >&2
    exit 143
    ;;
  record-waits) touch "${LOG}.recording"; for ((i = 0; i < 1500; ++i)); do sleep 0.02; done ;;
  record-*) touch "$3"; while [[ $1 != -- ]]; do shift; done; shift; "$@" ;;
  script-garbled) echo "no sample at all" ;;
  script-empty) ;;
  script-*)
    [[ $* == *trace* ]] && recorded=off_cpu.txt || recorded=perf_script.txt
    sed s/bench_templating/bench_dag/ "${TESTDATA}/${recorded}"
    ;;
esac
"""

VALGRIND = """#!/bin/bash
printf 'valgrind %s\\n' "$*" >>"${LOG}"
[[ -z ${VALGRIND_FAILS:-} ]] || { echo "valgrind: cannot" >&2; exit 1; }
for argument; do
  [[ ${argument} != --callgrind-out-file=* ]] ||
    sed s/bench_templating/bench_dag/ "${TESTDATA}/callgrind.out" >"${argument#*=}"
done
"""

NPM = """#!/bin/bash
[[ -z ${OFFLINE:-} ]] || { echo "npm ERR! code ENOTFOUND" >&2; exit 1; }
cp "${STORE}" .
"""


class ProfileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.log = self.path("log")
        # A copy, so that nothing is written into the repository; and with another library to fetch.
        for name in ("profiling", "comparison"):
            shutil.copytree(os.path.join(SCRIPTS, name), self.path("scripts", name),
                            ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("profile", "headroom_format.py"):
            shutil.copy(os.path.join(SCRIPTS, name), self.path("scripts", name))
        with open(self.path("scripts", "profiling", "libraries.py"), "a", encoding="utf-8") as file:
            file.write(f"\nload.__defaults__ = (load.__defaults__[0], {self.make_library()!r})\n")
        for name in ("tree", "base"):
            self.write_executable(BENCHMARK, name, "bin", "bench_dag")
        for name, text in (("perf", PERF), ("valgrind", VALGRIND), ("npm", NPM)):
            self.write_executable(text, "bin", name)
        os.mkdir(self.path("tmp"))
        self.environment = {"PATH": f"{self.path('bin')}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                            "LOG": self.log, "TESTDATA": TESTDATA, "PYTHONDONTWRITEBYTECODE": "1", "HOME": self.folder,
                            "TMPDIR": self.path("tmp"), "STORE": self.path("library.tgz"),
                            "ROWS": "build/engine/nodes:10\nbuild/floor/nodes:10\ncycle/engine"}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def make_library(self):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w:gz") as opened:
            member = tarfile.TarInfo("package/dist/a.js")
            member.size = 11
            opened.addfile(member, io.BytesIO(b"let a = 42;"))
        with open(self.path("library.tgz"), "wb") as file:
            file.write(made.getvalue())
        return (("a", "1.0.0", base64.b64encode(hashlib.sha512(made.getvalue()).digest()).decode(), ("dist/a.js",)),)

    def write_executable(self, text, *parts):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(*parts), 0o755)

    def command(self, *arguments):
        return [self.path("scripts", "profile"), *arguments, "--built", "tree", "--out", "out"]

    def profile(self, *arguments, **environment):
        ran = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60, check=False,
                             cwd=self.folder, env={**self.environment, **environment})
        self.assertNotIn("Traceback", ran.stderr)
        self.assertEqual(os.listdir(self.path("tmp")), [], "temporary files are left")
        return ran

    def read(self, *parts):
        with open(self.path(*parts), encoding="utf-8") as file:
            return file.read()

    def test_draws_a_row(self):
        ran = self.profile("dag", "--filter", "^build/engine", "--seconds", "2")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         ["build_engine_nodes_10.folded", "build_engine_nodes_10.html"])
        self.assertIn("build/engine/nodes:10 (bench_dag)\n", ran.stdout)
        self.assertIn("9 samples, 500 µs a run", ran.stdout)
        self.assertRegex(ran.stdout, r"33\.3% +33\.3%  __memcmp_evex_movbe\n")
        self.assertIn("flame graph: out/build_engine_nodes_10.html", ran.stdout)
        self.assertIn("let a = 42;", self.read("out", "build_engine_nodes_10.html"))
        self.assertIn(";__memcmp_evex_movbe 3\n", self.read("out", "build_engine_nodes_10.folded"))

    def test_records_the_loop_alone(self):
        self.profile("bench_dag", "--filter", "^build/engine", "--seconds", "2")
        record = next(line for line in self.read("log").splitlines() if line.startswith("perf record"))
        fifos = re.search(r"--control=fifo:(\S+)", record)[1]
        self.assertIn("--delay=-1", record)
        self.assertTrue(record.endswith(f"--run build/engine/nodes:10 --seconds 2 --perf-control {fifos}"), record)

    def test_takes_cycles_where_they_count_and_the_clock_elsewhere(self):
        for perf, event, said in (("works", "cycles", "perf, cycles, "),
                                  ("no_cycles", "cpu-clock", "perf, the CPU clock (there is no hardware counter), ")):
            if os.path.exists(self.log):
                os.unlink(self.log)
            ran = self.profile("dag", "--filter", "cycle", PERF=perf)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn(f"-e {event}/freq=997/ ", re.search("perf record.*", self.read("log"))[0])
            self.assertIn(said, ran.stdout)

    def test_several_rows(self):
        ran = self.profile("dag", "--filter", "build")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(len(os.listdir(self.path("out"))), 4)
        self.assertIn("build/floor/nodes:10 (2 of 2)", ran.stderr)

    def test_diff(self):
        ran = self.profile("dag", "--filter", "cycle", "--diff", "base")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         ["cycle_engine.before.folded", "cycle_engine.folded", "cycle_engine.html"])
        self.assertIn("before: base, 9 samples", ran.stdout)
        self.assertIn("after: tree, 9 samples", ran.stdout)
        self.assertRegex(ran.stdout, r"33\.3% +33\.3% +0\.0 ~ +0\.0  __memcmp")

    def test_diff_with_what_knows_nothing_of_perf(self):
        self.write_executable(BENCHMARK.replace("${OLD---perf-control}", ""), "base", "bin", "bench_dag")
        ran = self.profile("dag", "--filter", "cycle", "--diff", "base")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertRegex(self.read("log"), r"perf record .*base/bin/bench_dag --run cycle/engine --iterations 4000\n")
        self.assertIn("base was built before scripts/profile was there", self.read("out", "cycle_engine.html"))

    def test_off_cpu(self):
        ran = self.profile("dag", "--filter", "cycle", "--off-cpu")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("-e sched:sched_switch/call-graph=dwarf,stack-size=4096/ --switch-events", self.read("log"))
        self.assertRegex(self.read("out", "cycle_engine.folded"), r"\[off CPU\];.*__GI___lll_lock_wait 2325\n")
        self.assertIn("3,361 µs", ran.stdout)
        ran = self.profile("dag", "--filter", "cycle", "--off-cpu", PERF="no_switches")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("time off the CPU is not shown: the kernel does not permit tracing", ran.stderr)
        self.assertIn("Time off the CPU is not shown", self.read("out", "cycle_engine.html"))

    def test_falls_back_to_callgrind(self):
        without_perf = self.path("without_perf")
        os.mkdir(without_perf)
        for name in ("valgrind", "npm"):
            os.symlink(self.path("bin", name), f"{without_perf}/{name}")
        for name in ("sed", "bash", "cp", "grep", "c++filt", "addr2line", "setpriv", "git"):
            os.symlink(shutil.which(name), f"{without_perf}/{name}")
        for environment, why in (({"PERF": "refuses"}, "Access to performance monitoring"),
                                 ({"PERF": "refuses_late"}, "Access to performance monitoring"),
                                 ({"PATH": without_perf}, "there is no perf")):
            with self.subTest(environment):
                ran = self.profile("dag", "--filter", "cycle", **environment)
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.assertIn(why, ran.stderr)
                self.assertEqual("sysctl -w kernel.perf_event_paranoid=2" in ran.stderr, "PERF" in environment)
                self.assertIn("falling back to callgrind", ran.stderr)
                self.assertIn("recorded by: callgrind, by instructions", ran.stdout)
                self.assertIn(why, self.read("out", "cycle_engine.html"))

    def test_callgrind_on_request(self):
        ran = self.profile("dag", "--filter", "cycle", "--engine", "callgrind", "--seconds", "3")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertNotIn("perf stat", self.read("log"))
        self.assertIn("--run cycle/engine --iterations 100", self.read("log"))
        self.assertIn("9,619 instructions, 96 instructions a run", ran.stdout)

    def test_failures(self):
        for environment, message in (
                ({"PERF": "breaks"}, "recording failed with status 1\nfailed to mmap"),
                ({"PERF": "overflows"}, "more than 2G of samples; record for a shorter time"),
                ({"PERF": "garbled"}, "cannot read what perf script printed: line 1"),
                ({"PERF": "empty"}, "nothing was recorded of the timed loop"),
                ({"WRONG": "yes"}, "wrong answer: 41"),
                ({"PERF": "refuses", "VALGRIND_FAILS": "yes"}, "callgrind failed with status 1\nvalgrind: cannot")):
            with self.subTest(environment):
                ran = self.profile("dag", "--filter", "cycle", **environment)
                self.assertEqual((ran.returncode, ran.stdout), (1, ""), ran.stderr)
                self.assertIn(message, ran.stderr)

    def test_perf_on_request_does_not_fall_back(self):
        ran = self.profile("dag", "--filter", "cycle", "--engine", "perf", PERF="refuses")
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("CAP_PERFMON", ran.stderr)
        self.assertNotIn("valgrind", self.read("log"))

    def test_offline_the_stacks_are_still_written(self):
        ran = self.profile("dag", "--filter", "cycle", OFFLINE="yes")
        self.assertEqual(ran.returncode, 1)
        self.assertRegex(ran.stderr, "(?s)the flame graph was not drawn, only the folded stacks were .*ENOTFOUND")
        self.assertEqual(os.listdir(self.path("out")), ["cycle_engine.folded"])
        self.assertIn("__memcmp_evex_movbe", ran.stdout)

    def test_unusable_arguments(self):
        many = "\n".join(f"build/engine/nodes:{number}" for number in range(9))
        cases = (
            (("dg", "--filter", "x"), "there is no benchmark \"dg\"; there are: bench_dag"),
            (("dag",), "--filter"), ((), "BINARY"), (("dag", "--filter"), "expected one argument"),
            (("dag", "--filter", ""), "an empty pattern matches every row"),
            (("dag", "--filter", "("), "is no regular expression"),
            (("dag", "--filter", "nothing"), "no row of bench_dag matches"),
            (("dag", "--filter", "enginenodes10"), "near it: build/engine/nodes:10"),
            (("dag", "--filter", "x", "--seconds", "0"), "\"0\" is not a number from 0.1 to 600"),
            (("dag", "--filter", "x", "--seconds", "nan"), "\"nan\" is not a number"),
            (("dag", "--filter", "x", "--seconds", "601"), "\"601\" is not a number"),
            (("dag", "--filter", "x", "--seconds", "ten"), "\"ten\" is not a number"),
            (("dag", "--filter", "x", "--engine", "gdb"), "invalid choice: 'gdb'"),
            (("dag", "--filter", "cycle", "--frobnicate"), "unrecognized arguments: --frobnicate"),
            (("dag", "--filter", "cycle", "--out", "tree/bin/bench_dag/x"), "cannot make the folder"),
            (("dag", "--filter", "cycle", "--built", "nowhere"), "\"nowhere\" is no build tree"))
        for arguments, message in cases:
            with self.subTest(arguments):
                command = self.command(*arguments) if "--out" not in arguments and "--built" not in arguments else \
                    [self.path("scripts", "profile"), "--built", "tree", *arguments]
                ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=self.folder,
                                     env=self.environment)
                self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
                self.assertIn(message, ran.stderr)
        ran = self.profile("dag", "--filter", "build", ROWS=many)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("9 rows match \"build\", and 8 is the most for one run", ran.stderr)

    def test_a_base_that_cannot_be_compared_with(self):
        subprocess.run(["git", "init", "-q", self.folder], check=True, env=self.environment)
        self.write_executable(BENCHMARK, "other", "bin", "bench_other")
        self.write_executable(BENCHMARK.replace("<<<\"${ROWS}\"", "<<<x"), "empty", "bin", "bench_dag")
        for base, message in (("nowhere", "there is no git ref"), ("other", "other has no bench_dag"),
                              ("empty", "empty has no row cycle/engine")):
            with self.subTest(base):
                ran = self.profile("dag", "--filter", "cycle", "--diff", base)
                self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
                self.assertIn(message, ran.stderr)
                self.assertFalse(os.path.exists(self.path("out")))

    def test_signals_end_it_cleanly(self):
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(sent):
                process = subprocess.Popen(self.command("dag", "--filter", "cycle"), stdout=subprocess.PIPE,
                                           stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                           env={**self.environment, "PERF": "waits"})
                self.wait_for_recording(process)
                process.send_signal(sent)
                _, stderr = process.communicate(timeout=30)
                self.assertEqual(process.returncode, 130, stderr)
                self.assertIn("interrupted", stderr)
                self.assertEqual(os.listdir(self.path("tmp")), [])
                self.assertEqual(self.stand_ins_running(), [])
                self.assertFalse(os.path.exists(self.path("out")))

    def test_killed_it_takes_perf_along(self):
        process = subprocess.Popen(self.command("dag", "--filter", "cycle"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, cwd=self.folder, env={**self.environment, "PERF": "waits"})
        self.wait_for_recording(process)
        process.kill()
        process.wait()
        for _ in range(200):
            if not self.stand_ins_running():
                return
            time.sleep(0.02)
        self.fail("perf goes on")

    def wait_for_recording(self, process):
        while not os.path.exists(f"{self.log}.recording"):
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        os.unlink(f"{self.log}.recording")

    def stand_ins_running(self):
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file, open(f"/proc/{entry}/stat", "rb") as stat:
                    if b") Z " not in stat.read() and self.path("bin").encode() in file.read():
                        found.append(entry)
            except OSError:
                continue  # it has just ended
        return found

    def test_help(self):
        ran = subprocess.run([self.path("scripts", "profile"), "--help"], capture_output=True, text=True, check=False,
                             env=self.environment)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertTrue(ran.stdout.startswith("usage: scripts/profile "))


if __name__ == "__main__":
    unittest.main()
