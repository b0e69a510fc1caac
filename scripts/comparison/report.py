"""Shows what a comparison found: as a table on a terminal, and as Markdown for a pull request.

Both are made from the document that scripts/compare --json writes:

  format, elapsed_s, notes, context {cpu, cpus, compiler, flags, date, …}, settings {threshold, …}
  base, head  {label, commit, key}
  rows        {binary, row, threads, verdict, reasons, problem, profile, time, tail, exact}
  time, tail  {ratio, low, high, p, floor, visible, pairs, repeated, base_ns, head_ns}, or null; ratio = head / base
  exact       {instructions, allocations, bytes, syscalls: [before, after]}, or null

Shares are fractions (threshold 0.03 is 3 %), times are in nanoseconds for one run, and what is unknown is null.
"""

import json
import math
import re
import textwrap

from headroom_format import format_count, format_time, printable_texts
from headroom_table import DASH, GAP, WIDTH, describe_context

FORMAT = 1
VERDICTS = ("regressed", "failed", "unresolved", "improved", "equivalent", "added", "removed")  # in order of interest
MARKDOWN_MAX = 65_000  # characters; GitHub takes 65,536 in a comment

_REASONS = ("time", "tail", "instructions", "allocations", "bytes", "syscalls")
_EXACT = _REASONS[2:]
_FOLDED = VERDICTS[VERDICTS.index("equivalent"):]
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "red bold": "1;31"}
_VERDICT_STYLES = {"regressed": "red bold", "failed": "red bold", "unresolved": "yellow", "improved": "green",
                   "equivalent": "dim", "added": "", "removed": ""}
_NAME_LEAST = 36  # columns, before other columns are given up for it
_SPARED = ("allocations", "instructions", "base", "visible")  # columns to be given up, in this order
_SECTION_LEAST = 500  # characters of Markdown that a section gets, however long those before it are


class InputError(Exception):
    """A file that cannot be used. The message is one line and names the file."""


# Reading.


def load(path):
    """The document that scripts/compare --json wrote to `path`; InputError if it is not one."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as problem:
        raise InputError(f"{path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not text") from None
    if not text.strip():
        raise InputError(f"{path}: empty")
    try:
        document = json.loads(text, object_hook=printable_texts)
    except RecursionError:
        raise InputError(f"{path}: JSON, but not written by scripts/compare (nested too deeply)") from None
    except json.JSONDecodeError as problem:
        raise InputError(f"{path}: not JSON, or cut short (line {problem.lineno}, column {problem.colno}: "
                         f"{problem.msg})") from None
    except ValueError:  # a number of more digits than Python reads
        raise InputError(f"{path}: JSON, but with a number that cannot be read") from None
    check(document, path)
    return document


def check(document, path):
    """InputError, naming `path`, unless terminal() and markdown() can show `document`."""
    if not isinstance(document, dict) or not isinstance(document.get("rows"), list) or "format" not in document:
        raise InputError(f"{path}: JSON, but not written by scripts/compare (no \"format\" and \"rows\")")
    if document["format"] != FORMAT or isinstance(document["format"], bool):
        raise InputError(f"{path}: has format {str(document['format'])[:20]}, and this script reads {FORMAT}")
    problem = _problem_of_frame(document)
    if problem:
        raise InputError(f"{path}: {problem}")
    for number, row in enumerate(document["rows"], 1):
        problem = _problem_of_row(row)
        if problem:
            raise InputError(f"{path}: row {number}: {problem}")


def _problem_of_frame(document):
    for side in ("base", "head"):
        if not isinstance(document.get(side), dict) or not isinstance(document[side].get("label"), str):
            return f"\"{side}\" has no label"
    for key in ("context", "settings"):
        if not isinstance(document.get(key, {}), dict):
            return f"\"{key}\" is not an object"
    if not _is_number(document.get("settings", {}).get("threshold")):
        return "\"settings\" has no threshold"
    if not _is_number(document.get("elapsed_s", 0)):
        return "\"elapsed_s\" is not a number"
    return "" if _are_texts(document.get("notes", [])) else "\"notes\" is not a list of texts"


def _problem_of_row(row):
    if not isinstance(row, dict):
        return "is not an object"
    for key in ("binary", "row"):
        if not isinstance(row.get(key), str) or not row[key]:
            return f"has no \"{key}\""
    if row.get("verdict") not in VERDICTS:
        return "has no verdict that is known"
    reasons = row.get("reasons", [])
    if not _are_texts(reasons) or not set(reasons) <= set(_REASONS):
        return f"its reasons are not of {', '.join(_REASONS)}"
    for key in ("problem", "profile"):
        if not isinstance(row.get(key, ""), str):
            return f"its \"{key}\" is not a text"
    for key in ("time", "tail"):
        if row.get(key) is not None and not _is_change(row[key]):
            return f"its \"{key}\" has no ratio, low and high above zero, or another figure that is none"
    return "" if row.get("exact") is None or _are_counts(row["exact"]) else "its \"exact\" has a pair that is none"


def _is_change(change):
    return (isinstance(change, dict)
            and _is_number(change.get("ratio")) and change["ratio"] > 0
            and all(key in change and (change[key] is None or _is_number(change[key]) and change[key] > 0)
                    for key in ("low", "high"))
            and all(change.get(key) is None or _is_number(change[key])
                    for key in ("p", "floor", "visible", "pairs", "repeated", "base_ns", "head_ns")))


def _are_counts(exact):
    return isinstance(exact, dict) and all(
        exact.get(key) is None or isinstance(exact[key], list) and len(exact[key]) == 2
        and all(value is None or _is_number(value) and value >= 0 for value in exact[key]) for key in _EXACT)


def _is_number(value):
    """Of a size that can be shown; neither infinite nor NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e18 < value < 1e18


