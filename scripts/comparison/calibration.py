"""Measures the comparison itself: how often it raises a false alarm, and which slowdowns it finds."""

import argparse
import concurrent.futures
import json
import os
import platform
import random
import time
from datetime import datetime, timezone

from comparison import bank, code_changes, inference, judge, live, replay, sampling, session
from comparison.builds import describe
from comparison.journal import Journal
from comparison.selection import Selection

SLOWDOWNS = (0.05, 0.03, 0.02)
LIVE_RUNS = 8
BURDENED_RUNS = 4
BURDENED_ROWS = 6
THRESHOLD = 0.03
REPLAYS_AT_ONCE = 20
BANK = "pairs.csv.gz"
RECORD_SECONDS = 3_900


def rows_of(described):
    """The gate rows of all binaries."""
    found = []
    for binary, each in sorted(described.items()):
        threads = {row["name"]: row["threads"] for row in each["rows"]}
        found += [judge.Row(binary, name, threads[name]) for name in each["gate"]]
    return found


class Calibration:
    """What is measured is kept in `folder`, so that a calibration that was killed goes on."""

    def __init__(self, folder, build, described, cache, say):
        self.folder = folder
        self.say = say
        self.rows = rows_of(described)
        self.context = next(iter(described.values()))["context"]
        self.build = build
        self.cache = cache
        self._sides = None
        self.floors = {}
        os.makedirs(folder, exist_ok=True)

    @property
    def sides(self):
        """Two sides of the same build, in other link orders."""
        if self._sides is None:
            binaries = sorted({row.binary for row in self.rows})
            self.say(f"linking: {', '.join(binaries)} in {live.LINKS} orders for each side")
            self._sides = [live.Side(self.build, binaries, self.cache, first, self.say) for first in (0, live.LINKS)]
        return self._sides

    def record(self, path, seconds):
        """The bank, recorded unless it is there."""
        if os.path.exists(path):
            self.say(f"bank: {path} is there already")
            return
        base, head = self.sides
        paths = {binary: (base.paths[binary], head.paths[binary]) for binary in base.paths}
        told = [0.0]

        def show(number, spent):
            if spent - told[0] >= 60:
                told[0] = spent
                self.say(f"bank: {spent / 60:.0f} of {seconds / 60:.0f} minutes, {number} rounds")

        with sampling.Sampler() as sampler:
            bank.record(f"{path}.unfinished", sampler, [(row.binary, row.name, row.threads) for row in self.rows], paths,
                        seconds, show=show)
        os.replace(f"{path}.unfinished", path)

    def replay(self, path, runs):
        """What `runs` replayed comparisons say, with and without slowdowns."""
        return self._kept("replay", lambda: replay_all(path, {row.name for row in self.rows}, runs, self.say))

    def live(self):
        """Whole-suite runs of the same source, and of slowed heads."""
        found = {"alike": [], "slowed": []}
        for number in range(LIVE_RUNS):
            found["alike"].append(self._kept(f"alike-{number}", lambda number=number: self._live_run(number, {})))
        rng = random.Random(7)
        single = [row for row in self.rows if row.threads == 1]
        for number in range(BURDENED_RUNS):
            chosen = rng.sample(single, BURDENED_ROWS)
            burdens = {row: SLOWDOWNS[at % len(SLOWDOWNS)] for at, row in enumerate(chosen)}
            found["slowed"].append(self._kept(f"slowed-{number}",
                                              lambda number=number, burdens=burdens: self._live_run(100 + number, burdens)))
        return found

    def changes(self, root):
        """What the comparison says of real changes of the code."""
        tree, found = None, []
        try:
            for number, change in enumerate(code_changes.CHANGES):
                path = os.path.join(self.folder, f"change-{number}.json")
                if tree is None and not os.path.exists(path):
                    tree = code_changes.ChangedTree(root, self.build.commit, self.say)
                found.append(self._kept(f"change-{number}", lambda change=change: self._try_change(root, tree, change)))
        finally:
            if tree is not None:
                tree.close()
        return found

    def _try_change(self, root, tree, change):
        if not tree.apply(change):
            return {"what": change.what, "rows": []}
        head = tree.build()
        described = [describe(build.tree, build.binaries) for build in (self.build, head)]
        selected = Selection(*described, pattern=change.rows)
        options = argparse.Namespace(threshold=THRESHOLD, seed=1, budget=300, fresh=True, no_time=False, no_exact=False)
        document = session.TwoBuilds(root, options, (self.build, head), selected).document()
        rows = [{"row": row["row"], "verdict": row["verdict"], "reasons": row["reasons"], "exact": row["exact"],
                 "ratio": row["time"]["ratio"], "low": row["time"]["low"], "high": row["time"]["high"]}
                for row in document["rows"]]
        self.say(f"{change.what}: " + "; ".join(f"{row['row']} {row['verdict']} {row['ratio'] - 1:+.1%} "
                                                f"({', '.join(row['reasons'])})" for row in rows))
        return {"what": change.what, "rows": rows}

    def _live_run(self, seed, burdens):
        start, when = time.monotonic(), datetime.now(timezone.utc).isoformat(timespec="minutes")
        journal = Journal(os.path.join(self.folder, "live.jsonl"), {"seed": seed, "key": self.build.key})
        with sampling.Sampler() as sampler:
            source = live.Source(sampler, *self.sides, journal, seed, burdens)
            judged = judge.Judge(source.take, THRESHOLD, seed).judge(self.rows, self.floors)
        journal.close(done=True)
        rows = [{"row": row.name, "burden": burdens.get(row, 0.0), "verdict": each.verdict(THRESHOLD),
                 "ratio": each.time.ratio, "low": each.time.low, "high": each.time.high, "confirmed": each.confirmed,
                 "blocks": len(each.blocks)} for row, each in judged.items()]
        found = {"when": when, "seconds": round(time.monotonic() - start), "rows": rows}
        self.say(f"live run {seed}: {found['seconds']} s; regressed: "
                 + (", ".join(f"{row['row']} ({row['burden']:+.0%} burnt, {row['ratio'] - 1:+.1%} found)" for row in rows
                              if row["verdict"] == "regressed") or "none"))
        return found

    def _kept(self, name, measure):
        path = os.path.join(self.folder, f"{name}.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        found = measure()
        with open(f"{path}.unfinished", "w", encoding="utf-8") as file:
            json.dump(found, file)
        os.replace(f"{path}.unfinished", path)
        return found


# Replays, in several processes.

_BANK = {}


def _open_bank(path, names):
    for name, (threads, blocks, pairs) in replay.load(path).items():
        if name in names:
            _BANK[judge.Row("", name, threads)] = (blocks, pairs)


def replay_all(path, names, runs, say):
    """Counts over `runs` replayed runs from evenly spaced places of the bank."""
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), initializer=_open_bank, initargs=(path, names)) as pool:
        portions = [range(first, min(first + REPLAYS_AT_ONCE, runs)) for first in range(0, runs, REPLAYS_AT_ONCE)]
        sums = None
        for number, found in enumerate(pool.map(_replay_portion, portions, [runs] * len(portions))):
            sums = found if sums is None else _add(sums, found)
            if number % 5 == 4:
                say(f"replayed: {min((number + 1) * REPLAYS_AT_ONCE, runs)} of {runs}; {sums['alarms']} alarms")
    return sums


