"""Tests of how a comparison is shown, and of every way in which its document can be unusable."""

import copy
import json
import math
import os
import re
import sys
import tempfile
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)

from comparison import report  # noqa: E402

RECORDED = os.path.join(SCRIPTS, "testdata", "comparison.json")


def change(ratio=1.0, spread=0.01, **more):
    return {"ratio": ratio, "low": ratio - spread, "high": ratio + spread, "p": 0.5, "floor": 0.006, "visible": 0.012,
            "pairs": 128, "repeated": 0, "base_ns": 1000.0, "head_ns": 1000.0 * ratio, **more}


def row(name="build/engine/layered/nodes:1000", verdict="equivalent", **more):
    return {"binary": "bench_dag", "row": name, "threads": 1, "verdict": verdict, "reasons": [], "time": change(),
            "tail": None, "exact": None, "problem": "", "profile": "", **more}


def document(*rows, **more):
    return {"format": 1, "base": {"label": "main (1a2b3c4d5e6f)", "commit": "1a", "key": "1a"},
            "head": {"label": "working tree", "commit": "", "key": "x"}, "context": {"cpu": "AMD EPYC", "cpus": 2},
            "settings": {"threshold": 0.03}, "elapsed_s": 123.4, "notes": [], "rows": list(rows),
            **more}


def recorded():
    return report.load(RECORDED)


def lines_of(*rows, width=120, **more):
    return report.terminal(document(*rows, **more), width=width).splitlines()


def commented(*rows, **more):
    return report.markdown(document(*rows, **more)).splitlines()


class FormatTest(unittest.TestCase):
    def test_percent(self):
        cases = {0.034: "+3.4 %", -0.034: "-3.4 %", 0.00532: "+0.53 %", 0.12: "+12 %", 0.0996: "+10 %",
                 0.0994: "+9.9 %",
                 0.00999: "+1.0 %", 0: "0 %", -0.0: "0 %", 0.00001: "0 %", -0.00001: "0 %", 12.345: "+1,234 %",
                 -1: "-100 %", 0.002: "+0.20 %"}
        for share, expected in cases.items():
            self.assertEqual(report._percent(share), expected, share)
        self.assertEqual(report._percent(0.012, ""), "1.2 %")

    def test_interval(self):
        for low, high, expected in ((1.021, 1.05, "[+2.1, +5.0]"), (0.9, 1.2, "[-10, +20]"),
                                    (0.9999, 1.0, "[+0.0, +0.0]"),
                                    (0.98, 13.0, "[-2, +1,200]")):
            self.assertEqual(report._interval({"low": low, "high": high}), expected)

    def test_before_and_after(self):
        cases = {(94000.0, 94500.0): "94.0k → 94.5k (+0.53 %)", (0, 1): "0 → 1", (3, 2): "3 → 2 (-33 %)",
                 (2, 0): "2 → 0 (-100 %)",
                 (7, 7): "7", (None, 5): "– → 5", (5, None): "5 → –", (None, None): "–",
                 (94000.0, 94001.0): "94,000 → 94,001 (0 %)"}
        for pair, expected in cases.items():
            self.assertEqual(report._before_and_after(*pair), expected)

    def test_duration(self):
        for seconds, expected in ((0, "0 s"), (59.4, "59 s"), (59.6, "1:00 min"), (123.4, "2:03 min"),
                                  (3723, "1:02:03 h"),
                                  (-1, "0 s")):
            self.assertEqual(report._duration(seconds), expected)

    def test_names_are_cut_in_the_middle(self):
        self.assertEqual([report._shorten_middle("abcdefgh", width) for width in (8, 7, 4, 1)],
                         ["abcdefgh", "abc…fgh", "ab…h", "…"])

    def test_code_is_literal_whatever_is_in_it(self):
        cases = {"build/engine/nodes:1": "`build/engine/nodes:1`", "a|b": "<code>a&#124;b</code>",
                 "`x`": "<code>&#96;x&#96;</code>",
                 "<b>": "`<b>`", "a\\|<b>*": "<code>a&#92;&#124;&#60;b&#62;&#42;</code>", "a\n  b": "`a b`", "": "–",
                 "@all #1": "`@all #1`", "\x1b[31m": "`?[31m`"}
        for text, expected in cases.items():
            self.assertEqual(report._code(text), expected)


