"""Finds what the compiler inlined at addresses of a binary, by its debug information."""

import re

from . import names, processes

_ADDRESS = re.compile(r"0x[0-9a-f]+$")
SECONDS_MAX = 120
AT_ONCE_MAX = 10_000  # addresses, as arguments


def parse(text):
    """{address: [function, the innermost first]} of what `addr2line -a -i -f -C` prints. The last is not inlined."""
    found, current = {}, None
    for number, line in enumerate(text.splitlines()):
        if _ADDRESS.match(line):
            current = found.setdefault(int(line, 16), [])
            first = number + 1
        elif current is not None and (number - first) % 2 == 0:
            current.append(line)
    return found


def find(binary, addresses):
    """As parse(); nothing if there is no addr2line or it fails: then the frames are those of functions alone."""
    found, ordered = {}, sorted(addresses)
    for start in range(0, len(ordered), AT_ONCE_MAX):
        asked = map(hex, ordered[start:start + AT_ONCE_MAX])
        try:
            ran = processes.run(["addr2line", "-e", binary, "-a", "-i", "-f", "-C", *asked], SECONDS_MAX)
        except (OSError, TimeoutError):
            return {}
        if ran.status != 0:
            return {}
        found.update(parse(ran.output))
    return found


def inlined_at(functions, symbol):
    """The functions inlined at an address, the innermost first: those of find() if the last of them is `symbol`."""
    if len(functions) < 2 or not _same(functions[-1], symbol):
        return []
    return functions[:-1]


def _same(function, symbol):
    """Debug information leaves out the namespaces of a function that only its file knows."""
    given, wanted = names.base(function), names.base(symbol)
    return given == wanted or wanted.endswith("::" + given)
