"""Prepares what is compared: git refs, built in worktrees that are kept, build directories, and the working tree.

Worktrees are build/compare/<commit>, their build trees build/<preset> inside. Who uses one holds a shared lock on
<commit>.lock beside it, so that no other run removes it; who builds or removes one holds `lock`, which all share.
"""

import contextlib
import difflib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field

WORKING_TREE = "."
PROTOCOL = 1  # of --describe and all that follows from it
CACHED_MAX = 6
COMPILER_LINES_MAX = 40
DESCRIBE_SECONDS_MAX = 60

_STAMP = "headroom_compare.json"
_LAUNCHER = "CMAKE_CXX_COMPILER_LAUNCHER"
# What CMake takes from the environment: with other values, a build that is kept is not the one that is asked for.
_BUILD_VARIABLES = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH")
# Set by git for its hooks; they would lead it away from the repository that is meant.
_GIT_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


class BuildError(Exception):
    """A build that cannot be had, or cannot be compared. The message says why; what compilers said is its end."""


@dataclass
class Build:
    label: str  # for people: "main~2 (1a2b3c4d5e6f)"
    commit: str  # "" if unknown
    dirty: bool
    tree: str  # the build directory, with bin/
    key: str  # changes whenever the binaries may have changed
    binaries: list  # the names in bin/ that count; an old build tree may have more
    lock: object = field(default=None, repr=False, compare=False)  # while it lives, no other run removes the tree


def choose(root, base="", head=""):
    """(base, head) as prepare() takes them, defaults filled in; BuildError if there would be nothing to compare.

    Both named, they may well be the same: that shows what a comparison says of no change at all.
    """
    if base and head:
        return base, head
    if base and _is_root(base, root):
        raise BuildError("nothing to compare: the base is the working tree itself")
    if base and executables(base):
        return base, WORKING_TREE
    repository = _Repository(root)
    repository.require()
    head = head or WORKING_TREE
    is_tree = _is_root(head, root)
    is_ref = not is_tree and not executables(head)
    head_ref = head if is_ref else "HEAD"
    head_commit = repository.resolve(head_ref)
    if head_commit is None:
        raise BuildError(_unknown(repository, head) if is_ref else "there is no commit yet that could be the base")
    base = base or _default_base(repository, head_commit, head_ref)
    if repository.resolve(base) == head_commit and (is_ref or is_tree and not repository.is_dirty()):
        raise BuildError(_nothing_to_compare(repository, base, head if is_ref else ""))
    return base, head


def prepare(root, spec, say, preset="release"):
    """The Build of `spec`, made if need be: a git ref, a folder with bin/bench_*, or "." for the working tree.

    `say` gets a line for whatever takes time or may surprise. BuildError if there is no such build.
    """
    try:
        return _prepare(_Repository(root), spec, say, preset)
    except OSError as problem:
        raise BuildError(f"{problem.filename or spec}: {problem.strerror or problem}") from None


def describe(tree, binaries=None):
    """{binary: what it says of itself} for all benchmarks of a build tree, or those named; BuildError if one cannot."""
    if binaries is None:
        binaries = executables(tree)
    if not binaries:
        raise BuildError(f"{tree}: has no benchmarks (bin/bench_*)")
    return {binary: _describe(os.path.join(tree, "bin", binary)) for binary in binaries}


def executables(tree):
    """The benchmarks in a build tree, without the twins on the C library's allocator; none if it is no build tree."""
    folder = os.path.join(tree, "bin")
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(name for name in names if re.fullmatch(r"bench_\w+(?<!_malloc)", name)
                  and os.path.isfile(os.path.join(folder, name)) and os.access(os.path.join(folder, name), os.X_OK))


# Which builds are meant.


