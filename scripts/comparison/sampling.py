"""Times one row in two processes at once, in turns."""

import contextlib
import fcntl
import functools
import json
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SINGLE = ("--chunks", "40", "--chunk-us", "150")
THREADED = ("--chunks", "20", "--chunk-us", "4000")
TURNS_BYTES = 64
CONTROL_QUANTILES = (0.25, 0.75)
LATENCIES = ("latency_p50_ns", "latency_p99_ns")
CHUNK_QUANTILES = (0.05, 0.25, 0.5, 0.9)
PAIR_SECONDS_MAX = 300
# Of what the processes share, in memory if possible; and who measures holds a lock on it.
PREFIX = "headroom-compare-"
PLACE = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
PARTNER_LEFT = 3  # exit status of a process whose partner ended before its time


class SampleError(Exception):
    """A process that could not be sampled: why, and which of the two it was (None: either)."""

    def __init__(self, reason, side=None):
        super().__init__(reason)
        self.side = side


@functools.lru_cache(maxsize=None)
def fixed_addresses():
    """The words before a command that start it at the same addresses each time; none where that is not permitted."""
    words = ["setarch", "--addr-no-randomize"]
    try:
        permitted = subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        permitted = False
    return words if permitted else []


@contextlib.contextmanager
def exclusive():
    """Held by who measures, over all of this machine: two comparisons at once would disturb each other."""
    descriptor = os.open(PLACE, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another comparison to finish measuring", file=sys.stderr, flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        for name in os.listdir(PLACE):  # of runs that were killed
            if name.startswith(PREFIX):
                shutil.rmtree(os.path.join(PLACE, name), ignore_errors=True)
        yield
    finally:
        os.close(descriptor)


class Sampler:
    """Starts pairs of processes, one pair at a time; close() removes what it keeps on disk. See exclusive()."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix=PREFIX, dir=PLACE)
        self.turns = os.path.join(self.folder, "turns")
        self.cpus = sorted(os.sched_getaffinity(0))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def pair(self, rows, threads, paths, burdens=(0.0, 0.0)):
        """Samples a row in each of two executables, in turns; the first begins. `burdens` slow them down.

        Returns a dictionary: `log_ratio`, the median of log(second / first) over neighbouring chunks; `log_quantiles`,
        log(second / first) of the chunks' quantiles; `ns`, median time of each side; `control`, log ratios of quantiles of
        the control kernels, and `control_ns`, their time; `steal`, share of the time that the hypervisor took away.
        """
        with open(self.turns, "wb") as file:
            file.write(bytes(TURNS_BYTES))
        stolen, start = steal_seconds(), time.monotonic()
        processes = []
        try:
            # One core for both: only one works at a time, and what one core is like both see.
            os.sched_setaffinity(0, self.cpus if threads > 1 else {self.cpus[-1]})
            for side, path in enumerate(paths):
                portions = THREADED if threads > 1 else SINGLE
                processes.append(self._start(path, side, rows[side], (*portions, "--burden", f"{burdens[side]:g}")))
            os.sched_setaffinity(0, self.cpus)
            self._wait(processes)
            spent = time.monotonic() - start
            sides = [self._output(process, side) for side, process in enumerate(processes)]
        finally:
            os.sched_setaffinity(0, self.cpus)
            for process in processes:
                if process.poll() is None:
                    process.kill()
                process.communicate()
        return summarise(*sides) | {"steal": (steal_seconds() - stolen) / spent / len(self.cpus)}

    def _start(self, path, side, row, options):
        # Both are called by names of the same length: the name lies on the stack and shifts what follows.
        name = os.path.join(self.folder, str(side))
        if os.path.islink(name):
            os.unlink(name)
        os.symlink(path, name)
        try:
            return subprocess.Popen(
                [*fixed_addresses(), name, "--sample", row, "--turns", self.turns, "--side", str(side), *options],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"LC_ALL": "C"})
        except OSError as problem:
            raise SampleError(f"cannot be started: {problem.strerror}", side) from None

    @staticmethod
    def _wait(processes):
        """Until both have ended. Where one fails, the other is not waited for, unless it is the one to blame."""
        deadline = time.monotonic() + PAIR_SECONDS_MAX
        poll = select.poll()
        running = {}
        try:
            for side, process in enumerate(processes):
                running[os.pidfd_open(process.pid)] = side
            for descriptor in running:
                poll.register(descriptor, select.POLLIN)
            while running:
                ended = poll.poll(max(0.0, deadline - time.monotonic()) * 1e3)
                if not ended:
                    raise SampleError(f"took longer than {PAIR_SECONDS_MAX} s")
                for descriptor, _ in ended:
                    poll.unregister(descriptor)
                    os.close(descriptor)
                    side = running.pop(descriptor)
                    if processes[side].wait() not in (0, PARTNER_LEFT):
                        raise SampleError(_reason(processes[side]), side)
        finally:
            for descriptor in running:
                os.close(descriptor)
        for side, process in enumerate(processes):
            if process.returncode != 0:
                raise SampleError(_reason(process), side)

    @staticmethod
    def _output(process, side):
        try:
            printed = json.loads(process.stdout.read())
        except (ValueError, RecursionError):
            raise SampleError("printed no JSON", side) from None
        if not _is_sample(printed):
            raise SampleError("printed JSON that is no sample", side)
        return printed


def _reason(process):
    if process.returncode < 0:
        return f"was ended by {name_of_signal(-process.returncode)}"
    lines = process.stderr.read().decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else f"ended with status {process.returncode}"


def name_of_signal(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _is_sample(printed):
    def is_time(value):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf

    return (isinstance(printed, dict)
            and all(isinstance(printed.get(key), list) and printed[key] and all(map(is_time, printed[key]))
                    for key in ("times_ns", "controls_ns"))
            and all(is_time(printed.get(key, 0)) for key in LATENCIES))


def summarise(first, second):
    """What pair() returns, of what two processes printed."""
    found = {"log_ratio": median([log_ratio(a, b) for a, b in zip(first["times_ns"], second["times_ns"])]),
             "log_quantiles": [log_ratio(quantile(first["times_ns"], share), quantile(second["times_ns"], share))
                               for share in CHUNK_QUANTILES],
             "ns": [median(first["times_ns"]), median(second["times_ns"])],
             "control": [log_ratio(quantile(first["controls_ns"], share), quantile(second["controls_ns"], share))
                         for share in CONTROL_QUANTILES],
             "control_ns": min(quantile(side["controls_ns"], 0.25) for side in (first, second))}
    if all(key in side for key in LATENCIES for side in (first, second)):
        found["log_latency"] = [log_ratio(first[key], second[key]) for key in LATENCIES]
    return found


def log_ratio(first, second):
    return math.log(second / first) if first > 0 and second > 0 else 0.0


def quantile(values, share):
    return sorted(values)[round(share * (len(values) - 1))]


def median(values):
    return quantile(values, 0.5)


def steal_seconds():
    """Time that other machines of the same host took from this one since it started, over all CPUs."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0
