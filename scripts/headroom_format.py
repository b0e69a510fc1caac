"""How figures are written: short, with the digits that matter, and alike everywhere. Names of others, so that they can
be shown."""

import re
import unicodedata


def format_time(nanoseconds):
    """Three significant digits and the unit, which is two columns wide: 412 ns, 2.91 µs, 1,234 s."""
    for unit, size in (("ns", 1.0), ("µs", 1e3), ("ms", 1e6)):
        if float(f"{nanoseconds / size:.3g}") < 1000:
            return f"{_significant(nanoseconds / size)} {unit}"
    return f"{_significant(nanoseconds / 1e9)} s "


def format_count(value):
    """0, 0.02, 41.2, 1,234, 12.3k, 3.40M: three significant digits, but whole numbers below 10,000 in full."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e4 else format_average(value)


def format_average(value):
    """Three significant digits whether whole or not: 28.0, 41.2, 12.3k."""
    for suffix, size in (("", 1.0), ("k", 1e3), ("M", 1e6)):
        if float(f"{abs(value) / size:.3g}") < 1000:
            return _significant(value / size) + suffix
    return _significant(value / 1e9) + "G"


def format_headroom(ratio):
    """Three significant digits: 1.52x, 12.3x, 1,234x."""
    return f"{ratio:,.{2 if ratio < 9.995 else 1 if ratio < 99.95 else 0}f}x"


def format_ratio(ratio):
    """Two decimals below 2, where they matter, and two digits or whole numbers above: 1.04x, 3.4x, 12x, 1,234x."""
    return f"{ratio:,.{2 if ratio < 1.995 else 1 if ratio < 9.95 else 0}f}x"


def format_verdict(ratio):
    """3.4x ahead, 1.21x behind, 1.00x level: the word is as wide as the longest."""
    return f"{format_ratio(max(ratio.value, 1 / ratio.value))} {ratio.verdict:<6}"


def format_spread(share):
    """±0.4%, ±12%"""
    return f"±{100 * share:.{1 if share < 0.0995 else 0}f}%"


def format_key(value):
    """The value of a key in a name: whole numbers get separators."""
    return f"{int(value):,}" if value.isdecimal() and len(value) < 19 else value


def printable(text):
    """What a terminal obeys or an eye misses as \\x1b or \\u{202e}, as subsystems/support/quote.h has it; line ends stay."""
    return text if _PLAIN(text) else "".join(map(_shown, text))


def printable_texts(members):
    """An object_hook of json.loads: the same of its keys, its texts, and the texts in its lists."""
    return {printable(key): printable(value) if isinstance(value, str)
            else [printable(each) if isinstance(each, str) else each for each in value] if isinstance(value, list)
            else value for key, value in members.items()}


def shorten(text, width):
    return text if len(text) <= width else text[:max(0, width - 1)] + "…"


_PLAIN = re.compile(r"[\n -~]*").fullmatch
_HIDDEN = ("Cc", "Cf", "Zl", "Zp", "Zs")
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


def _shown(character):
    code = ord(character)
    if 0xdc80 <= code <= 0xdcff:  # a byte of a file's name that is not UTF-8
        return f"\\x{code - 0xdc00:02x}"
    if character in "\n " or not (unicodedata.category(character) in (*_HIDDEN, "Cs") or _INVISIBLE.match(character)):
        return character
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{{{code:x}}}"


def _significant(value):
    value = float(f"{value:.3g}")
    if abs(value) < 1:
        return f"{value:.2g}" if abs(value) < 0.1 else f"{value:.3g}"
    return f"{value:,.{max(0, 3 - len(str(int(abs(value)))))}f}"