class _Repository:
    def __init__(self, root):
        self.root = os.path.realpath(root)
        self.cache = os.path.join(self.root, "build", "compare")

    def run(self, *arguments, where=None):
        environment = _environment() | {"LC_ALL": "C"}
        try:
            # Hooks are for people: whatever one does after a checkout is not wanted here.
            return subprocess.run(["git", "-C", where or self.root, "-c", "core.hooksPath=/dev/null", *arguments],
                                  stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
                                  check=False, env=environment)
        except FileNotFoundError:
            raise BuildError("git is not installed") from None

    def ask(self, *arguments, where=None):
        """What git answers, or None if it refuses."""
        ran = self.run(*arguments, where=where)
        return ran.stdout.strip() if ran.returncode == 0 else None

    def tell(self, *arguments):
        ran = self.run(*arguments)
        if ran.returncode != 0:
            raise BuildError(f"git {' '.join(arguments[:2])} failed: {ran.stderr.strip()}")

    def require(self):
        self.tell("rev-parse", "--git-dir")

    def resolve(self, ref):
        """The commit that `ref` names, or None."""
        return self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}") if ref else None

    def is_dirty(self):
        return bool(self.ask("status", "--porcelain"))


def _environment():
    return {name: value for name, value in os.environ.items() if name not in _GIT_VARIABLES}


def _is_root(spec, root):
    return spec == WORKING_TREE or os.path.isdir(spec) and os.path.realpath(spec) == os.path.realpath(root)


def _default_base(repository, head_commit, head):
    for main, ref in (("main", "refs/heads/main"), ("origin/main", "refs/remotes/origin/main")):
        tip = repository.resolve(ref)
        if tip is None:
            continue
        commit = repository.ask("merge-base", tip, head_commit)
        if not commit:
            raise BuildError(f"{head} and {main} have no commit in common (in a shallow clone: git fetch --unshallow); "
                             "name the base, e.g. scripts/compare HEAD~1")
        name = repository.ask("name-rev", "--name-only", f"--refs={ref}", commit)
        return name if name and repository.resolve(name) == commit else commit[:12]
    raise BuildError("there is no branch main and no origin/main to take the base from; name it, "
                     "e.g. scripts/compare HEAD~1")


def _nothing_to_compare(repository, base, head):
    commit = repository.resolve(base)[:12]
    what = f"{base} ({commit}) is the commit that is checked out, and no file was changed since"
    if head:
        what = f"{head} is the same commit as its base, {base} ({commit})"
    older = f"{head or 'HEAD'}~1"
    if repository.resolve(older) is None:
        return f"nothing to compare: {what}, and no older commit is there"
    return f"nothing to compare: {what}. Name an older base: scripts/compare {' '.join(filter(None, (older, head)))}"


def _unknown(repository, spec):
    if os.path.isdir(spec):
        return f"\"{spec}\" is a folder without benchmarks (a build directory has bin/bench_*), and no git ref"
    listed = repository.run("for-each-ref", "--format=%(refname:short)")
    message = f"there is no git ref and no build directory \"{spec}\""
    if listed.returncode != 0:
        return f"{message}; git says: {listed.stderr.strip()}"
    start = re.split(r"[~^@]", spec, maxsplit=1)[0]
    if start != spec and repository.resolve(start):
        return f"{message}; \"{start}\" is there, but not its \"{spec[len(start):]}\""
    near = difflib.get_close_matches(start, listed.stdout.split(), 3)
    return message + (f"; near it: {', '.join(near)}" if near else "")


def _prepare(repository, spec, say, preset):
    if _is_root(spec, repository.root):
        return _working_tree(repository, say, preset)
    binaries = executables(spec) if spec else []
    try:
        commit = repository.resolve(spec)
    except BuildError:  # no git at all, which a folder does not need
        if not binaries:
            raise
        commit = None
    if binaries:
        if commit:
            say(f"\"{spec}\" is a git ref, and a build directory as well: taking the directory")
        tree = os.path.abspath(spec)
        return Build(spec, "", False, tree, _digest(tree, binaries), binaries)
    if not commit:
        raise BuildError(_unknown(repository, spec))
    if os.path.isdir(spec):
        say(f"\"{spec}\" is a git ref, and a folder without bin/bench_* as well: taking the ref")
    return _of_commit(repository, spec, commit, say, preset)


