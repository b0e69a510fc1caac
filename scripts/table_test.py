"""Tests of the headroom table: how figures are written, how rows are laid out, and the command itself."""

import json
import os
import re
import subprocess
import unittest

import headroom_format
import headroom_results
from headroom_table import WIDTH, Table, describe_context
from results_test import FilesTest, candidate, document, recorded, row

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "table")


def repeated(name, time, count=5, **more):
    return [row(name, time, index, **more) for index in range(count)]


class FormatTest(unittest.TestCase):
    def check(self, form, cases):
        for value, expected in cases.items():
            with self.subTest(value):
                self.assertEqual(form(value), expected)

    def test_time(self):
        self.check(headroom_format.format_time, {
            0.3124: "0.312 ns", 0.01234: "0.012 ns", 1: "1.00 ns", 9.8: "9.80 ns", 99.96: "100 ns", 412.4: "412 ns",
            999.4: "999 ns", 999.6: "1.00 µs", 2910: "2.91 µs", 41_300: "41.3 µs", 771_000: "771 µs", 1.5e6: "1.50 ms",
            9.999e8: "1.00 s ", 3.7e9: "3.70 s ", 1.2345e12: "1,230 s "})

    def test_count(self):
        self.check(headroom_format.format_count, {
            0: "0", 0.0: "0", 0.02: "0.02", 0.5: "0.5", 12: "12", 41.25: "41.2", 1234: "1,234", 9999: "9,999",
            10_000: "10.0k", 12_345: "12.3k", 999_999: "1.00M", 3.4e6: "3.40M", 5e9: "5.00G", 1234.5: "1.23k"})

    def test_average(self):
        self.check(headroom_format.format_average, {0.0: "0", 28: "28.0", 41.25: "41.2", 0.5: "0.5", 1234: "1.23k"})

    def test_headroom(self):
        self.check(headroom_format.format_headroom, {
            0.931: "0.93x", 1: "1.00x", 1.524: "1.52x", 9.994: "9.99x", 9.996: "10.0x", 12.34: "12.3x", 99.96: "100x",
            1234: "1,234x"})

    def test_ratio(self):
        self.check(headroom_format.format_ratio, {
            1: "1.00x", 1.04: "1.04x", 1.994: "1.99x", 1.996: "2.0x", 3.44: "3.4x", 9.96: "10x", 12.3: "12x",
            1234: "1,234x"})

    def test_verdict(self):
        for peer, expected in (([34] * 5, "3.4x ahead "), ([8] * 5, "1.25x behind"), ([9, 9.5, 10.5, 11, 11], "1.11x level ")):
            ratio = headroom_results.ratio_of(candidate(*peer), candidate(*[10] * 5))
            self.assertEqual(headroom_format.format_verdict(ratio), expected)

    def test_spread(self):
        self.check(headroom_format.format_spread, {0: "±0.0%", 0.004: "±0.4%", 0.0994: "±9.9%", 0.0996: "±10%", 1.2: "±120%"})

    def test_printable(self):
        self.check(headroom_format.printable, {
            "": "", "plain name": "plain name", "Größe 名前 🕓": "Größe 名前 🕓", "two\nlines": "two\nlines",
            "\x1b[2J": r"\x1b[2J", "a\tb\x7f": r"a\x09b\x7f", "\x9b2J": r"\u{9b}2J", "a\u202eb\u2066": r"a\u{202e}b\u{2066}",
            "a\u00a0b\u200b": r"a\u{a0}b\u{200b}", "\ufeff\u2028": r"\u{feff}\u{2028}", "\ufe0f\U000e0041": r"\u{fe0f}\u{e0041}",
            os.fsdecode(b"a\xff"): r"a\xff", r"\x1b": r"\x1b"})

    def test_printable_texts(self):
        self.assertEqual(headroom_format.printable_texts({"\x1b": "\x1b", "list": ["\x1b", 1], "number": 1, "none": None}),
                         {r"\x1b": r"\x1b", "list": [r"\x1b", 1], "number": 1, "none": None})

    def test_key(self):
        self.check(headroom_format.format_key, {"1000": "1,000", "7": "7", "1e6": "1e6", "-5": "-5", "drop": "drop",
                                                "": "", "9" * 5000: "9" * 5000})

    def test_shorten(self):
        self.assertEqual([headroom_format.shorten("layered", width) for width in (7, 6, 1, 0)],
                         ["layered", "layer…", "…", "…"])

    def test_context(self):
        full = {"date": "2026-11-23T16:40:12+00:00", "commit": "0123456789abcdef", "dirty": "true", "cpu": "AMD  EPYC",
                "num_cpus": 2, "compiler": "gcc 12.2.0", "flags": "-O2", "allocator": "jemalloc 5.3.0"}
        cases = (
            (full, "2026-11-23 16:40 UTC · commit 0123456789ab+dirty · AMD EPYC, 2 CPUs · gcc 12.2.0 -O2 · jemalloc 5.3.0"),
            ({**full, "dirty": "false", "date": "2026-11-23T16:40:12-05:00", "num_cpus": 1, "cpu": None},
             "2026-11-23 16:40 -05:00 · commit 0123456789ab · 1 CPU · gcc 12.2.0 -O2 · jemalloc 5.3.0"),
            ({"date": "yesterday", "commit": 7}, "yesterday"),
            ({"postgres_version": "15.20 (Debian)", "postgres_fsync": "on", "postgres_synchronous_commit": "on",
              "postgres_full_page_writes": "on"}, "PostgreSQL 15.20, durable"),
            ({"postgres_version": "15.20", "postgres_fsync": "on", "postgres_synchronous_commit": "off"},
             "PostgreSQL 15.20, NOT durable: synchronous_commit, full_page_writes not on"),
            ({}, "no context recorded"),
        )
        for context, expected in cases:
            self.assertEqual(describe_context(context), expected)


