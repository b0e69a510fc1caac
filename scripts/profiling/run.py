"""What scripts/profile does, from its arguments to the files."""

import argparse
import datetime
import math
import os
import re
import shutil
import subprocess
import sys

from comparison import builds
from headroom_format import printable

from . import ProfileError, libraries, page, processes, recording, summary
from .stacks import NO_CALLER, aligned

ROWS_MAX = 8
SECONDS_MIN, SECONDS_MAX = 0.1, 600
SAMPLES_FEW = 300
MEASURE_SECONDS = 0.2
_WAITING_CLASSES = re.compile(r"bench_(postgres_\w+|http_client|kubernetes|websocket|engine)$")
_INTERRUPTED = 130


def say(text):
    print(printable(text), file=sys.stderr, flush=True)


def parse_seconds(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"\"{text}\" is not a number from {SECONDS_MIN} to {SECONDS_MAX}")
    return seconds


def main(root, arguments):
    processes.interrupt_on_signals()
    sys.stdout.reconfigure(errors="replace")  # a terminal without µ must not end in a traceback
    try:
        return _profile(root, arguments)
    except ProfileError as problem:
        say(f"error: {problem}")
        if problem.status == 2:
            say("Try scripts/profile --help.")
        return problem.status
    except builds.BuildError as problem:
        say(f"error: {problem}")
        return 2
    except KeyboardInterrupt:
        say("interrupted: nothing is left behind but what was finished before")
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # e.g. closed by head; not worth a word
        return 141
    except OSError as problem:
        say(f"error: {problem.filename or 'output'}: {problem.strerror or problem}")
        return 1


def _profile(root, arguments):
    if not arguments.built:
        _set_up(root)
    build = _build(root, arguments)
    binary = _choose_binary(arguments.binary, build)
    program = recording.Program(os.path.join(build.tree, "bin", binary))
    rows = _choose_rows(program, binary, arguments.filter)
    sides = [(build, program)]
    if arguments.diff:
        base = builds.prepare(root, arguments.diff, say, preset="profile")
        sides.insert(0, (base, _same_in(base, binary, rows)))
    recorder = _Recorder(arguments, binary)
    try:
        scripts, problem = libraries.load(os.path.join(root, "build", "npm"), say), ""
    except ProfileError as failure:
        scripts, problem = None, str(failure)
    out = _make_out(root, arguments.out, binary)
    try:
        for number, row in enumerate(rows, 1):
            part = f" ({number} of {len(rows)})" if len(rows) > 1 else ""
            recordings = recorder.record(row, sides, part)
            _write(row, binary, sides, recordings, out, scripts)
    finally:
        _remove_if_empty(out)
    if problem:
        say(f"error: the flame graph was not drawn, only the folded stacks were written: {problem}")
        return 1
    return 0


# What is profiled.


def _set_up(root):
    setup = os.path.join(root, "scripts", "setup")
    # Without perf there is callgrind, and without npm there are the folded stacks; without the rest, nothing.
    if subprocess.run([setup, "--profile"], stdout=sys.stderr, check=False).returncode != 0:
        say("going on without what could not be installed for profiling")
        if subprocess.run([setup], stdout=sys.stderr, check=False).returncode != 0:
            raise ProfileError("what is needed to build could not be installed")


def _build(root, arguments):
    if not arguments.built:
        return builds.prepare(root, builds.WORKING_TREE, say, preset="profile")
    if not builds.executables(arguments.built):
        raise ProfileError(f"--built: \"{arguments.built}\" is no build tree with benchmarks (bin/bench_*)", status=2)
    return builds.prepare(root, arguments.built, lambda _: None, preset="profile")


def _choose_binary(name, build):
    for candidate in (name, f"bench_{name}"):
        if candidate in build.binaries:
            return candidate
    raise ProfileError(f"there is no benchmark \"{name}\"; there are: {', '.join(build.binaries)}", status=2)


