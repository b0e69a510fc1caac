"""What one run of a row costs exactly: instructions and system calls by callgrind, allocations by the allocator.

N runs and 2 N runs are differenced, so nothing but the run itself counts. The figures are the same each time, whatever
else the machine does, so any change of them is the code's.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile

from comparison.sampling import fixed_addresses, name_of_signal

INSTRUCTIONS_MIN = 0.003  # a smaller change of instructions is not reported
SYSCALLS_MIN = 0.01  # by the run; rarer ones are the allocator's, which gives memory back by the clock
TARGET_US = 1_000
COUNT_SECONDS_MAX = 300
FIGURES = ("instructions", "allocations", "bytes", "syscalls")


class CountError(Exception):
    """A row that could not be counted; the message says why."""


def missing_tool():
    """Why nothing can be counted here, or an empty text."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed (apt-get install valgrind): instructions and system calls are not counted"
    return ""


def choose_runs(executable, row):
    """How many runs to count: about a millisecond of them, but no fewer than one."""
    output = _run([executable, "--sample", row, "--chunks", "1", "--chunk-us", str(TARGET_US)], row)
    try:
        return max(1, int(json.loads(output)["runs"]))
    except (ValueError, KeyError, TypeError, ArithmeticError):
        raise CountError(f"{row}: --sample printed no JSON") from None


def count(executable, row, runs):
    """{figure: value by the run, or None where it is not always the same}."""
    with tempfile.TemporaryDirectory(prefix="headroom-count-") as folder:
        dump = os.path.join(folder, "dump")
        output = _run(["valgrind", "--tool=callgrind", "--instr-atstart=no", "--collect-atstart=no",
                       "--collect-systime=yes", f"--callgrind-out-file={dump}", executable, "--count", row, "--iterations",
                       str(runs)], row)
        try:
            printed = json.loads(output.strip().splitlines()[-1])
            runs = printed["runs"]
            few, many = (_totals(f"{dump}.{number}") for number in (1, 2))
            memory = {key: _constant(printed[key]) for key in ("allocations", "bytes")}
            instructions = (many["Ir"] - few["Ir"]) / runs
            # Calls of the allocator by the clock may fall into the fewer runs.
            syscalls = max(0, many.get("sysCount", 0) - few.get("sysCount", 0)) / runs
        except (OSError, ValueError, KeyError, IndexError, TypeError, ArithmeticError) as problem:
            raise CountError(f"{row}: callgrind's output cannot be read ({problem})") from None
    return {"instructions": instructions, **memory, "syscalls": syscalls}


def changes(base, head):
    """[(figure, grew)] of what changed beyond the least that is reported."""
    found = []
    for figure in FIGURES:
        before, after = base.get(figure), head.get(figure)
        if before is None or after is None:
            continue
        least = {"instructions": INSTRUCTIONS_MIN * before, "syscalls": SYSCALLS_MIN}.get(figure, 1e-9)
        if abs(after - before) > least:
            found.append((figure, after > before))
    return found


def _constant(values):
    """What every round said; None if they differ, or there were none."""
    return values[0] if values and all(value == values[0] for value in values) else None


def _totals(path):
    """The counts of one dump by event."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    events = re.search(r"^events: (.+)$", text, re.MULTILINE)
    totals = re.search(r"^totals: (.+)$", text, re.MULTILINE)
    if not events or not totals:
        raise ValueError("no totals")
    # Events at the end that did not happen are left out.
    return dict(zip(events[1].split(), map(int, totals[1].split())))


def _run(command, row):
    try:
        ran = subprocess.Popen([*fixed_addresses(), *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
                               env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"})
    except OSError as problem:
        raise CountError(f"{row}: {problem.filename}: {problem.strerror}") from None
    with ran:
        _RUNNING.add(ran)
        try:
            output, errors = ran.communicate(timeout=COUNT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            ran.kill()
            raise CountError(f"{row}: counting took longer than {COUNT_SECONDS_MAX} s") from None
        finally:
            _RUNNING.discard(ran)
    if ran.returncode != 0:
        raise CountError(f"{row}: {_reason(ran.returncode, errors)}")
    return output


_RUNNING = set()


def stop_all():
    """Ends what other threads are counting, so that they need not be waited for."""
    for process in list(_RUNNING):
        process.kill()


def _reason(status, printed):
    if status < 0:
        return f"was ended by {name_of_signal(-status)}"
    errors = [line for line in printed.splitlines() if line and not line.startswith("==")]
    return errors[-1].removeprefix("error: ") if errors else f"ended with status {status}"
