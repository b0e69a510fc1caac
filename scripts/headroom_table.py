"""Prints Results as the headroom table: a block for each operation, a row for each case, and an overview at the end."""

import math
import re
import statistics
import textwrap

from headroom_format import (format_average, format_count, format_headroom, format_key, format_spread, format_time,
                             format_verdict, shorten)

WIDTH = 120  # columns of a terminal; prose keeps to it everywhere
DASH = "–"
GAP = "  "

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "red bold": "1;31"}
_VERDICT_STYLES = {"ahead": "green", "behind": "red", "level": ""}
_HEADINGS = ("engine", "floor", "headroom", "±", "best peer", "time", "vs peer", "allocs/op", "B/op")
_OPTIONAL = ("allocs/op", "B/op")  # left out if no row has them
_SHOWN_ELSEWHERE = frozenset((
    "allocs_per_op", "alloc_bytes_per_op", "bytes_per_node", "cold_allocs", "peak_bytes", "items_per_second",
    "bytes_per_second", "latency_us_p50", "latency_us_p95", "latency_us_p99", "latency_us_p99_9"))
_LATENCIES = (("p50", "latency_us_p50"), ("p99", "latency_us_p99"), ("p99.9", "latency_us_p99_9"))
_LEGEND = {
    "~": "~ uncertain: fewer than 5 repetitions, or a 95 % interval wider than ±5 %",
    "level": "level: within the uncertainty neither is faster",
    "!": "! faster than its floor: then that floor is not the least work",
}


class Cell:
    """Text and the style it gets once it is padded."""

    def __init__(self, text=DASH, style=""):
        self.text = text
        self.style = "dim" if text == DASH else style


class Block:
    """The rows of one operation, in order: cases as they were measured, the values of their keys ascending."""

    def __init__(self, groups):
        self.operation = groups[0].operation
        cases = list(dict.fromkeys(group.case for group in groups))
        self.keys = list(dict.fromkeys(key for group in groups for key in group.params))
        self.groups = sorted(groups, key=lambda group: (
            cases.index(group.case), [_natural_key(group.params.get(key, "")) for key in self.keys]))
        self.per_node = any("bytes_per_node" in each.counters
                            for group in groups for each in group.candidates.values())

    def left_rows(self):
        """Heading and rows of the case and its keys."""
        rows = [[self.operation] + self.keys]
        for group in self.groups:
            rows.append([group.case] + [format_key(group.params.get(key, "")) for key in self.keys])
        return rows

    def headings(self):
        return ["B/node" if heading == "B/op" and self.per_node else heading for heading in _HEADINGS]