class SummaryTest(unittest.TestCase):
    def test_counts_what_there_is(self):
        cases = (
            ((), {}, "no benchmarks were compared; 2:03 min; threshold ±3 %"),
            ((row(),), {}, "0 regressed, 1 equivalent of 1 benchmark; 2:03 min; threshold ±3 %"),
            ((row(), row(verdict="regressed"), row(verdict="improved"), row(verdict="improved")), {"elapsed_s": 9},
             "1 regressed, 2 improved, 1 equivalent of 4 benchmarks; 9 s; threshold ±3 %"),
            ((row(),), {"settings": {"threshold": 0.025}},
             "0 regressed, 1 equivalent of 1 benchmark; 2:03 min; threshold ±2.5 %"))
        for rows, more, expected in cases:
            self.assertEqual(report.summary(document(*rows, **more)), expected)

    def test_tally_has_every_verdict(self):
        self.assertEqual(report.tally(recorded()), {"regressed": 3, "failed": 1, "unresolved": 1, "improved": 2,
                                                    "equivalent": 3, "added": 1, "removed": 1})


class TerminalTest(unittest.TestCase):
    def test_whole_table(self):
        exact = {"instructions": [94000.0, 94500.0], "allocations": [0, 1], "bytes": [0, 64], "syscalls": [0, 0]}
        same = {"instructions": [9410, 9410], "allocations": [0, 0], "bytes": [0, 0], "syscalls": None}
        rows = (row("build/engine/chain/nodes:10", exact=same),
                row("cycle/engine/chain/nodes:10", "failed", time=None, problem="wrong answer:\n9 tasks"),
                row("build/engine/layered/nodes:1000", "regressed", time=change(1.034, 0.014), exact=exact,
                    reasons=["time", "instructions", "allocations", "bytes"],
                    profile="scripts/profile bench_dag --filter '^x$'"),
                row("scan/engine/many", "improved", reasons=["time"], time=change(0.8)),
                row("scan/engine/few", "improved", reasons=["tail"], time=change(0.7), tail=change(0.5, 0.04)),
                row("first/engine", "added", time=None, exact={"instructions": [None, 512], "allocations": [None, 2]}),
                row("last/engine", "removed", time=None),
                row("wait/engine", "unresolved", time=change(1.01, 0.1, visible=None)))
        self.assertEqual(report.terminal(document(*rows, notes=["a note"])), """\
main (1a2b3c4d5e6f) → working tree
AMD EPYC, 2 CPUs
a note

verdict     benchmark                           base  change               visible   instructions  allocs
REGRESSED   build/engine/layered/nodes:1000  1.00 µs  +3.4 % [+2.0, +4.8]    1.2 %  94.5k +0.53 %   0 → 1
            time 1.00 µs → 1.03 µs (+3.4 %) · instructions 94.0k → 94.5k (+0.53 %) · allocations 0 → 1 · bytes 0 → 64
FAILED      cycle/engine/chain/nodes:10            –       –                     –              –       –
            wrong answer: 9 tasks
unresolved  wait/engine                      1.00 µs  +1.0 % [-9, +11]           –              –       –
improved    scan/engine/few                  1.00 µs   -30 % [-31, -29]      1.2 %              –       –
            tail 1.00 µs → 500 ns (-50 % [-54, -46])
improved    scan/engine/many                 1.00 µs   -20 % [-21, -19]      1.2 %              –       –
            time 1.00 µs → 800 ns (-20 %)
equivalent  build/engine/chain/nodes:10      1.00 µs     0 % [-1.0, +1.0]    1.2 %  9,410       =       0
added       first/engine                           –       –                     –            512   – → 2
removed     last/engine                            –       –                     –              –       –

change: the time of the head against that of the base, with its interval; visible: the smallest slowdown that this run
  would have found (with 80 % probability); regressed: slower by more than its floor (0.5 % or more), even within the
  threshold, or something that is counted grew; equivalent: the interval lies within ±3 %; unresolved: neither a change
  nor its absence is shown; tail: the time that 90 % of the samples keep to, or 99 % of the latencies

1 regressed, 1 failed, 1 unresolved, 2 improved, 1 equivalent, 1 added, 1 removed of 8 benchmarks; 2:03 min; threshold
  ±3 %
  scripts/profile bench_dag --filter '^x$'
""")

    def test_the_largest_change_comes_first(self):
        names = [("a", "regressed", 1.1), ("b", "regressed", 1.3), ("c", "improved", 0.9), ("d", "improved", 0.7),
                 ("e:10", "equivalent", 1.0), ("e:9", "equivalent", 1.0), ("f", "regressed", None)]
        lines = lines_of(*(row(f"x/{name}", verdict, time=change(ratio) if ratio else None)
                           for name, verdict, ratio in names))
        self.assertEqual(re.findall(r"x/([a-f:0-9]+)", "\n".join(lines)), ["b", "a", "f", "d", "c", "e:9", "e:10"])

    def test_no_rows(self):
        self.assertEqual(lines_of(), ["main (1a2b3c4d5e6f) → working tree", "AMD EPYC, 2 CPUs", "",
                                      "no benchmarks were compared; 2:03 min; threshold ±3 %"])

    def test_missing_optional_parts(self):
        bare = {"format": 1, "base": {"label": "a"}, "head": {"label": "b"}, "settings": {"threshold": 0.03},
                "rows": [{"binary": "bench_dag", "row": "build/engine", "verdict": verdict}
                         for verdict in report.VERDICTS]
                + [{"binary": "bench_dag", "row": "build/floor", "verdict": "regressed",
                    "time": {"ratio": 2, "low": 1, "high": 3}, "reasons": ["time", "tail", "instructions", "syscalls"],
                    "exact": {"instructions": [None, None]}}]}
        report.check(bare, "x.json")
        lines = report.terminal(bare).splitlines()
        self.assertEqual(lines[:3], ["a → b", "no context recorded", ""])
        self.assertEqual(lines[3:6], ["verdict     benchmark     change", "REGRESSED   build/floor   +100 % [+0, +200]",
                                      "            time +100 % · tail · instructions · syscalls"])
        self.assertRegex(report.markdown(bare), r"\| `build/floor` \| \+100 % \\\[\+0, \+200\\\] \|")

    def test_binaries_are_named_only_if_there_are_several(self):
        self.assertFalse(any("dag:" in line for line in lines_of(row(), row())))
        lines = lines_of(row("x/engine"), row("y/engine", binary="bench_templating"))
        self.assertIn("dag: x/engine", lines[4])
        self.assertIn("templating: y/engine", lines[5])

    def test_fits_its_width(self):
        for width in (120, 100, 80):
            for line in report.terminal(recorded(), width=width).splitlines():
                self.assertTrue(len(line) <= width or line.startswith("  scripts/profile"), line)

    def test_very_long_names(self):
        name = "build/engine/" + "a_case_with_an_excessive_name/" * 8 + "nodes:1000"
        problem = "wrong answer: " + "word " * 60
        rows = (row(name, "regressed", reasons=["time"]), row(name, "failed", problem=problem))
        for width in (120, 80):
            lines = lines_of(*rows, width=width)
            self.assertLessEqual(max(map(len, lines)), width)
            self.assertIn("nodes:1000 ", lines[4])
        self.assertIn(name, lines_of(*rows, width=math.inf)[4])
        self.assertTrue(lines_of(*rows, width=10))

    def test_columns_give_way_to_names(self):
        name = "render/engine/document/bytes:4096/placeholders:8"
        exact = {"instructions": [1000, 1001], "allocations": [1, 2]}
        headings = [lines_of(row(name, exact=exact), width=width)[3].split() for width in (120, 110, 100, 80, 60)]
        everything = ["verdict", "benchmark", "base", "change", "visible", "instructions", "allocs"]
        self.assertEqual(headings, [everything, everything, everything[:6], everything[:2] + everything[3:5],
                                    everything[:2] + everything[3:4]])

    def test_columns_only_if_there_is_something_to_show(self):
        self.assertEqual(lines_of(row(time=None))[3], "verdict     benchmark")
        self.assertNotIn("allocs", lines_of(row(exact={"instructions": [1, 1]}))[3])

    def test_words_are_explained_only_if_used(self):
        for rows, words in (((row(),), ["change", "visible", "equivalent"]), ((row(time=None, verdict="added"),), []),
                            ((row(time=change(visible=None), verdict="unresolved", reasons=["tail"]),),
                             ["change", "unresolved", "tail"])):
            self.assertEqual([word for word, _ in report._legend(document(*rows))], words)

    def test_nothing_foreign_reaches_the_terminal(self):
        lines = lines_of(row("x/\x1b[31mred\nline", "failed", problem="\x07\x1b]0;title"), notes=["a\tb\x1b"])
        self.assertFalse(any("\x1b" in line or "\x07" in line for line in lines))
        self.assertIn("x/?[31mred line", lines[5])
        self.assertEqual(lines[2], "a b?")

    def test_color_changes_nothing_but_color(self):
        colored = report.terminal(recorded(), color=True)
        self.assertEqual(re.sub(r"\033\[[\d;]*m", "", colored), report.terminal(recorded()))
        for expected in ("\033[1;31mREGRESSED \033[0m", "\033[1;31mFAILED    \033[0m", "\033[33munresolved\033[0m",
                         "\033[32mimproved  \033[0m", "\033[2mequivalent  dag: build/engine/layered/nodes:100 "):
            self.assertIn(expected, colored)
        self.assertNotIn("31m", report.terminal(document(row()), color=True))


