"""Reads Google Benchmark's JSON and works out what is left to gain.

Rows are named <operation>/<candidate>[/<case>][/<key>:<value>…]. All candidates of one operation and case form a group;
within it `engine` is compared with `floor` (headroom = engine / floor) and with the best of the others, its peers.

The time of a candidate is a low quantile of its repetitions: on a shared machine the disturbances only add, so the mean
tells more of the neighbours than of the code.
"""

import functools
import json
import math
import os
import statistics
from dataclasses import dataclass, field

from headroom_format import printable_texts

TIME_QUANTILE = 0.05
CONFIDENCE = 0.95
TRUSTED_SPREAD = 0.05
TRUSTED_REPETITIONS = 5

_NANOSECONDS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
_CLOCKS = {"real_time": "real", "manual_time": "real", "process_time": "cpu"}
_LIBRARY_SETTINGS = ("iterations", "min_time", "min_warmup_time", "repeats")
_LIBRARY_KEYS = frozenset((
    "name", "run_name", "run_type", "family_index", "per_family_instance_index", "repetitions", "repetition_index",
    "threads", "iterations", "real_time", "cpu_time", "time_unit", "label", "error_occurred", "error_message"))


class InputError(Exception):
    """A file that cannot be used. The message is one line and names the file."""


@dataclass
class Candidate:
    """One candidate of a group: its time, or why it has none."""

    name: str
    times_ns: list = field(default_factory=list)  # by repetition; ascending once the group is complete
    samples: dict = field(default_factory=dict)  # counter: its value by repetition
    counters: dict = field(default_factory=dict)  # counter: median
    failure: str = ""

    @property
    def measured(self):
        return not self.failure and bool(self.times_ns)

    @property
    def time_ns(self):
        return self.times_ns[low_rank(len(self.times_ns))]

    def complete(self):
        self.times_ns.sort()
        if not self.failure and not all(0 < time < math.inf for time in self.times_ns):
            self.failure = "a time that is not above zero was recorded"
        self.counters = {name: statistics.median(values) for name, values in self.samples.items()}
        self.samples.clear()


@dataclass(frozen=True)
class Ratio:
    """A quotient of two candidates' times with its bootstrap interval."""

    value: float
    low: float
    high: float
    repetitions: int  # of the candidate that has fewer

    @property
    def spread(self):
        """How far the interval reaches to its longer side, as a share of the value."""
        return max(self.high / self.value - 1, 1 - self.low / self.value)

    @property
    def trusted(self):
        return self.repetitions >= TRUSTED_REPETITIONS and self.spread <= TRUSTED_SPREAD

    @property
    def verdict(self):
        """Of a peer's time over the engine's."""
        return "level" if self.low < 1 < self.high else "ahead" if self.value >= 1 else "behind"


@dataclass
class Group:
    """The candidates of one operation on one case."""

    binary: str  # the benchmark binary without its prefix: "dag"
    operation: str
    case: str  # the words of the case: "layered", "ids/layered", ""
    params: dict  # the keys of the case: {"nodes": "1000"}
    clock: str  # "cpu" or "real"
    candidates: dict = field(default_factory=dict)

    def __post_init__(self):
        self.headroom = self.peer_ratio = self.best_peer = None

    def measured(self, name):
        found = self.candidates.get(name)
        return found if found and found.measured else None

    @property
    def engine(self):
        return self.measured("engine")

    @property
    def floor(self):
        return self.measured("floor")

    @property
    def peers(self):
        """Measured candidates beside engine and floor, the fastest first."""
        found = [each for each in self.candidates.values() if each.measured and each.name not in ("engine", "floor")]
        return sorted(found, key=lambda each: each.time_ns)

    @property
    def failures(self):
        return [each for each in self.candidates.values() if each.failure]

    def ratio_to(self, peer):
        """Above 1 where the engine is ahead; None without an engine."""
        return ratio_of(peer, self.engine) if self.engine else None

    def complete(self):
        for each in self.candidates.values():
            each.complete()
        self.best_peer = self.peers[0] if self.peers else None
        if self.engine and self.floor:
            self.headroom = ratio_of(self.engine, self.floor)
        if self.best_peer:
            self.peer_ratio = self.ratio_to(self.best_peer)


