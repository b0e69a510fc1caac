"""Decides for each row whether head is slower than base, from blocks of pairs of processes.

All rows are screened with few blocks. What is not settled by then is confirmed on fresh blocks, as many as its own spread
asks for, and only those count: what made a row suspicious cannot also convict it. A row has regressed if its centre lies
beyond its floor, with Holm's correction over all that is tested in this run; it is equivalent if its interval lies within
the threshold; it is unresolved if neither can be said.

Where the blocks come from is not known here: from processes that are started now, from the journal of a run that was
killed, or from a bank.
"""

import math
import random
import statistics
from dataclasses import dataclass, field

from comparison import inference

ALPHA = 0.01  # probability that a run without any difference claims one: half of it an alarm, half an improvement
CONFIDENCE = 0.99
SCREEN_BLOCKS = 12
FLOOR_BLOCKS = 24
CONFIRM_BLOCKS = (24, 96)
VISIBLE_TARGETS = (0.014, 0.02)  # of one thread, of several: what the number of confirming blocks is chosen for
FLOOR_P = 0.05  # of the base with itself, from which on its difference is believed
FLOOR_MIN = 0.005  # smaller differences are never called changes
SETTLED_P = 0.1
POWER_Z = 1.0  # of 80 %, with what a test by ranks loses to one that knows the distribution
TESTS = 24  # among which Holm's correction is assumed to choose, when effects and blocks are reckoned beforehand
REPEATS_MAX = 0.5  # disturbed blocks that are taken again, by the blocks asked for
STEAL_MAX = 0.02
CONTROL_MAX = (0.01, 0.1)  # log ratio of the control kernels: of one thread, and of several, which share the processors


@dataclass(frozen=True)
class Row:
    binary: str
    name: str
    threads: int = 1


@dataclass(frozen=True)
class Block:
    """What the pairs of one block say, as log(head / base)."""

    time: float
    tail: float
    base_ns: float
    head_ns: float
    disturbed: bool
    seconds: float = 0.0
    pairs: int = 2


@dataclass(frozen=True)
class Floor:
    """How far apart two links of the same source are found to be."""

    time: float = FLOOR_MIN
    tail: float = FLOOR_MIN


@dataclass
class Effect:
    """What is known of one quantile of one row."""

    ratio: float
    low: float
    high: float
    floor: float
    visible: float = math.inf
    p: float = 1.0  # of being slower by more than the floor
    p_faster: float = 1.0


@dataclass
class Judgement:
    row: Row
    blocks: list = field(default_factory=list)  # that the figures rest on
    doubtful: bool = False  # after screening
    confirmed: bool = False
    repeated: int = 0
    time: Effect = None
    tail: Effect = None
    slower: bool = False
    faster: bool = False
    tail_slower: bool = False
    problem: str = ""  # why it could not be timed

    def verdict(self, threshold):
        """By the clock alone."""
        if self.problem:
            return "failed"
        if self.slower or self.tail_slower:
            return "regressed"
        if self.faster:
            return "improved"
        return "equivalent" if self.time and within(self.time, threshold) else "unresolved"


class RowFailed(Exception):
    """A row that cannot be sampled at all; the message says why."""


def within(effect, threshold):
    """Both ways alike: a third slower is as far as a third faster."""
    return 1 / (1 + threshold) < effect.low and effect.high < 1 + threshold


def judge_block(pairs, threads, seconds=0.0):
    """A Block of the pairs that bank.block() returns."""
    latency = [pair["log_latency"][1] for pair in pairs if "log_latency" in pair]
    control = max(abs(value) for pair in pairs for value in pair["control"])
    return Block(time=statistics.fmean(pair["log_quantiles"][0] for pair in pairs),
                 tail=statistics.fmean(latency or [pair["log_quantiles"][3] for pair in pairs]),
                 base_ns=statistics.fmean(pair["ns"][0] for pair in pairs),
                 head_ns=statistics.fmean(pair["ns"][1] for pair in pairs),
                 disturbed=control > CONTROL_MAX[threads > 1] or max(pair["steal"] for pair in pairs) > STEAL_MAX,
                 seconds=seconds, pairs=len(pairs))


