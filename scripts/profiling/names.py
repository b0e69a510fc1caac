"""C++ names as profilers print them: without parameters, and short enough to read."""

import functools
import re

_OPERATOR = re.compile(r"\boperator\s*(\(\)|\[\]|<=>|<<=?|>>=?|[<>]=?|->\*?|,)(\s+(?=<))?")
_HIDDEN = {"(": "\1", ")": "\2", "<": "\3", ">": "\4", " ": "\5"}
_SHOWN = str.maketrans({hidden: shown for shown, hidden in _HIDDEN.items()})
_OPENING, _CLOSING = "(<[{", ")>]}"
_ANONYMOUS = "(anonymous namespace)"
_STANDARD_INLINE = ("std::", "__gnu_cxx::", "boost::", "operator new", "operator delete", "fmt::", "_mm")
ARGUMENTS_MAX = 18


def _hide(text):
    for shown, hidden in _HIDDEN.items():
        text = text.replace(shown, hidden)
    return text


@functools.lru_cache(maxsize=None)
def base(name):
    """`name` without parameters, result, qualifiers and suffixes of the compiler; with its template arguments."""
    name = re.sub(r"\s*(\[clone [^]]*\]|\[abi:[^]]*\]|@@?[A-Z]+[A-Z_]*_[\d.]+)", "", name)
    name = re.sub(r"\.(isra|constprop|part|cold|lto_priv|llvm)(\.\d+)?", "", name)
    name = name.replace(_ANONYMOUS, _hide(_ANONYMOUS))
    hidden = _OPERATOR.sub(lambda found: _hide(found.group(0).replace(" ", "")), name)
    hidden = re.sub(r"\boperator ", "operator\5", hidden)
    kept, depth, parentheses = [], 0, 0
    for char in hidden:
        if char == "(" and depth == parentheses:  # parameters, not part of template arguments or a lambda's name
            parentheses += 1
        elif not parentheses:
            kept.append(char)
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
            if parentheses > depth:
                parentheses = depth
    result = re.sub(r"( (const|volatile|noexcept))+(?=::|$)|\s*&+$", "", "".join(kept).strip())
    return (_after_result(result) or name).translate(_SHOWN)


def _after_result(text):
    """What follows the last space outside all brackets."""
    depth, start = 0, 0
    for at, char in enumerate(text):
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
        elif char == " " and depth == 0:
            start = at + 1
    return text[start:]


@functools.lru_cache(maxsize=None)
def short(name):
    """`name` for display: no parameters, long template arguments as <…>."""
    text = base(name).replace(_ANONYMOUS + "::", "").replace("std::__cxx11::", "std::")
    text = _OPERATOR.sub(lambda found: _hide(found.group(0)), text)
    text = re.sub(r"basic_string(_view)?<char, std::char_traits<char>(, std::allocator<char> ?)? ?>", r"string\1", text)
    return _without_long_arguments(text).translate(_SHOWN)


@functools.lru_cache(maxsize=None)
def label(name):
    """The end of short(name), for where there is little room: a function and what it is in."""
    text = short(name)
    hidden = _OPERATOR.sub(lambda found: _hide(found.group(0)), text)
    starts, depth = [0], 0
    for at, char in enumerate(hidden):
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
        elif hidden.startswith("::", at) and depth == 0:
            starts.append(at + 2)
    kept = 3 if text.endswith("::operator()") else 2
    return text[starts[-kept]:] if len(starts) > kept else text


def _without_long_arguments(text):
    kept, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char == "<":
            if depth == 0:
                start = at
            depth += 1
        elif char == ">" and depth:
            depth -= 1
            if depth == 0:
                arguments = text[start + 1:at].strip()
                kept.append(f"<{arguments if len(arguments) <= ARGUMENTS_MAX else '…'}>")
        elif depth == 0:
            kept.append(char)
    return "".join(kept) if depth == 0 else text


def is_helper(name):
    """Whether an inlined function is a library's, so that its time is its caller's in a table of functions."""
    return base(name).startswith(_STANDARD_INLINE)
