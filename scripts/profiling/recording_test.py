"""Tests of what is read from perf, addr2line and callgrind, on recorded output and on broken one."""

import io
import os
import unittest

import support
from profiling import callgrind_out, inlines, perf_script, recording

RUN = "headroom::subject_of<headroom::dag_bench::graph_input, headroom::dag_bench::peers::boost_graph<" \
      "headroom::dag_bench::boost_adjacency_list::adapter>::build>::run"
CALLGRIND = "# callgrind format\nevents: Ir\n\n"


def open_data(name):
    return open(os.path.join(support.TESTDATA, name), encoding="utf-8")


def callgrind(text):
    return callgrind_out.costs(io.StringIO(CALLGRIND + text))


class PerfScriptTest(unittest.TestCase):
    def test_samples(self):
        with open_data("perf_script.txt") as lines:
            samples = list(perf_script.samples(lines))
        self.assertEqual(len(samples), 11)
        first = samples[0]
        self.assertEqual((first.thread, first.event, first.detail), (19989, "cpu-clock", ""))
        self.assertEqual([frame.symbol.split("::")[-1] for frame in first.frames][:3],
                         ["__memcmp_evex_movbe", "run", "run_row"])
        self.assertEqual(first.frames[0].module, "/usr/lib/x86_64-linux-gnu/libc.so.6")

    def test_names_of_threads_and_events(self):
        for header, expected in {
                "a b c 7 1.5: cycles:": (7, 1.5, "cycles", ""),
                "bench/0:1 12 3.25: cpu-clock:u: ": (12, 3.25, "cpu-clock:u", ""),
                "x  9 1.0: PERF_RECORD_SWITCH IN  ": (9, 1.0, "PERF_RECORD_SWITCH", "IN"),
                "x 9 1.0: sched:sched_switch: prev_comm=x prev_state=S": (9, 1.0, "sched:sched_switch",
                                                                           "prev_comm=x prev_state=S")}.items():
            with self.subTest(header):
                sample = next(perf_script.samples([header + "\n"]))
                self.assertEqual((sample.thread, sample.seconds, sample.event, sample.detail.strip()), expected)

    def test_broken(self):
        for text, message in {"\t 12 f (x)\n": "line 1: a frame of no sample", "what is this\n": "line 1: neither",
                              "x 1 2.0: cycles:\n\t 12 f (x)\n\nCorrupted!\n": "line 4: neither",
                              "x 1 2.0: cycles:\n\tnot an address\n": "line 2: neither",
                              "x one 2.0: cycles:\n": "line 1: neither", "\0\1\2\n": "line 1: neither"}.items():
            with self.subTest(text), self.assertRaisesRegex(perf_script.ParseError, message):
                list(perf_script.samples(io.StringIO(text)))

    def test_nothing(self):
        self.assertEqual(list(perf_script.samples([])), [])
        self.assertEqual(list(perf_script.samples(["\n", "  \n"])), [])

    def test_cut_short(self):
        samples = list(perf_script.samples(["x 1 2.0: cycles:\n", "\t 12 f+0x1 (x)\n"]))
        self.assertEqual(samples[0].frames, [perf_script.Address(0x12, "f", "x")])