class MarkdownTest(unittest.TestCase):
    def test_what_needs_attention_comes_first_and_the_rest_is_folded(self):
        text = report.markdown(recorded())
        self.assertTrue(text.startswith("**3 regressed, 1 failed, "))
        places = [text.index(part) for part in (
            "### Regressed\n", "```sh\nscripts/profile bench_dag --filter '^build/engine/layered/nodes:1000$'",
            "### Failed\n",
            "### Unresolved\n", "### Improved\n",
            "<details>\n<summary>3 equivalent, 1 added, 1 removed</summary>\n\n| verdict |",
            "| equivalent | `dag: build/engine/layered/nodes:100` |", "| added | ", "| removed | ", "\n\n</details>\n",
            "<summary>How to read this</summary>\n\n- **change**")]
        self.assertEqual(places, sorted(places))
        self.assertEqual(text.count("scripts/profile"), 3)
        self.assertEqual(text.count("<details>"), text.count("</details>"))

    def test_reasons_have_before_and_after(self):
        self.assertIn("| `dag: build/engine/layered/nodes:1000` | 18.9 µs | +3.4 % \\[+2.1, +5.0\\] | 1.2 % | "
                      "time 18.9 µs → 19.5 µs (+3.4 %)<br>instructions 94.0k → 94.5k (+0.53 %)<br>allocations 0 → 1<br>"
                      "bytes 0 → 64 |", report.markdown(recorded()).splitlines())

    def test_tables_hold_whatever_is_in_a_name(self):
        lines = commented(row("a|b/`c`", "regressed", profile="scripts/profile --filter '```|'"),
                          row("d", "failed", problem="<script>|`x`\n| y |"), row("e<f>"))
        tables = [line for line in lines if line.startswith("|")]
        self.assertEqual([len(re.findall(r"(?<!\\)\|", line)) - 1 for line in tables], [4] * 3 + [2] * 3 + [5] * 3)
        self.assertIn("````sh", lines)
        self.assertEqual(lines.count("````"), 1)
        self.assertIn("| `d` | <code>&#60;script&#62;&#124;&#96;x&#96; &#124; y &#124;</code> |", lines)

    def test_every_row_of_a_table_has_its_columns(self):
        columns = None
        for line in report.markdown(recorded()).splitlines():
            columns = (columns or line.count("|")) if line.startswith("|") else None
            self.assertEqual(line.count("|"), columns or 0, line)

    def test_no_rows(self):
        lines = commented()
        self.assertEqual(lines[0], "**no benchmarks were compared; 2:03 min; threshold ±3 %**")
        self.assertFalse(any(line.startswith(("|", "###")) for line in lines))

    def test_only_equivalent_rows(self):
        lines = commented(row(), row("y/engine"))
        self.assertFalse(any(line.startswith("###") for line in lines))
        self.assertIn("<summary>2 equivalent</summary>", lines)

    def test_notes_are_quoted(self):
        self.assertIn("> `a note <b>`", commented(row(), notes=["a note <b>"]))

    def test_keeps_to_what_a_comment_may_have(self):
        many = [row(f"x/engine/number:{number}/" + "y" * 60, verdict, profile="scripts/profile " + "z" * 80,
                    reasons=["time"])
                for verdict in report.VERDICTS for number in range(400)]
        for rows in (many, many[:400], many[:400] + many[-800:], many[-800:]):
            text = report.markdown(document(*rows))
            self.assertLessEqual(len(text), report.MARKDOWN_MAX)
            self.assertGreater(len(text), report.MARKDOWN_MAX * 0.8)
            self.assertRegex(text, r"\n… and \d+ more\n")
            self.assertEqual(text.count("<details>"), text.count("</details>"))
            self.assertEqual(text.count("```"), 2 * (rows[0]["verdict"] == "regressed"))


class LoadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "found.json")

    def fails(self, content, expected):
        data = content if isinstance(content, bytes) else content.encode()
        with open(self.path, "wb") as file:
            file.write(data)
        with self.assertRaises(report.InputError) as caught:
            report.load(self.path)
        message = str(caught.exception)
        self.assertTrue(message.startswith(f"{self.path}: "), message)
        self.assertIn(expected, message)
        self.assertNotIn("\n", message)

    def test_recorded(self):
        self.assertEqual({each["verdict"] for each in recorded()["rows"]}, set(report.VERDICTS))

    def test_no_file(self):
        for path, expected in ((self.path, "No such file"), (os.path.dirname(self.path), "Is a directory")):
            with self.assertRaisesRegex(report.InputError, expected):
                report.load(path)

    def test_broken_files(self):
        foreign = "not written by scripts/compare"
        cases = (("", "empty"), (" \n", "empty"), (b"\xff\xfe", "not text"), ("{", "not JSON, or cut short (line 1"),
                 ("hello", "not JSON"), ("[]", foreign), ("7", foreign), ("null", foreign), ("{}", foreign),
                 ('{"context": {}, "benchmarks": []}', foreign), ('{"format": 1, "rows": {}}', foreign),
                 ("[" * 100_000, foreign), ('{"format": ' + "1" * 5000 + "}", ""))
        for content, expected in cases:
            self.fails(content, expected)

    def test_cut_short_anywhere(self):
        with open(RECORDED, encoding="utf-8") as file:
            text = file.read().rstrip()
        for end in range(1, len(text), 97):
            self.fails(text[:end], "cut short")

    def test_other_formats(self):
        for other in (2, 0, "1", None, True, [1]):
            self.fails(json.dumps(document(format=other)), f"has format {other}, and this script reads 1")

    def test_wrong_types_in_the_frame(self):
        cases = (("base", None, '"base" has no label'), ("head", {}, '"head" has no label'),
                 ("head", {"label": 1}, '"head"'),
                 ("context", [], '"context" is not an object'), ("settings", None, '"settings" is not'),
                 ("settings", {}, "no threshold"), ("settings", {"threshold": "3"}, "no threshold"),
                 ("elapsed_s", "1", '"elapsed_s"'), ("elapsed_s", math.inf, '"elapsed_s"'),
                 ("notes", "a", '"notes"'), ("notes", [1], '"notes"'))
        for key, value, expected in cases:
            self.fails(json.dumps(document(**{key: value})), expected)

    def test_wrong_types_in_rows(self):
        cases = (("binary", 1, '"binary"'), ("row", "", '"row"'), ("row", None, '"row"'),
                 ("verdict", "slower", "verdict"),
                 ("verdict", ["regressed"], "verdict"), ("reasons", "time", "reasons"),
                 ("reasons", ["luck"], "reasons"),
                 ("reasons", [["time"]], "reasons"), ("problem", None, '"problem"'), ("profile", 1, '"profile"'),
                 ("time", 1, '"time"'), ("time", {}, '"time"'), ("time", change(0), '"time"'),
                 ("time", change(low=-1), '"time"'),
                 ("time", change(high="2"), '"time"'), ("time", change(math.nan), '"time"'),
                 ("time", change(True), '"time"'),
                 ("time", change(visible="1"), '"time"'), ("time", change(high=10**400), '"time"'),
                 ("tail", [], '"tail"'),
                 ("exact", [], '"exact"'), ("exact", {"instructions": 1}, '"exact"'),
                 ("exact", {"bytes": [1]}, '"exact"'),
                 ("exact", {"bytes": [1, "2"]}, '"exact"'), ("exact", {"syscalls": [1, -1]}, '"exact"'))
        for key, value, expected in cases:
            self.fails(json.dumps(document(row(), row(**{key: value}))), "row 2: ")
            self.fails(json.dumps(document(row(**{key: value}))), expected)
        self.fails(json.dumps(document(row(), 7)), "row 2: is not an object")

    def test_whatever_is_accepted_can_be_shown(self):
        """Every value of the recorded document replaced by every kind of value."""
        def places(value, path=()):
            if path:
                yield path
            items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            for key, each in items:
                yield from places(each, (*path, key))

        original = recorded()
        original["rows"] = original["rows"][:6:2]
        shown = 0
        for path in list(places(original)):
            for value in (None, True, 0, -1, 1e17, 1e-300, "", "text", [], [1, 2], {}, {"a": 1}):
                changed = copy.deepcopy(original)
                target = changed
                for key in path[:-1]:
                    target = target[key]
                target[path[-1]] = value
                try:
                    report.check(changed, "x.json")
                except report.InputError:
                    continue
                shown += 1
                with self.subTest(path=path, value=value):
                    report.terminal(changed)
                    report.markdown(changed)
        self.assertGreater(shown, 300)


if __name__ == "__main__":
    unittest.main()
