"""Tests of stacks.py and summary.py."""

import unittest

import support  # noqa: F401  (finds the package)
from profiling import stacks, summary
from profiling.stacks import Change, Frame, Stacks

RUN = Frame("headroom::subject_of<input, body>::run", "code", "bench")


def frames(*names):
    """"f" is a function, "f?" is inlined, "f!" the kernel's."""
    kinds = {"?": "inlined", "!": "kernel"}
    return tuple(Frame(name.rstrip("?!"), kinds.get(name[-1], "code"), "bench") for name in names)


def stacks_of(weights):
    made = Stacks()
    for names, weight in weights.items():
        made.weights[frames(*names.split())] += weight
    return made


class TimedPartTest(unittest.TestCase):
    def test_begins_with_the_body(self):
        for outer in ((), ("_start", "main", "headroom::run_row"), ("clone3", "start_thread")):
            reason, kept = stacks.timed_part((*frames(*outer), RUN, *frames("f", "g?")))
            self.assertEqual((reason, kept), ("", (RUN, *frames("f", "g?"))))

    def test_what_is_no_part_of_it(self):
        prepare = Frame("headroom::subject_of<input, body>::prepare", "code", "bench")
        for outside in ((*frames("main"), prepare, *frames("f")), frames("_start", "main", "headroom::run_row", "f"),
                        frames("headroom::(anonymous namespace)::run_times", "f"), frames("headroom::benchmark_main"),
                        frames("clone3", "headroom::recorded_section::tell"),
                        frames("start_thread",
                               "std::thread::_State_impl<x<headroom::(anonymous namespace)::run_all(a)> >::_M_run")):
            reason, kept = stacks.timed_part(outside)
            self.assertTrue(reason, outside)
            self.assertEqual(kept, ())

    def test_what_may_be_a_part_of_it(self):
        for seen, expected in ((frames("f"), (stacks.NO_CALLER, *frames("f"))), ((), (stacks.NO_CALLER,)),
                               (frames("clone3", "f"), frames("clone3", "f")), (frames("_start"), frames("_start")),
                               (frames("my::headroom::run_row"), (stacks.NO_CALLER, *frames("my::headroom::run_row")))):
            self.assertEqual(stacks.timed_part(seen), ("", expected))

    def test_libraries_have_no_body(self):
        library = RUN._replace(kind="library")
        self.assertEqual(stacks.timed_part((library,)), ("", (stacks.NO_CALLER, library)))


class FunctionsTest(unittest.TestCase):
    def test_self_and_total(self):
        found = stacks_of({"a b": 3, "a b a": 2, "a": 1, "c": 4}).functions()
        self.assertEqual({name: figures[:2] for name, figures in found.items()}, {"a": (3, 6), "b": (3, 5), "c": (4, 4)})

    def test_inlined_helpers_count_as_their_callers(self):
        found = stacks_of({"a std::sort?": 3, "a std::sort? b?": 2, "a std::sort": 1, "std::move?": 5}).functions()
        self.assertEqual({name: figures[:2] for name, figures in found.items()},
                         {"a": (3, 6), "b": (2, 2), "std::sort": (1, 1), "std::move": (5, 5)})

    def test_top(self):
        self.assertEqual(stacks.top(stacks_of({"a b": 1, "a": 3}))[0], ("a", "code", 0.75, 1.0))
        self.assertEqual(len(stacks.top(stacks_of({f"f{number}": 1 for number in range(40)}))), 15)
        self.assertEqual(stacks.top(Stacks()), [])

    def test_folded(self):
        made = stacks_of({"a b? c!": 3, "a": 2})
        made.add(frames("x;y\nz"))
        self.assertEqual(made.folded(), "[no caller];x:y z 1\na 2\na;b_[i];c_[k] 3\n")
        self.assertEqual(Stacks().folded(), "")