def _digest(tree, binaries):
    digest = hashlib.sha256()
    for binary in binaries:
        path = os.path.realpath(os.path.join(tree, "bin", binary))
        with open(path, "rb") as file:
            content = file.read()
        digest.update(os.fsencode(path) + f"\0{len(content)}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


# Building.


def _working_tree(repository, say, preset):
    commit = repository.ask("rev-parse", "--verify", "--quiet", "HEAD") or ""
    dirty = bool(commit) and repository.is_dirty()
    label = f"working tree ({commit[:12]}{'+dirty' * dirty})" if commit else "working tree"
    tree = os.path.join(repository.root, "build", preset)
    with _building(repository, say):
        binaries = _make(repository.root, tree, preset, label, say)
    return Build(label, commit, dirty, tree, _digest(tree, binaries), binaries)


def _of_commit(repository, spec, commit, say, preset):
    label = commit[:12] if commit.startswith(spec.lower()) else f"{spec} ({commit[:12]})"
    if repository.ask("cat-file", "-e", f"{commit}:CMakePresets.json") is None:
        raise BuildError(f"{label}: there is no CMakePresets.json in its source, so it cannot be built here")
    os.makedirs(repository.cache, exist_ok=True)
    cached = _Worktree(repository, commit, preset)
    cached.use()
    if not cached.is_complete():
        cached.lock.release()  # Who waits to build must not keep the one who does from it.
        with _building(repository, say):
            cached.use()
            if not cached.is_complete():  # another run may have built it by now
                cached.make(label, say)
            _remove_unused(repository)
    variant = [preset] * (preset != "release") + [cached.variables_digest()] * bool(cached.variables)
    return Build(label, commit, False, cached.tree, "-".join([commit, *variant]), cached.binaries(), cached.lock)


class _Worktree:
    """The worktree of one commit, and its build tree of one preset."""

    def __init__(self, repository, commit, preset):
        self.repository = repository
        self.commit = commit
        self.preset = preset
        self.path = os.path.join(repository.cache, commit[:12])
        self.tree = os.path.join(self.path, "build", preset)
        self.variables = {name: os.environ[name] for name in _BUILD_VARIABLES if os.environ.get(name)}
        self.begun = {"commit": commit, "variables": self.variables}
        self.lock = None

    def variables_digest(self):
        return hashlib.sha256(json.dumps(self.variables, sort_keys=True).encode()).hexdigest()[:8]

    def use(self):
        self.lock = _Lock(f"{self.path}.lock")
        self.lock.take(fcntl.LOCK_SH)
        os.utime(self.lock.path)

    def is_complete(self):
        return (self._is_begun() and bool(self.binaries()) and set(self.binaries()) <= set(executables(self.tree))
                and self._is_checked_out())

    def binaries(self):
        """Those that a finished build made; none if it is not finished."""
        found = self._stamp().get("binaries")
        return found if isinstance(found, list) and all(isinstance(name, str) for name in found) else []

    def make(self, label, say):
        if not self._is_checked_out():
            self._check_out(label, say)
        if not self._is_begun():
            self._start_anew()
        options, environment = _with_ccache(self.path)
        start = time.monotonic()
        binaries = _make(self.path, self.tree, self.preset, label, say, options, environment)
        self._write_stamp({**self.begun, "binaries": binaries})
        say(f"built {label} in {time.monotonic() - start:.0f} s")

    def _is_checked_out(self):
        # Without its .git, what lies there would count as part of the repository around it.
        found = self.repository.ask("rev-parse", "--show-toplevel", "HEAD", where=self.path) \
            if os.path.isdir(self.path) else None
        return (found is not None and found.splitlines() == [self.path, self.commit]
                and self.repository.ask("status", "--porcelain", "--untracked-files=no", where=self.path) == "")

    def _check_out(self, label, say):
        if os.path.lexists(self.path):
            say(f"the worktree of {label} is broken: making it anew")
        self._require_alone()
        _remove_worktree(self.repository, self.path)
        self.repository.tell("worktree", "add", "--force", "--force", "--detach", self.path, self.commit)
        self.lock.take(fcntl.LOCK_SH)

    def _is_begun(self):
        """Whether the build tree is of this commit and these variables, finished or not."""
        return self.begun.items() <= self._stamp().items()

    def _start_anew(self):
        if os.path.isdir(self.tree):
            self._require_alone()
            shutil.rmtree(self.tree)
        os.makedirs(self.tree)
        self._write_stamp(self.begun)
        self.lock.take(fcntl.LOCK_SH)

    def _require_alone(self):
        # Others hold it for a moment only, to see whether there is something to build.
        if not any(self.lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB) or time.sleep(0.02) for _ in range(50)):
            raise BuildError(f"{self.path}: has to be made anew, but another run uses it")

    def _stamp(self):
        try:
            with open(os.path.join(self.tree, _STAMP), encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write_stamp(self, content):
        path = os.path.join(self.tree, _STAMP)
        with open(f"{path}.unfinished", "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        os.replace(f"{path}.unfinished", path)


def _remove_worktree(repository, path):
    repository.ask("worktree", "remove", "--force", "--force", path)
    if os.path.islink(path) or os.path.isfile(path):
        os.unlink(path)
    elif os.path.isdir(path):
        shutil.rmtree(path)
    repository.tell("worktree", "prune")


def _remove_unused(repository):
    """Removes the worktrees that were not used for longest, but none that a run is using."""
    names = [name for name in os.listdir(repository.cache) if re.fullmatch("[0-9a-f]{12}", name)]
    excess = len(names) - CACHED_MAX
    for name in sorted(names, key=lambda name: _last_use(os.path.join(repository.cache, name))):
        if excess <= 0:
            return
        with _Lock(os.path.join(repository.cache, f"{name}.lock")) as lock:
            if lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
                _remove_worktree(repository, os.path.join(repository.cache, name))
                os.unlink(lock.path)
                excess -= 1


def _last_use(path):
    try:
        return os.stat(f"{path}.lock").st_mtime
    except OSError:
        return 0.0


class _Lock:
    """A file's lock, held until it is released or forgotten."""

    def __init__(self, path):
        self.path = path
        self.file = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()

    def __del__(self):
        self.release()

    def take(self, kind):
        """Takes it, or exchanges what is held; False if `kind` is not to wait and another has it."""
        while True:
            if self.file is None:
                self.file = open(self.path, "ab")
            try:
                fcntl.flock(self.file, kind)
            except BlockingIOError:
                return False
            if self._is_there():
                return True
            self.release()  # another run removed it meanwhile

    def release(self):
        if self.file is not None:
            self.file.close()
            self.file = None

    def _is_there(self):
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self.file.fileno()))
        except FileNotFoundError:
            return False


