"""Records a row: with perf, or with callgrind where perf cannot be had."""

import collections
import json
import os
import re
import shutil
import tempfile

from . import ProfileError, callgrind_out, inlines, perf_script, processes
from .stacks import Frame, Stacks

FREQUENCIES_HZ = (997, 499, 251, 97, 47)  # primes: not in step with what happens a round number of times a second
SAMPLES_MAX = 60_000  # of STACK_BYTES each
STACK_BYTES = 16_384
SWITCH_STACK_BYTES = 4096  # there can be ten thousands of switches a second
DATA_MAX = "2G"
CALLERS_MAX = 60
CALLGRIND_SLOWDOWN = 60
GRACE_SECONDS = 300  # for the set-up of a row, and for what perf or callgrind do at the end
SWITCH_EVENT = "sched:sched_switch"
ON_CPU, OFF_CPU = Frame("[on CPU]", "mark", ""), Frame("[off CPU]", "mark", "")
PREEMPTED = Frame("[waiting for a CPU]", "mark", "")
_RUN = "_ZN8headroom10subject_of*3runEm"

_HOW_TO_PERMIT = """To permit it, as root: sysctl -w kernel.perf_event_paranoid=2 (the kernel's default; Debian's is 3),
or give perf the capability CAP_PERFMON. In a container the host decides: run it with --cap-add PERFMON and a seccomp
profile that allows perf_event_open."""


class NotPermitted(Exception):
    """Why perf cannot record here."""


class Recording:
    """What was recorded of a row: `stacks`, weighing `unit`s, and what a reader should know beside them."""

    def __init__(self, engine, unit, stacks):
        self.engine, self.unit, self.stacks = engine, unit, stacks
        self.ns_per_run = self.instructions_per_run = self.seconds = self.runs = None
        self.threads = 1
        self.samples = 0
        self.notes = []

    @property
    def exact(self):
        return self.unit == "instructions"

    @property
    def cost_per_run(self):
        """What one run took; under a profiler, so for comparing two of them."""
        if self.instructions_per_run is not None:
            return f"{self.instructions_per_run:,.0f} instructions a run"
        return f"{format_ns(self.ns_per_run)} a run" if self.ns_per_run else ""


def format_ns(value):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} ns"


class Program:
    """A benchmark binary. Those built before there was --perf-control can be profiled all the same, less precisely."""

    def __init__(self, path):
        self.path = path
        self.is_old = "--perf-control" not in self.ask("--help").output

    def ask(self, *arguments):
        try:
            return processes.run([self.path, *arguments], GRACE_SECONDS)
        except OSError as problem:
            raise ProfileError(f"{self.path}: cannot be run: {problem.strerror or problem}") from None
        except TimeoutError as problem:
            raise ProfileError(str(problem)) from None

    def rows(self, pattern):
        ran = self.ask("--list", f"--benchmark_filter={pattern}")
        if ran.status != 0:
            raise ProfileError(ran.errors.strip().removeprefix("error: ") or f"{self.path} --list failed", status=2)
        return ran.output.splitlines()

    def measure(self, row, seconds):
        """(runs of all threads, seconds, threads), without a profiler."""
        return parse_outcome(self.checked("--run", row, "--seconds", f"{seconds:g}").output)

    def checked(self, *arguments):
        ran = self.ask(*arguments)
        if ran.status != 0:
            raise ProfileError(f"{os.path.basename(self.path)} failed with status {ran.status}\n{ran.said}")
        return ran


def parse_outcome(text):
    for line in text.splitlines():
        try:
            found = json.loads(line)
            return found["runs"], found["seconds"], found["threads"]
        except (ValueError, TypeError, KeyError):
            continue
    raise ProfileError(f"the benchmark did not say what it ran, but: {text.strip()[:200] or 'nothing'}")


# perf.