class Judge:
    """Judges rows by blocks from `take(row, stage)`, which may raise RowFailed.

    `seconds_left()` bounds what is spent, and `show(stage, done, planned, row name)` tells how far it is.
    """

    def __init__(self, take, threshold=0.03, seed=1, seconds_left=lambda: math.inf, show=lambda *_: None):
        self.take = take
        self.threshold = threshold
        self.rng = random.Random(seed)
        self.seconds_left = seconds_left
        self.show = show

    def judge(self, rows, known_floors=None):
        """{row: Judgement}. `known_floors`, {row: Floor}, is added to: a floor is measured once for a build."""
        floors = {} if known_floors is None else known_floors
        judged = self._rounds({row: SCREEN_BLOCKS for row in rows}, "screen")
        for row, each in judged.items():
            self._estimate(each, floors.get(row, Floor()))
        doubtful = [row for row, each in judged.items() if not each.problem and not self._settled(each)]
        for row in doubtful:
            judged[row].doubtful = True
        self._measure_floors([row for row in doubtful if row not in floors], floors, judged)
        sound = [row for row in doubtful if not judged[row].problem]
        planned = self._fit_budget({row: _blocks_to_confirm(judged[row]) for row in sound}, judged)
        for row, each in self._rounds(planned, "confirm").items():
            if not each.blocks and not each.problem:
                continue
            each.repeated += judged[row].repeated
            each.doubtful, each.confirmed = True, not each.problem
            judged[row] = each
            if each.confirmed:
                self._estimate(each, floors.get(row, Floor()))
        convict([each for each in judged.values() if each.confirmed])
        for each in judged.values():
            if each.doubtful and not each.confirmed and each.time:
                each.time.visible = each.tail.visible = math.inf  # What is not confirmed is never convicted.
        return judged

    def _measure_floors(self, rows, floors, judged):
        """By blocks of stage "floor", which compare links of the same build."""
        for row, each in self._rounds({row: FLOOR_BLOCKS for row in rows}, "floor").items():
            if each.problem:
                judged[row].problem = f"with other links of the base: {each.problem}"
            elif len(each.blocks) == FLOOR_BLOCKS:
                floors[row] = floor_of(each.blocks)

    def _rounds(self, wanted, stage):
        """Takes the blocks round by round, each in an order of its own, so that a bad minute hits no row alone."""
        judged = {row: Judgement(row) for row in wanted}
        total, done = sum(wanted.values()), 0
        for number in range(max(wanted.values(), default=0)):
            if self.seconds_left() <= 0 and (number > 0 or stage != "screen"):
                break
            rows = [row for row in wanted if number < wanted[row] and not judged[row].problem]
            for row in self.rng.sample(rows, len(rows)):
                self.show(stage, done, total, row.name)
                done += 1
                self._take_block(judged[row], stage, wanted[row])
        return judged

    def _take_block(self, judged, stage, wanted):
        try:
            block = self.take(judged.row, stage)
            while block.disturbed and judged.repeated < REPEATS_MAX * wanted:
                judged.repeated += 1
                block = self.take(judged.row, stage)
        except RowFailed as problem:
            judged.problem = str(problem)
            return
        judged.blocks.append(block)

    def _estimate(self, judged, floor):
        if not judged.problem:
            judged.time = effect_of([block.time for block in judged.blocks], max(floor.time, FLOOR_MIN))
            judged.tail = effect_of([block.tail for block in judged.blocks],
                                    max(floor.tail, math.log1p(self.threshold)))

    def _settled(self, judged):
        times = [block.time for block in judged.blocks]
        return (within(judged.time, self.threshold) and judged.tail.p > SETTLED_P
                and min(inference.p_above(times), inference.p_below(times)) > SETTLED_P)

    def _fit_budget(self, wanted, judged):
        """Fewer blocks for all where there is not time for as many; the least suspicious rows go first, if need be."""
        seconds = {row: statistics.fmean(block.seconds for block in judged[row].blocks) for row in wanted}
        left = self.seconds_left()
        needed = sum(seconds[row] * count for row, count in wanted.items())
        if needed <= left:
            return wanted
        fitted = {row: max(CONFIRM_BLOCKS[0], int(count * max(left, 0) / needed)) for row, count in wanted.items()}
        for row in sorted(fitted, key=lambda row: min(judged[row].time.p, judged[row].time.p_faster), reverse=True):
            if sum(seconds[each] * count for each, count in fitted.items()) <= left:
                break
            del fitted[row]
        return fitted


def effect_of(values, floor):
    """An Effect of log ratios; only its visible effect waits for how many are tested."""
    low, high = inference.interval(values, CONFIDENCE)
    return Effect(ratio=math.exp(inference.centre(values)), low=math.exp(low), high=math.exp(high), floor=floor,
                  visible=visible_effect(low, high, floor), p=inference.p_above(values, floor),
                  p_faster=inference.p_below(values, -floor))


def visible_effect(low, high, floor, tests=TESTS):
    """The least slowdown that would have been found with a probability of 80 %, as a share."""
    if not math.isfinite(high - low):
        return math.inf
    error = (high - low) / 2 / statistics.NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    needed = statistics.NormalDist().inv_cdf(1 - ALPHA / 2 / tests)
    return math.expm1(floor + (needed + POWER_Z) * error)


def floor_of(blocks):
    """What two links of the same source differ by in either direction, where that is more than noise."""
    return Floor(*(_difference([getattr(block, name) for block in blocks]) for name in ("time", "tail")))


def _difference(values):
    if min(inference.p_above(values), inference.p_below(values)) > FLOOR_P / 2:
        return FLOOR_MIN
    return max(FLOOR_MIN, abs(inference.centre(values)))


def convict(judged):
    """Holm's correction over all confirmed rows: one family of what is worse, one of what is better."""
    worse = [(each, name) for each in judged for name in ("time", "tail")]
    for each, name in worse:
        effect = getattr(each, name)
        if effect.low > 0:  # Zero where the budget ended before there were blocks enough for an interval.
            effect.visible = visible_effect(math.log(effect.low), math.log(effect.high), effect.floor, len(worse))
    refused = inference.holm([getattr(each, name).p for each, name in worse], ALPHA / 2)
    for (each, name), slower in zip(worse, refused):
        if slower:
            setattr(each, "slower" if name == "time" else "tail_slower", True)
    refused = inference.holm([each.time.p_faster for each in judged], ALPHA / 2)
    for each, faster in zip(judged, refused):
        each.faster = faster


def _blocks_to_confirm(screened):
    """As many as make a small effect visible, by the interval that screening found."""
    least, most = CONFIRM_BLOCKS
    effect = screened.time
    if not math.isfinite(effect.visible):
        return most
    error = math.log(effect.high / effect.low) / 2 / statistics.NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    needed = statistics.NormalDist().inv_cdf(1 - ALPHA / 2 / TESTS) + POWER_Z
    target = VISIBLE_TARGETS[screened.row.threads > 1]
    count = len(screened.blocks) * (needed * error / (target - FLOOR_MIN)) ** 2
    return max(least, min(most, math.ceil(count)))
