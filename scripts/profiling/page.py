"""The flame graph as one HTML file that needs nothing else."""

import html
import json
import os

from . import names
from .stacks import Change, tree

TEMPLATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html")


def render(title, facts, notes, table, sides, unit, samples, libraries):
    """The page's text.

    `facts`: [(what, value)]; `table`: (heads, rows) as in summary.py; `sides`: one Stacks, or two, before and after,
    of so many `samples` each, None for exact counts; `libraries`: {file name: text} as libraries.load() gives it.
    """
    with open(TEMPLATE, encoding="utf-8") as file:
        text = file.read()
    change = Change(*sides, samples) if len(sides) == 2 else None
    listed, root = _packed(tree(*sides), change)
    data = {"title": title, "facts": facts, "notes": notes, "heads": table[0], "rows": table[1], "unit": unit,
            "totals": [side.total for side in sides], "names": listed, "tree": root}
    scripts = "\n".join(_script(libraries[name]) for name in libraries if name.endswith(".js"))
    styles = "\n".join(f"<style>{_inert(libraries[name])}</style>" for name in libraries if name.endswith(".css"))
    for mark, content in (("<!-- title -->", html.escape(title)), ("<!-- styles -->", styles),
                          ("<!-- libraries -->", scripts), ("<!-- data -->", _json(data))):
        before, after = text.split(mark)
        text = before + content + after
    return text


def _packed(root, change):
    """([[short name, full name, kind, label]], tree of [index of the name, weights, children, is noise])."""
    indices = {}

    def pack(node):
        frame = node["f"]
        index = indices.setdefault((frame.name, frame.kind) if frame else ("all", "mark"), len(indices))
        children = sorted(node["c"].values(), key=lambda child: child["f"])
        noise = int(change.is_noise(node["v"])) if change else 0
        return [index, node["v"], [pack(child) for child in children], noise]

    packed = pack(root)
    return [[names.short(name), names.base(name), kind, names.label(name)] for name, kind in indices], packed


def _json(data):
    # Within a script element, "</" could end it, and "<!--" begin a comment.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _script(text):
    return f"<script>{_inert(text)}</script>"


def _inert(text):
    return text.replace("</script", "<\\/script").replace("</style", "<\\/style")
