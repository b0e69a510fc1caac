"""Tests of preparing builds, on throw-away repositories and stand-ins for CMake, Ninja and the benchmarks."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import builds  # noqa: E402
from comparison.builds import BuildError, choose, describe, executables, prepare  # noqa: E402

# Configures by noting how, and builds by copying the source's files named bench_*; logs what was asked of it.
CMAKE = """#!/usr/bin/env bash
echo "cmake $*" >>"${HOME}/log"
if [[ $1 == -S ]]; then
  [[ ! -e $2/unknown_preset ]] || { echo "CMake Error: No such preset" && exit 1; }
  mkdir -p "$2/build/$4/bin" && echo "$2" >"$2/build/$4/source" && env >"$2/build/$4/environment"
  exit
fi
source=$(cat "$2/source")
if [[ -e ${source}/broken ]]; then
  for ((line = 1; line <= 100; ++line)); do echo "error on line ${line}" >&2; done
  exit 1
fi
[[ ! -e ${source}/slow ]] || sleep 0.3
if [[ -e ${source}/endless ]]; then
  sleep 60 &
  echo $! >"${HOME}/sleeping" && kill -INT "${PPID}" && wait
fi
for target in "${@:4}"; do
  [[ ${target} != -- ]] || break
  [[ -e ${source}/forgetful ]] || cp "${source}/${target}" "$2/bin/"
done
"""
NINJA = """#!/usr/bin/env bash
source=$(cat "$2/source")
echo "all: phony"
for path in "${source}"/bench_*; do
  [[ ! -e ${path} ]] || printf '%s: phony\\nbin/%s: CXX_EXECUTABLE_LINKER__%s_Release\\n' "${path##*/}" "${path##*/}" x