def _choose_rows(program, binary, pattern):
    if not pattern:
        raise ProfileError("--filter: an empty pattern matches every row; name the one that you mean", status=2)
    rows = program.rows(pattern)
    if not rows:
        letters = re.sub(r"\W", "", pattern).lower()
        near = [row for row in program.rows(".") if letters in re.sub(r"\W", "", row).lower()]
        hint = f"; near it: {', '.join(near[:3])}" if near else ""
        raise ProfileError(f"no row of {binary} matches \"{pattern}\"{hint} ({program.path} --list shows them all)",
                           status=2)
    if len(rows) > ROWS_MAX:
        shown = "\n".join(f"  {row}" for row in rows[:ROWS_MAX])
        raise ProfileError(f"{len(rows)} rows match \"{pattern}\", and {ROWS_MAX} is the most for one run; narrow it "
                           f"down, e.g. to '^{rows[0]}$':\n{shown}\n  …", status=2)
    return rows


def _same_in(base, binary, rows):
    if binary not in base.binaries:
        raise ProfileError(f"{base.label} has no {binary} to compare with", status=2)
    program = recording.Program(os.path.join(base.tree, "bin", binary))
    there = set(program.rows("."))
    missing = [row for row in rows if row not in there]
    if missing:
        raise ProfileError(f"{base.label} has no row {missing[0]} to compare with", status=2)
    return program


def _make_out(root, wanted, binary):
    now = datetime.datetime.now(datetime.timezone.utc)
    out = wanted or os.path.join(root, "results", "runs", f"profile-{now:%Y%m%dT%H%M%SZ}-{binary}")
    try:
        os.makedirs(out, exist_ok=True)
    except OSError as problem:
        raise ProfileError(f"cannot make the folder \"{out}\": {problem.strerror}", status=2) from None
    return out


def _remove_if_empty(folder):
    try:
        os.rmdir(folder)
    except OSError:
        pass  # usually, as something was written


# Recording.


