"""Tests and intervals that assume nothing of how the noise is distributed, but that it is as likely up as down.

Base and head of one block are drawn from the same deck in a random order, so where the code is the same the sign of a
log ratio is a fair coin. The test sums scores of the ranks of the absolute values over the positive ones and compares the
sum with that of coins: exact at every number of blocks. A score is the rank, but no more than the `CAP`th part of them:
between the sign test (one score for all) and Wilcoxon's signed ranks (no cap). Times have modes tens of percent apart,
which would carry the highest ranks; the cap keeps them from drowning a small change of the usual case. Scores by rank:
Hájek, Šidák, Sen, Theory of Rank Tests (1999), 4.4; intervals by turning the test around: Bauer, JASA 67 (1972).
"""

import bisect
import functools
import math

CAP = 0.5


def scores(count):
    """Of the ranks 1, 2, …, count of the absolute values."""
    cap = max(1, round(CAP * count))
    return [min(rank, cap) for rank in range(1, count + 1)]


@functools.lru_cache(maxsize=None)
def _upper_tail(count):
    """P(sum >= s) by s, when each score counts with probability 1/2."""
    ways = [1.0]
    for score in scores(count):
        grown = ways + [0.0] * score
        for at, value in enumerate(ways):
            grown[at + score] += value
        ways = [value * 0.5 for value in grown]
    tail, passed = [0.0] * len(ways), 0.0
    for at in range(len(ways) - 1, -1, -1):
        passed += ways[at]
        tail[at] = min(1.0, passed)
    return tail


def _sum_above(values, shift):
    """The sum of scores of what lies above `shift`; ties share their scores, zeros count half."""
    order = sorted((abs(value - shift), value > shift, value == shift) for value in values)
    total, at = 0.0, 0
    given = scores(len(order))
    while at < len(order):
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        shared = sum(given[at:end]) / (end - at)
        total += shared * sum(0.5 if zero else above for _, above, zero in order[at:end])
        at = end
    return total


def p_above(values, shift=0.0):
    """How likely values so far above `shift` are if their centre is there or lower."""
    if not values:
        return 1.0
    return _upper_tail(len(values))[math.floor(_sum_above(values, shift) + 1e-9)]


def p_below(values, shift=0.0):
    return p_above([-value for value in values], -shift)


def centre(values):
    """The shift at which the sum of scores is in its middle: an estimate of the Hodges-Lehmann kind."""
    middle = sum(scores(len(values))) / 2
    return (_last_shift(values, lambda total: total > middle) + _last_shift(values, lambda total: total >= middle)) / 2


def interval(values, confidence):
    """(low, high) of the centre; infinite where there are too few values for that confidence."""
    tail = _upper_tail(len(values)) if values else [1.0]
    wanted = (1 - confidence) / 2
    # The least sum so improbable that a centre at the shift is refused.
    refused = bisect.bisect_left([-value for value in tail], -wanted)
    if refused >= len(tail):
        return -math.inf, math.inf
    low = _last_shift(values, lambda total: total >= refused)
    high = -_last_shift([-value for value in values], lambda total: total >= refused)
    return low, high


def _last_shift(values, holds):
    """The largest shift at which `holds` is true of the sum of scores above it, which falls as the shift grows."""
    low, high = min(values) - 1e-9, max(values) + 1e-9
    for _ in range(24):
        middle = (low + high) / 2
        if holds(_sum_above(values, middle)):
            low = middle
        else:
            high = middle
    return low


def holm(p_values, alpha):
    """Which of the hypotheses are refused, so that with probability 1 - alpha none is refused wrongly (Holm, 1979)."""
    refused = [False] * len(p_values)
    for passed, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] > alpha / (len(p_values) - passed):
            break
        refused[index] = True
    return refused


def exact_share(successes, trials, confidence=0.95):
    """(low, high) of a share, by Clopper and Pearson (1934)."""
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else _solve(lambda p: _at_least(successes, trials, p) < tail)
    high = 1.0 if successes == trials else _solve(lambda p: _at_least(successes + 1, trials, p) < 1 - tail)
    return low, high


def _at_least(successes, trials, p):
    """P(X >= successes) of a binomial X."""
    if p <= 0 or p >= 1:
        return float(successes <= 0 or p >= 1)
    logs = (math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * math.log(p)
            + (trials - k) * math.log1p(-p) for k in range(successes, trials + 1))
    return min(1.0, math.fsum(map(math.exp, logs)))


def _solve(below):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if below(middle):
            low = middle
        else:
            high = middle
    return low
