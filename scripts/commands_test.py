"""Tests of scripts/bench and scripts/setup on stand-ins for the benchmarks and for apt; nothing is built or installed."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

SCRIPTS = os.path.dirname(os.path.abspath(__file__))
TESTDATA = os.path.join(SCRIPTS, "testdata")

BENCHMARK = """#!/usr/bin/env bash
# Stands in for a benchmark binary: behaves as its name and STUB say.
printf '%s\\n' "$@" >"${0%/bin/*}/arguments"
for argument; do
  case ${argument} in --benchmark_out=*) out=${argument#*=} ;; esac
done
echo "console" && echo "progress" >&2
case ${0##*_}-${STUB:-} in
  *-fails) cp "${TESTDATA}/failed.json" "${out}" && exit 1 ;;
  *-crashes) cp "${TESTDATA}/cut_short.json" "${out}" && kill -SEGV $$ ;;
  *-throws) cp "${TESTDATA}/dag.json" "${out}" && exit 2 ;;
  *-matches_nothing) exit 2 ;;
  *-dies_early) exit 3 ;;
  *-waits | *-waits_for_nothing)
    [[ ${STUB} == waits ]] || TESTDATA=/nowhere
    trap 'cp "${TESTDATA}/dag.json" "${out}" 2>/dev/null || : >"${out}"; exit 130' INT
    echo "ready" >&2
    for ((round = 0; round < 1500; ++round)); do sleep 0.02; done
    ;;
  dag-*) cp "${TESTDATA}/dag.json" "${out}" ;;
  *) sed 's/bench_dag/bench_other/' "${TESTDATA}/dag.json" >"${out}" ;;
