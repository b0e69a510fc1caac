"""Tests of linking in other orders, on a throw-away Ninja tree whose linker writes down what it is told."""

import os
import shutil
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from comparison import links  # noqa: E402
from comparison.links import LinkCache, LinkError, link_command, link_variants  # noqa: E402

NINJA = """\
rule compile
  command = touch $out
rule archive
  command = touch $out
rule link
  command = : && {folder}/link -O2 -DNAME="quoted text" $in -o $out $libraries && :
build bench/dag/main.o: compile ../main.cc
build bench/dag/build.o: compile ../build.cc
build subsystems/dag/builder.o: compile ../builder.cc
build subsystems/dag/graph.o: compile ../graph.cc
build subsystems/dag/libdag.a: archive subsystems/dag/builder.o subsystems/dag/graph.o
build bin/bench_dag: link bench/dag/main.o bench/dag/build.o | subsystems/dag/libdag.a /usr/lib/libfmt.a
  libraries = subsystems/dag/libdag.a /usr/lib/libfmt.a -lpthread
build bin/bench_one: link bench/dag/main.o
build bin/bench_phony: phony bin/bench_dag
build bin/bench_odd: archive bench/dag/main.o bench/dag/build.o
"""
# Fails if the tree has a file `broken`; else the "binary" is the list of words.
LINK = """#!/bin/sh
echo linked >>"{folder}/log"
if [ -e broken ]; then
  echo "undefined reference to 'main'" >&2; printf '\\377' >&2; exit 1
fi
words="$*"
while [ "$1" != -o ]; do shift; done
echo "$words" >"$2"
"""
OBJECTS = ["bench/dag/build.o", "bench/dag/main.o", "subsystems/dag/builder.o", "subsystems/dag/graph.o"]


