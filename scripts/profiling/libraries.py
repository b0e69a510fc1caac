"""The JavaScript of the page: fetched by npm once, checked against what was pinned here, and kept."""

import base64
import hashlib
import os
import shutil
import tarfile
import tempfile

from . import ProfileError, processes

#: (package, version, sha512 of its archive, files of it that are needed)
PINNED = (
    ("d3", "7.9.2", "ZKb/mONPVKzaO5UlcWcwN8bS4ezvQaYu+bsou+XgNABdGC800kwH651ADTbbTxMPHW13UlvbQafdmJQDk1w7Mg==",
     ("dist/d3.min.js",)),
    ("d3-flame-graph", "5.0.0",
     "ALZQ4at8Dex8HCoj9D5p5TY6gLNEc2vAZAy+NKO/6GLEfhYJmGxYuRClO6RPoplndyOHxQTPipdlGeMggkjtnQ==",
     ("dist/d3-flamegraph.umd.min.js", "dist/d3-flamegraph.css")))
FETCH_SECONDS_MAX = 120
ARCHIVE_BYTES_MAX = 8 << 20


def load(cache, say=lambda _: None, pinned=PINNED):
    """{file name: text} of all files needed. `cache`: folder of the archives. ProfileError if one cannot be had."""
    texts = {}
    for package, version, digest, files in pinned:
        archive = os.path.join(cache, f"{package}-{version}.tgz")
        if not _is_intact(archive, digest):
            say(f"fetching {package} {version} by npm")
            _fetch(package, version, digest, archive)
        texts.update(_read(archive, files))
    return texts


def _is_intact(archive, digest):
    try:
        if os.path.getsize(archive) > ARCHIVE_BYTES_MAX:
            return False
        with open(archive, "rb") as file:
            return base64.b64encode(hashlib.sha512(file.read()).digest()).decode() == digest
    except OSError:
        return False


def _fetch(package, version, digest, archive):
    if not shutil.which("npm"):
        raise ProfileError("there is no npm to fetch the page's JavaScript with (Debian: apt-get install npm)")
    cache = os.path.dirname(archive)
    os.makedirs(cache, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=cache) as folder:
        try:
            ran = processes.run(["npm", "pack", f"{package}@{version}", "--silent", "--ignore-scripts",
                                 "--fetch-retries=1", "--fetch-timeout=30000"], FETCH_SECONDS_MAX, cwd=folder)
        except (OSError, TimeoutError) as problem:
            raise ProfileError(f"npm: {problem}") from None
        made = [name for name in os.listdir(folder) if name.endswith(".tgz")]
        if ran.status != 0 or len(made) != 1:
            raise ProfileError(f"npm could not fetch {package} {version} (status {ran.status}): "
                               f"{ran.said[:500] or 'it said nothing; is there a network?'}")
        if not _is_intact(os.path.join(folder, made[0]), digest):
            raise ProfileError(f"{package} {version}: what npm fetched is not what is pinned, and so it is not used "
                               "(scripts/profiling/libraries.py)")
        os.replace(os.path.join(folder, made[0]), archive)


def _read(archive, files):
    texts = {}
    with tarfile.open(archive, "r:gz") as opened:
        for name in files:
            try:
                texts[os.path.basename(name)] = opened.extractfile(f"package/{name}").read().decode()
            except (KeyError, AttributeError):
                raise ProfileError(f"{os.path.basename(archive)} has no {name}") from None
    return texts
