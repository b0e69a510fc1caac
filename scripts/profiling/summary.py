"""The functions that weigh most, for the terminal and for the page's table."""

from . import names
from .stacks import top, top_changed

COUNT = 15
_KINDS = {"inlined": "inlined", "library": "", "kernel": "kernel"}


def table(sides, samples=None):
    """(heads, [[text, …]]) of one side, or two, before and after: the last text of a row is the function.

    `samples`: as Change has them.
    """
    if len(sides) == 1:
        rows = [[_share(own), _share(whole), _label(name, kind)] for name, kind, own, whole in top(sides[0], COUNT)]
        return ["self", "total", "function"], rows
    rows = [[_share(own), _share(whole), _points(own_change) + (" ~" if noise else "  "), _points(whole_change),
             _label(name, kind)]
            for name, kind, own, whole, own_change, whole_change, noise in top_changed(*sides, samples, COUNT)]
    return ["self", "total", "self change", "total change", "function"], rows


def lines(heads, rows, width=None):
    """The table as aligned lines, cut to `width`."""
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads) - 1)]
    made = []
    for row in [heads, *rows]:
        numbers = "  ".join(text.rjust(size) for text, size in zip(row, widths))
        line = f"  {numbers}  {row[-1]}"
        made.append(line if not width or len(line) <= width else line[:width - 1] + "…")
    return made


def _label(name, kind):
    text = names.short(name)
    note = _KINDS.get(kind, "")
    return f"{text} ({note})" if note else text


def _share(value):
    return f"{100 * value:.1f}%"


def _points(value):
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text