@dataclass
class Results:
    groups: list  # in the order of the files
    contexts: list  # [(binary, context)] by file
    notes: list  # what the reader must know about the input


def low_rank(count):
    """The index of the low quantile among `count` ascending times; the benchmark binaries use the same rule."""
    return int(TIME_QUANTILE * (count - 1) + 0.5)


@functools.lru_cache(maxsize=None)
def _rank_probabilities(count):
    """[(index, probability)] of the value that is the low quantile of a resample, drawn with replacement, of `count`.

    This is where ever more resamples would lead, so there is no seed and no noise of the resampling itself. A draw is
    floor(count * u) of a uniform u, and the smallest but `rank` of `count` uniforms has the density that is summed here.
    """
    rank = low_rank(count)
    log_scale = math.lgamma(count + 1) - math.lgamma(rank + 1) - math.lgamma(count - rank)
    reach = 8 * int(math.sqrt(rank + 1) + 1)
    found = []
    for index in range(max(0, rank - reach), min(count, rank + reach)):
        points = ((index + (step + 0.5) / 16) / count for step in range(16))
        weight = sum(math.exp(log_scale + rank * math.log(x) + (count - rank - 1) * math.log1p(-x)) for x in points)
        found.append((index, weight / 16 / count))
    return [(index, weight) for index, weight in found if weight > 1e-5]


def ratio_of(above, below):
    """Ratio of two measured candidates' times."""
    numerators = [(above.times_ns[index], weight) for index, weight in _rank_probabilities(len(above.times_ns))]
    denominators = [(below.times_ns[index], weight) for index, weight in _rank_probabilities(len(below.times_ns))]
    weighted = sorted((a / b, wa * wb) for a, wa in numerators for b, wb in denominators)
    tail = (1 - CONFIDENCE) / 2 * sum(weight for _, weight in weighted)
    return Ratio(above.time_ns / below.time_ns, _first_beyond(weighted, tail), _first_beyond(reversed(weighted), tail),
                 min(len(above.times_ns), len(below.times_ns)))


def _first_beyond(weighted, tail):
    value, passed = 0.0, 0.0
    for value, weight in weighted:
        passed += weight
        if passed > tail:
            break
    return value


def parse_name(name):
    """(operation, candidate, case, params, clock) of a row's name; ValueError if it has no candidate."""
    segments = name.split("/")
    if len(segments) < 2 or not all(segments[:2]):
        raise ValueError(name)
    words, params, clock = [], {}, "cpu"
    for segment in segments[2:]:
        key, colon, value = segment.partition(":")
        if segment in _CLOCKS:
            clock = "real" if "real" in (clock, _CLOCKS[segment]) else "cpu"
        elif not (key and colon and value):
            words.append(segment)
        elif key not in _LIBRARY_SETTINGS:
            params[key] = value
    return segments[0], segments[1], "/".join(words), params, clock


def load(paths, partial=False):
    """Results of the files; InputError if one cannot be used.

    With `partial` a file that was cut short counts as far as its rows are complete.
    """
    groups, contexts, notes, origin = {}, [], [], {}
    for path in paths:
        document, cut_short = _read(path, partial)
        binary = _binary_name(path, document["context"])
        contexts.append((binary, document["context"]))
        if cut_short:
            notes.append(f"{os.path.basename(path)} was cut short: rows at its end are missing")
        if _add_rows(path, binary, document["benchmarks"], groups, origin) == 0:
            raise InputError(f"{path}: holds no measured rows (aggregates alone are not enough)")
    for group in groups.values():
        group.complete()
    return Results(list(groups.values()), contexts, notes)


def _read(path, partial):
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as problem:
        raise InputError(f"{path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not text") from None
    if not text.strip():
        raise InputError(f"{path}: empty")
    document, cut_short = _parse(path, text, partial)
    if not (isinstance(document, dict) and isinstance(document.get("context"), dict)
            and isinstance(document.get("benchmarks"), list)):
        raise InputError(f"{path}: JSON, but not written by Google Benchmark (no \"context\" and \"benchmarks\")")
    return document, cut_short