class Table:
    """Lays out all blocks on one grid, so that the columns line up from block to block.

    names_whole: long names are not cut to keep within WIDTH, so that they can be searched for.
    """

    def __init__(self, results, color=False, peers=False, names_whole=False):
        self.results = results
        self.width = math.inf if names_whole else WIDTH
        self.color = color
        self.peers = peers
        self.marks = set()
        by_operation = {}
        for group in results.groups:
            by_operation.setdefault((group.binary, group.operation), []).append(group)
        self.blocks = {key: Block(groups) for key, groups in by_operation.items()}

    def render(self):
        parts = [(binary, block, block.left_rows(), self._body(block)) for (binary, _), block in self.blocks.items()]
        columns = [index for index, heading in enumerate(_HEADINGS) if heading not in _OPTIONAL
                   or any(row[index].text != DASH for *_, body in parts for _, rows in body for row in rows)]
        widths, left_width = _fit(parts, columns, self.width)
        lines = self._context_lines()
        several = len({binary for binary, *_ in parts}) > 1
        previous = None
        for binary, block, left, body in parts:
            if several and binary != previous:
                lines += ["", self._styled(f"── {binary} ".ljust(WIDTH, "─"), "dim")]
            previous = binary
            lines += ["", *self._block_lines(block, left, body, columns, widths, left_width)]
        lines += ["", *self._legend_lines(), "", *self._overview_lines()]
        failed = sum(len(group.failures) for group in self.results.groups)
        if failed:
            lines += ["", self._styled(f"{failed} FAILED", "red bold")]
        return "\n".join(lines) + "\n"

    def _styled(self, text, style):
        return f"\033[{_STYLES[style]}m{text}\033[0m" if self.color and style and text.strip() else text

    def _wrapped(self, text, style, indent="  "):
        return [self._styled(line, style) for line in textwrap.wrap(text, WIDTH, subsequent_indent=indent)]

    # Rows: cells by heading.

    def _body(self, block):
        """[(group, rows)], the first row of a group being its own, the others its further peers."""
        body = []
        for group in block.groups:
            rows = [self._group_row(group, block.per_node)]
            blank = Cell("")
            for peer in group.peers[1:] if self.peers else ():
                rows.append([blank, blank, blank, blank, *self._peer_cells(group, peer), blank, blank])
            body.append((group, rows))
        return body

    def _group_row(self, group, per_node):
        engine, floor = group.engine, group.floor
        row = [Cell(format_time(engine.time_ns), "bold") if engine else Cell(),
               Cell(format_time(floor.time_ns)) if floor else Cell(),
               *self._headroom_cells(group.headroom), *self._peer_cells(group, group.best_peer)]
        counters = engine.counters if engine else {}
        bytes_column = ("bytes_per_node", format_average) if per_node else ("alloc_bytes_per_op", format_count)
        for name, form in (("allocs_per_op", format_count), bytes_column):
            row.append(Cell(form(counters[name])) if name in counters else Cell())
        return row

    def _headroom_cells(self, ratio):
        if ratio is None:
            return Cell(), Cell()
        mark = "!" if ratio.high < 1 else "" if ratio.trusted else "~"
        self.marks.add(mark)
        style = "red" if mark == "!" else _headroom_style(ratio.value)
        spread = Cell(format_spread(ratio.spread), "dim") if ratio.repetitions > 1 else Cell()
        return Cell(mark + format_headroom(ratio.value), style), spread

    def _peer_cells(self, group, peer):
        if peer is None:
            return Cell(), Cell(), Cell()
        ratio = group.peer_ratio if peer is group.best_peer else group.ratio_to(peer)
        return Cell(peer.name), Cell(format_time(peer.time_ns)), self._verdict_cell(ratio) if ratio else Cell()

    def _verdict_cell(self, ratio):
        mark = "" if ratio.trusted else "~"
        self.marks |= {mark, ratio.verdict}
        return Cell(mark + format_verdict(ratio), _VERDICT_STYLES[ratio.verdict])

    # Lines of a block.

    def _block_lines(self, block, left, body, columns, widths, left_width):
        left_lines = self._left_lines(left, left_width)
        headings = [Cell(heading, "dim") for heading in block.headings()]
        lines = [left_lines[0] + self._figures(headings, columns, widths)]
        for left_line, (group, rows) in zip(left_lines[1:], body):
            lines.append(left_line + self._figures(rows[0], columns, widths))
            lines += [" " * left_width + self._figures(row, columns, widths) for row in rows[1:]]
            lines += self._latency_lines(group) + self._figure_lines(group)
            for failed in group.failures:
                lines += self._wrapped(f"  FAILED {failed.name}: {failed.failure}", "red bold", "    ")
        return [line.rstrip() for line in lines]

    def _left_lines(self, rows, width):
        """The case to the left, its keys to the right; a case like the one above is dimmed, not left out."""
        key_widths = [max(len(row[index]) for row in rows) for index in range(1, len(rows[0]))]
        case_width = width - sum(each + len(GAP) for each in key_widths)
        lines, previous = [], ""
        for case, *values in rows:
            keys = "".join(GAP + value.rjust(each) for value, each in zip(values, key_widths))
            style = "bold" if not lines else "dim" if case == previous else ""
            lines.append(self._styled(shorten(case, case_width).ljust(case_width), style)
                         + self._styled(keys, "" if lines else "dim"))
            previous = case
        return lines

    def _figures(self, row, columns, widths):
        line = ""
        for index in columns:
            heading, cell = _HEADINGS[index], row[index]
            to_left = heading in ("±", "best peer") or (heading == "vs peer" and cell.text in (heading, DASH))
            text = shorten(cell.text, widths[index])
            text = text.ljust(widths[index]) if to_left else text.rjust(widths[index])
            line += (" " if heading == "±" else GAP) + self._styled(text, cell.style)
        return line

    def _latency_lines(self, group):
        parts = []
        for candidate in filter(None, (group.engine, group.best_peer)):
            found = [f"{name} {format_time(1e3 * candidate.counters[key]).rstrip()}" for name, key in _LATENCIES
                     if key in candidate.counters]
            if found:
                parts.append(f"{candidate.name} " + "  ".join(found))
        return self._wrapped("  latency  " + "  |  ".join(parts), "dim", "    ") if parts else []

    def _figure_lines(self, group):
        """What else each candidate tells about itself, named as in the JSON: unit last."""
        lines = []
        for candidate in filter(None, (group.engine, group.floor, *group.peers)):
            told = [_told(name, value) for name, value in candidate.counters.items() if name not in _SHOWN_ELSEWHERE]
            if told:
                lines += self._wrapped(f"  figures  {candidate.name} " + "  ".join(told), "dim", "    ")
        return lines

    # What frames the blocks.

    def _context_lines(self):
        """One line of context, or one for each kind of context if the files differ."""
        described = {}
        for binary, context in self.results.contexts:
            described.setdefault(describe_context(context), []).append(binary)
        lines = []
        for text, binaries in described.items():
            prefix = f"{', '.join(dict.fromkeys(binaries))}: " if len(described) > 1 else ""
            lines += self._wrapped(prefix + text, "dim")
        notes = list(self.results.notes)
        if any(_is_set(context.get("quick")) for _, context in self.results.contexts):
            notes.append("quick run: few repetitions, good for a first look")
        return lines + [line for note in notes for line in self._wrapped(note, "yellow")]

    def _legend_lines(self):
        wall = [group for group in self.results.groups if group.clock == "real"]
        clock = ""
        if wall:
            threaded = all("threads" in group.params for group in wall)
            clock = ", wall time " + ("with threads" if threaded else
                                      "in " + ", ".join(dict.fromkeys(group.operation for group in wall)))
        texts = ["headroom = engine / floor, 1.00x is the limit; times: 5 % quantile of the repetitions" + clock]
        texts += [text for mark, text in _LEGEND.items() if mark in self.marks]
        return [line for text in texts for line in self._wrapped(text, "dim")]

    def _overview_lines(self):
        """A line for each operation: its median, and the row to look at first."""
        headings = ("overview (medians)", "rows", "headroom", "worst", "at", "vs peer", "worst", "at")
        rows = [[Cell(text, "dim" if number else "bold") for number, text in enumerate(headings)]]
        rows += [_overview_row(operation, block.groups, _title_of) for (_, operation), block in self.blocks.items()]
        if len(self.blocks) > 1:
            rows.append(_overview_row("all", self.results.groups, lambda group: group.operation))
        widths = [max(len(row[index].text) for row in rows) for index in range(len(headings))]
        to_left = [index for index, heading in enumerate(headings) if heading.startswith(("overview", "at"))]
        for index in to_left:
            widths[index] -= max(0, min(widths[index] - 12, sum(widths) + len(GAP) * (len(widths) - 1) - self.width))
        lines = []
        for row in rows:
            texts = [shorten(cell.text, width).ljust(width) if index in to_left else cell.text.rjust(width)
                     for index, (cell, width) in enumerate(zip(row, widths))]
            lines.append(GAP.join(self._styled(text, cell.style) for text, cell in zip(texts, row)).rstrip())
        return lines


