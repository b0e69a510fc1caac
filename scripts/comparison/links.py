"""Links a benchmark binary again with its objects in other orders.

Where the linker happens to put code moves the time of unchanged code by some percent. So nothing is compared by one
binary: each build is linked many times, its objects shuffled, and every pair of processes takes another link of both.
What the layout does is then noise that shrinks with the number of pairs, not a bias that stays.
"""

import concurrent.futures
import os
import random
import shlex
import shutil
import subprocess


class LinkError(Exception):
    """A build tree whose binary cannot be linked again; the message says why."""


def link_command(tree, binary):
    """(words before the objects, objects, words after) of the command that links `binary` in the Ninja tree `tree`.

    Archives of the tree are taken apart into their objects.
    """
    lines = _ninja(tree, "commands", f"bin/{binary}")
    words = shlex.split(lines[-1].removeprefix(": && ").removesuffix(" && :")) if lines else []
    if "-o" not in words:
        raise LinkError(f"{tree}: cannot tell how {binary} is linked")
    objects, others = [], []
    for word in words:
        if word.endswith(".o"):
            objects.append(word)
        elif word.endswith(".a") and not os.path.isabs(word):
            objects += [line.strip() for line in _ninja(tree, "query", word) if line.endswith(".o")]
        else:
            others.append(word)
    if len(objects) < 2:
        raise LinkError(f"{tree}: found no objects of {binary} to put in another order")
    output = others.index("-o")
    return others[:output], sorted(set(objects)), others[output + 2:]


class LinkCache:
    """Links by build, those of the least recently used builds removed."""

    BUILDS_MAX = 4

    def __init__(self, folder):
        self.folder = folder

    def variants(self, key, tree, binary, seeds):
        """Paths of the links of `binary` for `seeds`; LinkError if it cannot be linked."""
        build = os.path.join(self.folder, key)
        paths = link_variants(tree, binary, os.path.join(build, binary), seeds)
        os.utime(build)
        return paths

    def prune(self):
        builds = [os.path.join(self.folder, name) for name in os.listdir(self.folder)] if os.path.isdir(self.folder) else []
        for build in sorted(builds, key=os.path.getmtime, reverse=True)[self.BUILDS_MAX:]:
            shutil.rmtree(build, ignore_errors=True)


def link_variants(tree, binary, folder, seeds, jobs=2):
    """Links `binary` once for each seed; returns the paths, made unless they are there already."""
    before, objects, after = link_command(tree, binary)
    os.makedirs(folder, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda seed: _link(tree, before, objects, after, os.path.join(folder, f"{seed:04}")),
                             seeds))


def _link(tree, before, objects, after, path):
    if os.path.exists(path):
        return path
    shuffled = list(objects)
    random.Random(os.path.basename(path)).shuffle(shuffled)
    unfinished = f"{path}.unfinished"
    try:
        linked = subprocess.run([*before, "-s", *shuffled, "-o", unfinished, *after], cwd=tree, capture_output=True,
                                encoding="utf-8", errors="replace", check=False)
    except OSError as problem:
        raise LinkError(f"{tree}: {problem.filename}: {problem.strerror}") from None
    if linked.returncode != 0:
        raise LinkError(f"linking {os.path.basename(path)} in {tree} failed:\n{linked.stderr.strip()}")
    os.replace(unfinished, path)
    return path


def _ninja(tree, tool, target):
    try:
        asked = subprocess.run(["ninja", "-C", tree, "-t", tool, target], capture_output=True, text=True, check=False)
    except OSError as problem:
        raise LinkError(f"ninja: {problem.strerror}") from None
    if asked.returncode != 0:
        raise LinkError(f"{tree}: {(asked.stderr or asked.stdout).strip()}")
    return asked.stdout.splitlines()