def _building(repository, say):
    """The lock of who builds; one at a time, as a second build would only slow down the first."""
    os.makedirs(repository.cache, exist_ok=True)
    lock = _Lock(os.path.join(repository.cache, "lock"))
    if not lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
        say("waiting for another comparison to finish building")
        lock.take(fcntl.LOCK_EX)
    return lock


def _with_ccache(source):
    """(options of CMake, environment) that make a compiler cache find what it has seen in other worktrees."""
    environment = _environment()
    environment.setdefault("CCACHE_BASEDIR", source)
    if _LAUNCHER in environment or not shutil.which("ccache"):
        return (), environment
    return (f"-D{_LAUNCHER}=ccache", f"-D{_LAUNCHER.replace('CXX', 'C')}=ccache"), environment


def _make(source, tree, preset, label, say, options=(), environment=None):
    """Builds the benchmarks of a source tree; returns their names."""
    say(f"building {label}: preset {preset}")
    environment = environment or _environment()
    _run(["cmake", "-S", source, "--preset", preset, *options], f"{label}: configuring preset {preset} failed",
         environment)
    listed = _run(["ninja", "-C", tree, "-t", "targets", "all"], f"{label}: its targets cannot be listed", environment)
    # CMake's own rule: the names of phony targets and aliases come without it.
    found = re.findall(r"^bin/(bench_\w+): CXX_EXECUTABLE_LINKER", listed, re.MULTILINE)
    binaries = sorted(name for name in found if not name.endswith("_malloc"))
    if not binaries:
        raise BuildError(f"{label}: its source has no benchmarks (targets bench_*)")
    _run(["cmake", "--build", tree, "--target", *binaries, "--", "--quiet"], f"{label}: does not build", environment)
    missing = set(binaries) - set(executables(tree))
    if missing:
        raise BuildError(f"{label}: building it left no {', '.join(sorted(missing))} in {tree}/bin")
    return binaries


