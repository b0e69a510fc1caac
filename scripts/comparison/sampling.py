"""Times one row in two processes at once, in turns."""

import json
import math
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

SINGLE = ("--chunks", "40", "--chunk-us", "150")
THREADED = ("--chunks", "20", "--chunk-us", "4000")
TURNS_BYTES = 64
CONTROL_QUANTILES = (0.25, 0.75)
CHUNK_QUANTILES = (0.05, 0.25, 0.5, 0.9)
PAIR_SECONDS_MAX = 300


class SampleError(Exception):
    """A process that could not be sampled: why, and which of the two it was (None: either)."""

    def __init__(self, reason, side=None):
        super().__init__(reason)
        self.side = side


class Sampler:
    """Starts pairs of processes. One at a time; close() removes what it keeps on disk."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="headroom-compare-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
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
        return subprocess.Popen(
            ["setarch", "--addr-no-randomize", name, "--sample", row, "--turns", self.turns, "--side", str(side),
             *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"LC_ALL": "C"})

    @staticmethod
    def _wait(processes):
        """Until both have ended. Where one fails, the other is not waited for."""
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
                    if processes[side].wait() != 0:
                        raise SampleError(_reason(processes[side]), side)
        finally:
            for descriptor in running:
                os.close(descriptor)

    @staticmethod
    def _output(process, side):
        try:
            return json.loads(process.stdout.read())
        except ValueError:
            raise SampleError("printed no JSON", side) from None


def _reason(process):
    if process.returncode < 0:
        return f"was ended by {signal.Signals(-process.returncode).name}"
    lines = process.stderr.read().decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else f"ended with status {process.returncode}"


def summarise(first, second):
    """What pair() returns, of what two processes printed."""
    found = {"log_ratio": median([math.log(b / a) for a, b in zip(first["times_ns"], second["times_ns"])]),
             "log_quantiles": [log_ratio(quantile(first["times_ns"], share), quantile(second["times_ns"], share))
                               for share in CHUNK_QUANTILES],
             "ns": [median(first["times_ns"]), median(second["times_ns"])],
             "control": [log_ratio(quantile(first["controls_ns"], share), quantile(second["controls_ns"], share))
                         for share in CONTROL_QUANTILES],
             "control_ns": min(quantile(side["controls_ns"], 0.25) for side in (first, second))}
    if "latency_p99_ns" in first:
        found["log_latency"] = [log_ratio(first[key], second[key]) for key in ("latency_p50_ns", "latency_p99_ns")]
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
