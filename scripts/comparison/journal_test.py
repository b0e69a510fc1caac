"""Tests that a comparison goes on where it stopped, and begins anew where it cannot."""

import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison.journal import Journal  # noqa: E402

HEADER = {"format": 1, "base": "1a", "rows": ["a", "b"], "threshold": 0.03}


class JournalTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "runs", "x.jsonl")

    def opened(self, header=None):
        journal = Journal(self.path, header or HEADER)
        self.addCleanup(journal.file.close)
        return journal

    def text(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def write(self, content):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def killed(self):
        """A run that measured three values, and was killed."""
        journal = self.opened()
        for number, row in enumerate(("a", "b", "a")):
            self.assertEqual(journal.get("block", row, lambda number=number: {"n": number}), {"n": number})
        return journal

    @staticmethod
    def never():
        raise AssertionError("measured again")

    def goes_on(self, expected):
        """The numbers that are handed out for row a, then for b; whatever is more is measured."""
        journal = self.opened()
        self.assertEqual(journal.count, len(expected))
        for row, number in sorted(expected):
            self.assertEqual(journal.get("block", row, self.never), {"n": number})
        for row in ("a", "b"):
            self.assertEqual(journal.get("block", row, lambda: {"new": 1}), {"new": 1})
        journal.close(done=False)

    def test_begins_empty(self):
        journal = self.opened()
        self.assertEqual((journal.count, self.text()), (0, json.dumps(HEADER) + "\n"))

    def test_goes_on(self):
        self.killed()  # not even closed
        self.goes_on([("a", 0), ("a", 2), ("b", 1)])

    def test_goes_on_twice(self):
        self.killed()
        again = self.opened()
        again.get("block", "a", self.never)
        again.file.close()
        self.goes_on([("a", 0), ("a", 2), ("b", 1)])
        self.assertEqual(self.opened().count, 5)

    def test_kinds_are_kept_apart(self):
        self.killed()
        journal = self.opened()
        self.assertEqual(journal.get("exact", "a", lambda: {"x": 1}), {"x": 1})
        self.assertEqual(journal.get("block", "c", lambda: {"x": 2}), {"x": 2})
        self.assertEqual(journal.get("block", "b", self.never), {"n": 1})

    def test_what_fails_is_not_kept(self):
        journal = self.opened()
        with self.assertRaises(KeyError):
            journal.get("block", "a", lambda: {}["nothing"])
        journal.close(done=False)
        self.assertEqual(self.opened().count, 0)

    def test_done_is_forgotten(self):
        self.killed().close(done=True)
        self.assertEqual(os.listdir(os.path.dirname(self.path)), [])
        self.assertEqual(self.opened().count, 0)

    def test_interrupted_is_kept(self):
        self.killed().close(done=False)
        self.goes_on([("a", 0), ("a", 2), ("b", 1)])

    def test_forgetting_twice(self):
        journal = self.killed()
        os.unlink(self.path)
        journal.close(done=True)

    def test_cut_short_anywhere(self):
        self.killed().close(done=False)
        whole = self.text()
        ends = [at + 1 for at, each in enumerate(whole) if each == "\n"]
        for length in range(len(whole) + 1):
            self.write(whole[:length])
            journal = self.opened()
            # A line that lacks nothing but its end is whole.
            self.assertEqual(journal.count, max(0, sum(end - 1 <= length for end in ends) - 1), whole[:length])
            journal.close(done=False)
            self.assertEqual(self.text().splitlines()[0], json.dumps(HEADER))

    def test_other_header(self):
        for key, value in (("base", "2b"), ("format", 2), ("rows", ["b", "a"]), ("threshold", 0.02), ("seed", 1)):
            self.killed().close(done=False)
            journal = self.opened({**HEADER, key: value})
            self.assertEqual((journal.count, len(self.text().splitlines())), (0, 1), key)
            journal.close(done=True)

    def test_foreign_files(self):
        header = json.dumps(HEADER) + "\n"
        good = json.dumps({"kind": "block", "row": "a", "value": {"n": 0}}) + "\n"
        cases = (
            ("", 0), ("\n", 0), ("not JSON", 0), (b"\xff\xfe\0", 0), ("[]\n" + good, 0), (good + good, 0), ("{}\n", 0),
            ("[" * 100_000, 0), (header, 0), (header + "\n" + good, 0), (header + good + "5\n" + good, 1),
            (header + good + "null\n", 1), (header + good + "[]\n", 1),
            (header + good + '["kind", "row", "value"]\n', 1),
            (header + good + '{"kind": "block", "row": "a"}\n' + good, 1),
            (header + good + '{"kind": ["block"], "row": "a", "value": {}}\n', 1),
            (header + good + '{"kind": "block", "row": {}, "value": {}}\n', 1),
            (header + good + '{"kind": "block", "row": "a", "value": 5}\n', 1),
            (header + good + '{"kind": "block", "row": "a", "value": {}, "more": 1}\n', 1),
            (header.encode() + good.encode() + b"\xff\n", 0))  # text is read in portions: nothing before it counts
        for content, expected in cases:
            self.write(content)
            journal = self.opened()
            self.assertEqual(journal.count, expected, content[:200])
            journal.close(done=False)


if __name__ == "__main__":
    unittest.main()