def _replay_portion(numbers, runs):
    blocks = {row: each for row, (each, _) in _BANK.items()}
    rounds = len(next(iter(blocks.values())))
    single = sorted((row for row in blocks if row.threads == 1), key=lambda row: row.name)
    sums = {"runs": 0, "alarms": 0, "improvements": 0, "rounds": rounds, "alarmed": {}, "verdicts": {}, "google_runs": 0,
            "google_flagged": 0, "google_rows": 0, "found": {}, "by_row": {}}
    for number in numbers:
        start = round(number * (rounds - replay.STRETCH) / max(runs - 1, 1))
        judged = replay.run_once(blocks, start, number, THRESHOLD)
        alarmed = [row.name for row, each in judged.items() if each.slower or each.tail_slower]
        sums["runs"] += 1
        sums["alarms"] += bool(alarmed)
        sums["improvements"] += any(each.faster for each in judged.values())
        for name in alarmed:
            _count(sums["alarmed"], name)
        for each in judged.values():
            _count(sums["verdicts"], each.verdict(THRESHOLD))
        flags = [replay.google_flags(pairs, start) for _, pairs in _BANK.values()]
        sums["google_runs"] += any(flags)
        sums["google_flagged"] += sum(flags)
        sums["google_rows"] += len(flags)
        for at, share in enumerate(SLOWDOWNS):
            row = single[(number + 7 * at) % len(single)]
            slowed = replay.run_once(blocks, start, number, THRESHOLD, {row: share})
            _count(sums["found"], f"{share:g} {slowed[row].slower}")
            _count(sums["by_row"], f"{share:g} {slowed[row].slower} {row.name}")
    return sums