def _overview_row(operation, groups, place_of):
    row = [Cell(operation), Cell(f"{len(groups):,}")]
    ranked = sorted((group for group in groups if group.headroom), key=lambda group: group.headroom.value)
    if ranked:
        for value in (statistics.median(group.headroom.value for group in ranked), ranked[-1].headroom.value):
            row.append(Cell(format_headroom(value), _headroom_style(value)))
        row.append(Cell(place_of(ranked[-1])))
    row += [Cell()] * (5 - len(row))
    ranked = sorted((group for group in groups if group.peer_ratio), key=lambda group: group.peer_ratio.value)
    if ranked:
        for group in (ranked[(len(ranked) - 1) // 2], ranked[0]):
            row.append(Cell(format_verdict(group.peer_ratio), _VERDICT_STYLES[group.peer_ratio.verdict]))
        row.append(Cell(place_of(ranked[0])))
    return row + [Cell()] * (8 - len(row))


def describe_context(context):
    """One line: date, commit, CPU, compiler and flags, allocator, PostgreSQL; what is not recorded is left out."""
    def text_of(key):
        value = context.get(key)
        return " ".join(value.split()) if isinstance(value, str) else ""

    date = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?(.*)", text_of("date"))
    commit = text_of("commit")
    count = context.get("num_cpus")
    cpus = f"{count} CPU{'s' * (count != 1)}" if isinstance(count, int) else ""
    parts = [f"{date[1]} {date[2]} {date[3].replace('+00:00', 'UTC')}".strip() if date else text_of("date"),
             f"commit {commit[:12]}{'+dirty' * _is_set(context.get('dirty'))}" if commit else "",
             ", ".join(filter(None, (text_of("cpu"), cpus))),
             " ".join(filter(None, (text_of("compiler"), text_of("flags")))), text_of("allocator"),
             f"PostgreSQL {text_of('postgres_version').split()[0]}, {_durability(context)}" if text_of("postgres_version")
             else ""]
    return " · ".join(filter(None, parts)) or "no context recorded"


def _told(name, value):
    """A further figure; microseconds, which the name tells in the JSON, as other times are written."""
    if "_us_" in name:
        return f"{name.replace('_us_', '_')} {format_time(1e3 * value).rstrip()}"
    return f"{name} {format_count(value)}"


def _durability(context):
    if context.get("postgres_file_system") == "memory":
        return "NOT durable: its files are in memory"
    off = [key.removeprefix("postgres_") for key in ("postgres_fsync", "postgres_synchronous_commit",
                                                     "postgres_full_page_writes") if context.get(key) != "on"]
    return f"NOT durable: {', '.join(off)} not on" if off else "durable"


def _fit(parts, columns, width):
    """Widths of the figure columns and of the left part; long names give way to keep within `width`."""
    widths = {}
    for index in columns:
        texts = [row[index].text for *_, body in parts for _, rows in body for row in rows]
        widths[index] = max(map(len, texts + [block.headings()[index] for _, block, *_ in parts]))
    left_width = max(sum(max(len(row[index]) for row in left) for index in range(len(left[0])))
                     + len(GAP) * (len(left[0]) - 1) for _, _, left, _ in parts)
    peer = _HEADINGS.index("best peer")
    for column, least in ((peer, 12), (None, 24), (peer, 6)):
        excess = left_width + sum(len(GAP) + widths[index] for index in columns) - 1 - width  # ± has a gap of one
        if column is None:
            left_width -= max(0, min(left_width - least, excess))
        else:
            widths[column] -= max(0, min(widths[column] - least, excess))
    return widths, left_width


def _natural_key(text):
    """Orders embedded numbers by value."""
    return [(0, float(part), "") if part[:1].isdecimal() else (1, 0.0, part)
            for part in re.findall(r"\d+(?:\.\d+)?|\D+", text)]


def _title_of(group):
    """Case and keys, as the command line's filter would name them."""
    parts = [group.case] * bool(group.case) + [f"{key}:{value}" for key, value in group.params.items()]
    return "/".join(parts) or group.operation


def _headroom_style(ratio):
    return "green" if ratio <= 1.5 else "yellow" if ratio <= 2 else "red"


def _is_set(value):
    return str(value).lower() in ("true", "1", "yes")