def _run(command, failure, environment):
    """What the command printed; BuildError with the end of it if it fails."""
    try:
        # A session of its own, so that all of it can be ended, however deep: two builds must not work in one tree.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   encoding="utf-8", errors="replace", env=environment, start_new_session=True)
    except FileNotFoundError:
        raise BuildError(f"{failure}: {command[0]} is not installed (scripts/setup does it)") from None
    with process:
        try:
            output, _ = process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.communicate()
            raise
    if process.returncode != 0:
        lines = output.rstrip().splitlines()
        left_out = ["…"] * (len(lines) > COMPILER_LINES_MAX)
        failure = f"{failure} (status {process.returncode})"
        raise BuildError("\n".join([failure, *left_out, *lines[-COMPILER_LINES_MAX:]]))
    return output


# Asking the benchmarks.


def _describe(path):
    try:
        # In the same environment in which it will be sampled: a variable may add rows.
        ran = subprocess.run([path, "--describe"], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                             timeout=DESCRIBE_SECONDS_MAX, env={"LC_ALL": "C"})
    except OSError as problem:
        raise BuildError(f"{path}: cannot be run: {problem.strerror}") from None
    except subprocess.TimeoutExpired:
        raise BuildError(f"{path}: --describe took longer than {DESCRIBE_SECONDS_MAX} s") from None
    if ran.returncode != 0:
        raise BuildError(f"{path}: {_failure(ran)}")
    try:
        description = json.loads(ran.stdout)
    except (ValueError, RecursionError):
        raise BuildError(f"{path}: --describe printed no JSON, but: {_excerpt(ran.stdout) or 'nothing'}") from None
    problem = _check(description)
    if problem:
        raise BuildError(f"{path}: {problem}")
    return description


def _failure(ran):
    errors = _excerpt(ran.stderr)
    if ran.returncode < 0:
        try:
            return f"--describe was ended by {signal.Signals(-ran.returncode).name}"
        except ValueError:
            return f"--describe was ended by signal {-ran.returncode}"
    if "--describe" in errors:  # as the option that was not expected
        return "was built before comparisons were possible (no --describe)"
    return f"--describe failed with status {ran.returncode}" + (f": {errors}" if errors else "")


def _excerpt(output, length=200):
    return " ".join(output.decode(errors="replace").split())[:length]


def _check(description):
    """What is wrong with a description; "" if nothing."""
    if not isinstance(description, dict) or "protocol" not in description:
        return "--describe printed JSON that is no description"
    if description["protocol"] != PROTOCOL:
        return f"speaks protocol {description['protocol']}, and this script {PROTOCOL}"
    rows, gate = description.get("rows"), description.get("gate")
    if not isinstance(rows, list) or not all(map(_is_row, rows)):
        return "--describe printed rows that cannot be read"
    if not isinstance(description.get("context"), dict):
        return "--describe printed no context"
    if not isinstance(gate, list) or not all(isinstance(name, str) for name in gate):
        return "--describe printed a gate that cannot be read"
    return ""


def _is_row(row):
    def is_count(value, least):
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    return (isinstance(row, dict) and isinstance(row.get("name"), str) and bool(row["name"])
            and is_count(row.get("threads"), 1) and is_count(row.get("size"), 0))