esac
"""


class ScriptTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TESTDATA": TESTDATA,
                            "PYTHONDONTWRITEBYTECODE": "1", "HOME": self.folder}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write_executable(self, text, *parts):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(*parts), 0o755)

    def read(self, *parts):
        with open(self.path(*parts), encoding="utf-8") as file:
            return file.read()

    def run_script(self, name, *arguments, **environment):
        return subprocess.run([os.path.join(SCRIPTS, name), *arguments], capture_output=True, text=True, timeout=60,
                              check=False, cwd=self.folder, env={**self.environment, **environment})


class BenchTest(ScriptTest):
    def setUp(self):
        super().setUp()
        for name in ("bench_dag", "bench_other", "bench_dag_malloc"):
            self.write_executable(BENCHMARK, "tree", "bin", name)

    def bench(self, *arguments, **environment):
        return self.run_script("bench", "--built", "tree", "--out", "out", *arguments, **environment)

    def test_runs_every_class_and_prints_the_table(self):
        ran = self.bench()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(sorted(os.listdir(self.path("out"))), ["dag.json", "other.json"])
        self.assertIn("── dag ──", ran.stdout)
        self.assertIn("── other ──", ran.stdout)
        self.assertIn("measuring: other (2 of 2)\n", ran.stderr)
        self.assertTrue(ran.stderr.endswith("results: out\n"))

    def test_standard_output_is_the_table_alone(self):
        self.assertNotIn("console", self.bench("--only", "dag").stdout)
        self.assertEqual(len(json.loads(self.bench("--json", "--only", "dag").stdout)), 2)

    def test_arguments_reach_the_binary(self):
        os.mkdir(self.path("manifests"))
        ran = self.bench("--quick", "--only=dag", "--corpus", "manifests", "--", "--benchmark_filter=a b/", "--out", "x")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(self.read("tree", "arguments").splitlines(),
                         ["--rounds", "1", "--quick", "--corpus", "manifests", "--benchmark_filter=a b/", "--out", "x",
                          "--benchmark_out=out/dag.json"])

    def test_only_takes_several_classes(self):
        ran = self.bench("--only", "other", "dag", "--quick")
        self.assertEqual(re.findall(r"measuring: (\w+)", ran.stderr), ["other", "dag"])

    def test_unusable_arguments(self):
        cases = {
            ("--frobnicate",): "unknown argument \"--frobnicate\"", ("dag",): "unknown argument \"dag\"",
            ("--quick=yes",): "unknown argument \"yes\"", ("--only",): "--only needs the name of a class",
            ("--only", "--quick"): "--only needs the name of a class", ("--only", "dg"): "there are: dag other",
            ("--only", "dag_malloc"): "there is no class \"dag_malloc\"", ("--out",): "--out needs a folder",
            ("--out="): "--out needs a folder", ("--corpus", "none"): "there is no folder \"none\"",
            ("--built", "none"): "there is no build tree \"none\"", ("--out", "tree/bin/bench_dag/x"): "cannot make the folder",
            ("--", "--benchmark_out=mine.json"): "\"--benchmark_out\" cannot be passed on",
            ("--", "--quick", "--benchmark_out_format=csv"): "\"--benchmark_out_format\" cannot be passed on",
        }
        for arguments, message in cases.items():
            arguments = [arguments] if isinstance(arguments, str) else arguments
            with self.subTest(arguments):
                ran = self.bench(*arguments)
                self.assertEqual((ran.returncode, ran.stdout), (2, ""), ran.stderr)
                self.assertIn(message, ran.stderr)
                self.assertIn("bench --help", ran.stderr)

    def test_no_benchmarks(self):
        shutil.rmtree(self.path("tree", "bin"))
        os.mkdir(self.path("tree", "bin"))
        ran = self.bench()
        self.assertEqual((ran.returncode, ran.stderr), (1, "error: there are no benchmarks in tree\n"))

    def test_failures_still_print_what_was_measured(self):
        for stub, status, shown, said in (
                ("fails", 1, "FAILED lemon", "bench_dag failed with status 1"),
                ("crashes", 1, "dag.json was cut short", "bench_dag was ended by SIGSEGV"),
                ("throws", 1, "layered", "results: out"),
                ("dies_early", 1, "", "nothing was measured"), ("matches_nothing", 2, "", "nothing was measured")):
            with self.subTest(stub):
                ran = self.bench("--only", "dag", STUB=stub)
                self.assertEqual(ran.returncode, status, ran.stderr)
                self.assertIn(shown, ran.stdout)
                self.assertIn(said, ran.stderr)
                self.assertEqual(os.path.exists(self.path("out")), bool(shown))

    def test_old_results_are_not_shown_as_new(self):
        self.bench("--only", "dag")
        self.assertEqual(self.bench("--only", "dag", STUB="dies_early").stdout, "")

    def test_signals_end_the_run_cleanly(self):
        for stub, sent in (("waits", signal.SIGINT), ("waits", signal.SIGTERM), ("waits", signal.SIGHUP),
                           ("waits_for_nothing", signal.SIGINT)):
            with self.subTest(stub, sent=sent):
                process = subprocess.Popen([os.path.join(SCRIPTS, "bench"), "--built", "tree", "--out", "out"],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                           env={**self.environment, "STUB": stub})
                while process.stderr.readline() != "ready\n":
                    self.assertIsNone(process.poll())
                process.send_signal(sent)
                stdout, stderr = process.communicate(timeout=30)
                self.assertEqual(process.returncode, 130, stderr)
                self.assertEqual("layered" in stdout, stub == "waits")
                self.assertNotIn("measuring: other", stderr)
                self.assertEqual(self.running_benchmarks(), [])

    def test_control_c_on_a_terminal(self):
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execve(os.path.join(SCRIPTS, "bench"), ["bench", "--built", "tree", "--out", "out"],
                      {**self.environment, "STUB": "waits"})
        self.addCleanup(os.close, terminal)
        shown = b""
        while b"ready" not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, b"\x03")
        try:
            while chunk := os.read(terminal, 4096):
                shown += chunk
        except OSError:  # how a terminal says that its last user has left
            pass
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), 130, shown)
        self.assertIn("layered", shown.decode())
        self.assertEqual(self.running_benchmarks(), [])

    def test_a_killed_script_takes_its_benchmark_along(self):
        process = subprocess.Popen([os.path.join(SCRIPTS, "bench"), "--built", "tree", "--out", "out"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                   env={**self.environment, "STUB": "waits"})
        while process.stderr.readline() != "ready\n":
            self.assertIsNone(process.poll())
        process.kill()
        process.wait()
        process.stderr.close()
        for _ in range(200):
            if not self.running_benchmarks():
                return
            time.sleep(0.02)
        self.fail("the benchmark goes on")

    def running_benchmarks(self):
        """Command lines of processes of this test's stand-ins."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file, open(f"/proc/{entry}/stat", "rb") as stat:
                    alive = b") Z " not in stat.read()
                    words = file.read().decode(errors="replace").split("\0")
                    if alive and os.path.realpath(f"/proc/{entry}/cwd") == os.path.realpath(self.folder):
                        found += [word for word in words if "/bin/bench_" in word]
            except OSError:
                continue  # it has just ended
        return found


