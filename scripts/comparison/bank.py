"""A bank of pairs of processes that ran the same source: what comparisons are replayed from.

A round samples every row in one block: two pairs of processes on one link of each side, begun by either side in turn.
Rounds follow each other for hours, so a contiguous stretch of them is what a comparison would have seen then.
"""

import csv
import gzip
import random
import time

from comparison import sampling

PAIRS_PER_BLOCK = 2
FIELDS = ("unix_time", "round", "row", "base_link", "head_link", "head_first", "log_ratio", "log_p05", "log_p25", "log_p50",
          "log_p90", "log_latency_p50", "log_latency_p99", "base_ns", "head_ns", "control_p25", "control_p75",
          "control_ns", "steal")


def block(sampler, rows, threads, paths, rng, burden=0.0):
    """The pairs of one block, as dictionaries, signed as log(head / base).

    `rows` and `paths` are those of base and head; `burden` slows the head down by that share.
    """
    head_first = rng.random() < 0.5
    pairs = []
    for _ in range(PAIRS_PER_BLOCK):
        order = slice(None, None, -1 if head_first else 1)
        try:
            pair = sampler.pair(tuple(rows)[order], threads, tuple(paths)[order], (0.0, burden)[order])
            pairs.append(_signed(pair, head_first) | {"head_first": head_first})
        except sampling.SampleError as problem:
            if problem.side is None:
                raise
            which = "head" if (problem.side == 0) == head_first else "base"
            raise sampling.SampleError(f"{which}: {problem}") from None
        head_first = not head_first
    return pairs


def _signed(pair, head_first):
    sign = -1 if head_first else 1
    signed = dict(pair)
    signed["log_ratio"] = sign * pair["log_ratio"]
    for key in ("log_quantiles", "log_latency", "control"):
        if key in pair:
            signed[key] = [sign * value for value in pair[key]]
    signed["ns"] = pair["ns"][::sign]
    return signed


def record(path, sampler, rows, links, seconds, seed=1, show=lambda *_: None):
    """Samples `rows`, [(binary, name, threads)], round by round for `seconds`, into a compressed table at `path`.

    `links`: {binary: (paths of base, paths of head)}.
    """
    rng = random.Random(seed)
    decks = {}
    start = time.time()
    number = 0
    with gzip.open(path, "wt", newline="", encoding="ascii") as file:
        table = csv.writer(file)
        table.writerow(FIELDS)
        while time.time() - start < seconds:
            chosen = {binary: [_draw(decks, (binary, side), len(paths[side]), rng) for side in (0, 1)]
                      for binary, paths in links.items()}
            for binary, name, threads in rows:
                at = chosen[binary]
                sides = [links[binary][side][at[side]] for side in (0, 1)]
                for pair in block(sampler, (name, name), threads, sides, rng):
                    table.writerow(_line(time.time(), number, name, at, pair))
            number += 1
            show(number, time.time() - start)
    return number


def _draw(decks, key, count, rng):
    """Every link once before any comes again."""
    deck = decks.setdefault(key, [])
    if not deck:
        deck.extend(rng.sample(range(count), count))
    return deck.pop()


def _line(now, number, name, at, pair):
    latencies = pair.get("log_latency", ("", ""))
    figures = (pair["log_ratio"], *pair["log_quantiles"], *latencies)
    return (f"{now:.1f}", number, name, *at, int(pair["head_first"]),
            *(value if value == "" else f"{value:.6f}" for value in figures),
            *(f"{value:.5g}" for value in pair["ns"]), *(f"{value:.5f}" for value in pair["control"]),
            f"{pair['control_ns']:.0f}", f"{pair['steal']:.4f}")
