"""One comparison from its arguments to its exit status."""

import argparse
import concurrent.futures
import datetime
import hashlib
import json
import math
import os
import platform
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

from comparison import builds, exact, judge, links, live, report, sampling
from comparison.journal import Journal
from comparison.progress import Progress

REGRESSED, UNUSABLE, INTERRUPTED = 1, 2, 130
FLOORS_MAX = 20  # builds whose floors are kept


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


class Unusable(Exception):
    """Nothing could be compared; the message says why."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(root, arguments):
    """The exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        _check_output(arguments)
        return _compare(root, arguments)
    except (Unusable, builds.BuildError, report.InputError) as problem:
        say(f"error: {problem}")
        return UNUSABLE
    except KeyboardInterrupt:
        say("interrupted: the same command goes on where this one stopped")
        return INTERRUPTED


def _interrupt(*_):
    raise KeyboardInterrupt


def _check_output(arguments):
    for path in filter(None, (arguments.json, arguments.markdown)):
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder) or not os.access(folder, os.W_OK) or os.path.isdir(path):
            raise Unusable(f'cannot write "{path}"')
    if arguments.filter is not None:
        try:
            re.compile(arguments.filter)
        except re.error as problem:
            raise Unusable(f'--filter: "{arguments.filter}" is not a regular expression: {problem}') from None
    if arguments.no_time and arguments.no_exact:
        raise Unusable("--no-time and --no-exact leave nothing to compare")


def _set_up(root, arguments):
    """Installs what building and counting need, unless both builds are there."""
    if arguments.base and arguments.head and all(map(builds.executables, (arguments.base, arguments.head))):
        return
    if subprocess.run([os.path.join(root, "scripts", "setup")], stdout=sys.stderr, check=False).returncode != 0:
        raise Unusable("setting up failed")


def _compare(root, arguments):
    _set_up(root, arguments)
    base_name, head_name = builds.choose(root, arguments.base or "", arguments.head or "")
    base = builds.prepare(root, base_name, say)
    head = builds.prepare(root, head_name, say)
    described = [builds.describe(build.tree, build.binaries) for build in (base, head)]
    selected = Selection(described, arguments)
    say(f"comparing: {base.label} with {head.label}, {len(selected.rows)} benchmarks")
    document = Comparison(root, arguments, (base, head), selected).document()
    _write(document, arguments)
    show(document, arguments.color)
    return status_of(document, arguments.strict)


def show(document, color):
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    colored = color == "always" or (color == "auto" and terminal and not os.environ.get("NO_COLOR"))
    width = min(report.WIDTH, shutil.get_terminal_size().columns) if terminal else math.inf
    sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(report.terminal(document, colored, width))


def status_of(document, strict):
    verdicts = {row["verdict"] for row in document["rows"]}
    bad = {"regressed", "failed"} | ({"unresolved"} if strict else set())
    return REGRESSED if verdicts & bad else 0


def _write(document, arguments):
    for path, text in ((arguments.json, lambda: json.dumps(document, indent=1, allow_nan=False) + "\n"),
                       (arguments.markdown, lambda: report.markdown(document))):
        if path:
            try:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text())
            except OSError as problem:
                raise Unusable(f'cannot write "{path}": {problem.strerror}') from None


class Selection:
    """The rows that are compared, and those that only one side has."""

    def __init__(self, described, arguments):
        base, head = described
        contexts = [next(iter(side.values()))["context"] for side in described]
        self.context = contexts[1]
        self.differences = [f"{key} differs: {contexts[0].get(key)} against {contexts[1].get(key)}"
                            for key in ("compiler", "flags", "allocator") if contexts[0].get(key) != contexts[1].get(key)]
        known = sorted({binary.removeprefix("bench_") for binary in (*base, *head)})
        for name in arguments.only:
            if name not in known:
                raise Unusable(f'there is no class "{name}"; there are: {", ".join(known)}')
        self.rows, self.added, self.removed = [], [], []
        for binary in sorted({*base, *head}):
            if not arguments.only or binary.removeprefix("bench_") in arguments.only:
                self._add(binary, base.get(binary), head.get(binary), arguments)
        if not (self.rows or self.added or self.removed):
            raise Unusable(f'no row matches "{arguments.filter}"' if arguments.filter else "no binary marks a gate set")
        if not self.rows:
            raise Unusable("no row is in both builds: " + ", ".join(row.name for row in self.added + self.removed))

    def _add(self, binary, base, head, arguments):
        threads = [{row["name"]: row["threads"] for row in side["rows"]} if side else {} for side in (base, head)]
        for name in dict.fromkeys((*_chosen(base, arguments), *_chosen(head, arguments))):
            row = judge.Row(binary, name, max(side.get(name, 1) for side in threads))
            (self.rows if name in threads[0] and name in threads[1] else
             self.added if name in threads[1] else self.removed).append(row)