class FoldPerfTest(unittest.TestCase):
    def test_only_the_timed_loop(self):
        with open_data("perf_script.txt") as lines:
            stacks, samples = recording.fold_perf(lines, "/build/bin/bench_dag")
        self.assertEqual(samples, 11)
        self.assertEqual(dict(stacks.left_out), {"the harness and what it prepares": 3})
        self.assertEqual(stacks.total, 8)
        for frames in stacks.weights:
            self.assertIn(frames[0].name, (RUN, "[no caller]"))

    def test_samples_without_callers_are_shown(self):
        with open_data("perf_script.txt") as lines:
            stacks, _ = recording.fold_perf(lines, "/build/bin/bench_dag")
        self.assertIn("[no caller];[generated code] 1\n", stacks.folded())

    def test_a_library_without_symbols_is_one_frame(self):
        with open_data("perf_script.txt") as lines:
            stacks, _ = recording.fold_perf(lines, "/build/bin/bench_dag")
        self.assertIn("::run;[libjemalloc.so.2] 1\n", stacks.folded())
        self.assertNotIn("[libjemalloc.so.2];[libjemalloc.so.2]", stacks.folded())

    def test_off_cpu(self):
        with open_data("off_cpu.txt") as lines:
            stacks, samples = recording.fold_perf(lines, "/build/bin/bench_templating", off_cpu_hz=997)
        self.assertEqual(samples, 3)
        ends = {(frames[0].name, frames[-1].name): weight for frames, weight in stacks.weights.items()}
        self.assertEqual(ends, {("[off CPU]", "__GI___lll_lock_wait"): 2325, ("[off CPU]", "[waiting for a CPU]"): 33,
                                ("[on CPU]", "clear_page_erms"): 1003})

    def test_a_thread_that_does_not_come_back(self):
        text = "x 1 2.0: sched:sched_switch: prev_state=S\n\t 1 f (x)\n\nx 2 3.0: PERF_RECORD_SWITCH IN\n"
        stacks, samples = recording.fold_perf(io.StringIO(text), "x", off_cpu_hz=997)
        self.assertEqual((stacks.total, samples), (0, 0))

    def test_kinds(self):
        for (symbol, module), (name, kind) in {
                ("f", "/build/bin/x"): ("f", "code"), ("f", "/usr/lib/libc.so.6"): ("f", "library"),
                ("f", "[kernel.kallsyms]"): ("f", "kernel"), ("[unknown]", "[kernel.kallsyms]"): ("[kernel]", "kernel"),
                ("f", "/lib/modules/ext4.ko.xz"): ("f", "kernel"),
                ("[unknown]", "/usr/lib/liba.so.1"): ("[liba.so.1]", "library"),
                ("[unknown]", "/tmp/perf-12.map"): ("[generated code]", "library"),
                ("[unknown]", "//anon"): ("[generated code]", "library"), ("[unknown]", "[vdso]"): ("[vdso]", "library"),
                ("[unknown]", "[unknown]"): ("[unknown]", "library"), ("[unknown]", ""): ("[unknown]", "library")}.items():
            with self.subTest(symbol, module=module):
                self.assertEqual(recording.frame_of(symbol, module, "/build/bin/x")[:2], (name, kind))


class InlinesTest(unittest.TestCase):
    TEXT = ("0x0000000000000010\na::inner(int)\n/source/a.h:1\na::outer()\n/source/a.cc:2 (discriminator 1)\n"
            "0x0000000000000020\n??\n??:0\n")

    def test_parse(self):
        self.assertEqual(inlines.parse(self.TEXT), {0x10: ["a::inner(int)", "a::outer()"], 0x20: ["??"]})
        self.assertEqual(inlines.parse(""), {})
        self.assertEqual(inlines.parse("addr2line: 'x': No such file\n"), {})

    def test_only_of_the_function_that_perf_saw(self):
        for functions, symbol, expected in (
                (["a::inner(int)", "a::outer()"], "a::outer", ["a::inner(int)"]),
                (["inner", "outer"], "a::(anonymous namespace)::outer", ["inner"]),
                (["a::inner(int)", "a::outer()"], "a::other", []), (["a::outer()"], "a::outer", []), (["??"], "f", []),
                ([], "f", [])):
            with self.subTest(symbol, functions=functions):
                self.assertEqual(inlines.inlined_at(functions, symbol), expected)

    def test_binaries_that_cannot_be_read(self):
        for path in ("/nonexistent", os.path.dirname(__file__), __file__):
            self.assertEqual(inlines.find(path, {0x10}), {})
        self.assertEqual(inlines.find("/bin/true", set()), {})


