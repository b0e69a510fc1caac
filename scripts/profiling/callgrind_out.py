"""Reads what callgrind writes with --separate-callers: the instructions of each function, by its chain of callers."""

import re

_NAME = re.compile(r"(?P<key>fn|cfn|ob|cob)=(?:\((?P<id>\d+)\)\s*)?(?P<name>.*)$")
_COST = re.compile(r"[+*\-\dx][\da-fx+*\-]*( [+*\-]?\d*)* (?P<cost>\d+)$")
#: Joins a function and its callers in a name; no mangled name has it.
SEPARATOR = "'"


class ParseError(Exception):
    """A file that callgrind would not write; the message has the line."""


def costs(lines):
    """[(chain, object, instructions)]: chain is (function, caller, its caller, …) as the file names them."""
    lines = iter(lines)
    if not next(lines, "").startswith("# callgrind format"):
        raise ParseError("line 1: this is no output of callgrind")
    names = {}
    found = {}
    function, module = None, ""
    is_call = False
    for number, line in enumerate(lines, 2):
        line = line.rstrip("\n")
        if match := _NAME.match(line):
            name = _resolve(names, match, number)
            if match["key"] == "fn":
                function = name
            elif match["key"] == "ob":
                module = name
        elif line.startswith("calls="):
            is_call = True
        elif match := _COST.match(line):
            if function is None:
                raise ParseError(f"line {number}: a cost of no function: {line[:80]}")
            if not is_call:  # what a call costs counts in the function called
                key = (function, module)
                found[key] = found.get(key, 0) + int(match["cost"])
            is_call = False
        elif line and not re.match(r"[a-zA-Z0-9]+[:=]", line) and not line.startswith("#"):
            raise ParseError(f"line {number}: cannot be read: {line[:80]}")
    return [(_chain(function), module, cost) for (function, module), cost in found.items()]


def _resolve(names, match, number):
    """Names may be written once, with a number, and then by the number alone."""
    if not match["id"]:
        return match["name"]
    key = (match["key"][-2:], match["id"])
    if match["name"]:
        names[key] = match["name"]
    if key not in names:
        raise ParseError(f"line {number}: a name that was not given before: {match[0][:80]}")
    return names[key]


def _chain(name):
    """The parts of a name, but for the depths of recursion, which are numbers."""
    first, *callers = name.split(SEPARATOR)
    return (first, *(caller for caller in callers if caller and not caller.isdigit()))