class Perf:
    """perf as far as this machine has and permits it; NotPermitted if it does not."""

    def __init__(self):
        self.event = self._choose_event()

    def _choose_event(self):
        said = ""
        for event in ("cycles", "cpu-clock"):
            try:
                ran = processes.run(["perf", "stat", "-x", ",", "-e", event, "--", "true"], GRACE_SECONDS)
            except OSError:
                raise NotPermitted("there is no perf (Debian: apt-get install linux-perf)") from None
            if ran.status == 0 and counts_something(ran.errors, event):
                return event
            said = ran.said if ran.status != 0 else said or f"it has no event {event}"
        raise NotPermitted(explain_refusal(said))

    def describe(self, hz):
        what = "cycles" if self.event == "cycles" else "the CPU clock (there is no hardware counter)"
        return f"perf, {what}, {hz} times a second"

    def can_trace_switches(self):
        try:
            return processes.run(["perf", "stat", "-e", SWITCH_EVENT, "--", "true"], GRACE_SECONDS).status == 0
        except OSError:
            return False

    def record(self, program, row, seconds, iterations=None, off_cpu=False):
        """Records `row` for so long, or, of an old program, so many iterations."""
        with tempfile.TemporaryDirectory(prefix="headroom-profile-") as folder:
            data = os.path.join(folder, "perf.data")
            fifos = [os.path.join(folder, name) for name in ("control", "answer")]
            for each in fifos:
                os.mkfifo(each, 0o600)
            hz = frequency(row, seconds)
            # Not -F, which would take but a sample of the switches as well.
            command = ["perf", "record", "-o", data, "-e", f"{self.event}/freq={hz}/", "--call-graph",
                       f"dwarf,{STACK_BYTES}", f"--max-size={DATA_MAX}"]
            if off_cpu:
                switches = f"{SWITCH_EVENT}/call-graph=dwarf,stack-size={SWITCH_STACK_BYTES}/"
                command += ["-e", switches, "--switch-events", "-m", "16M"]
            if program.is_old:
                command += ["--", program.path, "--run", row, "--iterations", str(iterations)]
            else:
                command += ["--delay=-1", f"--control=fifo:{','.join(fifos)}", "--", program.path, "--run", row,
                            "--seconds", f"{seconds:g}", "--perf-control", ",".join(fifos)]
            ran = _run(command, seconds * (20 if program.is_old else 1) + GRACE_SECONDS)
            if "size limit reached" in ran.said:
                raise ProfileError(f"{row}: more than {DATA_MAX} of samples; record for a shorter time (--seconds)")
            if ran.status != 0:
                if not os.path.exists(data) or re.search(r"perf_event_paranoid|ermission", ran.said):
                    raise NotPermitted(explain_refusal(ran.said))
                raise ProfileError(f"{row}: recording failed with status {ran.status}\n{ran.said}")
            stacks, samples = self._read(data, program.path, hz if off_cpu else None)
        made = Recording(self.describe(hz), "µs" if off_cpu else "samples", stacks)
        lost = re.search(r"lost \d+ (chunks|events|samples)", ran.said)
        if lost:
            made.notes.append(f"perf {lost[0]}, because the machine was too busy: shares are rough.")
        made.samples = samples
        if program.is_old:
            if self.event == "cpu-clock" and not off_cpu:
                made.ns_per_run = stacks.total / hz * 1e9 / iterations
        else:
            made.runs, made.seconds, made.threads = parse_outcome(ran.output)
            made.ns_per_run = made.seconds * made.threads / made.runs * 1e9
        return made

    @staticmethod
    def _read(data, binary, off_cpu_hz):
        command = ["perf", "script", "--no-inline", "-i", data, "-F"]
        command += [f"{perf_script.FIELDS},trace", "--show-switch-events"] if off_cpu_hz else [perf_script.FIELDS]
        with tempfile.TemporaryFile("w+", errors="replace") as text:
            ran = _run(command, GRACE_SECONDS, stdout=text)
            if ran.status != 0:
                raise ProfileError(f"perf script failed with status {ran.status}\n{ran.said}")
            text.seek(0)
            try:
                return fold_perf(text, binary, off_cpu_hz)
            except perf_script.ParseError as problem:
                raise ProfileError(f"cannot read what perf script printed: {problem}") from None


