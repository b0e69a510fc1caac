"""Samples, folded: how often each stack of frames was seen, from when the timed loop is entered."""

import collections
import math
import re

from . import names

#: A function on a stack. `kind`: "code" (the binary's own), "inlined", "library", "kernel" or "mark" (said by us).
Frame = collections.namedtuple("Frame", "name kind module")

NO_CALLER = Frame("[no caller]", "mark", "")
#: What stands on a stack when a thread's first function is known, so that no caller is missing.
_ORIGINS = ("_start", "__libc_start_main", "__libc_start_call_main", "start_thread", "clone", "clone3", "__clone",
            "(below main)", "ret_from_fork", "ret_from_fork_asm")
_SUBJECT = re.compile(r"headroom::subject_of<.*>::(run|prepare)$")
_HARNESS = re.compile(r"headroom::(run_row|run_fixed|benchmark_main|recorded_section::.*"
                      r"|\(anonymous namespace\)::(run_all|run_until|run_times))$"
                      r"|std::thread::_State_impl<.*headroom::\(anonymous namespace\)::run_all")
_FOLDED_MARKS = {"inlined": "_[i]", "kernel": "_[k]"}


class Stacks:
    """How much each stack weighs: {(frame, …): weight}, the outermost frame first.

    `left_out`: {reason: weight} of what is no part of the timed loop.
    """

    def __init__(self):
        self.weights = collections.Counter()
        self.left_out = collections.Counter()

    def add(self, frames, weight=1, within=()):
        """Takes one sample, its outermost frame first. `within`: frames to put it under."""
        place, kept = timed_part(frames)
        if place:
            self.left_out[place] += weight
        else:
            self.weights[tuple(within) + tuple(kept)] += weight

    @property
    def total(self):
        return sum(self.weights.values())

    def folded(self):
        """One line for each stack, as flamegraph.pl and others read it."""
        lines = collections.Counter()
        for frames, weight in self.weights.items():
            lines[";".join(_folded_name(frame) for frame in frames)] += weight
        return "".join(f"{line} {weight:.0f}\n" for line, weight in sorted(lines.items()))

    def functions(self):
        """{name: (self weight, total weight, kind)}. What is inlined of a library counts as its caller's own."""
        own, total, kinds = collections.Counter(), collections.Counter(), {}
        for frames, weight in self.weights.items():
            shown = [frame for frame in frames if not (frame.kind == "inlined" and names.is_helper(frame.name))]
            if not shown:
                shown = frames[:1]
            own[names.base(shown[-1].name)] += weight
            for name in {names.base(frame.name) for frame in shown}:
                total[name] += weight
            for frame in shown:
                kinds.setdefault(names.base(frame.name), frame.kind)
        return {name: (own[name], weight, kinds[name]) for name, weight in total.items()}


def timed_part(frames):
    """("", frames of the timed loop) or (why they are none, ())."""
    for at, frame in enumerate(frames):
        found = _SUBJECT.match(names.base(frame.name)) if frame.kind in ("code", "inlined") else None
        if found and found.group(1) == "prepare":
            return "preparing a batch", ()
        if found:
            return "", frames[at:]
    if any(_HARNESS.match(names.base(frame.name)) for frame in frames):
        return "the harness and what it prepares", ()
    if frames and names.base(frames[0].name) not in _ORIGINS:
        return "", (NO_CALLER, *frames)  # shown, not dropped
    return "", frames or (NO_CALLER,)


def _folded_name(frame):
    return names.base(frame.name).replace(";", ":").replace("\n", " ") + _FOLDED_MARKS.get(frame.kind, "")


class Change:
    """The shares of two profiles: one before, one after. `samples` of each; None if they are exact counts."""

    def __init__(self, before, after, samples):
        self.totals = (before.total, after.total)
        self.samples = samples

    def shares(self, weights):
        return tuple(weight / total if total else 0.0 for weight, total in zip(weights, self.totals))

    def is_noise(self, weights):
        """Whether two samplings of the same program differ as much in one of twenty cases, or in more."""
        before, after = self.shares(weights)
        if not self.samples:
            return before == after
        # Of what one side alone has seen, in a few samples, the other's share is as uncertain as that of one sample.
        variance = sum(max(share * (1 - share) / count, 1 / count ** 2)
                       for share, count in zip((before, after), self.samples))
        return abs(after - before) <= 2 * math.sqrt(variance)


def top(stacks, count=15):
    """[(name, kind, self share, total share)], the largest self shares first."""
    total = stacks.total or 1
    rows = [(name, kind, own / total, whole / total) for name, (own, whole, kind) in stacks.functions().items()]
    return sorted(rows, key=lambda row: (-row[2], -row[3], row[0]))[:count]


def top_changed(before, after, samples, count=15):
    """[(name, kind, self share, total share, self change, total change, is noise)]: whose own share changed most."""
    old, new = before.functions(), after.functions()
    change = Change(before, after, samples)
    rows = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name, (0, 0, None)), new.get(name, (0, 0, None))
        own, whole = change.shares((was[0], now[0])), change.shares((was[1], now[1]))
        rows.append((name, now[2] or was[2], own[1], whole[1], own[1] - own[0], whole[1] - whole[0],
                     change.is_noise((was[0], now[0]))))
    return sorted(rows, key=lambda row: (-abs(row[4]), -row[2], row[0]))[:count]


def aligned(before, after):
    """The two Stacks without the functions that only one of them has, but for where those spend time themselves.

    A call that was wrapped, renamed or inlined between the two would set apart all that it calls.
    """
    names_of = [{names.base(frame.name) for frames in side.weights for frame in frames} for side in (before, after)]
    shared = names_of[0] & names_of[1]
    made = []
    for side in (before, after):
        kept = Stacks()
        for frames, weight in side.weights.items():
            inner = tuple(frame for frame in frames[:-1] if names.base(frame.name) in shared)
            kept.weights[inner + frames[-1:]] += weight
        made.append(kept)
    return made


def tree(*sides):
    """The frames of one or two Stacks as one tree: {"f": frame, "v": [weight of each side], "c": {name: child}}."""
    root = {"f": None, "v": [0] * len(sides), "c": {}}
    for side, stacks in enumerate(sides):
        for frames, weight in stacks.weights.items():
            node = root
            node["v"][side] += weight
            for frame in frames:
                # By name alone: what one side has inlined, the other may call.
                node = node["c"].setdefault(names.base(frame.name), {"f": frame, "v": [0] * len(sides), "c": {}})
                node["v"][side] += weight
    return root