def _count(counts, key):
    counts[key] = counts.get(key, 0) + 1


def _add(sums, more):
    for key, value in more.items():
        if isinstance(value, dict):
            for name, count in value.items():
                sums[key][name] = sums[key].get(name, 0) + count
        elif key != "rounds":
            sums[key] += value
    return sums


# The report.


def calibrate(root, runs, build, described, cache, say):
    """Records, replays, runs live and writes results/calibration.md. The exit status: 1 if a goal is missed."""
    results = os.path.join(root, "results")
    path = os.path.join(results, "calibration", BANK)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    measured = Calibration(os.path.join(root, "build", "compare", "calibration", build.key), build, described, cache, say)
    measured.record(path, RECORD_SECONDS)
    replayed = measured.replay(path, runs)
    lived = measured.live()
    changed = measured.changes(root)
    goals = goals_of(replayed, lived, changed)
    with open(os.path.join(results, "calibration.md"), "w", encoding="utf-8") as file:
        file.write(markdown(measured, replayed, lived, changed, goals))
    for name, reached, text in goals:
        print(f"{'ok    ' if reached else 'MISSED'}  {name}: {text}")
    return 0 if all(reached for _, reached, _ in goals) else 1


def goals_of(replayed, lived, changed):
    """[(goal, whether it is reached, what was measured)]"""
    goals = [("replayed runs of the same source that raise an alarm, at most 1 %",
              replayed["alarms"] <= 0.01 * replayed["runs"], share_text(replayed["alarms"], replayed["runs"]))]
    for share, least in zip(SLOWDOWNS, (0.99, 0.95, 0.80)):
        found, missed = (replayed["found"].get(f"{share:g} {truth}", 0) for truth in (True, False))
        goals.append((f"+{share:.0%} found in replayed runs, at least {least:.0%}", found >= least * (found + missed),
                      share_text(found, found + missed)))
    alarms = sum(any(row["verdict"] == "regressed" for row in run["rows"]) for run in lived["alike"])
    goals.append((f"alarms of {LIVE_RUNS} live runs of the whole suite, none", alarms == 0,
                  share_text(alarms, len(lived["alike"]))))
    slowed = [row for run in lived["slowed"] for row in run["rows"] if row["burden"] > 0]
    found = sum(row["verdict"] == "regressed" for row in slowed)
    low, high = inference.exact_share(found, len(slowed))
    expected = sum(replayed["found"].get(f"{row['burden']:g} True", 0) / max(1, replayed["runs"]) for row in slowed)
    goals.append(("live slowdowns are found as often as in replays", low <= expected / max(1, len(slowed)) <= high,
                  f"{share_text(found, len(slowed))}; expected {expected:.1f}"))
    rows = [row for change in changed for row in change["rows"]]
    found = sum(row["verdict"] == "regressed" for row in rows)
    goals.append(("real changes of the code, all found", found == len(rows) > 0, share_text(found, len(rows))))
    return goals


def share_text(count, of):
    low, high = inference.exact_share(count, of) if of else (0.0, 1.0)
    return f"{count:,} of {of:,} ({count / max(of, 1):.1%}; 95 % interval {low:.2%} to {high:.2%})"


