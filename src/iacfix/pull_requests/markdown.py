"""Text from outside, made harmless in Markdown: it shows as it is, and does nothing."""

import html
import re
import unicodedata

from iacfix.domain.plain_text import is_plain_https, plain

__all__ = ["code", "disarmed", "fence", "first_lines", "inline", "link", "plain"]

_ZERO_WIDTH = "\u200b"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Git hosts act on these wherever they stand, some of them only after Markdown has taken the backslashes out: mentions,
# references to issues, tickets, merge requests, projects and iterations, bare addresses, closing words, quick actions,
# marks of a draft, and orders to the build such as [skip ci].
# A zero-width space at these places stops them.
_ACTIVE = re.compile(
    r"(?<=[@#\[])(?=.)|(?<=[!$%~&^])(?=[\w\"'{])|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=gh-)(?=\d)|(?<=\*)(?=iteration:)|(?<=\w)(?=>)|(?<=(?-i:[A-Z][A-Z0-9])-)(?=\d)|^(?=/)|^(?=\W*(?:draft|wip)\b)",
    re.IGNORECASE,
)
_SYNTAX = re.compile(r"[\\`*_\[\]|~]")


def disarmed(text: str, limit: int) -> str:
    """Plain text for titles and commit messages, which hosts search for mentions and references too."""
    return _ACTIVE.sub(_ZERO_WIDTH, plain(text, limit))


def inline(text: str, limit: int) -> str:
    """Text within a line of Markdown or a cell of a table; not fit to begin a line with."""
    return _SYNTAX.sub(r"\\\g<0>", html.escape(disarmed(text, limit), quote=False))


def code(text: str, limit: int) -> str:
    """A code span, delimited by more backticks than the text has in a row."""
    shown = plain(text, limit)
    if not shown:
        return "none"
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(text: str, language: str) -> str:
    """A block of code whose fence the text cannot close. Characters that hide something are made visible."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    shown = "\n".join("".join(_exposed(character) for character in line) for line in lines)
    ticks = "`" * max(3, _longest_run(shown) + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def link(words: str, url: str) -> str:
    """Empty unless the address is plain https: a host by name, no user info, nothing that Markdown could read."""
    return f"[{words}]({url})" if is_plain_https(url) else ""


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _exposed(character: str) -> str:
    hides = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and character != "\t"
    return _REPLACEMENT if hides else character


def first_lines(text: str, max_length: int) -> str:
    """Whole lines only: half a line could leave a code span open."""
    kept: list[str] = []
    length = -1
    for line in text.split("\n"):
        length += len(line) + 1
        if length > max_length:
            break
        kept.append(line)
    return "\n".join(kept)
