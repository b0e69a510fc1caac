"""Measures what was selected, and makes the document that report.py shows."""

import concurrent.futures
import datetime
import hashlib
import json
import math
import os
import platform
import re
import shlex
import subprocess
import sys
import time

from comparison import baseline, exact, judge, links, live, sampling
from comparison.journal import Journal
from comparison.progress import Progress
from headroom_format import printable

FLOORS_MAX = 20  # builds whose floors are kept
JOURNALS_MAX = 20  # of runs that were killed


def say(text):
    clear = "\r\033[K" if sys.stderr.isatty() else ""  # of the progress line
    print(f"{clear}{printable(text)}", file=sys.stderr, flush=True)


class Session:
    """What comparing two builds and checking a baseline have in common. document() does everything."""

    has_tail = True

    def __init__(self, root, arguments, head, selected):
        self.root = root
        self.arguments = arguments
        self.head = head
        self.selected = selected
        self.start = time.monotonic()
        self.notes = []
        self.counts = {}  # {row: (figures before, figures after)}
        self.not_counted = {}  # {row: why}

    def header(self):
        """Of the journal: a run that was killed is gone on with if nothing of this has changed."""
        channels = [not self.arguments.no_time, not self.arguments.no_exact]
        return {"rules": _rules(), "kind": type(self).__name__, "head": self.head.key, "seed": self.arguments.seed,
                "threshold": self.arguments.threshold, "channels": channels, "machine": platform.node(),
                "rows": [row.name for row in self.selected.rows]}

    def is_countable(self, row):
        return row.threads == 1

    def count_row(self, pool, row):
        """{"base": figures, "head": figures}; CountError if they cannot be had."""
        raise NotImplementedError

    def judge(self, journal, progress):
        """{row: Judgement}"""
        raise NotImplementedError

    def base_side(self):
        """Who is compared with, for people and programs."""
        raise NotImplementedError

    def profile_options(self):
        """Of scripts/profile, beside the row."""
        return []

    def profile_prefix(self):
        """What makes the head the working tree, which scripts/profile records."""
        checked_out = subprocess.run(["git", "-C", self.root, "rev-parse", "HEAD"], capture_output=True, text=True,
                                     check=False).stdout.strip()
        same = not self.head.commit or self.head.commit == checked_out
        return "" if same else f"git switch --detach {self.head.commit[:12]} && "

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)
            say(f"note: {text}")

    def document(self):
        header = self.header()
        digest = hashlib.sha256(json.dumps(header).encode()).hexdigest()[:16]
        path = os.path.join(self.root, "build", "compare", "runs", f"{digest}.jsonl")
        if self.arguments.fresh and os.path.exists(path):
            os.unlink(path)
        _forget_old_journals(os.path.dirname(path))
        if not sampling.fixed_addresses():
            self.note("addresses stay randomised here, as setarch is not permitted: expect wider intervals")
        journal = Journal(path, header)
        done = False
        try:
            if journal.count:
                say(f"going on with a run that was killed after {journal.count} measurements (--fresh begins anew)")
            with Progress() as progress:
                if not self.arguments.no_exact:
                    self._count(journal, progress)
                judged = {} if self.arguments.no_time else self.judge(journal, progress)
            done = True
        finally:
            journal.close(done)
        return self._describe(judged)

    def _count(self, journal, progress):
        """The exact channel. Several processes at once: nothing is timed meanwhile."""
        missing = exact.missing_tool()
        if missing:
            self.note(missing)
            return
        rows = [row for row in self.selected.rows if self.is_countable(row)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            try:
                for number, row in enumerate(rows):
                    progress.show("counting", number, len(rows), row.name)
                    found = journal.get("exact", baseline.key_of(row), lambda row=row: self._try_to_count(pool, row))
                    if "problem" in found:
                        self.not_counted[row] = found["problem"]
                        self.note(f"not counted: {found['problem']}")
                    else:
                        self.counts[row] = (found["base"], found["head"])
            except BaseException:
                exact.stop_all()
                raise

    def _try_to_count(self, pool, row):
        try:
            return self.count_row(pool, row)
        except exact.CountError as problem:
            return {"problem": str(problem)}

    def judge_rows(self, source, known_floors, progress):
        """Within what the budget leaves."""
        counted = 1.2 * len(self.counts)
        judging = judge.Judge(source.take, self.arguments.threshold, self.arguments.seed,
                              lambda: self.arguments.budget - counted - source.spent, progress.show)
        judged = judging.judge(self.selected.rows, known_floors)
        left_out = [row.name for row, each in judged.items() if each.doubtful and not each.confirmed and not each.problem]
        if left_out:
            self.note(f"the budget did not reach to confirm {len(left_out)} benchmarks: {', '.join(left_out[:5])}"
                      + (" …" if len(left_out) > 5 else "") + "; raise --budget")
        return judged

    def _describe(self, judged):
        rows = [self._row(row, judged.get(row)) for row in self.selected.rows]
        rows += [_bare(row, verdict) for verdict, group in (("added", self.selected.added), ("removed", self.selected.removed))
                 for row in group]
        channels = [name for name, off in (("time", self.arguments.no_time), ("exact", self.arguments.no_exact)) if not off]
        date = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        return {"format": 1, "base": self.base_side(), "head": side_of(self.head),
                "context": {**self.selected.context, "cpus": os.cpu_count(), "date": date},
                "settings": {"budget_s": self.arguments.budget, "threshold": self.arguments.threshold,
                             "seed": self.arguments.seed, "alpha": judge.ALPHA, "confidence": judge.CONFIDENCE,
                             "channels": channels},
                "elapsed_s": round(time.monotonic() - self.start, 1), "notes": self.notes, "rows": rows}

    def _verdict(self, row, judged, changes):
        """What grew is a regression whatever the clock says, unless the clock says that it was worth it."""
        if judged:
            verdict = judged.verdict(self.arguments.threshold)
        elif row in self.not_counted:
            verdict = "failed"
        else:
            verdict = "equivalent" if row in self.counts else "unresolved"
        if any(grew for _, grew in changes) and verdict not in ("failed", "improved"):
            return "regressed"
        if changes and not any(grew for _, grew in changes) and verdict == "equivalent":
            return "improved"
        return verdict

    def _row(self, row, judged):
        counts = self.counts.get(row)
        changes = exact.changes(*counts) if counts else []
        made = _bare(row, self._verdict(row, judged, changes))
        if judged and not judged.problem:
            made["time"] = _effect(judged, judged.time)
            if self.has_tail:
                # Of another quantity than the times of the blocks.
                made["tail"] = _effect(judged, judged.tail) | {"base_ns": None, "head_ns": None}
        made["problem"] = judged.problem if judged else self.not_counted.get(row, "")
        if counts:
            made["exact"] = {figure: [side.get(figure) for side in counts] for figure in exact.FIGURES}
        made["reasons"] = _reasons(judged, changes, made["verdict"])
        if made["verdict"] == "regressed":
            pattern = f"^{re.escape(row.name)}$".replace("\\-", "-")
            made["profile"] = self.profile_prefix() + shlex.join(
                ["scripts/profile", row.binary, "--filter", pattern, *self.profile_options()])
        return made


class TwoBuilds(Session):
    """Base against head."""

    def __init__(self, root, arguments, sides, selected):
        super().__init__(root, arguments, sides[1], selected)
        self.base = sides[0]
        for difference in selected.differences:
            self.note(difference)

    def header(self):
        return {**super().header(), "base": self.base.key}

    def base_side(self):
        return side_of(self.base)

    def profile_options(self):
        return ["--diff", self.base.commit[:12]] if self.base.commit and not self.base.dirty else []

    def count_row(self, pool, row):
        paths = [os.path.join(side.tree, "bin", row.binary) for side in (self.base, self.head)]
        runs = exact.choose_runs(paths[0], row.name)
        base, head = (pool.submit(exact.count, path, row.name, runs) for path in paths)
        return {"base": _result_of("base", base), "head": _result_of("head", head)}

    def judge(self, journal, progress):
        binaries = sorted({row.binary for row in self.selected.rows})
        cache = link_cache(self.root)
        say(f"linking: {', '.join(binaries)} in {live.LINKS} orders for each side")
        sides = [live.Side(build, binaries, cache, first, self.note)
                 for build, first in ((self.base, 0), (self.head, live.LINKS))]
        cache.prune()
        floors = Floors(self.root, self.base.key, self.selected.rows)
        for row in self.selected.rows:
            if any(row.binary in side.unlinked for side in sides):
                floors.known[row] = live.UNLINKED_FLOOR
        with sampling.Sampler() as sampler:
            source = live.Source(sampler, *sides, journal, self.arguments.seed)
            judged = self.judge_rows(source, floors.known, progress)
        floors.save()
        return judged


class AgainstBaseline(Session):
    """The committed baseline against head: headroom and exact figures."""

    has_tail = False

    def __init__(self, root, arguments, head, selected, recorded):
        super().__init__(root, arguments, head, selected)
        self.recorded = recorded
        self.same_code_generator = all(recorded["context"].get(key) == selected.context.get(key)
                                       for key in ("compiler", "flags"))
        if recorded["context"].get("cpu") != selected.context.get("cpu"):
            self.note(f"the baseline is of another processor ({recorded['context'].get('cpu')}): "
                      f"headroom must grow by {baseline.OTHER_CPU_FLOOR:.0%} to count")
        if not self.same_code_generator:
            self.note("the baseline is of another compiler or flags: instructions are not compared")

    def header(self):
        return {**super().header(), "recorded": self.recorded["context"],
                "headroom": [self.entry(row)["headroom"] for row in self.selected.rows]}

    def base_side(self):
        commit = self.recorded["context"].get("commit", "")
        return {"label": f"{baseline.FILE} ({commit})", "commit": commit, "key": commit}

    def entry(self, row):
        return self.recorded["rows"][baseline.key_of(row)]

    def is_countable(self, row):
        return super().is_countable(row) and bool(self.entry(row).get("exact", {}).get("runs"))

    def count_row(self, pool, row):
        before = self.entry(row)["exact"]
        after = exact.count(os.path.join(self.head.tree, "bin", row.binary), row.name, before["runs"])
        kept = [figure for figure in exact.FIGURES if self.same_code_generator or figure != "instructions"]
        return {"base": {figure: before.get(figure) for figure in kept}, "head": after}

    def judge(self, journal, progress):
        side = baseline_side(self.root, self.head, self.selected.rows, self.note)
        floors = baseline.floors(self.recorded, self.selected.context, self.selected.rows)
        with sampling.Sampler() as sampler:
            source = baseline.Source(sampler, side, journal, self.arguments.seed,
                                     {row: self.entry(row)["headroom"][0] for row in self.selected.rows})
            return self.judge_rows(source, floors, progress)


def write_baseline(root, head, selected, seed):
    """Measures headroom and exact figures of the selected rows; returns how many were written and the problems."""
    side = baseline_side(root, head, selected.rows, say)
    path = os.path.join(root, "build", "compare", "runs", "baseline.jsonl")
    journal = Journal(path, {"kind": "baseline", "head": head.key})
    rows, problems = {}, []
    with Progress() as progress, sampling.Sampler() as sampler:
        source = baseline.Source(sampler, side, journal, seed)
        for number, row in enumerate(selected.rows):
            progress.show("baseline", number, len(selected.rows), row.name)
            try:
                entry = {"headroom": baseline.measure(source, row)}
                if row.threads == 1 and not exact.missing_tool():
                    entry["exact"] = journal.get("exact", baseline.key_of(row), lambda row=row: _count_one(head, row))
                rows[baseline.key_of(row)] = entry
            except (judge.RowFailed, exact.CountError) as problem:
                problems.append(f"{row.name}: {problem}")
    baseline.write(os.path.join(root, baseline.FILE), baseline.make(selected.context, rows))
    journal.close(done=True)
    return len(rows), problems


def _count_one(head, row):
    path = os.path.join(head.tree, "bin", row.binary)
    runs = exact.choose_runs(path, row.name)
    found = exact.count(path, row.name, runs)
    return {"runs": runs, **{figure: value if value is None else round(value, 4) for figure, value in found.items()}}


def link_cache(root):
    return links.LinkCache(os.path.join(root, "build", "compare", "links"))


def baseline_side(root, head, rows, note):
    binaries = sorted({row.binary for row in rows})
    return live.Side(head, binaries, link_cache(root), 0, note, baseline.BLOCKS)


def _rules():
    """Changes whenever this tool does: what was measured under other rules is not gone on with."""
    digest = hashlib.sha256()
    folder = os.path.dirname(os.path.abspath(__file__))
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py") and not name.endswith("_test.py"):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(file.read())
    return digest.hexdigest()[:12]


def _forget_old_journals(folder):
    if os.path.isdir(folder):
        paths = sorted((os.path.join(folder, name) for name in os.listdir(folder)), key=os.path.getmtime)
        for path in paths[:-JOURNALS_MAX]:
            os.unlink(path)


def _result_of(side, counting):
    try:
        return counting.result()
    except exact.CountError as problem:
        raise exact.CountError(f"{side}: {problem}") from None


def _bare(row, verdict):
    return {"binary": row.binary, "row": row.name, "threads": row.threads, "verdict": verdict, "reasons": [], "time": None,
            "tail": None, "exact": None, "problem": "", "profile": ""}


def side_of(build):
    return {"label": build.label, "commit": build.commit, "key": build.key}


def _reasons(judged, changes, verdict):
    if verdict not in ("regressed", "improved"):
        return []
    worse = verdict == "regressed"
    by_clock = [name for name, found in (("time", judged.slower if worse else judged.faster),
                                         ("tail", judged.tail_slower and worse)) if found] if judged else []
    return by_clock + [figure for figure, grew in changes if grew == worse]


def _effect(judged, effect):
    """A finite number or null for each figure."""
    blocks = judged.blocks
    figures = {"ratio": effect.ratio, "low": effect.low, "high": effect.high, "p": effect.p, "floor": effect.floor,
               "visible": effect.visible, "base_ns": sampling.median([block.base_ns for block in blocks]),
               "head_ns": sampling.median([block.head_ns for block in blocks])}
    return {**{name: value if math.isfinite(value) and value < 1e15 and (value > 0 or name == "p") else None
               for name, value in figures.items()},
            "pairs": sum(block.pairs for block in blocks), "repeated": judged.repeated}


class Floors:
    """How far apart links of one build are found to be, by row; kept by build and machine."""

    def __init__(self, root, key, rows):
        self.path = os.path.join(root, "build", "compare", "floors.json")
        self.key = f"{key} {platform.node()} {platform.release()}"
        self.kept = self._read()
        known = self.kept.get(self.key, {})
        self.known = {row: judge.Floor(*known[baseline.key_of(row)]) for row in rows if baseline.key_of(row) in known}

    def _read(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                kept = json.load(file)
        except (OSError, ValueError, RecursionError):
            return {}
        return kept if isinstance(kept, dict) and all(map(_are_floors, kept.values())) else {}

    def save(self):
        mine = self.kept.pop(self.key, {})
        mine.update({baseline.key_of(row): [floor.time, floor.tail] for row, floor in self.known.items()
                     if floor != live.UNLINKED_FLOOR})
        kept = dict(list(self.kept.items())[-FLOORS_MAX + 1:]) | {self.key: mine}
        with open(f"{self.path}.unfinished", "w", encoding="utf-8") as file:
            json.dump(kept, file)
        os.replace(f"{self.path}.unfinished", self.path)


def _are_floors(by_row):
    return isinstance(by_row, dict) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(value, float) and value > 0 for value in pair)
        for pair in by_row.values())