def markdown(measured, replayed, lived, changed, goals):
    context = measured.context
    rounds = replayed["rounds"]
    lines = [
        "# How far the comparison can be trusted", "",
        f"Measured on {datetime.now(timezone.utc):%Y-%m-%d} by `scripts/compare --calibrate {replayed['runs']}` at commit "
        f"{measured.build.commit[:12]}: {context.get('cpu')}, {os.cpu_count()} CPUs, {platform.system()} "
        f"{platform.release()}, {context.get('compiler')} {context.get('flags')}, {context.get('allocator')}. The machine "
        "is virtual and shared, and was not kept idle.", "",
        "| goal | measured | |", "| --- | --- | --- |",
        *(f"| {name} | {text} | {'reached' if reached else '**missed**'} |" for name, reached, text in goals), "",
        "## The bank", "",
        f"`calibration/{BANK}` holds {rounds:,} rounds of {len(measured.rows)} gate rows, two pairs of processes a row and "
        f"round ({rounds * bank.PAIRS_PER_BLOCK:,} pairs a row), with their times. Both sides are the same source, linked in "
        f"{live.LINKS} other orders each. A replayed run takes the blocks of up to {replay.STRETCH} rounds in a row from it; "
        f"the starts are evenly spaced, so the {replayed['runs']:,} runs overlap: {rounds // replay.STRETCH} of them "
        "have no round in common.", "",
        f"Verdicts in replayed runs without a difference: {_verdicts_text(replayed['verdicts'])}. "
        f"Runs that claim an improvement: {share_text(replayed['improvements'], replayed['runs'])}.", "",
        "## The same pairs by Google Benchmark's method", "",
        f"Mann and Whitney's test at p < {replay.GOOGLE_P}, {replay.GOOGLE_REPETITIONS} repetitions a side, on the same "
        "processes (in turns and of many links, which it would not have by itself): "
        f"rows flagged: {share_text(replayed['google_flagged'], replayed['google_rows'])}; runs with a row flagged: "
        f"{share_text(replayed['google_runs'], replayed['runs'])}.", "",
        "## Slowdowns found in replays, by row", "",
        "| row | " + " | ".join(f"+{share:.0%}" for share in SLOWDOWNS) + " |", "| --- |" + " ---: |" * len(SLOWDOWNS)]
    for row in measured.rows:
        if row.threads == 1:
            lines.append(f"| `{row.name}` | " + " | ".join(_found_text(replayed["by_row"], share, row.name)
                                                       for share in SLOWDOWNS) + " |")
    lines += ["", "## Live runs", "", "Of the same source in other link orders:", "",
              "| when | took | regressed | improved | unresolved |", "| --- | ---: | ---: | ---: | ---: |"]
    for run in lived["alike"]:
        counts = [sum(row["verdict"] == verdict for row in run["rows"]) for verdict in ("regressed", "improved", "unresolved")]
        lines.append(f"| {run['when']} | {run['seconds']} s | " + " | ".join(map(str, counts)) + " |")
    lines += ["", "With a share of the time burnt inside the benchmarked call of some rows (in calls of some nanoseconds the "
              "processor works on both at once, so less than the share is lost):", "",
              "| row | burnt | found | 99 % interval | verdict |", "| --- | ---: | ---: | --- | --- |"]
    lines += [f"| `{row['row']}` | {row['burden']:+.0%} | {row['ratio'] - 1:+.1%} | {row['low'] - 1:+.1%} to "
              f"{row['high'] - 1:+.1%} | {row['verdict']} |"
              for run in lived["slowed"] for row in sorted(run["rows"], key=lambda row: -row["burden"])
              if row["burden"] > 0 or row["verdict"] != "equivalent"]
    lines += ["", "By real changes of the code:", "", "| change | row | time | verdict | because of |",
              "| --- | --- | ---: | --- | --- |"]
    for change in changed:
        lines += [f"| {change['what']} | `{row['row']}` | {row['ratio'] - 1:+.1%} | {row['verdict']} | "
                  f"{', '.join(row['reasons'])} |" for row in change["rows"]]
    return "\n".join(lines) + "\n"


def _verdicts_text(counts):
    total = sum(counts.values())
    return ", ".join(f"{count / total:.1%} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def _found_text(by_row, share, name):
    found, missed = (by_row.get(f"{share:g} {truth} {name}", 0) for truth in (True, False))
    return f"{found} of {found + missed}" if found + missed else "–"
