"""Fences that are set in, as in an item of a list: their lines start at the margin again."""

import re

_SET_IN = re.compile(r"(?P<indent>[ \t]{1,12})(?P<mark>`{3,}|~{3,})[^`\r]*\r?")
_STARTS_DIFF = ("--- ", "diff --git ", "@@")


def unindented(lines: list[str]) -> list[str]:
    """The lines with what stands in such a fence, and the fence itself, moved to the margin.

    Where the diff in it stands at the margin already only the fence moves: its end would read as context.
    """
    made: list[str] = []
    at = 0
    while at < len(lines):
        opening = _SET_IN.fullmatch(lines[at])
        end = _end(lines, at, opening) if opening is not None else None
        if opening is None or end is None:
            made.append(lines[at])
            at += 1
            continue
        indent, inside = opening["indent"], lines[at + 1 : end]
        if all(line.startswith(indent) or not line.strip() for line in inside) and any(
            line.startswith(indent + start) for line in inside for start in _STARTS_DIFF
        ):
            inside = [line.removeprefix(indent) for line in inside]
        made += [lines[at].removeprefix(indent), *inside, lines[end].removeprefix(indent)]
        at = end + 1
    return made


def _end(lines: list[str], start: int, opening: re.Match[str]) -> int | None:
    """The line that closes the fence: its mark alone, set in as far. Only a fence with a diff in it matters."""
    closing = opening["indent"] + opening["mark"]
    end = next((at for at in range(start + 1, len(lines)) if lines[at].rstrip(" \r") == closing), None)
    if end is None or not any(line.strip().startswith(_STARTS_DIFF) for line in lines[start + 1 : end]):
        return None
    return end