class LayoutTest(FilesTest):
    def render(self, *rows, peers=False, color=False, names_whole=False, **context):
        results = headroom_results.load([self.write(document(*rows, **context))])
        return Table(results, color, peers, names_whole).render()

    def lines(self, *rows, **options):
        return self.render(*rows, **options).splitlines()

    def test_whole_table(self):
        text = self.render(
            *repeated("build/engine/chain/nodes:1000", 1500.0, allocs_per_op=0.0, bytes_per_node=41.25),
            *repeated("build/floor/chain/nodes:1000", 1000.0), *repeated("build/boost_csr/chain/nodes:1000", 5100.0),
            *repeated("build/lemon/chain/nodes:1000", 7000.0),
            *repeated("build/engine/chain/nodes:100", 150.0, allocs_per_op=1.0, bytes_per_node=41.25),
            *repeated("wait/engine", 2.5e9), *repeated("wait/floor", 1e9, 3), *repeated("wait/condvar", 2e9),
            commit="0123456789ab", dirty="false", allocator="jemalloc 5.3.0")
        self.assertEqual(text, """\
commit 0123456789ab · jemalloc 5.3.0

build  nodes   engine    floor  headroom ±      best peer     time  vs peer       allocs/op  B/node
chain    100   150 ns        –         – –      –                –  –                     1    41.2
chain  1,000  1.50 µs  1.00 µs     1.50x ±0.0%  boost_csr  5.10 µs   3.4x ahead           0    41.2

wait           engine    floor  headroom ±      best peer     time  vs peer       allocs/op    B/op
              2.50 s   1.00 s     ~2.50x ±0.0%  condvar    2.00 s   1.25x behind          –       –

headroom = engine / floor, 1.00x is the limit; times: 5 % quantile of the repetitions
~ uncertain: fewer than 5 repetitions, or a 95 % interval wider than ±5 %

overview (medians)  rows  headroom  worst  at                     vs peer         worst  at
build                  2     1.50x  1.50x  chain/nodes:1000   3.4x ahead    3.4x ahead   chain/nodes:1000
wait                   1     2.50x  2.50x  wait              1.25x behind  1.25x behind  wait
all                    3     2.00x  2.50x  wait              1.25x behind  1.25x behind  wait
""")

    def test_rows_by_case_as_measured_and_by_the_value_of_the_keys(self):
        names = ("random/nodes:100000", "random/nodes:20", "chain/nodes:1000", "corpus", "chain/nodes:9/threads:8",
                 "chain/nodes:9", "chain/nodes:9/threads:16", "chain/nodes:9/kind:b", "chain/nodes:9/kind:a10",
                 "chain/nodes:9/kind:a9")
        lines = self.lines(*(row(f"build/engine/{name}") for name in names))
        self.assertEqual([re.sub(r"  +", " ", line.split(" 100 ns")[0]).strip() for line in lines[3:13]],
                         ["random 20", "random 100,000", "chain 9", "chain 9 a9", "chain 9 a10", "chain 9 b", "chain 9 8",
                          "chain 9 16", "chain 1,000", "corpus"])

    def test_operations_in_order_of_appearance(self):
        lines = self.lines(row("z/engine"), row("a/engine"), row("z/engine/more"))
        self.assertEqual([line.split()[0] for line in lines if "best peer" in line], ["z", "a"])

    def test_no_engine_and_no_floor_still_list(self):
        lines = self.lines(*repeated("a/fast", 10.0), *repeated("a/slow", 20.0), *repeated("b/floor", 5.0))
        self.assertRegex(lines[3], r"^ +– +– +– – +fast +10\.0 ns +–$")
        self.assertRegex(lines[6], r"^ +– +5\.00 ns +– – +– +– +–$")

    def test_allocation_columns_only_if_measured(self):
        self.assertNotIn("allocs/op", self.render(row("a/engine")))
        self.assertIn("allocs/op", self.render(row("a/engine", allocs_per_op=0.0)))

    def test_peers_lists_all(self):
        rows = repeated("a/engine", 10.0) + repeated("a/slow", 90.0) + repeated("a/fast", 20.0)
        self.assertNotIn("slow", self.render(*rows))
        lines = self.lines(*rows, peers=True)
        self.assertRegex(lines[3], r"10\.0 ns .* fast +20\.0 ns +2\.0x ahead")
        self.assertRegex(lines[4], r"^ +slow +90\.0 ns +9\.0x ahead$")

    def test_marks_are_explained_only_if_used(self):
        plain = repeated("a/engine", 15.0) + repeated("a/floor", 10.0)
        cases = (
            (plain, ""), (repeated("a/engine", 15.0, 4) + repeated("a/floor", 10.0), "~"),
            (repeated("a/engine", 9.0) + repeated("a/floor", 10.0), "!"),
            (repeated("a/engine", 10.0) + [row("a/peer", time, index) for index, time in
                                           enumerate((9.8, 9.9, 10.1, 10.2, 10.3))], "level"))
        explained = {"~": "~ uncertain", "!": "! faster than its floor", "level": "level: "}
        for rows, mark in cases:
            text = self.render(*rows)
            self.assertEqual([each for each, words in explained.items() if words in text], [mark] * bool(mark))

    def test_failures_are_rows_of_their_own(self):
        lines = self.lines(*repeated("a/engine/x", 10.0), *repeated("a/floor/x", 10.0),
                           row("a/peer/x", error_occurred=True, error_message="wrong answer: " + "word " * 60))
        self.assertEqual(lines[4][:37], "  FAILED peer: wrong answer: word wor")
        self.assertTrue(lines[5].startswith("    word"))
        self.assertEqual(lines[-1], "1 FAILED")
        self.assertNotIn("FAILED", self.render(*repeated("a/engine/x", 10.0)))

    def test_failed_engine(self):
        lines = self.lines(row("a/engine/x", error_occurred=True), *repeated("a/floor/x", 10.0))
        self.assertRegex(lines[3], r"^x +– +10\.0 ns +– –")
        self.assertEqual(lines[4], "  FAILED engine: no message")

    def test_latencies(self):
        latency = {"latency_us_p50": 0.12, "latency_us_p99": 1.25, "latency_us_p99_9": 1750.0}
        lines = self.lines(*repeated("a/engine/real_time/threads:8", 10.0, **latency),
                           *repeated("a/peer/real_time/threads:8", 10.0, latency_us_p50=3.0))
        self.assertEqual(lines[4], "  latency  engine p50 120 ns  p99 1.25 µs  p99.9 1.75 ms  |  peer p50 3.00 µs")
        self.assertIn("repetitions, wall time with threads\n", "\n".join(lines))

    def test_wall_time_is_said(self):
        self.assertIn(", wall time in send\n", self.render(row("send/engine/manual_time"), row("a/engine")))

    def test_fits_its_width(self):
        long = "a_candidate_with_quite_an_excessive_name_for_a_library"
        for length in (1, 4):
            case = "/".join(["a_case_with_quite_an_excessive_name"] * length)
            rows = [row(f"operation_of_some_length/{name}/{case}/nodes:1000000/placeholders:{count}/threads:8/real_time",
                        123.4, allocs_per_op=1.23e9, alloc_bytes_per_op=1.23e9, latency_us_p50=1.0)
                    for name in ("engine", "floor", long) for count in (1, 10)]
            for options in ({}, {"peers": True}):
                for line in self.lines(*rows, cpu="cpu " * 60, **options):
                    self.assertLessEqual(len(line), WIDTH, line)
            whole = self.render(*rows, names_whole=True)
            for name in (long, f"{case}/nodes:1000000/placeholders:10/threads:8"):
                self.assertIn(name, whole)

    def test_classes_are_separated_and_described(self):
        first = self.write(document(row("a/engine"), allocator="jemalloc"), "x.json")
        second = self.write(document(row("a/engine"), executable="bench_dag_malloc", allocator="malloc"), "y.json")
        lines = Table(headroom_results.load([first, second])).render().splitlines()
        self.assertEqual(lines[:2], ["dag: jemalloc", "dag_malloc: malloc"])
        self.assertEqual([line.strip("─ ") for line in lines if line.startswith("──")], ["dag", "dag_malloc"])

    def test_quick_runs_say_so(self):
        self.assertIn("quick run", self.render(row("a/engine"), quick="true"))
        self.assertNotIn("quick run", self.render(row("a/engine"), quick="false"))

    def test_color_changes_nothing_but_color(self):
        rows = [each for engine, case in ((14.0, "x"), (19.0, "y"), (30.0, "z")) for each in
                repeated(f"a/engine/{case}", engine) + repeated(f"a/floor/{case}", 10.0) + repeated(f"a/p/{case}", 20.0)]
        rows.append(row("a/bad/z", error_occurred=True))
        colored = self.render(*rows, color=True)
        plain = re.sub(r"\033\[[\d;]*m", "", colored)
        self.assertEqual([line.rstrip() for line in plain.splitlines()], self.lines(*rows))
        for expected in ("\033[32m   1.40x\033[0m", "\033[33m   1.90x\033[0m", "\033[31m   3.00x\033[0m",
                         "\033[32m1.43x ahead \033[0m", "\033[31m1.50x behind\033[0m", "\033[1;31m1 FAILED\033[0m"):
            self.assertIn(expected, colored)