def _parse(path, text, partial):
    try:
        return json.loads(text, object_hook=printable_texts), False
    except RecursionError:
        raise InputError(f"{path}: JSON, but not written by Google Benchmark (nested too deeply)") from None
    except json.JSONDecodeError as problem:
        end_of_row = text.rfind("\n    }")  # the library's own indentation
        if partial and end_of_row >= 0:
            try:
                return json.loads(text[:end_of_row] + "\n    }\n  ]\n}\n", object_hook=printable_texts), True
            except (json.JSONDecodeError, RecursionError):
                pass
        raise InputError(f"{path}: not JSON, or cut short (line {problem.lineno}, column {problem.colno}: "
                         f"{problem.msg})") from None


def _binary_name(path, context):
    executable = context.get("executable")
    name = os.path.basename(executable) if isinstance(executable, str) else ""
    return (name or os.path.splitext(os.path.basename(path))[0]).removeprefix("bench_")


def _add_rows(path, binary, rows, groups, origin):
    count = 0
    parsed = {}  # names repeat with every repetition
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise InputError(f"{path}: row {number} is not an object")
        if row.get("run_type", "iteration") != "iteration":
            continue
        count += 1
        name = str(row.get("run_name", row.get("name")))
        if name not in parsed:
            parsed[name] = _candidate_for(path, binary, number, name, groups)
            if origin.setdefault((binary, name), path) != path:
                raise InputError(f"{path}: {name} is in {origin[binary, name]} too; show one run at a time")
        _add_repetition(path, row, name, *parsed[name])
    return count


def _candidate_for(path, binary, number, name, groups):
    try:
        operation, candidate, case, params, clock = parse_name(name)
    except ValueError:
        raise InputError(f"{path}: row {number} is named \"{name}\", not <operation>/<candidate>[/<case>]") from None
    key = (binary, operation, case, tuple(sorted(params.items())), clock)
    group = groups.setdefault(key, Group(binary, operation, case, params, clock))
    return group.candidates.setdefault(candidate, Candidate(candidate)), clock


def _add_repetition(path, row, name, candidate, clock):
    if row.get("error_occurred"):
        candidate.failure = " ".join(str(row.get("error_message") or "no message").split())
        return
    time = row.get("real_time" if clock == "real" else "cpu_time")
    unit = row.get("time_unit")
    if not _is_number(time) or not isinstance(unit, str) or unit not in _NANOSECONDS:
        raise InputError(f"{path}: {name} has no time that can be read")
    candidate.times_ns.append(time * _NANOSECONDS[unit])
    for key, value in row.items():
        if key not in _LIBRARY_KEYS and _is_finite(value):
            candidate.samples.setdefault(key, []).append(value)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_finite(value):
    return _is_number(value) and math.isfinite(value)


def to_json(results):
    """What `scripts/table --json` prints: one object for each group."""
    return [_group_json(group) for group in results.groups]


def _group_json(group):
    document = {"class": group.binary, "operation": group.operation, "case": group.case, "params": group.params,
                "clock": group.clock,
                "candidates": {name: _candidate_json(each) for name, each in group.candidates.items()}}
    document |= _ratio_json("headroom", "trusted", group.headroom)
    document["best_peer"] = group.best_peer.name if group.best_peer else None
    return document | _ratio_json("peer_ratio", "peer_trusted", group.peer_ratio)


def _candidate_json(candidate):
    if not candidate.measured:
        return {"time_ns": None, "repetitions": 0, "failure": candidate.failure}
    return {"time_ns": candidate.time_ns, "repetitions": len(candidate.times_ns), **candidate.counters}


def _ratio_json(name, trusted, ratio):
    return {name: ratio.value if ratio else None, f"{name}_interval": [ratio.low, ratio.high] if ratio else None,
            trusted: ratio.trusted if ratio else None}
