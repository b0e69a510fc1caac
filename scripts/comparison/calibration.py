"""Measures the comparison itself: how often it raises a false alarm, and which slowdowns it finds."""

import concurrent.futures
import gzip
import json
import os
import random
import shutil
import statistics
import time
from datetime import datetime, timezone

from comparison import bank, inference, judge, links, live, replay, sampling
from comparison.journal import Journal

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

    def _live_run(self, seed, burdens):
        start, when = time.monotonic(), datetime.now(timezone.utc).isoformat(timespec="minutes")
        journal = Journal(os.path.join(self.folder, "live.jsonl"), {"seed": seed, "key": self.build.key})
        with sampling.Sampler() as sampler:
            source = live.Source(sampler, *self.sides, journal, seed, burdens)
            judged = judge.Judge(source.take, THRESHOLD, seed).judge(self.rows)
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


def calibrate(root, arguments, build, described, cache, say):
    """Records, replays, runs live and writes results/calibration.md; the exit status: 1 if a goal is missed."""
    results = os.path.join(root, "results")
    measured = Calibration(os.path.join(root, "build", "compare", "calibration"), build, described, cache, say)
    path = os.path.join(results, "calibration", BANK)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    measured.record(path, RECORD_SECONDS)
    return 0