class SetupTest(ScriptTest):
    def setUp(self):
        super().setUp()
        self.write_executable('#!/bin/bash\n[[ " ${MISSING:-} " == *" $4 "* ]] || echo -n installed\n', "bin", "dpkg-query")
        # More than a pipe holds, as versions are listed behind the candidate: whoever stops reading ends it early.
        self.write_executable('#!/bin/bash\necho "$2:"; echo "  Candidate: ${CANDIDATE:-1.0}"; seq 20000\n',
                              "bin", "apt-cache")
        self.write_executable('#!/bin/bash\necho "$*" >>"${HOME}/log"\n[[ "$*" != *--simulate* ]] || echo "${PLAN:-}"\n'
                              '[[ "$1" != "${REFUSED:-}" ]]\n', "bin", "apt-get")
        self.write_executable('#!/bin/bash\n"$@"\n', "bin", "sudo")
        self.environment["PATH"] = self.path("bin") + ":" + self.environment["PATH"]

    def log(self):
        return self.read("log") if os.path.exists(self.path("log")) else ""

    def test_complete(self):
        for arguments in ((), ("--check",), ("--ci",), ("--ci", "--check")):
            ran = self.run_script("setup", *arguments)
            self.assertEqual((ran.returncode, ran.stderr), (0, ""), arguments)
            self.assertRegex(ran.stdout, r"^setup: complete, \d+ packages\n$")
        self.assertEqual(self.log(), "")

    def test_check_installs_nothing(self):
        for arguments, missing in (((), "cmake"), (("--ci",), "cmake shellcheck")):
            ran = self.run_script("setup", "--check", *arguments, MISSING="shellcheck cmake")
            self.assertEqual((ran.returncode, ran.stdout), (1, f"setup: missing {missing}\n"))
        self.assertEqual(self.log(), "")

    def test_what_profiling_needs_goes_by_its_commands(self):
        for name in ("bash", "dirname", "readlink", "seq", "tr", "sed", "env"):
            os.makedirs(self.path("tools"), exist_ok=True)
            os.symlink(shutil.which(name), self.path("tools", name))
        path = f"{self.path('bin')}:{self.path('tools')}"
        missing = {"PATH": path, "MISSING": "linux-perf npm"}
        ran = self.run_script("setup", "--check", **missing)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        ran = self.run_script("setup", "--check", "--profile", **missing)
        self.assertEqual(ran.returncode, 1)
        self.assertEqual(sorted(ran.stdout.split()), ["linux-perf", "missing", "npm", "setup:"])
        self.write_executable("", "bin", "perf")
        ran = self.run_script("setup", "--check", "--profile", **missing)
        self.assertEqual((ran.returncode, ran.stdout), (1, "setup: missing npm\n"))
        self.write_executable("", "bin", "npm")
        ran = self.run_script("setup", "--check", "--profile", **missing)
        self.assertEqual(ran.returncode, 0, ran.stdout)

    def test_installs_what_is_missing(self):
        ran = self.run_script("setup", MISSING="cmake libfmt-dev")
        self.assertEqual((ran.returncode, ran.stdout), (0, "setup: installed cmake libfmt-dev\n"), ran.stderr)
        self.assertEqual(ran.stderr, "installing: cmake libfmt-dev\n")
        update, simulated, installed = self.log().splitlines()
        self.assertEqual(update, "update -qq")
        self.assertIn("--simulate", simulated)
        self.assertRegex(installed, r"^install .*--no-install-recommends --no-remove .*cmake libfmt-dev$")

    def test_no_server_is_set_up_or_started(self):
        settings = "/etc/postgresql-common/createcluster.d"
        policy = "" if os.path.exists("/usr/sbin/policy-rc.d") else "/usr/sbin/policy-rc.d"
        for name in ("tee", "mkdir", "chmod", "rm", "rmdir", "update-rc.d"):
            self.write_executable(f'#!/bin/bash\necho "{name} $*" >>"${{HOME}}/log"\n', "bin", name)
        self.write_executable('#!/bin/bash\n[[ "$*" == *--simulate* ]] && exit\necho "apt-get $1" >>"${HOME}/log"\n'
                              '[[ "$1" != "${REFUSED:-}" ]]\n', "bin", "apt-get")
        written = [f"tee {settings}/headroom.conf"] + [f"tee {policy}"] * bool(policy)
        removed = [f"rm -f {settings}/headroom.conf {policy}".rstrip()]
        removed.append(f"rmdir --ignore-fail-on-non-empty {settings}")
        cases = (
            ("cmake libpq-dev", "", ["apt-get install"]),
            ("postgresql-15", "", written + ["apt-get install"] + removed),
            ("cmake pgbouncer", "", written + ["apt-get install"] + removed + ["update-rc.d pgbouncer disable"]),
            ("pgbouncer", "install", written + ["apt-get install"] + removed))
        for missing, refused, expected in cases:
            with self.subTest(missing, refused=refused):
                self.write_executable("", "log")
                ran = self.run_script("setup", MISSING=missing, REFUSED=refused)
                self.assertEqual(ran.returncode, 1 if refused else 0, ran.stderr)
                done = [line for line in self.log().splitlines() if not line.startswith(("mkdir", "chmod"))]
                self.assertEqual(done, ["apt-get update"] + expected)

    def test_stale_lists_are_no_failure(self):
        ran = self.run_script("setup", MISSING="cmake", REFUSED="update")
        self.assertEqual(ran.returncode, 0)
        self.assertIn("could not all be refreshed", ran.stderr)

    def test_failures_are_explained(self):
        cases = (
            ({"CANDIDATE": "(none)"}, "apt knows no package libboost1.81-dev; this project is made for Debian 12"),
            ({"PLAN": "Remv libboost1.74-dev [1.74.0]\nInst libboost1.81-dev"},
             "would remove: libboost1.74-dev. If you can do without, run: apt-get remove libboost1.74-dev"),
            ({"PLAN": "Remv bjam [1]\nRemv other [1]"}, "would remove: bjam other. "),
            ({"REFUSED": "install", "PLAN": "E: Unable to correct problems"}, "apt cannot install: libboost1.81-dev"))
        for environment, message in cases:
            with self.subTest(message):
                ran = self.run_script("setup", MISSING="libboost1.81-dev", **environment)
                self.assertEqual((ran.returncode, ran.stdout), (1, ""))
                self.assertIn(message, ran.stderr)
                self.assertEqual("Boost 1.81 cannot be" in ran.stderr, "libboost1.74" in message)
                self.assertNotIn("--no-remove", self.log())

    def test_without_apt(self):
        for name in ("bash", "dirname", "readlink"):
            os.makedirs(self.path("tools"), exist_ok=True)
            os.symlink(shutil.which(name), self.path("tools", name))
        ran = self.run_script("setup", PATH=self.path("tools"))
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("This is not Debian", ran.stderr)
        self.assertIn("libboost1.81-dev", ran.stderr)


class ArgumentsTest(ScriptTest):
    def test_help(self):
        for name in ("setup", "bench", "test", "table", "profile"):
            for argument in ("--help", "-h"):
                ran = self.run_script(name, argument)
                self.assertEqual((ran.returncode, ran.stderr), (0, ""), name)
                self.assertIn(f"scripts/{name} ", ran.stdout.splitlines()[0] + " ")

    def test_unknown_arguments(self):
        for name in ("setup", "test"):
            for argument in ("--frobnicate", "x", ""):
                ran = self.run_script(name, argument)
                self.assertEqual((ran.returncode, ran.stdout), (2, ""), name)
                self.assertIn(f"error: unknown argument \"{argument}\"", ran.stderr)


if __name__ == "__main__":
    unittest.main()
