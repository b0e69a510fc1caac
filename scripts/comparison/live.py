"""Blocks from processes that are started now."""

import random
import time
from dataclasses import asdict

from comparison import bank, judge, links, sampling

LINKS = 64  # of each side
UNLINKED_FLOOR = judge.Floor(time=0.03, tail=0.05)  # where only one link can be had, and layout luck is a bias


class Side:
    """The executables of one build by binary: many links, or the only one."""

    def __init__(self, build, binaries, cache, first_seed, say, count=None):
        self.paths = {}
        self.unlinked = []
        seeds = range(first_seed, first_seed + (count or LINKS))
        for binary in binaries:
            try:
                self.paths[binary] = cache.variants(build.key, build.tree, binary, seeds)
            except links.LinkError as problem:
                say(f"{binary} of {build.label} is compared by one link only: {problem}")
                self.paths[binary] = [f"{build.tree}/bin/{binary}"]
                self.unlinked.append(binary)


class Source:
    """Takes blocks of rows from base and head; stage "floor" compares base with other links of itself.

    Every block takes links that its row has not seen, until all have had their turn.
    """

    def __init__(self, sampler, base, head, journal, seed, burdens=None):
        self.sampler = sampler
        self.sides = (base, head)
        self.journal = journal
        self.seed = seed
        self.burdens = burdens or {}  # {row: share by which its head is slowed down}
        self.taken = {}
        self.spent = 0.0

    def take(self, row, stage):
        deck = "floor" if stage == "floor" else "head"
        number = self.taken[deck, row] = self.taken.get((deck, row), -1) + 1
        name = f"{row.binary}:{row.name}"
        recorded = self.journal.get(f"block {stage}", name, lambda: asdict(self._measure(row, deck, number)))
        block = judge.Block(**recorded)
        self.spent += block.seconds
        return block

    def _measure(self, row, deck, number):
        rng = random.Random(f"{self.seed} {deck} {row.name} {number}")
        base, head = self._links(row, deck, number)
        burden = 0.0 if deck == "floor" else self.burdens.get(row, 0.0)
        start = time.monotonic()
        try:
            pairs = bank.block(self.sampler, (row.name, row.name), row.threads, (base, head), rng, burden)
        except sampling.SampleError as problem:
            raise judge.RowFailed(str(problem)) from None
        return judge.judge_block(pairs, row.threads, time.monotonic() - start)

    def _links(self, row, deck, number):
        paths = [side.paths[row.binary] for side in self.sides]
        if deck == "floor":
            paths = [paths[0][0::2], paths[0][1::2] or paths[0]]
        chosen = []
        for side, each in enumerate(paths):
            cycle, at = divmod(number, len(each))
            order = random.Random(f"{self.seed} {deck} {row.name} {side} {cycle}").sample(each, len(each))
            chosen.append(order[at])
        return chosen
