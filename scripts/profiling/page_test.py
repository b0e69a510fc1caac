"""Tests of page.py and libraries.py: the parts of the page, and what may be put into it."""

import base64
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
import unittest
from unittest import mock

import support  # noqa: F401  (finds the package)
from profiling import ProfileError, libraries, page
from profiling.stacks import Frame, Stacks

LIBRARIES = {"d3.min.js": "var d3 = '</script>';", "graph.css": "b { color: red }"}


def stacks_of(*names):
    made = Stacks()
    for name in names:
        made.weights[(Frame(name, "code", "bench"),)] += 2
    return made


def render(*sides, title="a row", table=(["self", "function"], [["1%", "f"]]), notes=("a note",)):
    return page.render(title, [("what", "value")], list(notes), table, sides, "samples", [10] * len(sides), LIBRARIES)


def data_of(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL).group(1))


class PageTest(unittest.TestCase):
    def test_has_everything_in_it(self):
        text = render(stacks_of("f<std::vector<int, std::allocator<int> > >", "g"))
        for part in ("<title>a row</title>", "var d3", "b { color: red }", "Content-Security-Policy"):
            self.assertIn(part, text)
        self.assertNotRegex(text, r"(src|href)\s*=\s*[\"']?(https?:|//)")
        self.assertNotIn("<!-- data -->", text)

    def test_data(self):
        data = data_of(render(stacks_of("a::b::f<std::vector<int, std::allocator<int> > >", "g")))
        self.assertEqual(data["totals"], [4])
        self.assertEqual(data["names"][0], ["all", "all", "mark", "all"])
        self.assertIn(["a::b::f<…>", "a::b::f<std::vector<int, std::allocator<int> > >", "code", "b::f<…>"],
                      data["names"])
        self.assertEqual([child[1] for child in data["tree"][2]], [[2], [2]])

    def test_two_sides(self):
        data = data_of(render(stacks_of("f"), stacks_of("f", "g")))
        self.assertEqual(data["totals"], [2, 4])
        self.assertEqual([(data["names"][child[0]][0], child[1]) for child in data["tree"][2]],
                         [("f", [2, 2]), ("g", [0, 2])])

    def test_names_cannot_leave_their_place(self):
        hostile = "</script><script>alert(1)</script><!--"
        text = render(stacks_of(hostile), title=hostile, notes=[hostile], table=(["function"], [[hostile]]))
        self.assertNotIn("alert(1)</script><!--", text)
        self.assertNotIn("<script>alert(1)", text)
        self.assertEqual(data_of(text)["title"], hostile)
        self.assertEqual(text.count("<script"), text.count("</script>"))

    def test_marks_in_names_are_no_marks(self):
        self.assertEqual(data_of(render(stacks_of("<!-- title -->", "\\1 \\g<0> &lt;")))["totals"], [4])

    def test_nothing_recorded(self):
        self.assertEqual(data_of(render(Stacks()))["tree"], [0, [0], [], 0])


def archive(files):
    """A package as npm packs it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as opened:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            opened.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()


def digest_of(content):
    return base64.b64encode(hashlib.sha512(content).digest()).decode()


NPM = """#!/bin/sh
# Stands in for npm: what it "fetches" lies in ${STORE}.
echo "$*" >>"${STORE}/asked"
cp "${STORE}/fetched.tgz" . 2>/dev/null || { echo "npm ERR! code ENOTFOUND" >&2; exit 1; }
"""


class LibrariesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = folder.name
        self.cache = os.path.join(self.store, "cache")
        os.mkdir(os.path.join(self.store, "bin"))
        self.write(NPM.encode(), "bin", "npm")
        os.chmod(os.path.join(self.store, "bin", "npm"), 0o755)
        environment = mock.patch.dict(os.environ, PATH=f"{self.store}/bin:/usr/bin:/bin", STORE=self.store)
        environment.start()
        self.addCleanup(environment.stop)
        self.content = archive({"dist/a.js": "text of a"})

    def write(self, content, *parts):
        with open(os.path.join(self.store, *parts), "wb") as file:
            file.write(content)

    def load(self, content=None, files=("dist/a.js",)):
        return libraries.load(self.cache, pinned=(("a", "1.0.0", digest_of(content or self.content), files),))

    def asked(self):
        path = os.path.join(self.store, "asked")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()

    def test_fetches_once(self):
        self.write(self.content, "fetched.tgz")
        for _ in range(2):
            self.assertEqual(self.load(), {"a.js": "text of a"})
        self.assertEqual(len(self.asked()), 1)
        self.assertTrue(self.asked()[0].startswith("pack a@1.0.0 "))
        self.assertEqual(os.listdir(self.cache), ["a-1.0.0.tgz"])

    def test_refuses_what_is_not_pinned(self):
        self.write(archive({"dist/a.js": "something else"}), "fetched.tgz")
        with self.assertRaisesRegex(ProfileError, "a 1.0.0: what npm fetched is not what is pinned"):
            self.load()
        self.assertEqual(os.listdir(self.cache), [])

    def test_fetches_again_what_was_damaged(self):
        self.write(self.content, "fetched.tgz")
        self.load()
        for damaged in (b"", self.content[:-1], b"x" * len(self.content)):
            self.write(damaged, "cache", "a-1.0.0.tgz")
            self.assertEqual(self.load(), {"a.js": "text of a"})
        self.assertEqual(len(self.asked()), 4)

    def test_without_a_network(self):
        with self.assertRaisesRegex(ProfileError, "(?s)could not fetch a 1.0.0 .*ENOTFOUND"):
            self.load()
        self.assertEqual(os.listdir(self.cache), [])

    def test_without_npm(self):
        with mock.patch.dict(os.environ, PATH="/nonexistent"), self.assertRaisesRegex(ProfileError, "there is no npm"):
            self.load()

    def test_a_package_without_the_file(self):
        self.write(self.content, "fetched.tgz")
        with self.assertRaisesRegex(ProfileError, "a-1.0.0.tgz has no dist/b.js"):
            self.load(files=("dist/b.js",))

    def test_what_is_pinned(self):
        for package, version, digest, files in libraries.PINNED:
            self.assertEqual(len(base64.b64decode(digest)), 64, package)
            self.assertRegex(version, r"^\d+\.\d+\.\d+$")
            self.assertTrue(files)


if __name__ == "__main__":
    unittest.main()
