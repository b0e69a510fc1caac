"""The committed baseline: how far each benchmark is from its floor, and what one run costs exactly.

Headroom is a ratio of two candidates that take turns on the same machine, so it can be compared with that of another
machine, unlike a time. Still processors differ: on another one only a larger change counts.
"""

import json
import math
import os
import random
import time

from comparison import bank, inference, judge, sampling

OTHER_CPU_FLOOR = 0.15  # headroom of other processors differs by up to so much without any change of the code
FILE = os.path.join("results", "baseline.json")
BLOCKS = 12
LONG_BLOCK_SECONDS, LONG_BLOCKS = 0.3, 4
SIZE_MAX = 100_000
KEYS = ("cpu", "compiler", "flags", "commit")


class BaselineError(Exception):
    """A baseline that cannot be used; the message names the file."""


def load(path):
    """The document of a baseline file."""
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except OSError as problem:
        raise BaselineError(f"{path}: {problem.strerror} (--write-baseline makes one)") from None
    except (ValueError, RecursionError):
        raise BaselineError(f"{path}: not JSON, or cut short") from None
    rows = document.get("rows") if isinstance(document, dict) else None
    if not isinstance(rows, dict) or document.get("format") != 1 or not isinstance(document.get("context"), dict):
        raise BaselineError(f"{path}: JSON, but no baseline")
    for name, row in rows.items():
        if not _is_entry(row):
            raise BaselineError(f"{path}: {name} has no headroom that can be read")
    return document


def _is_entry(row):
    def positive(value):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf

    headroom = row.get("headroom") if isinstance(row, dict) else None
    exact = row.get("exact", {}) if isinstance(row, dict) else None
    return (isinstance(headroom, list) and len(headroom) == 3 and all(map(positive, headroom)) and isinstance(exact, dict)
            and all(value is None or isinstance(value, (int, float)) for value in exact.values()))


def floor_row(name):
    """The name of the floor of an engine's row."""
    operation, _, rest = name.partition("/")
    _, _, case = rest.partition("/")
    return f"{operation}/floor" + (f"/{case}" if case else "")


def key_of(row):
    return f"{row.binary}:{row.name}"


class Source:
    """Blocks of an engine's row beside its floor; their times are log(headroom / recorded headroom)."""

    def __init__(self, sampler, side, journal, seed, recorded=None):
        self.sampler = sampler
        self.side = side
        self.journal = journal
        self.seed = seed
        self.recorded = recorded or {}
        self.taken = {}
        self.spent = 0.0

    def take(self, row, _stage):
        number = self.taken[row] = self.taken.get(row, -1) + 1
        block = judge.Block(**self.journal.get("headroom", key_of(row), lambda: self._measure(row, number)))
        self.spent += block.seconds
        return block

    def _measure(self, row, number):
        paths = self.side.paths[row.binary]
        path = paths[number % len(paths)]
        rng = random.Random(f"{self.seed} {row.name} {number}")
        start = time.monotonic()
        try:
            pairs = bank.block(self.sampler, (floor_row(row.name), row.name), row.threads, (path, path), rng)
        except sampling.SampleError as problem:
            raise judge.RowFailed(str(problem).replace("base: ", "its floor: ", 1)) from None
        block = judge.judge_block(pairs, row.threads, time.monotonic() - start)
        expected = math.log(self.recorded.get(row, 1.0))
        return {"time": block.time - expected, "tail": 0.0, "base_ns": block.head_ns / math.exp(block.time - expected),
                "head_ns": block.head_ns, "disturbed": block.disturbed, "seconds": block.seconds, "pairs": block.pairs}


def measure(source, row):
    """[headroom, low, high] of a row."""
    blocks = []
    while len(blocks) < BLOCKS:
        blocks.append(source.take(row, "headroom"))
        if len(blocks) == LONG_BLOCKS and blocks[0].seconds > LONG_BLOCK_SECONDS:
            break
    times = [block.time for block in blocks]
    low, high = inference.interval(times, 0.9)
    figures = (inference.centre(times), max(low, min(times)), min(high, max(times)))
    return [round(math.exp(value), 4) for value in figures]


def floors(document, context, rows):
    """{row: Floor}: what may differ without any change of the code."""
    same = document["context"].get("cpu") == context.get("cpu")
    found = {}
    for row in rows:
        headroom, low, high = document["rows"][key_of(row)]["headroom"]
        spread = max(math.log(high / headroom), math.log(headroom / low))
        found[row] = judge.Floor(time=max(judge.FLOOR_MIN, spread, 0.0 if same else OTHER_CPU_FLOOR))
    return found


def make(context, rows):
    """The document of a baseline: `rows` is {key: {"headroom": …, "exact": …}}."""
    return {"format": 1, "context": {key: context.get(key, "") for key in KEYS}, "rows": rows}


def write(path, document):
    """One row a line, so that a change of one is a change of one line."""
    lines = [f'  {json.dumps(key)}: {json.dumps(row)}' for key, row in sorted(document["rows"].items())]
    text = (f'{{"format": {document["format"]},\n "context": {json.dumps(document["context"])},\n "rows": {{\n'
            + ",\n".join(lines) + "\n }}\n")
    with open(f"{path}.unfinished", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.unfinished", path)