def _chosen(side, arguments):
    names = [row["name"] for row in side["rows"]] if side else []
    if arguments.filter is not None:
        return [name for name in names if re.search(arguments.filter, name)]
    if arguments.all:
        return [name for name in names if name.split("/")[1] == "engine"]
    return side["gate"] if side else []


class Comparison:
    """Measures what was selected, and makes the document that report.py shows."""

    def __init__(self, root, arguments, sides, selected):
        self.root = root
        self.arguments = arguments
        self.base, self.head = sides
        self.selected = selected
        self.start = time.monotonic()
        self.notes = []
        self.counts = {}

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)
            say(f"note: {text}")

    def document(self):
        header = {"base": self.base.key, "head": self.head.key, "seed": self.arguments.seed,
                  "threshold": self.arguments.threshold, "rows": [row.name for row in self.selected.rows], "format": 1}
        digest = hashlib.sha256(json.dumps(header).encode()).hexdigest()[:16]
        path = os.path.join(self.root, "build", "compare", "runs", f"{digest}.jsonl")
        if self.arguments.fresh and os.path.exists(path):
            os.unlink(path)
        journal = Journal(path, header)
        done = False
        try:
            if journal.count:
                say(f"going on with a run that was killed after {journal.count} measurements (--fresh begins anew)")
            with Progress() as progress:
                for difference in self.selected.differences:
                    self.note(difference)
                if not self.arguments.no_exact:
                    self._count(journal, progress)
                judged = {} if self.arguments.no_time else self._time(journal, progress)
            done = True
        finally:
            journal.close(done)
        return self._describe(judged)

    def _count(self, journal, progress):
        """The exact channel. Both sides of a row at once: nothing is timed meanwhile."""
        missing = exact.missing_tool()
        if missing:
            self.note(missing)
            return
        rows = [row for row in self.selected.rows if row.threads == 1]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for number, row in enumerate(rows):
                progress.show("counting", number, len(rows), row.name)
                found = journal.get("exact", f"{row.binary}:{row.name}", lambda row=row: self._count_row(pool, row))
                if "problem" in found:
                    self.note(f"not counted: {found['problem']}")
                else:
                    self.counts[row] = (found["base"], found["head"])

    def _count_row(self, pool, row):
        paths = [os.path.join(side.tree, "bin", row.binary) for side in (self.base, self.head)]
        try:
            runs = exact.choose_runs(paths[0], row.name)
            base, head = pool.map(lambda path: exact.count(path, row.name, runs), paths)
            return {"base": base, "head": head}
        except exact.CountError as problem:
            return {"problem": str(problem)}

    def _time(self, journal, progress):
        binaries = sorted({row.binary for row in self.selected.rows})
        cache = links.LinkCache(os.path.join(self.root, "build", "compare", "links"))
        say(f"linking: {', '.join(binaries)} in {live.LINKS} orders for each side")
        sides = [live.Side(build, binaries, cache, first, self.note)
                 for build, first in ((self.base, 0), (self.head, live.LINKS))]
        cache.prune()
        start = time.monotonic()
        floors = Floors(self.root, self.base.key, self.selected.rows)
        for row in self.selected.rows:
            if any(row.binary in side.unlinked for side in sides):
                floors.known[row] = live.UNLINKED_FLOOR
        with sampling.Sampler() as sampler:
            source = live.Source(sampler, *sides, journal, self.arguments.seed)
            judging = judge.Judge(source.take, self.arguments.threshold, self.arguments.seed,
                                  lambda: self.arguments.budget - self._counted_seconds() - source.spent, progress.show)
            judged = judging.judge(self.selected.rows, floors.known)
        floors.save()
        left_out = [row.name for row, each in judged.items() if not each.confirmed and each.doubtful and not each.problem]
        if left_out:
            self.note(f"the budget did not reach to confirm {len(left_out)} benchmarks: {', '.join(left_out[:5])}"
                      + (" …" if len(left_out) > 5 else "") + "; raise --budget")
        self.timed_seconds = time.monotonic() - start
        return judged

    def _counted_seconds(self):
        return 1.2 * len(self.counts)

    def _describe(self, judged):
        rows = [self._row(row, judged.get(row)) for row in self.selected.rows]
        rows += [_bare(row, verdict) for verdict, group in (("added", self.selected.added), ("removed", self.selected.removed))
                 for row in group]
        channels = [name for name, off in (("time", self.arguments.no_time), ("exact", self.arguments.no_exact)) if not off]
        context = {**self.selected.context, "cpus": os.cpu_count(), "host_kernel": platform.release(),
                   "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
        return {"format": 1, "base": _side(self.base), "head": _side(self.head), "context": context,
                "settings": {"budget_s": self.arguments.budget, "threshold": self.arguments.threshold,
                             "seed": self.arguments.seed, "alpha": judge.ALPHA, "confidence": judge.CONFIDENCE,
                             "channels": channels},
                "elapsed_s": round(time.monotonic() - self.start, 1), "complete": True, "notes": self.notes, "rows": rows}

    def _row(self, row, judged):
        counts = self.counts.get(row)
        changes = exact.changes(*counts) if counts else []
        made = _bare(row, _verdict(judged, changes, self.arguments.threshold))
        if judged and not judged.problem:
            made["time"] = _effect(judged, judged.time, "time")
            made["tail"] = _effect(judged, judged.tail, "tail")
        made["problem"] = judged.problem if judged else ""
        if counts:
            made["exact"] = {figure: [side[figure] for side in counts] for figure in exact.FIGURES}
        made["reasons"] = _reasons(judged, changes, made["verdict"])
        if made["verdict"] == "regressed":
            made["profile"] = self._profile_command(row)
        return made

    def _profile_command(self, row):
        words = ["scripts/profile", row.binary, "--filter", f"^{re.escape(row.name)}$".replace("\\-", "-")]
        if self.base.commit and not self.base.dirty:
            words += ["--diff", self.base.commit[:12]]
        return shlex.join(words)


def _bare(row, verdict):
    return {"binary": row.binary, "row": row.name, "threads": row.threads, "verdict": verdict, "reasons": [], "time": None,
            "tail": None, "exact": None, "problem": "", "profile": ""}


def _side(build):
    return {"label": build.label, "commit": build.commit, "key": build.key}


def _verdict(judged, changes, threshold):
    """What grew is a regression whatever the clock says, unless the clock says that it was worth it."""
    verdict = judged.verdict(threshold) if judged else "equivalent"
    if verdict == "failed":
        return verdict
    if any(grew for _, grew in changes) and verdict != "improved":
        return "regressed"
    if changes and not any(grew for _, grew in changes) and verdict in ("equivalent", "unresolved"):
        return "improved"
    return verdict


def _reasons(judged, changes, verdict):
    if verdict not in ("regressed", "improved"):
        return []
    by_clock = [name for name, found in (("time", judged.slower or judged.faster), ("tail", judged.tail_slower))
                if found] if judged else []
    return by_clock + [figure for figure, grew in changes if grew == (verdict == "regressed")]


def _effect(judged, effect, name):
    blocks = judged.blocks
    middle = sampling.median

    def finite(value):
        return value if abs(value) < 1e6 else None

    return {"ratio": effect.ratio, "low": finite(effect.low), "high": finite(effect.high), "p": effect.p,
            "floor": effect.floor, "visible": finite(effect.visible), "pairs": sum(block.pairs for block in blocks),
            "repeated": judged.repeated, "base_ns": middle([block.base_ns for block in blocks]),
            "head_ns": middle([block.head_ns for block in blocks]), "quantile": _QUANTILES[name][judged.row.threads > 1]}


_QUANTILES = {"time": ("5 % of chunks", "5 % of chunks"), "tail": ("90 % of chunks", "99 % of runs")}


class Floors:
    """How far apart links of one build are found to be, by row; kept by build and machine."""

    def __init__(self, root, key, rows):
        self.path = os.path.join(root, "build", "compare", "floors.json")
        self.key = f"{key} {platform.node()} {platform.release()}"
        self.kept = self._read()
        known = self.kept.get(self.key, {})
        self.known = {row: judge.Floor(*known[f"{row.binary}:{row.name}"]) for row in rows
                      if f"{row.binary}:{row.name}" in known}

    def _read(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                kept = json.load(file)
            return kept if isinstance(kept, dict) else {}
        except (OSError, ValueError):
            return {}

    def save(self):
        mine = self.kept.pop(self.key, {})
        mine.update({f"{row.binary}:{row.name}": [floor.time, floor.tail] for row, floor in self.known.items()
                     if floor != live.UNLINKED_FLOOR})
        kept = dict(list(self.kept.items())[-FLOORS_MAX + 1:]) | {self.key: mine}
        with open(f"{self.path}.unfinished", "w", encoding="utf-8") as file:
            json.dump(kept, file)
        os.replace(f"{self.path}.unfinished", self.path)
