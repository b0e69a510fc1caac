"""Replays comparisons from a bank: how often they raise a false alarm, and what they find."""

import csv
import gzip
import math
import statistics
import zlib
from dataclasses import replace

from comparison import bank, judge

# What a row takes at most, but for disturbed blocks that are taken again.
STRETCH = judge.SCREEN_BLOCKS + judge.FLOOR_BLOCKS + judge.CONFIRM_BLOCKS[1]
GOOGLE_REPETITIONS = 10
GOOGLE_P = 0.05


class BankError(Exception):
    """A bank that cannot be used; the message names it."""


def load(path):
    """{row name: (threads, [block of each round])} of a recorded bank."""
    rounds = {}
    try:
        with gzip.open(path, "rt", newline="", encoding="ascii") as file:
            table = csv.DictReader(file)
            if tuple(table.fieldnames or ()) != bank.FIELDS:
                raise BankError(f"{path}: not a bank of pairs")
            for line in table:
                rounds.setdefault(line["row"], {}).setdefault(int(line["round"]), []).append(_pair(line))
    except (OSError, EOFError, ValueError, KeyError, TypeError, csv.Error, zlib.error) as problem:
        raise BankError(f"{path}: {problem}") from None
    last = max((max(by_round) for by_round in rounds.values()), default=0)
    if last <= 0:
        raise BankError(f"{path}: has no whole round")
    found = {}
    for name, by_round in rounds.items():
        threads = 2 if "/threads:" in name and "/real_time/" in name else 1
        pairs = [by_round.get(number, []) for number in range(last)]  # the last round may not be whole
        if any(len(each) != bank.PAIRS_PER_BLOCK for each in pairs):
            raise BankError(f"{path}: {name} is not in every round")
        found[name] = (threads, [judge.judge_block(each, threads) for each in pairs], pairs)
    return found


def _pair(line):
    pair = {"log_quantiles": [_number(line[f"log_p{share}"]) for share in ("05", "25", "50", "90")],
            "ns": [_number(line["base_ns"]), _number(line["head_ns"])],
            "control": [_number(line["control_p25"]), _number(line["control_p75"])], "steal": _number(line["steal"]),
            "unix_time": _number(line["unix_time"])}
    if line["log_latency_p99"]:
        pair["log_latency"] = [_number(line["log_latency_p50"]), _number(line["log_latency_p99"])]
    return pair


def _number(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no figure")
    return value


class BankSource:
    """Gives each row the blocks of a contiguous stretch of rounds, one after the other.

    `slowdowns`, {row: share}, makes head slower than it was, as a burden on every run does.
    """

    def __init__(self, blocks, start, slowdowns=None):
        self.blocks = blocks
        self.next = dict.fromkeys(blocks, start)
        self.slowdowns = slowdowns or {}

    def take(self, row, stage):
        at = self.next[row]
        self.next[row] = at + 1
        block = self.blocks[row][at % len(self.blocks[row])]
        if stage != "floor" and row in self.slowdowns:
            added = math.log1p(self.slowdowns[row])
            block = replace(block, time=block.time + added, tail=block.tail + added)
        return block


def run_once(blocks, start, seed, threshold, slowdowns=None):
    """{row: Judgement} of one comparison of the whole suite, from the rounds from `start` on."""
    source = BankSource(blocks, start, slowdowns)
    return judge.Judge(source.take, threshold, seed).judge(list(blocks))


def google_flags(pairs, start):
    """Whether ten repetitions of base and of head, from the rounds from `start` on, differ by Mann and Whitney's test.

    That is what Google Benchmark's compare.py does with two files, here on the very processes that a comparison has.
    """
    taken = [pair for each in pairs[start:start + GOOGLE_REPETITIONS // bank.PAIRS_PER_BLOCK] for pair in each]
    return mann_whitney([pair["ns"][0] for pair in taken], [pair["ns"][1] for pair in taken]) < GOOGLE_P


def mann_whitney(first, second):
    """Two-sided p by the normal approximation with continuity, as SciPy has it from eight values a side on."""
    above = sum((a > b) + 0.5 * (a == b) for a in first for b in second)
    count = len(first) * len(second)
    middle = count / 2
    deviation = math.sqrt(count * (len(first) + len(second) + 1) / 12)
    z = max(0.0, abs(above - middle) - 0.5) / deviation
    return 2 * (1 - statistics.NormalDist().cdf(z))