def _are_texts(values):
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


# What both forms say.


def tally(document):
    """{verdict: rows}, all verdicts, the most interesting first."""
    counts = dict.fromkeys(VERDICTS, 0)
    for row in document["rows"]:
        counts[row["verdict"]] += 1
    return counts


def summary(document):
    """One line: 1 regressed, 20 equivalent of 21 benchmarks; 2:03 min; threshold ±3 %."""
    counts = tally(document)
    total = len(document["rows"])
    parts = [f"{count} {verdict}" for verdict, count in counts.items() if count or verdict == "regressed"]
    texts = [f"{', '.join(parts)} of {total} benchmark{'s' * (total != 1)}" if total else "no benchmarks were compared"]
    if "elapsed_s" in document:
        texts.append(_duration(document["elapsed_s"]))
    return "; ".join([*texts, f"threshold ±{_threshold(document)}"])


def _threshold(document):
    return f"{100 * document['settings']['threshold']:g} %"


def _duration(seconds):
    minutes, rest = divmod(round(max(0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min" if minutes else f"{rest} s"


def _percent(share, sign="+"):
    """+0.53 %, -3.4 %, +12 %, 0 %: two digits; `sign` "" leaves out the plus."""
    value = float(f"{100 * share:.2g}") if abs(share) < 0.0995 else round(100 * share)
    digits = 0 if abs(value) >= 10 or value == 0 else 1 if abs(value) >= 1 else 2
    text = f"{value:{sign},.{digits}f}"
    return f"{'0' if float(text.replace(',', '')) == 0 else text} %"


def _change_of(change, key="ratio"):
    return _percent(change[key] - 1)


def _interval(change):
    """[+2.1, +5.0], with as many digits on both sides; [?] if too little was measured to know it."""
    if change["low"] is None or change["high"] is None:
        return "[?]"
    low, high = (100 * (change[key] - 1) for key in ("low", "high"))
    digits = 0 if max(abs(low), abs(high)) >= 9.95 else 1
    # No minus before what is rounded to zero.
    return "[" + ", ".join(f"{round(value, digits) + 0.0:+,.{digits}f}" for value in (low, high)) + "]"


def _counts(row, key):
    """(before, after), None where unknown."""
    found = (row.get("exact") or {}).get(key)
    return tuple(found) if found else (None, None)


def _before_and_after(before, after, form=format_count):
    """94.0k → 94.5k (+0.53 %); only one of them if they are the same."""
    if before is None and after is None:
        return DASH
    if before == after:
        return form(before)
    texts = [DASH if value is None else form(value) for value in (before, after)]
    if texts[0] == texts[1]:
        texts = [f"{value:,.10g}" for value in (before, after)]  # what is rounded away is the point
    change = f" ({_percent(after / before - 1)})" if before and after is not None else ""
    return f"{texts[0]} → {texts[1]}{change}"


def _time_form(nanoseconds):
    return format_time(nanoseconds).strip()


def _reason_text(row, reason):
    """instructions 94.0k → 94.5k (+0.53 %)"""
    if reason in _EXACT:
        text = _before_and_after(*_counts(row, reason))
        return reason if text == DASH else f"{reason} {text}"
    change = row.get(reason)
    if change is None:
        return reason
    times = (change.get("base_ns"), change.get("head_ns"))
    # The ratio is one of pairs, so it is more exact than that of the two times. The time has a column for its interval.
    relative = _change_of(change) + (f" {_interval(change)}" if reason == "tail" else "")
    if None in times or min(times) <= 0:
        return f"{reason} {relative}"
    return f"{reason} {_time_form(times[0])} → {_time_form(times[1])} ({relative})"


def _reason_texts(row):
    return [_reason_text(row, reason) for reason in dict.fromkeys(row.get("reasons", []))]


def _name_of(row, several):
    return (f"{_class_of(row)}: " if several else "") + _plain(row["row"])


def _class_of(row):
    return _plain(row["binary"]).removeprefix("bench_")


def _has_several_binaries(rows):
    return len({row["binary"] for row in rows}) > 1


def _plain(text):
    """One line, without what a terminal would obey."""
    return "".join(each if each.isprintable() else "?" for each in " ".join(text.split()))


def _sorted(rows):
    """By verdict, the largest change first, and by name."""
    def key(row):
        change = row.get("time")
        ratio = change["ratio"] if change else None
        rank = math.inf if ratio is None else ratio if row["verdict"] == "improved" else -ratio
        return VERDICTS.index(row["verdict"]), rank, row["binary"], _natural(row["row"])

    return sorted(rows, key=key)


def _natural(text):
    """Orders embedded numbers by value."""
    return [(0, float(part[:300]), "") if part.isdecimal() else (1, 0.0, part) for part in re.findall(r"\d+|\D+", text)]


def _profiles(rows):
    return [_plain(row["profile"]) for row in rows if row["verdict"] == "regressed" and row.get("profile")]


def _sides(document):
    return [_plain(document[side]["label"]) for side in ("base", "head")]


def _context_of(document):
    context = document.get("context", {})
    described = {key: value for key, value in context.items() if key not in ("commit", "dirty")}
    return describe_context({**described, "num_cpus": context.get("cpus")})


def _legend(document):
    """[(word, what it means)] of the words that occur."""
    rows = document["rows"]
    verdicts = {row["verdict"] for row in rows}
    reasons = {reason for row in rows for reason in row.get("reasons", [])}
    changes = [row["time"] for row in rows if row.get("time")]
    words = [("change", "the time of the head against that of the base, with its interval", bool(changes)),
             ("visible", "the smallest slowdown that this run would have found (with 80 % probability)",
              any(change.get("visible") is not None for change in changes)),
             ("regressed", "slower by more than its floor (0.5 % or more), even within the threshold, or something that is "
              "counted grew", "regressed" in verdicts),
             ("equivalent", f"the interval lies within ±{_threshold(document)}" if changes else "the counts are the same",
              "equivalent" in verdicts),
             ("unresolved", "neither a change nor its absence is shown", "unresolved" in verdicts),
             ("tail", "the time that 90 % of the samples keep to, or 99 % of the latencies", "tail" in reasons)]
    return [(word, meaning) for word, meaning, occurs in words if occurs]


# The terminal.


def terminal(document, color=False, width=WIDTH):
    """The table, as text that ends with a newline. Names are cut to keep within `width`, which math.inf forbids."""
    return _Terminal(document, color, width).render()


class _Column:
    def __init__(self, heading, texts, to_left=False):
        self.heading = heading
        self.texts = texts
        self.to_left = to_left
        self.width = max(map(len, [heading, *texts]))

    def cell(self, index):
        text = self.heading if index is None else self.texts[index]
        return text.ljust(self.width) if self.to_left else text.rjust(self.width)


class _Terminal:
    def __init__(self, document, color, width):
        self.document = document
        self.color = color
        self.width = width
        self.prose_width = max(40, min(width, WIDTH))
        self.rows = _sorted(document["rows"])

    def render(self):
        lines = self._wrapped(" → ".join(_sides(self.document)), "bold")
        lines += self._wrapped(_context_of(self.document), "dim")
        for note in self.document.get("notes", []):
            lines += self._wrapped(_plain(note), "yellow")
        if self.rows:
            lines += ["", *self._table_lines()]
        legend = _legend(self.document)
        if legend:
            lines.append("")
            lines += self._wrapped("; ".join(f"{word}: {meaning}" for word, meaning in legend), "dim")
        lines += ["", *self._wrapped(summary(self.document), self._summary_style())]
        # Not wrapped: they are to be copied.
        lines += [f"  {command}" for command in _profiles(self.rows)]
        return "\n".join(lines) + "\n"

    def _summary_style(self):
        counts = tally(self.document)
        return "red bold" if counts["regressed"] or counts["failed"] else "bold"

    def _styled(self, text, style):
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color and style and text.strip() else text

    def _wrapped(self, text, style):
        return [self._styled(line, style) for line in textwrap.wrap(text, self.prose_width, subsequent_indent="  ")]

    def _table_lines(self):
        several = _has_several_binaries(self.rows)
        verdicts = _Column("verdict", [self._verdict_text(row) for row in self.rows], to_left=True)
        names = _Column("benchmark", [_name_of(row, several) for row in self.rows], to_left=True)
        columns = self._figure_columns(verdicts.width + len(GAP), names)
        lines = [self._styled(GAP.join(each.cell(None) for each in (verdicts, names, *columns)).rstrip(), "dim")]
        for index, row in enumerate(self.rows):
            lines.append(self._row_line(index, row, verdicts, [names, *columns]))
            lines += self._detail_lines(row, verdicts.width + len(GAP))
        return lines

    @staticmethod
    def _verdict_text(row):
        return row["verdict"].upper() if row["verdict"] in ("regressed", "failed") else row["verdict"]

    def _figure_columns(self, left, names):
        """The columns beside the name, as many as leave it room; cuts the names to what is left."""
        found = {heading: column for heading, column in self._all_columns()
                 if any(text != DASH for text in column.texts)}

        def room():
            return self.width - left - sum(column.width + len(GAP) for column in found.values())

        for heading in _SPARED:
            if room() < min(names.width, _NAME_LEAST):
                found.pop(heading, None)
        if room() < names.width:
            names.width = max(len(names.heading), room())
            names.texts = [_shorten_middle(text, names.width) for text in names.texts]
        return list(found.values())

    def _all_columns(self):
        changes = [row.get("time") for row in self.rows]
        base = [_time_form(change["base_ns"]) if change and change.get("base_ns") else DASH for change in changes]
        visible = [_percent(change["visible"], "") if change and change.get("visible") is not None else DASH
                   for change in changes]
        values = [_change_of(change) if change else DASH for change in changes]
        intervals = [_interval(change) if change else "" for change in changes]
        value_width, interval_width = (max(map(len, texts)) for texts in (values, intervals))
        change = [f"{value:>{value_width}} {interval:<{interval_width}}" if interval
                  else f"{DASH:>{value_width}} {'':{interval_width}}" if interval_width else DASH
                  for value, interval in zip(values, intervals)]
        return [("base", _Column("base", base)), ("change", _Column("change".rjust(value_width), change, to_left=True)),
                ("visible", _Column("visible", visible)),
                ("instructions", _Column("instructions", [_instructions(row) for row in self.rows])),
                ("allocations", _Column("allocs", [_allocations(row) for row in self.rows]))]

    def _row_line(self, index, row, verdicts, columns):
        verdict, rest = verdicts.cell(index), GAP.join(column.cell(index) for column in columns)
        if row["verdict"] == "equivalent":
            return self._styled(f"{verdict}{GAP}{rest}".rstrip(), "dim")
        return (self._styled(verdict, _VERDICT_STYLES[row["verdict"]]) + GAP + rest).rstrip()

    def _detail_lines(self, row, indent):
        """What made it so, and what went wrong; a part is never split between lines, and the last may be cut."""
        width = self.width - indent
        lines = []
        for text in _reason_texts(row):
            joined = f"{lines[-1]} · {text}" if lines else text
            if lines and len(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(text)
        problem = _plain(row.get("problem", ""))
        if problem:
            lines += textwrap.wrap(problem, max(40, self.prose_width - indent), break_on_hyphens=False)
        style = "dim" if row["verdict"] == "equivalent" else "red" if row["verdict"] == "failed" else ""
        return [" " * indent + self._styled(line, style) for line in lines]


def _instructions(row):
    before, after = _counts(row, "instructions")
    if before is None or after is None:
        return DASH if before is None and after is None else format_count(before if after is None else after)
    return f"{format_count(after)} {_percent(after / before - 1) if before and before != after else '=':>7}"


def _allocations(row):
    before, after = _counts(row, "allocations")
    if before is None and after is None:
        return DASH
    return " → ".join(dict.fromkeys(DASH if value is None else format_count(value) for value in (before, after)))


def _shorten_middle(text, width):
    """Cut in the middle: what it is stands at the start, and how large at the end."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return text[:width - 1 - tail] + "…" + text[len(text) - tail:]


# Markdown.


def markdown(document, limit=MARKDOWN_MAX):
    """A comment for a pull request: what needs attention, then the rest, folded. Rows beyond `limit` are counted."""
    rows = _sorted(document["rows"])
    several = _has_several_binaries(rows)
    head = [f"**{_text(summary(document))}**", "", " → ".join(map(_code, _sides(document))), ""]
    for note in document.get("notes", []):
        head += [f"> {_code(note)}", ""]
    closing = _closing(document)
    sections = {}
    for row in rows:
        sections.setdefault("folded" if row["verdict"] in _FOLDED else row["verdict"], []).append(row)
    body = []
    for index, (verdict, found) in enumerate(sections.items(), 1):
        budget = limit - _length(head + body + closing) - _SECTION_LEAST * (len(sections) - index)
        body += _folded(found, several, budget) if verdict == "folded" else _section(verdict, found, several, budget)
    return "\n".join(head + body + closing).rstrip() + "\n"


def _length(lines):
    return sum(len(line) + 1 for line in lines)


def _closing(document):
    lines = ["<details>", "<summary>How to read this</summary>", ""]
    lines += [f"- **{word}**: {_text(meaning)}" for word, meaning in _legend(document)]
    lines.append(f"- machine: {_code(_context_of(document))}")
    return [*lines, "", "</details>", ""]


def _section(verdict, rows, several, budget):
    """Heading, table, and the commands that show where the time went."""
    head = [f"### {verdict.capitalize()}", ""]
    commands = _profiles(rows)
    fence = "`" * max([3] + [len(run) + 1 for command in commands for run in re.findall("`+", command)])
    columns = {"benchmark": [_code(_name_of(row, several)) for row in rows]}
    if verdict == "failed":
        columns["problem"] = [_code(row["problem"]) if row.get("problem") else DASH for row in rows]
    else:
        columns |= _change_columns(rows)
    if any(row.get("reasons") for row in rows):
        columns["because of"] = ["<br>".join(map(_text, _reason_texts(row))) or DASH for row in rows]
    spare = budget - _length(head)
    if not commands:
        return [*head, *_markdown_table(columns, spare), ""]
    # Should they be too many, table and commands each get half.
    table = _markdown_table(columns, max(spare // 2, spare - _length(commands) - 40))
    shown = _as_many(commands, spare - _length(table) - 40)
    if len(shown) < len(commands):
        shown.append(f"# … and {len(commands) - len(shown)} more")
    return [*head, *table, "", f"{fence}sh", *shown, fence, ""]


def _folded(rows, several, budget):
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in _FOLDED}
    title = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    columns = {"verdict": [row["verdict"] for row in rows],
               "benchmark": [_code(_name_of(row, several)) for row in rows], **_change_columns(rows)}
    for key in ("instructions", "allocations"):
        texts = [_text(_before_and_after(*_counts(row, key))) for row in rows]
        if any(text != DASH for text in texts):
            columns[key] = texts
    head, end = ["<details>", f"<summary>{title}</summary>", ""], ["", "</details>", ""]
    return [*head, *_markdown_table(columns, budget - _length(head + end)), *end]


def _change_columns(rows):
    columns = {"base": [], "change": [], "visible": []}
    for row in rows:
        change = row.get("time")
        base, visible = (change.get(key) if change else None for key in ("base_ns", "visible"))
        columns["base"].append(_time_form(base) if base else DASH)
        columns["change"].append(f"{_change_of(change)} {_text(_interval(change))}" if change else DASH)
        columns["visible"].append(DASH if visible is None else _percent(visible, ""))
    return {heading: texts for heading, texts in columns.items() if any(text != DASH for text in texts)}


def _markdown_table(columns, budget):
    """A GitHub table of {heading: texts}: words to the left, figures to the right; as many rows as keep to `budget`."""
    to_left = ("benchmark", "verdict", "problem", "because of")
    head = ["| " + " | ".join(columns) + " |",
            "|" + "|".join(" --- " if heading in to_left else " ---: " for heading in columns) + "|"]
    lines = ["| " + " | ".join(texts) + " |" for texts in zip(*columns.values())]
    shown = _as_many(lines, budget - _length(head) - 40)
    left_out = len(lines) - len(shown)
    return [*head, *shown] + ["", f"… and {left_out} more"] * (left_out > 0)


def _as_many(lines, budget):
    """The first lines, as many as have no more than `budget` characters."""
    for index, line in enumerate(lines):
        budget -= len(line) + 1
        if budget < 0:
            return lines[:index]
    return list(lines)


def _code(text):
    """A span of code, which also keeps @names and #numbers from becoming links; literal whatever is in it."""
    text = _plain(text)
    if re.search(r"[`\\|]", text):
        return "<code>" + re.sub(r"[^A-Za-z0-9 /.,:=+-]", lambda found: f"&#{ord(found[0])};", text) + "</code>"
    return f"`{text}`" if text else DASH


def _text(text):
    """Our own words and figures, of which nothing is to be taken as markup."""
    return re.sub(r"([\\`*_\[\]<>|~#])", r"\\\1", text)
