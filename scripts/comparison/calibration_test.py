"""Tests of the calibration: its goals, its report, and that the changes of the code still apply."""

import os
import sys
import unittest
from types import SimpleNamespace

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))

from comparison import calibration, code_changes, judge, replay  # noqa: E402

REPLAYED = {"runs": 1000, "alarms": 2, "improvements": 3, "rounds": 1026, "alarmed": {"a": 2},
            "verdicts": {"equivalent": 1990, "unresolved": 10}, "google_runs": 900, "google_flagged": 400, "google_rows": 2000,
            "found": {"0.05 True": 1000, "0.03 True": 970, "0.03 False": 30, "0.02 True": 850, "0.02 False": 150},
            "by_row": {"0.05 True work/engine/a": 1000, "0.02 True work/engine/a": 850, "0.02 False work/engine/a": 150}}


def live_row(verdict="equivalent", burden=0.0, ratio=1.0):
    return {"row": "work/engine/a", "burden": burden, "verdict": verdict, "ratio": ratio, "low": ratio - 0.01,
            "high": ratio + 0.01, "confirmed": True, "blocks": 24}


def live(alike="equivalent", slowed="regressed"):
    run = {"when": "2026-11-24T15:00+00:00", "seconds": 60}
    return {"alike": [{**run, "rows": [live_row(alike)]}] * 8,
            "slowed": [{**run, "rows": [live_row(slowed, 0.05, 1.05)] * 6}] * 4}


CHANGED = [{"what": "a build allocates once more",
            "rows": [{"row": "build/engine/a", "verdict": "regressed", "reasons": ["allocations"], "exact": None,
                      "ratio": 1.001, "low": 1.0, "high": 1.002}]}]


class GoalTest(unittest.TestCase):
    def missed(self, replayed=REPLAYED, lived=None, changed=None):
        goals = calibration.goals_of(replayed, lived or live(), CHANGED if changed is None else changed)
        return [number for number, (_, reached, _) in enumerate(goals) if not reached]

    def test_all_reached(self):
        self.assertEqual(self.missed(), [])

    def test_each_missed(self):
        for number, arguments in (
                (0, {"replayed": {**REPLAYED, "alarms": 11}}),
                (1, {"replayed": {**REPLAYED, "found": {**REPLAYED["found"], "0.05 True": 985, "0.05 False": 15}}}),
                (2, {"replayed": {**REPLAYED, "found": {**REPLAYED["found"], "0.03 True": 940, "0.03 False": 60}}}),
                (3, {"replayed": {**REPLAYED, "found": {**REPLAYED["found"], "0.02 True": 790, "0.02 False": 210}}}),
                (4, {"lived": live(alike="regressed")}),
                (5, {"lived": live(slowed="equivalent")}),
                (6, {"changed": [{"what": "x", "rows": [{**CHANGED[0]["rows"][0], "verdict": "equivalent"}]}]}),
                (6, {"changed": [{"what": "gone", "rows": []}]})):
            self.assertEqual(self.missed(**arguments), [number], arguments)


class MarkdownTest(unittest.TestCase):
    def test_says_everything(self):
        measured = SimpleNamespace(context={"cpu": "AMD EPYC", "compiler": "GNU 12.2.0", "flags": "-O2"},
                                   build=SimpleNamespace(commit="1a2b3c4d5e6f7890"),
                                   rows=[judge.Row("bench_x", "work/engine/a"), judge.Row("bench_x", "work/engine/b", 4)])
        text = calibration.markdown(measured, REPLAYED, live(), CHANGED, calibration.goals_of(REPLAYED, live(), CHANGED))
        for expected in ("1a2b3c4d5e6f", "AMD EPYC", "2 of 1,000 (0.2%", "| `work/engine/a` | 1000 of 1000 | – | 850 of 1000 |",
                         "rows flagged: 400 of 2,000 (20.0%", "| `work/engine/a` | +5% | +5.0% |",
                         "| a build allocates once more | `build/engine/a` | +0.1% | regressed | allocations |",
                         f"{1026 // replay.STRETCH} of them have no round in common"):
            self.assertIn(expected, text)
        self.assertNotIn("work/engine/b", text)

    def test_shares(self):
        self.assertTrue(calibration.share_text(0, 1000).startswith("0 of 1,000 (0.0%; 95 % interval 0.00% to 0.37%"))
        self.assertTrue(calibration.share_text(0, 0).startswith("0 of 0"))


class ChangeTest(unittest.TestCase):
    def test_still_apply(self):
        for change in code_changes.CHANGES:
            with open(os.path.join(ROOT, change.path), encoding="utf-8") as file:
                self.assertIn(change.before, file.read(), change.what)
            self.assertNotEqual(change.before, change.after)

    def test_each_row_once(self):
        row = judge.Row("bench_x", "work/engine/a")
        self.assertEqual(calibration.rows_of({"bench_x": {"rows": [{"name": row.name, "threads": 1, "size": 1}],
                                                          "gate": [row.name]}}), [row])


if __name__ == "__main__":
    unittest.main()