done
echo "bin/test_dag: CXX_EXECUTABLE_LINKER__test_dag_Release"
"""
TOOLS = ("git", "bash", "env", "cat", "mkdir", "cp", "sleep", "true")
DESCRIPTION = {"protocol": 1, "context": {"commit": "x"}, "rows": [{"name": "build/engine", "threads": 1, "size": 10}],
               "gate": ["build/engine"]}


def benchmark(output=None, errors="", status=0, first=""):
    output = json.dumps(DESCRIPTION) if output is None else output
    return (f"#!/usr/bin/env bash\n{first}\ncat >&2 <<'END'\n{errors}\nEND\n"
            f"cat <<'END'\n{output}\nEND\nexit {status}\n")


class BuildsTest(unittest.TestCase):
    """Gives a test a repository with two commits on main, the second checked out, and little but stand-ins on PATH."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        self.root = self.path("repository")
        for name in TOOLS:
            os.makedirs(self.path("tools"), exist_ok=True)
            os.symlink(shutil.which(name, path="/usr/bin:/bin"), self.path("tools", name))
        self.write_executable(CMAKE, "tools", "cmake")
        self.write_executable(NINJA, "tools", "ninja")
        environment = {"PATH": self.path("tools"), "HOME": self.folder, "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
                       **{f"GIT_{name}": "someone" for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME",
                                                                "COMMITTER_EMAIL")}}
        patched = mock.patch.dict(os.environ, environment, clear=True)
        patched.start()
        self.addCleanup(patched.stop)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        self.said = []
        self.make_repository()

    def make_repository(self):
        self.write("{}", "repository", "CMakePresets.json")
        self.write("/build/\n", "repository", ".gitignore")
        self.write_executable(benchmark(), "repository", "bench_dag")
        self.write_executable(benchmark(), "repository", "bench_dag_malloc")
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("first")
        self.write("more\n", "repository", "file")
        self.second = self.commit("second")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, text, *parts):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as file:
            file.write(text)

    def write_executable(self, text, *parts):
        self.write(text, *parts)
        os.chmod(self.path(*parts), 0o755)

    def git(self, *arguments):
        ran = subprocess.run(["git", "-C", self.root, *arguments], capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def commit_with(self, name):
        """A commit whose source makes the stand-ins behave in another way."""
        self.write("", "repository", name)
        return self.commit(name)

    def prepare(self, spec, **more):
        return prepare(self.root, spec, self.said.append, **more)

    def worktree(self, commit):
        return os.path.join(self.root, "build", "compare", commit[:12])

    def log(self):
        try:
            with open(self.path("log"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def builds_so_far(self):
        return self.log().count("cmake --build")

    def fails(self, expected, call, *arguments, **more):
        with self.assertRaises(BuildError) as caught:
            call(*arguments, **more)
        self.assertIn(expected, str(caught.exception))
        return str(caught.exception)


class RefTest(BuildsTest):
    def test_builds_a_ref_in_a_worktree(self):
        built = self.prepare("main~1")
        worktree = self.worktree(self.first)
        self.assertEqual((built.label, built.commit, built.dirty), (f"main~1 ({self.first[:12]})", self.first, False))
        self.assertEqual((built.tree, built.key, built.binaries),
                         (f"{worktree}/build/release", self.first, ["bench_dag"]))
        self.assertEqual(executables(built.tree), ["bench_dag"])
        self.assertFalse(os.path.exists(os.path.join(worktree, "file")))
        self.assertEqual(self.log().splitlines(), [f"cmake -S {worktree} --preset release",
                                                   f"cmake --build {built.tree} --target bench_dag -- --quiet"])
        self.assertEqual(self.said[0], f"building {built.label}: preset release")
        self.assertRegex(self.said[1], r"^built main~1 \([0-9a-f]{12}\) in \d+ s$")
        self.assertEqual(self.git("status", "--porcelain"), "")

    def test_a_commit_is_its_own_label(self):
        for spec in (self.first, self.first[:9], self.first[:9].upper()):
            self.assertEqual(self.prepare(spec).label, self.first[:12])

    def test_is_not_built_again(self):
        self.git("tag", "release-1", "main~1")
        labels = [self.prepare(spec).label for spec in ("main~1", "HEAD~1", "release-1", self.first)]
        self.assertEqual(self.builds_so_far(), 1)
        self.assertEqual(labels[1:3], [f"HEAD~1 ({self.first[:12]})", f"release-1 ({self.first[:12]})"])
        self.assertEqual(len(self.said), 2)

    def test_presets_are_kept_apart(self):
        release, profile = (self.prepare("main~1", preset=preset) for preset in ("release", "profile"))
        self.assertEqual(os.path.dirname(release.tree), os.path.dirname(profile.tree))
        self.assertEqual(profile.key, f"{self.first}-profile")
        self.assertEqual(self.builds_so_far(), 2)
        self.prepare("main~1")
        self.prepare("main~1", preset="profile")
        self.assertEqual(self.builds_so_far(), 2)

    def test_another_compiler_is_another_build(self):
        keys = set()
        for number, compiler in enumerate(("g++", "clang++", "clang++"), 1):
            os.environ["CXX"] = compiler
            keys.add(self.prepare("main~1").key)
            self.assertEqual(self.builds_so_far(), min(number, 2))
        self.assertEqual(len(keys), 2)
        self.assertNotIn(self.first, keys)

    def test_a_ref_that_does_not_build(self):
        self.commit_with("broken")
        message = self.fails("does not build (status 1)\n…\nerror on line 61\n", self.prepare, "main")
        self.assertTrue(message.endswith("error on line 99\nerror on line 100"))
        self.assertEqual(len(message.splitlines()), 42)
        self.fails("does not build", self.prepare, "main")  # nor is it taken for complete the next time
        self.commit_with("unknown_preset")
        self.assertTrue(self.fails("configuring preset asan failed", self.prepare, "main", preset="asan").endswith(
            "(status 1)\nCMake Error: No such preset"))

    def test_an_interrupted_build_goes_on(self):
        self.commit_with("broken")
        self.fails("does not build", self.prepare, "main")
        kept = os.path.join(self.worktree(self.git("rev-parse", "main")), "build", "release", "kept")
        with open(kept, "w", encoding="utf-8"):
            pass
        self.fails("does not build", self.prepare, "main")
        self.assertTrue(os.path.exists(kept))
        os.environ["CXXFLAGS"] = "-O3"
        self.fails("does not build", self.prepare, "main")
        self.assertFalse(os.path.exists(kept))

    @staticmethod
    def has_ended(status):
        """Gone, or ended and not noticed yet by whoever inherited it."""
        try:
            with open(status, encoding="ascii") as file:
                if "State:\tZ" in file.read():
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
        return False

    def test_ctrl_c_ends_all_of_a_build(self):
        self.commit_with("endless")
        with self.assertRaises(KeyboardInterrupt):
            self.prepare("main")
        with open(self.path("sleeping"), encoding="ascii") as file:
            status = f"/proc/{file.read().strip()}/status"
        self.assertTrue(any(self.has_ended(status) for _ in range(500)), "it was killed, and takes its time at most")
        with builds._Lock(os.path.join(self.root, "build", "compare", "lock")) as lock:
            self.assertTrue(lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB))

    def test_a_build_that_leaves_nothing(self):
        self.commit_with("forgetful")
        self.fails("building it left no bench_dag in ", self.prepare, "main")
        self.git("rm", "--quiet", "bench_dag", "bench_dag_malloc")
        self.commit("no benchmarks")
        self.fails("has no benchmarks", self.prepare, "main")

    def test_a_ref_without_presets(self):
        self.git("rm", "--quiet", "CMakePresets.json")
        self.commit("none")
        self.fails("there is no CMakePresets.json", self.prepare, "main")
        self.assertEqual(self.log(), "")

    def test_unknown_refs(self):
        self.git("branch", "feature/parser")
        self.git("tag", "v1.0")
        cases = (("feature/parsre", "near it: feature/parser"), ("mian~2", "near it: main"),
                 ("main~99", "\"main\" is there, but not its \"~99\""), ("zzzzz", "no build directory \"zzzzz\""),
                 ("--all", "\"--all\""), ("", "no build directory \"\""), ("main:file", "\"main:file\""),
                 ("main..HEAD", "\"main..HEAD\""), ("0123456789ab", "\"0123456789ab\""))
        for spec, expected in cases:
            self.assertNotIn("\n", self.fails(expected, self.prepare, spec))
        self.assertNotIn("near", self.fails("", self.prepare, "zzzzz"))

    def test_hooks_and_their_variables_do_not_matter(self):
        self.write_executable("#!/usr/bin/env bash\nexit 1\n", "repository", ".git", "hooks", "post-checkout")
        os.environ.update(GIT_DIR="/nowhere", GIT_INDEX_FILE="/nowhere", GIT_WORK_TREE="/")
        built = self.prepare("main~1")
        with open(os.path.join(built.tree, "environment"), encoding="utf-8") as file:
            self.assertNotIn("GIT_DIR", file.read())

    def test_tools_that_are_missing(self):
        for name, expected in (("ninja", "ninja is not installed"), ("cmake", "cmake is not installed"),
                               ("git", "git is not")):
            os.unlink(self.path("tools", name))
            self.fails(expected, self.prepare, "main~1" if name != "git" else "main")

    def test_compiler_cache(self):
        ccache = "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache"
        self.write_executable("#!/usr/bin/env bash\n", "tools", "ccache")
        built = self.prepare("main~1")
        self.assertIn(f"--preset release {ccache}\n", self.log())
        with open(os.path.join(built.tree, "environment"), encoding="utf-8") as file:
            self.assertIn(f"CCACHE_BASEDIR={self.worktree(self.first)}\n", file.read())
        os.environ["CMAKE_CXX_COMPILER_LAUNCHER"] = "sccache"
        self.prepare("main")
        self.assertEqual(self.log().count("ccache"), 2)


class CacheTest(BuildsTest):
    def check_built_again(self, damage, times=1):
        before = self.builds_so_far()
        self.prepare("main~1")
        damage(self.worktree(self.first))
        built = self.prepare("main~1")
        self.assertEqual(executables(built.tree), ["bench_dag"])
        self.assertEqual(self.builds_so_far() - before, times)
        asked = subprocess.run(["git", "-C", built.tree, "rev-parse", "HEAD", "--show-toplevel"], capture_output=True,
                               text=True, check=True)
        self.assertEqual(asked.stdout.split(), [self.first, self.worktree(self.first)])

    def test_what_is_broken_is_made_anew(self):
        def stamp(text):
            return lambda path: self.write(text, path, "build", "release", "headroom_compare.json")

        def edit(path):
            self.write("changed", path, "CMakePresets.json")

        def move_head(path):
            subprocess.run(["git", "-C", path, "checkout", "--quiet", self.second], check=True, capture_output=True)

        def forget(path):
            shutil.rmtree(os.path.join(self.root, ".git", "worktrees", os.path.basename(path)))

        def replace_by_file(path):
            shutil.rmtree(path)
            self.write("", path)

        cases = (stamp(""), stamp("{"), stamp("[]"), stamp('{"binaries": 7}'), stamp('{"binaries": [7]}'), edit,
                 move_head, forget,
                 shutil.rmtree, lambda path: os.unlink(os.path.join(path, ".git")), replace_by_file,
                 lambda path: os.unlink(os.path.join(path, "build", "release", "bin", "bench_dag")))
        self.check_built_again(lambda path: None)
        for damage in cases:
            with self.subTest(damage=damage):
                self.check_built_again(damage)

    def test_left_over_folders(self):
        os.makedirs(os.path.join(self.worktree(self.first), "build"))
        self.prepare("main~1")
        self.assertIn("is broken: making it anew", self.said[0])
        self.git("worktree", "lock", self.worktree(self.first))
        shutil.rmtree(self.worktree(self.first))
        self.check_built_again(lambda path: None, times=1)

    def test_keeps_the_six_used_last(self):
        commits = [self.commit(f"commit {number}") for number in range(8)]
        for number, commit in enumerate(commits[:6]):
            self.prepare(commit)
            os.utime(f"{self.worktree(commit)}.lock", (number, number))
        in_use = self.prepare(commits[0])
        os.utime(f"{self.worktree(commits[0])}.lock", (0, 0))
        self.prepare(commits[6])
        os.utime(f"{self.worktree(commits[6])}.lock", (6, 6))
        self.prepare(commits[7])
        kept = [commit for commit in commits if os.path.exists(self.worktree(commit))]
        self.assertEqual(kept, [commits[0], *commits[3:]])
        self.assertEqual(self.git("worktree", "list").count("detached"), 6)
        names = [commit[:12] for commit in kept]
        self.assertEqual(sorted(os.listdir(os.path.dirname(self.worktree(kept[0])))),
                         sorted(["lock", *names, *(f"{name}.lock" for name in names)]))
        del in_use
        self.prepare(commits[1])
        self.assertFalse(os.path.exists(self.worktree(commits[0])))

    def test_what_another_run_uses_is_not_remade(self):
        self.prepare("main~1")
        os.unlink(os.path.join(self.worktree(self.first), ".git"))
        with open(f"{self.worktree(self.first)}.lock", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            self.fails("has to be made anew, but another run uses it", self.prepare, "main~1")

        self.prepare("main~1")
        with open(f"{self.worktree(self.first)}.lock", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            os.environ["CXX"] = "clang++"
            self.fails("has to be made anew, but another run uses it", self.prepare, "main~1")
            self.prepare("main~1", preset="profile")  # in a build tree of its own

    def test_concurrent_runs_build_once(self):
        self.commit_with("slow")
        found, threads = [], []
        for _ in range(4):
            threads.append(threading.Thread(target=lambda: found.append(self.prepare("main"))))
            threads[-1].start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(found), self.builds_so_far()), (4, 1))
        self.assertEqual(self.said.count("waiting for another comparison to finish building"), 3)

    def test_a_lock_that_was_removed_is_taken_anew(self):
        path = self.path("lock")
        first, second = builds._Lock(path), builds._Lock(path)
        first.take(fcntl.LOCK_EX)
        waiting = threading.Thread(target=second.take, args=(fcntl.LOCK_EX,))
        waiting.start()
        time.sleep(0.05)
        os.unlink(path)
        first.release()
        waiting.join()
        with builds._Lock(path) as third:
            self.assertFalse(third.take(fcntl.LOCK_EX | fcntl.LOCK_NB))
        second.release()

    def test_a_folder_that_cannot_be_made(self):
        self.write("", self.root, "build")
        self.fails("build/compare: Not a directory", self.prepare, "main~1")


class WorkingTreeTest(BuildsTest):
    def test_is_built_where_it_is(self):
        for spec in (".", self.root, "repository"):
            built = self.prepare(spec)
            self.assertEqual((built.label, built.commit), (f"working tree ({self.second[:12]})", self.second))
            self.assertEqual((built.tree, built.binaries, built.dirty),
                             (f"{self.root}/build/release", ["bench_dag"], False))
        self.assertEqual(self.builds_so_far(), 3)
        self.assertNotIn("ccache", self.log())
        self.assertRegex(built.key, "^[0-9a-f]{16}$")

    def test_dirty(self):
        self.write("", self.root, "new")
        built = self.prepare(".")
        self.assertTrue(built.dirty)
        self.assertEqual(built.label, f"working tree ({self.second[:12]}+dirty)")

    def test_its_key_follows_the_binaries(self):
        keys = [self.prepare(".").key, self.prepare(".").key]
        self.write_executable(benchmark(first="true"), self.root, "bench_dag")
        keys += [self.prepare(".").key, self.prepare(".", preset="profile").key]
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(len(set(keys)), 3)

    def test_benchmarks_that_are_no_more_do_not_count(self):
        self.write_executable(benchmark(), self.root, "build", "release", "bin", "bench_old")
        self.assertEqual(self.prepare(".").binaries, ["bench_dag"])

    def test_without_git(self):
        shutil.rmtree(os.path.join(self.root, ".git"))
        built = self.prepare(".")
        self.assertEqual((built.label, built.commit, built.dirty), ("working tree", "", False))
        self.fails("git says: fatal: not a git repository", self.prepare, "main")

    def test_that_does_not_build(self):
        self.write("", self.root, "broken")
        self.fails("+dirty): does not build (status 1)\n", self.prepare, ".")


class FolderTest(BuildsTest):
    def test_is_taken_as_it_is(self):
        for name in ("bench_dag", "bench_other", "bench_other_malloc", "test_dag"):
            self.write_executable(benchmark(), "old", "bin", name)
        self.write("not executable", "old", "bin", "bench_notes")
        built = self.prepare("old")
        self.assertEqual((built.label, built.commit, built.dirty), ("old", "", False))
        self.assertEqual((built.tree, built.binaries), (self.path("old"), ["bench_dag", "bench_other"]))
        self.assertEqual((self.log(), self.said), ("", []))
        keys = {built.key, self.prepare("old").key}
        self.write_executable(benchmark(first="true"), "old", "bin", "bench_other_malloc")
        keys.add(self.prepare("old").key)
        self.assertEqual(len(keys), 1)
        self.write_executable(benchmark(first="true"), "old", "bin", "bench_other")
        keys.add(self.prepare(self.path("old")).key)
        self.assertEqual(len(keys), 2)

    def test_folder_or_ref(self):
        self.git("branch", "both")
        os.mkdir(self.path("both"))
        self.assertEqual(self.prepare("both").commit, self.second)
        self.assertEqual(self.said[0],
                         "\"both\" is a git ref, and a folder without bin/bench_* as well: taking the ref")
        self.write_executable(benchmark(), "both", "bin", "bench_dag")
        self.assertEqual(self.prepare("both").tree, self.path("both"))
        self.assertEqual(self.said[-1], "\"both\" is a git ref, and a build directory as well: taking the directory")

    def test_a_folder_without_benchmarks(self):
        os.makedirs(self.path("empty", "bin"))
        self.fails("\"empty\" is a folder without benchmarks (a build directory has bin/bench_*)", self.prepare,
                   "empty")

    def test_needs_no_git(self):
        self.write_executable(benchmark(), "old", "bin", "bench_dag")
        os.unlink(self.path("tools", "git"))
        self.assertEqual(self.prepare("old").binaries, ["bench_dag"])


class ChoiceTest(BuildsTest):
    def choose(self, *arguments):
        return choose(self.root, *arguments)

    def test_base_is_where_the_branch_left_main(self):
        self.git("checkout", "--quiet", "-b", "feature", "main~1")
        self.commit("on the branch")
        self.assertEqual(self.choose(), ("main~1", "."))
        self.git("branch", "--quiet", "-f", "main", "main~1")
        self.assertEqual(self.choose(), ("main", "."))
        self.assertEqual(self.choose("", "feature"), ("main", "feature"))
        self.assertEqual(self.choose("feature~1"), ("feature~1", "."))

    def test_remote_main(self):
        self.git("update-ref", "refs/remotes/origin/main", "main~1")
        self.git("branch", "--quiet", "-m", "main", "feature")
        base, head = self.choose()
        self.assertEqual((self.git("rev-parse", base), head), (self.first, "."))
        self.git("update-ref", "-d", "refs/remotes/origin/main")
        self.fails("no branch main and no origin/main", self.choose)

    def test_nothing_to_compare(self):
        advice = "Name an older base: scripts/compare HEAD~1"
        for arguments in ((), ("main",), ("HEAD",), (self.second,), ("", self.root)):
            message = self.fails(advice, self.choose, *arguments)
            self.assertIn(f"({self.second[:12]}) is the commit that is checked out, and no file was changed", message)
        self.fails("Name an older base: scripts/compare HEAD~1 HEAD", self.choose, "", "HEAD")
        self.fails("and no older commit is there", self.choose, "", "main~1")
        self.fails("the base is the working tree itself", self.choose, ".")

    def test_a_dirty_tree_is_compared_with_its_commit(self):
        self.write("", self.root, "new")
        self.assertEqual(self.choose(), ("main", "."))
        self.assertEqual(self.choose("HEAD"), ("HEAD", "."))
        self.fails("HEAD is the same commit as its base, main", self.choose, "", "HEAD")

    def test_the_same_twice_may_be_asked_for(self):
        self.assertEqual(self.choose("HEAD", "HEAD"), ("HEAD", "HEAD"))
        self.assertEqual(self.choose(".", "."), (".", "."))

    def test_folders(self):
        self.write_executable(benchmark(), "old", "bin", "bench_dag")
        self.assertEqual(self.choose("old"), ("old", "."))
        self.assertEqual(self.choose("", "old"), ("main", "old"))
        shutil.rmtree(os.path.join(self.root, ".git"))
        self.assertEqual(self.choose("old"), ("old", "."))
        self.fails("not a git repository", self.choose)

    def test_no_history(self):
        self.git("checkout", "--quiet", "--orphan", "unrelated")
        self.fails("no commit yet", self.choose)
        self.commit("unrelated")
        self.fails("HEAD and main have no commit in common", self.choose)

    def test_unknown_head(self):
        self.fails("no git ref and no build directory \"mian\"; near it: main", self.choose, "", "mian")


class DescribeTest(BuildsTest):
    def describe(self, *arguments, **more):
        self.write_executable(benchmark(*arguments, **more), "tree", "bin", "bench_dag")
        return describe(self.path("tree"))

    def test_every_benchmark(self):
        for name in ("bench_dag", "bench_other"):
            self.write_executable(benchmark(), "tree", "bin", name)
        self.write_executable(benchmark(status=1), "tree", "bin", "bench_dag_malloc")
        self.assertEqual(describe(self.path("tree")), {"bench_dag": DESCRIPTION, "bench_other": DESCRIPTION})
        self.assertEqual(list(describe(self.path("tree"), ["bench_other"])), ["bench_other"])

    def test_no_benchmarks(self):
        self.fails("has no benchmarks", describe, self.path("nowhere"))

    def test_what_samples_them_is_alone_in_their_environment(self):
        self.describe(first='[[ -z ${HEADROOM_CORPUS} ]] || exit 1')
        os.environ["HEADROOM_CORPUS"] = "x"
        self.describe(first='[[ -z ${HEADROOM_CORPUS} ]] || exit 1')

    def test_problems_name_the_binary(self):
        expected = "was built before comparisons were possible (no --describe)"
        cases = (
            ({"status": 2, "errors": "error: The following argument was not expected: --describe\nTry --help."},
             expected),
            ({"status": 1, "errors": "bench_dag: error: unrecognized command-line flag: --describe"}, expected),
            ({"status": 3, "errors": "out of\nmemory"}, "--describe failed with status 3: out of memory"),
            ({"status": 3}, "--describe failed with status 3"), ({"first": "kill -SEGV $$"}, "was ended by SIGSEGV"),
            ({"output": "build 1 ns"}, "printed no JSON, but: build 1 ns"),
            ({"output": ""}, "printed no JSON, but: nothing"),
            ({"output": '{"protocol": 1, "rows": ['}, "printed no JSON"),
            ({"output": "[" * 100_000}, "printed no JSON"),
            ({"output": "[]"}, "no description"), ({"output": "{}"}, "no description"),
            ({"output": '{"protocol": 2}'}, "speaks protocol 2, and this script 1"))
        for given, message in cases:
            found = self.fails(message, self.describe, **given)
            self.assertTrue(found.startswith(self.path("tree", "bin", "bench_dag") + ": "), found)
            self.assertNotIn("\n", found)

    def test_wrong_types(self):
        named = {"name": "a", "threads": 1, "size": 1}
        cases = (("rows", None), ("rows", [1]), ("rows", [{}]), ("rows", [{**named, "name": ""}]),
                 ("rows", [{**named, "threads": 0}]),
                 ("rows", [{**named, "size": "1"}]), ("context", []), ("gate", "a"), ("gate", [1]))
        for key, value in cases:
            self.fails(key, self.describe, json.dumps({**DESCRIPTION, key: value}))

    def test_takes_too_long(self):
        with mock.patch.object(builds, "DESCRIBE_SECONDS_MAX", 0.1):
            self.fails("took longer than 0.1 s", self.describe, first="exec sleep 5")

    def test_cannot_be_run(self):
        self.write_executable("#!/nowhere\n", "tree", "bin", "bench_dag")
        self.fails("bench_dag: cannot be run: No such file or directory", describe, self.path("tree"))


if __name__ == "__main__":
    unittest.main()
