"""Characters that nobody sees: they hide a word from a search, turn a line round, or carry text of their own."""

import re
import unicodedata
from collections.abc import Sequence

_ODD = re.compile(r"\r(?!\n)|[^\x20-\x7e\t\n\r]")
# Control characters, marks without a width or that turn the direction of writing, separators of lines, private use.
_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
# Letters and marks by their category that are drawn as nothing: fillers, joiners, selectors of a variant.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}


def unseen(text: str) -> Sequence[re.Match[str]]:
    """Where one stands, in order. Tabs and line ends are none of them, a carriage return elsewhere is one."""
    return [match for match in _ODD.finditer(text) if _nobody_sees(match[0])]


def without_unseen(text: str) -> tuple[str, Sequence[int]]:
    """What is seen, and the offset of each of its characters in the text (with one more for the end).

    The offsets are empty where nothing was taken out.
    """
    found = unseen(text)
    if not found:
        return text, ()
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in found:
        parts.append(text[at : match.start()])
        offsets += range(at, match.start())
        at = match.end()
    offsets += range(at, len(text) + 1)
    return "".join((*parts, text[at:])), offsets


def _nobody_sees(char: str) -> bool:
    return char in _FILLERS or unicodedata.category(char) in _CATEGORIES