class ChangeTest(unittest.TestCase):
    def test_noise(self):
        for before, after, total, expected in ((100, 100, 1000, True), (100, 120, 1000, True), (100, 200, 1000, False),
                                               (0, 2, 1000, True), (0, 50, 1000, False), (0, 0, 1000, True),
                                               (1000, 1000, 1000, True), (1000, 900, 1000, False)):
            change = Change(stacks_of({"a": total}), stacks_of({"a": total}), (total, total))
            self.assertEqual(change.is_noise((before, after)), expected, (before, after))

    def test_exact_counts_have_none(self):
        change = Change(stacks_of({"a": 1000}), stacks_of({"a": 1000}), None)
        self.assertTrue(change.is_noise((7, 7)))
        self.assertFalse(change.is_noise((7, 8)))

    def test_nothing_on_one_side(self):
        change = Change(Stacks(), stacks_of({"a": 10}), (1, 10))
        self.assertEqual(change.shares((0, 5)), (0.0, 0.5))

    def test_shares_are_those_of_each_side(self):
        rows = stacks.top_changed(stacks_of({"a": 100, "b": 100}), stacks_of({"a": 300, "c": 100}), (200, 400))
        self.assertEqual([(row[0], row[2], row[4], row[6]) for row in rows],
                         [("b", 0.0, -0.5, False), ("a", 0.75, 0.25, False), ("c", 0.25, 0.25, False)])

    def test_aligned(self):
        before, after = stacks.aligned(stacks_of({"a old b": 3, "a old": 2, "a gone": 1}),
                                       stacks_of({"a new? b": 3, "a new?": 4, "a b!": 1}))
        self.assertEqual(dict(before.weights), {frames("a", "b"): 3, frames("a", "old"): 2, frames("a", "gone"): 1})
        self.assertEqual(dict(after.weights), {frames("a", "b"): 3, frames("a", "new?"): 4, frames("a", "b!"): 1})

    def test_tree(self):
        root = stacks.tree(stacks_of({"a b": 3, "a": 1}), stacks_of({"a b?": 5, "c": 2}))
        self.assertEqual(root["v"], [4, 7])
        self.assertEqual({name: child["v"] for name, child in root["c"].items()}, {"a": [4, 5], "c": [0, 2]})
        self.assertEqual(root["c"]["a"]["c"]["b"]["v"], [3, 5], "called here, inlined there")
        self.assertEqual(stacks.tree(Stacks()), {"f": None, "v": [0], "c": {}})


class SummaryTest(unittest.TestCase):
    def test_one_side(self):
        heads, rows = summary.table([stacks_of({"a b?": 1, "a": 2, "a k!": 1})])
        self.assertEqual(heads, ["self", "total", "function"])
        self.assertEqual(rows, [["50.0%", "100.0%", "a"], ["25.0%", "25.0%", "b (inlined)"],
                                ["25.0%", "25.0%", "k (kernel)"]])

    def test_two_sides(self):
        heads, rows = summary.table([stacks_of({"a": 500, "b": 500}), stacks_of({"a": 750, "b": 250})], (1000, 1000))
        self.assertEqual(heads[2:4], ["self change", "total change"])
        self.assertEqual(rows, [["75.0%", "75.0%", "+25.0  ", "+25.0", "a"], ["25.0%", "25.0%", "-25.0  ", "-25.0", "b"]])
        _, rows = summary.table([stacks_of({"a": 500, "b": 500}), stacks_of({"a": 510, "b": 490})], (1000, 1000))
        self.assertEqual([row[2] for row in rows], ["+1.0 ~", "-1.0 ~"])

    def test_lines_are_aligned_and_cut(self):
        heads, rows = ["self", "function"], [["1.0%", "a"], ["100.0%", "a_long_name"]]
        self.assertEqual(summary.lines(heads, rows), ["    self  function", "    1.0%  a", "  100.0%  a_long_name"])
        self.assertEqual(summary.lines(heads, rows, 14)[2], "  100.0%  a_l…")
        self.assertEqual(summary.lines(heads, []), ["  self  function"])


if __name__ == "__main__":
    unittest.main()
