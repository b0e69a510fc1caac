"""Which rows are compared."""

import re

from comparison import judge


class SelectionError(Exception):
    """Nothing is left to compare; the message says why."""


class Selection:
    """The rows that are compared, and those that only one side has.

    `base` and `head` are what builds.describe() returns. Chosen are the gate rows of either, or with `pattern` all rows
    that match, or with `everything` all rows of the engine of up to `size_max`; of all classes, or those in `only`.
    Rows that wait for a server are left out: it works on beside both sides, whoever's turn it is.
    """

    def __init__(self, base, head, only=(), pattern=None, everything=False, size_max=None):
        self.pattern, self.everything, self.size_max = pattern, everything, size_max
        self.context = next(iter(head.values()))["context"]
        before = next(iter(base.values()))["context"]
        self.differences = [f"{key} differs: {before.get(key)} against {self.context.get(key)}"
                            for key in ("compiler", "flags", "allocator") if before.get(key) != self.context.get(key)]
        known = sorted({binary.removeprefix("bench_") for binary in (*base, *head)})
        for name in only:
            if name not in known:
                raise SelectionError(f'there is no class "{name}"; there are: {", ".join(known)}')
        self.rows, self.added, self.removed = [], [], []
        for binary in sorted({*base, *head}):
            if not only or binary.removeprefix("bench_") in only:
                self._add(binary, base.get(binary), head.get(binary))
        if not self.rows:
            self._refuse()

    def _add(self, binary, base, head):
        threads = [{row["name"]: row["threads"] for row in side["rows"]} if side else {} for side in (base, head)]
        for name in dict.fromkeys((*self._chosen(base), *self._chosen(head))):
            row = judge.Row(binary, name, max(side.get(name, 1) for side in threads))
            (self.rows if name in threads[0] and name in threads[1] else
             self.added if name in threads[1] else self.removed).append(row)

    def _chosen(self, side):
        rows = [row for row in side["rows"] if not row.get("waits") and
                (self.size_max is None or row["size"] <= self.size_max)] if side else []
        if self.pattern is not None:
            return [row["name"] for row in rows if re.search(self.pattern, row["name"])]
        if self.everything:
            return [row["name"] for row in rows if row["name"].split("/")[1:2] == ["engine"]]
        return side["gate"] if side else []

    def _refuse(self):
        if self.added or self.removed:
            raise SelectionError("no row is in both builds: " + ", ".join(row.name for row in self.added + self.removed))
        raise SelectionError("no binary marks a gate set" if self.pattern is None else
                             f'no row matches "{self.pattern}"; those that wait for a server are not compared')
