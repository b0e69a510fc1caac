"""scripts/compare from its arguments to its exit status."""

import argparse
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys

from comparison import baseline, builds, calibration, exact, links, report, sampling, session
from comparison.replay import BankError
from comparison.selection import Selection, SelectionError
from comparison.session import say

REGRESSED, UNUSABLE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


# Of comparing; --write-baseline and --calibrate measure all that there is.
_NOT_WITH_EVERYTHING = ("only", "filter", "all", "no_time", "no_exact", "strict", "fresh", "json", "markdown")


class Unusable(Exception):
    """Nothing could be compared; the message says why."""


_ERRORS = (Unusable, BankError, SelectionError, baseline.BaselineError, builds.BuildError, links.LinkError,
           report.InputError)


def parse_duration(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m|h)?", text)
    seconds = float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2] or "s"] if match else 0
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f'"{text}" is no time from 1s to 24h, such as 90s, 10m or 1h')
    return seconds


def parse_share(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(%)?", text)
    share = float(match[1]) / (100 if match[2] else 1) if match else 0
    if not 0.005 < share < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is no share above 0.5% and below 100%, such as 3% or 0.03')
    return share


def parse_count(text):
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise argparse.ArgumentTypeError(f'"{text}" is no number from 1 to 999999')
    return int(text)


def parse_pattern(text):
    try:
        re.compile(text)
    except re.error as problem:
        raise argparse.ArgumentTypeError(f'"{text}" is not a regular expression: {problem}') from None
    return text


def main(root, arguments):
    """The exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        _check(arguments)
        if arguments.show:
            return _show_again(arguments)
        _set_up(root, arguments)
        if arguments.no_time and exact.missing_tool():
            raise Unusable(exact.missing_tool())
        if arguments.calibrate:
            return _calibrate(root, arguments)
        if arguments.write_baseline:
            return _write_baseline(root, arguments)
        document = (_check_baseline if arguments.baseline else _compare)(root, arguments)
        try:
            _write(document, arguments)
        finally:
            show(document, arguments.color)
        return status_of(document, arguments.strict)
    except _ERRORS as problem:
        say(f"error: {problem}")
        return UNUSABLE
    except BrokenPipeError:  # Nobody reads on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as problem:
        say(f"error: {': '.join(filter(None, (problem.filename, problem.strerror or str(problem))))}")
        return UNUSABLE
    except KeyboardInterrupt:
        say("interrupted: the same command goes on where this one stopped")
        return INTERRUPTED


def _interrupt(*_):
    raise KeyboardInterrupt


def _check(arguments):
    for path in (arguments.json, arguments.markdown):
        if path is not None and not _is_writable(path):
            raise Unusable(f'cannot write "{path}"')
    if arguments.no_time and arguments.no_exact:
        raise Unusable("--no-time and --no-exact leave nothing to compare")
    if arguments.filter is not None and arguments.all:
        raise Unusable("--filter and --all cannot be combined")
    modes = [name for name in ("baseline", "write_baseline", "calibrate") if getattr(arguments, name)]
    if arguments.write_baseline or arguments.calibrate:
        given = [f"--{name.replace('_', '-')}" for name in _NOT_WITH_EVERYTHING if getattr(arguments, name)]
        if given:
            raise Unusable(f"{given[0]} has no meaning with --{modes[0].replace('_', '-')}")
    if len(modes) > 1 or modes and arguments.head:
        raise Unusable(f"--{modes[0].replace('_', '-')} takes one build, and nothing else of its kind")


def _is_writable(path):
    folder = os.path.dirname(os.path.abspath(path))
    return (bool(path) and os.path.isdir(folder) and not os.path.isdir(path)
            and os.access(path if os.path.exists(path) else folder, os.W_OK))


def _set_up(root, arguments):
    """Installs what building and counting need, unless both builds are there."""
    if arguments.base and arguments.head and all(map(builds.executables, (arguments.base, arguments.head))):
        return
    if subprocess.run([os.path.join(root, "scripts", "setup")], stdout=sys.stderr, check=False).returncode != 0:
        raise Unusable("setting up failed")


def _show_again(arguments):
    document = report.load(arguments.show)
    _write(document, arguments)
    show(document, arguments.color)
    return status_of(document, arguments.strict)


def _select(arguments, base, head, **options):
    return Selection(base, head, arguments.only, arguments.filter, arguments.all, **options)


def _compare(root, arguments):
    base_name, head_name = builds.choose(root, arguments.base or "", arguments.head or "")
    base = builds.prepare(root, base_name, say)
    head = builds.prepare(root, head_name, say)
    selected = _select(arguments, *(builds.describe(build.tree, build.binaries) for build in (base, head)))
    say(f"comparing: {base.label} with {head.label}, {len(selected.rows)} benchmarks")
    with sampling.exclusive():
        return session.TwoBuilds(root, arguments, (base, head), selected).document()


def _check_baseline(root, arguments):
    recorded = baseline.load(os.path.join(root, baseline.FILE))
    head = builds.prepare(root, arguments.base or builds.WORKING_TREE, say)
    described = builds.describe(head.tree, head.binaries)
    selected = _select(arguments, _recorded_rows(recorded, described), described)
    say(f"checking: {head.label} against {baseline.FILE}, {len(selected.rows)} benchmarks")
    with sampling.exclusive():
        return session.AgainstBaseline(root, arguments, head, selected, recorded).document()


def _recorded_rows(recorded, described):
    """What the baseline would say if described: what has no entry is new, what is in the baseline alone was removed."""
    found = {binary: {**each, "rows": [row for row in each["rows"] if f"{binary}:{row['name']}" in recorded["rows"]],
                      "gate": list(each["gate"])} for binary, each in described.items()}
    there = {f"{binary}:{row['name']}" for binary, each in described.items() for row in each["rows"]}
    for key in recorded["rows"]:
        binary, _, name = key.partition(":")
        if key not in there:
            context = next(iter(described.values()))["context"]
            found.setdefault(binary, {"context": context, "rows": [], "gate": []})
            found[binary]["rows"].append({"name": name, "threads": 1, "size": 0})
            found[binary]["gate"].append(name)
    return found


def _write_baseline(root, arguments):
    """Of all rows of the engine that have a floor."""
    head = builds.prepare(root, arguments.base or builds.WORKING_TREE, say)
    described = builds.describe(head.tree, head.binaries)
    selected = Selection(described, described, everything=True, size_max=baseline.SIZE_MAX)
    names = {row["name"] for each in described.values() for row in each["rows"]}
    selected.rows = [row for row in selected.rows if baseline.floor_row(row.name) in names]
    say(f"measuring: the headroom of {len(selected.rows)} benchmarks of {head.label}")
    with sampling.exclusive():
        written, problems = session.write_baseline(root, head, selected, arguments.seed)
    for problem in problems:
        say(f"left out: {problem}")
    print(f"{baseline.FILE}: {written} benchmarks")
    return REGRESSED if problems else 0


def _calibrate(root, arguments):
    build = builds.prepare(root, arguments.base or "HEAD", say)
    if not build.commit:
        raise Unusable("--calibrate takes a git ref: real changes are made to its source")
    described = builds.describe(build.tree, build.binaries)
    with sampling.exclusive():
        return calibration.calibrate(root, arguments.calibrate, build, described, session.link_cache(root), say)


def status_of(document, strict):
    """A benchmark that fails in the base alone is no fault of the head."""
    bad = {"regressed", "failed"} | ({"unresolved"} if strict else set())
    return REGRESSED if any(row["verdict"] in bad and not row.get("problem", "").startswith("base: ")
                            for row in document["rows"]) else 0


def _write(document, arguments):
    for path, make in ((arguments.json, lambda: json.dumps(document, indent=1, allow_nan=False) + "\n"),
                       (arguments.markdown, lambda: report.markdown(document))):
        if path is not None:
            try:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(make())
            except OSError as problem:
                raise Unusable(f'cannot write "{path}": {problem.strerror}') from None


def show(document, color):
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    colored = color == "always" or (color == "auto" and terminal and not os.environ.get("NO_COLOR"))
    width = min(report.WIDTH, shutil.get_terminal_size().columns) if terminal else math.inf
    sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(report.terminal(document, colored, width))
    sys.stdout.flush()