class _Recorder:
    """Records by perf, until that turns out not to be permitted, and by callgrind then."""

    def __init__(self, arguments, binary):
        self.seconds = arguments.seconds
        self.wanted = arguments.engine
        self.perf = None
        self.notes = []
        if self.wanted != "callgrind":
            try:
                self.perf = recording.Perf()
            except recording.NotPermitted as problem:
                self._fall_back(problem)
        self.off_cpu = self._wants_off_cpu(arguments.off_cpu, binary)

    def _fall_back(self, problem):
        if self.wanted == "perf":
            raise ProfileError(str(problem))
        say(f"{problem}\nfalling back to callgrind: instructions instead of time")
        self.notes.append(f"Recorded by callgrind, because perf could not be used: {str(problem).splitlines()[0]}")
        self.perf = None

    def _wants_off_cpu(self, asked, binary):
        if asked is False or asked is None and not _WAITING_CLASSES.match(binary):
            return False
        why = "it needs perf" if not self.perf else "" if self.perf.can_trace_switches() else \
            f"the kernel does not permit tracing {recording.SWITCH_EVENT}, which needs root or CAP_PERFMON, and tracefs"
        if why:
            say(f"time off the CPU is not shown: {why}")
            self.notes.append(f"Time off the CPU is not shown: {why}.")
        return not why

    def record(self, row, sides, part):
        """The recordings of a row, one for each side."""
        if self.perf:
            try:
                return self._by_perf(row, sides, part)
            except recording.NotPermitted as problem:
                self._fall_back(problem)
                self.off_cpu = False
        return self._by_callgrind(row, sides, part)

    def _by_perf(self, row, sides, part):
        made = []
        for build, program in reversed(sides):  # an old one is run as often as the new one was
            say(f"recording: {row}{part}{_of(build, sides)}, {self.seconds:g} s by perf")
            iterations = None
            if program.is_old:
                if not made:
                    raise ProfileError(f"{build.label}: its benchmarks cannot be profiled; they were built before "
                                       "scripts/profile was there")
                iterations = max(1, made[0].runs // made[0].threads)
            made.insert(0, self.perf.record(program, row, self.seconds, iterations, self.off_cpu))
        return self._complete(made, sides)

    def _by_callgrind(self, row, sides, part):
        callgrind = recording.Callgrind()
        runs, seconds, threads = sides[-1][1].measure(row, MEASURE_SECONDS)
        iterations = max(1, int(self.seconds * runs / threads / seconds / recording.CALLGRIND_SLOWDOWN))
        made = []
        for build, program in sides:
            say(f"recording: {row}{part}{_of(build, sides)}, {iterations:,} runs by callgrind")
            each = callgrind.record(program, row, iterations)
            each.threads = threads
            each.instructions_per_run = each.stacks.total / iterations / (1 if program.is_old else threads)
            made.append(each)
        return self._complete(made, sides)

    def _complete(self, recordings, sides):
        for each, (build, program) in zip(recordings, sides):
            if not each.stacks.weights:
                raise ProfileError("nothing was recorded of the timed loop; record for longer (--seconds), or try the "
                                   "other --engine")
            each.notes += self.notes
            of = _of(build, sides)
            if not each.exact and each.samples < SAMPLES_FEW:
                each.notes.append(f"Only {each.samples} samples{of}: shares are rough; record for longer.")
            if program.is_old:
                each.notes.append(f"{build.label} was built before scripts/profile was there: recorded from start to "
                                  "end, one thread, and what is not the timed loop was left out by its frames.")
            for what, weight in sorted(each.stacks.left_out.items()):
                each.notes.append(f"Left out{of}: {weight:,} {each.unit} of {what}, no part of the timed loop.")
        return recordings


def _of(build, sides):
    return f" of {build.label}" if len(sides) > 1 else ""


# Output.


def _write(row, binary, sides, recordings, out, scripts):
    stacks = [each.stacks for each in recordings]
    last = recordings[-1]
    samples = None if last.exact else [max(each.samples, 1) for each in recordings]
    table = summary.table(stacks, samples)
    facts = [("recorded by", last.engine)]
    for (build, _), each, when in zip(sides, recordings, ("before", "after") if len(sides) == 2 else ("build",)):
        amount = [f"{each.stacks.total:,} {each.unit}"] + [each.cost_per_run] * bool(each.cost_per_run)
        facts.append((when, ", ".join([build.label, *amount])))
    facts.append(("date", f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC"))
    print(f"\n{row} ({binary})")
    for what, value in facts[:-1]:
        print(f"  {what}: {value}")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in summary.lines(*table, width):
        print(line)
    notes = list(dict.fromkeys(note for each in recordings for note in each.notes))
    if len(sides) == 2:
        print("  change: in points of the share; ~ is no more than what samples vary by")
        notes.append("Shares of each side add up to 100 %, so a function's share also moves when others change. Widths "
                     "are those after the change; what is gone shows with the widths before. A function that only one side "
                     "has is drawn only where time is spent in itself, so that what it calls stays comparable.")
    name = re.sub(r"[^\w.=-]+", "_", row)
    texts = [(f"{name}.folded", stacks[-1].folded())]
    if len(sides) == 2:
        texts.append((f"{name}.before.folded", stacks[0].folded()))
    if scripts:
        texts.insert(0, (f"{name}.html", page.render(
            f"{row} ({binary})", facts, notes + _how_to_read(last), table,
            stacks if len(sides) == 1 else aligned(*stacks), last.unit, samples, scripts)))
    for file_name, text in texts:
        path = os.path.join(out, file_name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"  {'flame graph' if file_name.endswith('.html') else 'stacks'}: {os.path.relpath(path)}")
    sys.stdout.flush()


def _how_to_read(made):
    notes = ["A frame is as wide as its share; what it calls stands on it. Only the timed loop is shown. Inlined functions "
             "are frames of their own; in the table, those of the standard library, Boost and fmt count as their caller's."]
    if made.exact:
        notes = ["A frame is as wide as its share of the instructions; what it calls stands on it. Only the timed loop "
                 "is shown. Inlined functions are part of the function that they were inlined into."]
    elif made.unit == "µs":
        notes.append("Widths are time of all threads, on the CPU and off it.")
    if any(NO_CALLER in frames for frames in made.stacks.weights):
        notes.append(f"Under {NO_CALLER.name} stands what could not be followed back to the loop.")
    return notes