@unittest.skipUnless(shutil.which("ninja"), "ninja is not installed")
class LinksTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree = self.path("tree")
        self.write(NINJA.format(folder=self.folder), "tree", "build.ninja")
        self.write(LINK.format(folder=self.folder), "link")
        os.chmod(self.path("link"), 0o755)
        self.cache = LinkCache(self.path("links"))

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, text, *parts):
        os.makedirs(os.path.dirname(self.path(*parts)), exist_ok=True)
        with open(self.path(*parts), "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def links_so_far(self):
        return self.read(self.path("log")).count("linked") if os.path.exists(self.path("log")) else 0

    def orders(self, paths):
        return [[word for word in self.read(path).split() if word.endswith(".o")] for path in paths]

    def fails(self, expected, call, *arguments):
        with self.assertRaises(LinkError) as caught:
            call(*arguments)
        self.assertIn(expected, str(caught.exception))


class CommandTest(LinksTest):
    def test_archives_of_the_tree_are_taken_apart(self):
        before, objects, after = link_command(self.tree, "bench_dag")
        self.assertEqual(before, [self.path("link"), "-O2", "-DNAME=quoted text"])
        self.assertEqual(objects, OBJECTS)
        self.assertEqual(after, ["/usr/lib/libfmt.a", "-lpthread"])

    def test_what_cannot_be_linked(self):
        for binary, expected in (("bench_one", "found no objects of bench_one"),
                                 ("bench_odd", "cannot tell how bench_odd"),
                                 ("bench_none", "unknown target")):
            self.fails(expected, link_command, self.tree, binary)

    def test_trees_without_ninja_file(self):
        os.mkdir(self.path("empty"))
        self.fails("build.ninja", link_command, self.path("empty"), "bench_dag")
        self.fails("none", link_command, self.path("none"), "bench_dag")
        self.write("rule broken", "other", "build.ninja")
        self.fails("build.ninja", link_command, self.path("other"), "bench_dag")

    def test_ninja_is_not_installed(self):
        with mock.patch.dict(os.environ, {"PATH": self.folder}):
            self.fails("ninja: No such file or directory", link_command, self.tree, "bench_dag")


class VariantsTest(LinksTest):
    def variants(self, seeds=range(8)):
        return link_variants(self.tree, "bench_dag", self.path("links"), seeds)

    def test_each_in_an_order_of_its_own(self):
        orders = self.orders(self.variants())
        for order in orders:
            self.assertEqual(sorted(order), OBJECTS)
        self.assertGreater(len({tuple(order) for order in orders}), 4)

    def test_the_rest_stays_where_it_was(self):
        [path] = self.variants([3])
        words = self.read(path).split()
        self.assertEqual((words[:4], words[8]), (["-O2", "-DNAME=quoted", "text", "-s"], "-o"))
        self.assertEqual(words[10:], ["/usr/lib/libfmt.a", "-lpthread"])

    def test_names_of_the_same_length(self):
        names = [os.path.basename(path) for path in self.variants([0, 7, 127])]
        self.assertEqual(names, ["0000", "0007", "0127"])

    def test_same_seed_same_order(self):
        first = self.orders(self.variants())
        shutil.rmtree(self.path("links"))
        self.assertEqual(self.orders(self.variants()), first)

    def test_no_seeds(self):
        self.assertEqual(self.variants([]), [])

    def test_the_linkers_words_are_shown(self):
        self.write("", "tree", "broken")
        self.fails(f"linking 0000 in {self.tree} failed:\nundefined reference to 'main'\n\N{REPLACEMENT CHARACTER}",
                   self.variants)
        self.assertEqual([name for name in os.listdir(self.path("links")) if not name.endswith(".unfinished")], [])
        os.unlink(self.path("tree", "broken"))
        self.assertEqual(len(self.orders(self.variants())), 8)

    def test_no_linker(self):
        os.unlink(self.path("link"))
        self.fails(f"{self.path('link')}: No such file or directory", self.variants)


class CacheTest(LinksTest):
    def age(self, key, seconds):
        os.utime(self.path("links", key), (seconds, seconds))

    def test_links_once(self):
        first = self.cache.variants("1a", self.tree, "bench_dag", range(4))
        self.assertEqual(self.links_so_far(), 4)
        self.assertEqual(self.cache.variants("1a", self.tree, "bench_dag", range(4)), first)
        self.assertEqual(self.links_so_far(), 4)
        self.cache.variants("1a", self.tree, "bench_dag", range(2, 6))
        self.assertEqual(self.links_so_far(), 6)
        for path in first:
            self.assertTrue(path.startswith(self.path("links", "1a", "bench_dag")))

    def test_another_build_is_linked_again(self):
        paths = [self.cache.variants(key, self.tree, "bench_dag", [0]) for key in ("1a", "2b")]
        self.assertEqual((self.links_so_far(), len({path for [path] in paths})), (2, 2))

    def test_what_was_cut_short_is_linked_again(self):
        [path] = self.cache.variants("1a", self.tree, "bench_dag", [0])
        os.rename(path, f"{path}.unfinished")
        self.assertEqual(self.cache.variants("1a", self.tree, "bench_dag", [0]), [path])
        self.assertEqual(self.links_so_far(), 2)

    def test_removes_the_least_recently_used(self):
        keys = [f"build{number}" for number in range(LinkCache.BUILDS_MAX + 2)]
        for number, key in enumerate(keys):
            self.cache.variants(key, self.tree, "bench_dag", [0])
            self.age(key, 1000 + number)
        self.cache.variants(keys[0], self.tree, "bench_dag", [0])  # is used again, so it is the youngest
        self.cache.prune()
        self.assertEqual(sorted(os.listdir(self.path("links"))), sorted([keys[0], *keys[-LinkCache.BUILDS_MAX + 1:]]))

    def test_nothing_to_remove(self):
        self.cache.prune()
        self.cache.variants("1a", self.tree, "bench_dag", [0])
        self.cache.prune()
        self.assertEqual(os.listdir(self.path("links")), ["1a"])

    def test_failure_leaves_others_alone(self):
        self.cache.variants("1a", self.tree, "bench_dag", [0])
        self.write("", "tree", "broken")
        self.fails("failed", self.cache.variants, "2b", self.tree, "bench_dag", [0])
        self.assertEqual(len(self.cache.variants("1a", self.tree, "bench_dag", [0])), 1)


if __name__ == "__main__":
    unittest.main()
