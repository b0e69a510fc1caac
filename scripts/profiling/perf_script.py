"""Reads what `perf script` prints."""

import collections
import re

#: The fields to ask for. Of each sample a line and its frames, the innermost first, then an empty line.
FIELDS = "comm,tid,time,event,ip,sym,symoff,dso"
_HEADER = re.compile(r"^\s*(?P<comm>.*?)\s+(?P<tid>\d+)\s+(?P<time>\d+\.\d+):\s+(?P<event>\S+?):?(?:\s+(?P<rest>.*))?$")
_FRAME = re.compile(r"^\s+(?P<address>[0-9a-f]+)\s+(?P<symbol>.*?)(?:\+0x[0-9a-f]+)?\s+\((?P<module>.*?)\)\s*$")

#: `frames`: [Address], the innermost first.
Sample = collections.namedtuple("Sample", "thread seconds event detail frames")
Address = collections.namedtuple("Address", "address symbol module")


class ParseError(Exception):
    """Text that perf script would not print; the message has the line."""


def samples(lines):
    """Yields the samples in `lines`, and context switches as samples without frames (event PERF_RECORD_SWITCH)."""
    current = None
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\n")
        if not line.strip():
            if current:
                yield current
            current = None
        elif line[0] in "\t " and (found := _FRAME.match(line)):
            if current is None:
                raise ParseError(f"line {number}: a frame of no sample: {line.strip()[:80]}")
            current.frames.append(Address(int(found["address"], 16), found["symbol"] or "[unknown]", found["module"]))
        elif found := _HEADER.match(line):
            if current:
                yield current
            current = Sample(int(found["tid"]), float(found["time"]), found["event"], found["rest"] or "", [])
            if current.event == "PERF_RECORD_SWITCH":
                yield current
                current = None
        else:
            raise ParseError(f"line {number}: neither a sample nor a frame: {line.strip()[:80]}")
    if current:
        yield current