def counts_something(output, event):
    """Whether `perf stat -x ,` counted the event: on virtual machines "not supported" is not a failure of perf's."""
    for line in output.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[2].split(":")[0] == event:
            try:
                return float(fields[0]) > 0
            except ValueError:
                return False
    return False


def explain_refusal(said, paranoid=None):
    """Why perf refused, of what it said, and how to permit it."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and line.strip() != "Error:"]
    if paranoid is None:
        try:
            with open("/proc/sys/kernel/perf_event_paranoid", encoding="ascii") as file:
                paranoid = file.read().strip()
        except OSError:
            paranoid = "unknown"
    return (f"perf is not permitted to record here: {lines[0] if lines else 'it said nothing'}\n"
            f"(kernel.perf_event_paranoid is {paranoid}, the user's id {os.geteuid()})\n{_HOW_TO_PERMIT}")


def frequency(row, seconds):
    """Samples a second, so that there are not too many of all threads that run at once."""
    threads = re.search(r"/threads:(\d+)$", row)
    busy = min(int(threads[1]), os.cpu_count() or 1) if threads else 1
    return next((hz for hz in FREQUENCIES_HZ if hz * seconds * busy <= SAMPLES_MAX), FREQUENCIES_HZ[-1])


def fold_perf(lines, binary, off_cpu_hz=None):
    """(Stacks, number of samples) of what perf script printed.

    They weigh samples; with `off_cpu_hz`, the frequency of those on the CPU, µs on it and off it.
    """
    seen = collections.Counter()
    samples, left = 0, {}
    for sample in perf_script.samples(lines):
        if sample.event == SWITCH_EVENT:
            state = re.search(r"prev_state=(\S+)", sample.detail)
            left[sample.thread] = (sample, bool(state) and state[1].startswith("R"))
        elif sample.event == "PERF_RECORD_SWITCH":
            if sample.detail.startswith("IN") and sample.thread in left:
                since, preempted = left.pop(sample.thread)
                waited_us = round((sample.seconds - since.seconds) * 1e6)
                seen["off", preempted, tuple(since.frames)] += waited_us
                samples += 1
        elif sample.frames:
            seen["on", False, tuple(sample.frames)] += round(1e6 / off_cpu_hz) if off_cpu_hz else 1
            samples += 1
    symbols = _Symbols(binary, {address.address for _, _, frames in seen for address in frames
                                if _is_same(address.module, binary)})
    stacks = Stacks()
    for (where, preempted, addresses), weight in seen.items():
        frames = symbols.frames(addresses)
        if where == "off":
            frames = [frame for frame in frames if frame.kind != "kernel"] + [PREEMPTED] * preempted
        stacks.add(frames, weight, within=[OFF_CPU if where == "off" else ON_CPU] if off_cpu_hz else ())
    return stacks, samples


class _Symbols:
    """Frames of addresses in a binary and what it uses."""

    def __init__(self, binary, addresses):
        self.binary = binary
        self.functions = inlines.find(binary, addresses)
        self.known = {}

    def frames(self, addresses):
        """The outermost first. Of a library without symbols, neighbours count as one."""
        frames = []
        for address in reversed(addresses):
            if address not in self.known:
                self.known[address] = self._frames_at(address)
            for frame in self.known[address]:
                if not (frames and frame == frames[-1] and frame.name.startswith("[")):
                    frames.append(frame)
        return frames

    def _frames_at(self, address):
        function = frame_of(address.symbol, address.module, self.binary)
        if function.kind != "code":
            return [function]
        inlined = inlines.inlined_at(self.functions.get(address.address, ()), address.symbol)
        return [function, *(Frame(name, "inlined", function.module) for name in reversed(inlined))]


def frame_of(symbol, module, binary):
    file = os.path.basename(module)
    if module.startswith("[kernel") or module.startswith("[guest.kernel") or file.endswith((".ko", ".ko.xz", ".ko.zst")):
        return Frame("[kernel]" if symbol == "[unknown]" else symbol, "kernel", "kernel")
    if symbol == "[unknown]":
        if "anon" in file or file.startswith("perf-"):
            return Frame("[generated code]", "library", "")
        symbol = f"[{file.strip('[]') or 'unknown'}]"
    return Frame(symbol, "code" if _is_same(module, binary) else "library", file)


def _is_same(module, binary):
    return os.path.basename(module) == os.path.basename(binary)


# callgrind.


class Callgrind:
    """valgrind's callgrind: exact instructions, at some fiftieth of the speed."""

    def __init__(self):
        if not shutil.which("valgrind"):
            raise ProfileError("there is no valgrind (scripts/setup installs it)")

    @staticmethod
    def describe():
        return "callgrind, by instructions executed (not by time: a cache miss counts like any other)"

    def record(self, program, row, iterations):
        with tempfile.TemporaryDirectory(prefix="headroom-profile-") as folder:
            out = os.path.join(folder, "callgrind.out")
            command = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}", "--demangle=no",
                       f"--separate-callers={CALLERS_MAX}", "--compress-strings=no", "--compress-pos=no"]
            # An old program does not say when its loop begins.
            command += [f"--toggle-collect={_RUN}"] if program.is_old else ["--instr-atstart=no"]
            ran = _run([*command, program.path, "--run", row, "--iterations", str(iterations)],
                       None if iterations == 1 else 60 * GRACE_SECONDS)
            if ran.status != 0 or not os.path.exists(out):
                raise ProfileError(f"{row}: callgrind failed with status {ran.status}\n{ran.said}")
            with open(out, encoding="utf-8", errors="replace") as lines:
                try:
                    stacks = fold_callgrind(lines, program.path)
                except callgrind_out.ParseError as problem:
                    raise ProfileError(f"cannot read what callgrind wrote: {problem}") from None
        made = Recording(self.describe(), "instructions", stacks)
        made.runs = iterations
        return made


