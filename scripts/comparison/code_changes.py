"""Real changes of the code that make it worse, by which the comparison is tried.

Each is one edit of one file. An edit whose text is no longer there is left out with a note: the code
has moved on.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass

from comparison import builds


@dataclass(frozen=True)
class Change:
    what: str
    path: str
    before: str
    after: str
    rows: str  # regular expression of the rows that it slows down


_KEEP = 'asm volatile("" : : "r"({}) : "memory");\n'

CHANGES = (
    Change("a build allocates once more", "subsystems/dag/builder.cc",
           "  spare_.swap(out);\n",
           "  auto* const wasted = new char[64];\n  " + _KEEP.format("wasted") + "  delete[] wasted;\n  spare_.swap(out);\n",
           r"^build/engine/(layered/nodes:100|random/nodes:1000)$"),
    Change("a build counts dependents twice", "subsystems/dag/builder.cc",
           "  internal::count(nodes, {spare_.dependency_targets(), spare_.edges_}, counts);\n",
           "  internal::count(nodes, {spare_.dependency_targets(), spare_.edges_}, counts);\n"
           "  std::memset(counts - 2, 0, (nodes + std::size_t{3}) * sizeof *counts);\n  " + _KEEP.format("counts")
           + "  internal::count(nodes, {spare_.dependency_targets(), spare_.edges_}, counts);\n",
           r"^build/engine/layered/nodes:10000?$"),
    Change("a run clears its marks twice", "subsystems/dag/run.cc",
           "  blocked_.assign(nodes, 0);\n",
           "  blocked_.assign(nodes, 0);\n  " + _KEEP.format("blocked_.data()") + "  blocked_.assign(nodes, 0);\n",
           r"^schedule/engine/layered/nodes:100$"),
    Change("rendering copies the result", "subsystems/templating/render.cc",
           "  code.gather(bound.pieces, out.data());\n",
           "  code.gather(bound.pieces, out.data());\n  const std::string copy(out);\n  "
           + _KEEP.format("copy.data()"),
           r"^render/engine/text/placeholders:10/literal:128$"),
    Change("the scanner searches twice", "subsystems/templating/scanner.cc",
           "  at_ = text_.size();\n",
           "  at_ = text_.size();\n  const auto again = code.find_placeholder(begin, end);\n  "
           + _KEEP.format("again.opening"),
           r"^scan/engine/text/placeholders:10/literal:128$"),
    Change("the cache hashes twice", "subsystems/templating/cache.cc",
           "  const std::uint64_t hash = internal::text_hash(text, seed_);\n  set& near",
           "  const std::uint64_t first = internal::text_hash(text, seed_ + 1);\n  " + _KEEP.format("first")
           + "  const std::uint64_t hash = internal::text_hash(text, seed_);\n  set& near",
           r"^cache/engine/threads:1$"),
    Change("compiling does not reserve", "subsystems/templating/compiled_template.cc",
           "    made_->slots.reserve(4);\n    made_->parts.steps.reserve(12);\n", "",
           r"^compile/engine/text/placeholders:10/literal:128$"),
)


class ChangedTree:
    """A worktree in which one change after the other is built."""

    def __init__(self, root, commit, say):
        self.folder = os.path.join(root, "build", "compare", "changed")
        self.root = root
        self.say = say
        self.close()
        self._git("worktree", "add", "--detach", "--force", self.folder, commit, where=root)

    def close(self):
        subprocess.run(["git", "-C", self.root, "worktree", "remove", "--force", self.folder], capture_output=True,
                       check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def apply(self, change):
        """Undoes what was changed before, and edits the first place; False if the text to be changed is not there."""
        self._git("checkout", "--quiet", "--", ".", where=self.folder)
        path = os.path.join(self.folder, change.path)
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            return False
        if change.before not in text:
            return False
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(change.before, change.after, 1))
        return True

    def build(self):
        return builds.prepare(self.folder, builds.WORKING_TREE, self.say)

    @staticmethod
    def _git(*arguments, where):
        ran = subprocess.run(["git", "-C", where, *arguments], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise builds.BuildError(f"git {arguments[0]}: {ran.stderr.strip()}")