class CommandTest(FilesTest):
    def run_table(self, *arguments, **environment):
        return subprocess.run([TABLE, *arguments], capture_output=True, text=True, timeout=60, check=False,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                                   **environment})

    def test_recorded_files(self):
        for name, status in (("dag.json", 0), ("failed.json", 1), ("cut_short.json", 2), ("aggregates_only.json", 2),
                             ("none.json", 2)):
            ran = self.run_table(recorded(name))
            self.assertEqual(ran.returncode, status, name)
            self.assertEqual(bool(ran.stdout), status < 2, name)
            self.assertEqual(ran.stderr.count("\n"), status == 2, ran.stderr)

    def test_partial(self):
        ran = self.run_table("--partial", recorded("cut_short.json"))
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("was cut short", ran.stdout)

    def test_json(self):
        ran = self.run_table("--json", recorded("failed.json"))
        self.assertEqual(ran.returncode, 1)
        self.assertEqual([each["operation"] for each in json.loads(ran.stdout)], ["build"])

    def test_color(self):
        for arguments, environment, colored in (((), {}, False), (("--color", "always"), {"NO_COLOR": "1"}, True),
                                                (("--color=never",), {}, False)):
            self.assertEqual("\033" in self.run_table(*arguments, recorded("dag.json"), **environment).stdout, colored)

    def test_unusable_arguments(self):
        for arguments in ((), ("--color", "blue", "x.json"), ("--frobnicate", "x.json"), ("--json",)):
            ran = self.run_table(*arguments)
            self.assertEqual((ran.returncode, ran.stdout), (2, ""), arguments)
            self.assertIn("scripts/table: error: ", ran.stderr)

    def test_terminals_without_unicode(self):
        ran = self.run_table(recorded("dag.json"), LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))

    def test_a_full_device_is_an_error(self):
        for option in ("--peers", "--json"):
            full = subprocess.run(["/bin/bash", "-c", f"'{TABLE}' {option} '{recorded('dag.json')}' >/dev/full"],
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(full.returncode, 2, full.stderr)
            self.assertEqual(full.stderr, "error: cannot write the table: No space left on device\n")

    def test_closed_pipe_is_quiet(self):
        pipe = subprocess.run(["/bin/bash", "-c", f"'{TABLE}' --json '{recorded('dag.json')}' | true"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(pipe.stderr, "")


if __name__ == "__main__":
    unittest.main()