class CallgrindTest(unittest.TestCase):
    def test_recorded(self):
        with open_data("callgrind.out") as lines:
            stacks = recording.fold_callgrind(lines, "/build/bin/bench_templating")
        self.assertEqual(stacks.total, 9619)
        self.assertEqual(dict(stacks.left_out), {"the harness and what it prepares": 157})
        self.assertIn(";engine::templating::pattern::matches;re2::RE2::Match;[libre2.so.9.0.0];"
                      "pthread_rwlock_unlock 190\n", stacks.folded())

    def test_costs(self):
        for text, expected in {
                "ob=x\nfn=f'g'h\n1 10\n2 5\n": [(("f", "g", "h"), "x", 15)],
                "fn=f\n1 10\ncfn=g'f\ncalls=2 7\n1 99\n2 1\n": [(("f",), "", 11)],
                "fn=f'2'f'g\n1 1\n": [(("f", "f", "g"), "", 1)],
                "ob=(1) x\nfn=(1) f\n+3 4\nfn=(2) g\n* 1\nfn=(1)\n-2 6\n": [(("f",), "x", 10), (("g",), "x", 1)],
                "cob=(1) y\ncfn=(3) k\ncalls=1 1\n1 5\nfn=(3)\nob=(1)\n1 2\n": None,
                "fn=f\n0x1a +3 4\nfi=a.h\nfe=b.cc\n\ntotals: 4\n": [(("f",), "", 4)], "": []}.items():
            with self.subTest(text):
                if expected is None:
                    self.assertRaises(callgrind_out.ParseError, callgrind, text.replace("calls=1 1\n", ""))
                else:
                    self.assertEqual(callgrind(text), expected)

    def test_broken(self):
        for text, message in {"1 10\n": "line 4: a cost of no function", "fn=f\nnonsense\n": "line 5: cannot be read",
                              "fn=(7)\n": "line 4: a name that was not given before",
                              "fn=f\n1 ten\n": "line 5: cannot be read"}.items():
            with self.subTest(text), self.assertRaisesRegex(callgrind_out.ParseError, message):
                callgrind(text)
        for text in ("", "perf\n", "\0\n"):
            with self.assertRaisesRegex(callgrind_out.ParseError, "no output of callgrind"):
                callgrind_out.costs(io.StringIO(text))

    def test_demangle(self):
        self.assertEqual(recording.demangle({"_Z1fi", "main", "_Znonsense"}),
                         {"_Z1fi": "f(int)", "_Znonsense": "_Znonsense"})
        self.assertEqual(recording.demangle(set()), {})


class ProbesTest(unittest.TestCase):
    def test_what_perf_stat_counted(self):
        for output, expected in {
                "1234,,cycles,100,100.00,,\n": True, "1234,,cycles:u,100,100.00,,\n": True,
                "<not supported>,,cycles,0,100.00,,\n": False, "<not counted>,,cycles,0,0.00,,\n": False,
                "0,,cycles,0,0.00,,\n": False, "9,,instructions,0,0.00,,\n": False, "": False, "Error:\n": False,
                "warning\n0.5,msec,cycles,9,100.00,,\n": True}.items():
            with self.subTest(output):
                self.assertEqual(recording.counts_something(output, "cycles"), expected)

    def test_refusals_are_explained(self):
        text = recording.explain_refusal("Error:\nAccess to performance monitoring is limited.\nMore.\n", "4")
        self.assertIn("Access to performance monitoring is limited.", text)
        for wanted in ("perf_event_paranoid is 4", "sysctl -w kernel.perf_event_paranoid=2", "CAP_PERFMON", "container"):
            self.assertIn(wanted, text)
        self.assertIn("it said nothing", recording.explain_refusal(" \n", "4"))

    def test_frequency(self):
        cores = os.cpu_count()
        for row, seconds, hz in (("build/engine", 10, 997), ("build/engine", 60, 997), ("build/engine", 61, 499),
                                 ("build/engine", 600, 97), ("cache/threads:1", 60, 997),
                                 (f"cache/real_time/threads:{cores}", 60 / cores, 997),
                                 ("cache/real_time/threads:100000", 60 / cores, 997),
                                 ("cache/real_time/threads:100000", 1e6, 47)):
            self.assertEqual(recording.frequency(row, seconds), hz, (row, seconds))

    def test_outcomes(self):
        self.assertEqual(recording.parse_outcome('noise\n{"runs": 5, "seconds": 1.5, "threads": 2}\n'), (5, 1.5, 2))
        for text in ("", "{}", "[1]", "7", '{"runs": 5}', "{"):
            with self.subTest(text), self.assertRaisesRegex(Exception, "did not say what it ran"):
                recording.parse_outcome(text)

    def test_times(self):
        for value, text in {0.5: "0.5 ns", 12.34: "12.3 ns", 1500: "1.5 µs", 2.5e6: "2.5 ms", 3e9: "3 s"}.items():
            self.assertEqual(recording.format_ns(value), text)


if __name__ == "__main__":
    unittest.main()