def fold_callgrind(lines, binary):
    costs = callgrind_out.costs(lines)
    modules = {chain[0]: module for chain, module, _ in costs}
    names = demangle({name for chain, _, _ in costs for name in chain})
    stacks = Stacks()
    for chain, module, cost in costs:
        frames = []
        for at, name in enumerate(reversed(chain)):
            where = module if at == len(chain) - 1 else modules.get(name, "")
            symbol = "[unknown]" if re.fullmatch(r"0x[0-9a-f]+|\?\?\?", name) else names.get(name, name)
            frame = frame_of(symbol, where, binary)
            if not (frames and frame == frames[-1]):
                frames.append(frame)
        stacks.add(frames, cost)
    return stacks


def demangle(mangled):
    """{mangled: demangled} by c++filt; nothing where there is none."""
    ordered = sorted(name for name in mangled if name.startswith("_Z"))
    found = {}
    for start in range(0, len(ordered), 500):
        part = ordered[start:start + 500]
        try:
            ran = processes.run(["c++filt", *part], GRACE_SECONDS)
        except (OSError, TimeoutError):
            return found
        lines = ran.output.splitlines()
        if ran.status == 0 and len(lines) == len(part):
            found.update(zip(part, lines))
    return found


def _run(command, seconds_max, **options):
    try:
        return processes.run(command, seconds_max, env={**os.environ, "LC_ALL": "C"}, **options)
    except OSError as problem:
        raise ProfileError(f"{command[0]}: {problem.strerror or problem}") from None
    except TimeoutError as problem:
        raise ProfileError(str(problem)) from None
