"""Whether an answer leaves each placeholder where it stood: what is behind it must not end up anywhere else."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from iacfix.domain.errors import PatchError
from iacfix.patches import Hunk, read_diff
from iacfix.patches.line_diff import changes_between

# Names of things in an account are no secrets: they may be referred to in more places than before.
_KEPT = re.compile(r"IACFIX_(?:SECRET_?[0-9]*|CHAR_?[0-9A-F]{0,6})", re.IGNORECASE | re.ASCII)
_END_OF_VALUE = re.compile(r"[,;)\]}]|(?:^|\s)(?:#|//)")
_LITERAL = re.compile(r"[\"'](?![^\"']*\$\{)|<<|[0-9]")
_REMEDY = "copy the line of a placeholder as it stands, leave it in its place, or take the whole value out"


class _Line(NamedTuple):
    """A line with placeholders: its words up to each of them, and the rest of the value of the last."""

    names: tuple[str, ...]
    slot: tuple[str, ...]
    label: str


def check_placeholders(diff: str) -> None:
    """Raises PatchError when a placeholder is moved, copied or changed, or is gone from a line that stays.

    A diff that cannot be read is refused as well, unless no placeholder stands in it.
    """
    if not _KEPT.search(diff):
        return
    for patch in read_diff(diff):
        for number, hunk in enumerate(patch.hunks, start=1):
            _check(hunk, f"hunk {number} of {patch.path}")


def _check(hunk: Hunk, name: str) -> None:
    old = [" ".join(line.text.split()) for line in hunk.old]
    new = [" ".join(line.text.split()) for line in hunk.new]
    for change in changes_between(old, new):
        before, after = old[change.old_start : change.old_end], new[change.new_start : change.new_end]
        lost = _unmatched(list(_lines(before)), list(_lines(after)), name)
        for line in lost:
            if _stays(line, before, after):
                raise PatchError(f"{name}: {line.names[0]} is gone from a line that stays", remedy=_REMEDY)


def _unmatched(before: list[_Line], after: list[_Line], name: str) -> list[_Line]:
    """Those that are gone. Each that is there afterwards must have stood there before, in the same order."""
    gone: list[_Line] = []
    at = 0
    for line in after:
        places = [number for number in range(at, len(before)) if before[number].slot == line.slot]
        if not places:
            raise PatchError(f"{name}: {_what_happened(line, before)}", remedy=_REMEDY)
        gone += before[at : places[0]]
        at = places[0] + 1
    return [*gone, *before[at:]]


def _what_happened(line: _Line, before: Sequence[_Line]) -> str:
    shown = ", ".join(line.names)
    if any(each.label == line.label and each.names != line.names for each in before):
        return f"another placeholder stands where {shown} is written now"
    if any(each.slot == line.slot for each in before):
        return f"{shown} is written once more, or in another order"
    if any(each.names == line.names for each in before):
        return f"what stands around {shown} is changed"
    return f"{shown} is written in a place where it did not stand"


def _stays(line: _Line, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether another literal stands in its place now. A reference may: then the secret leaves the code."""
    if not line.label:
        return len(before) == len(after)
    return any(
        text.startswith(line.label) and not _KEPT.search(text) and _LITERAL.match(text[len(line.label) :].strip())
        for text in after
    )


def _lines(texts: Sequence[str]) -> Iterator[_Line]:
    for text in texts:
        found = list(_KEPT.finditer(text))
        if found:
            last = found[-1]
            rest = text[last.end() :]
            end = _END_OF_VALUE.search(rest)
            slot = (text[: last.end()], rest[: end.start()].strip() if end else rest.strip())
            label = text[: found[0].start()].rstrip("\"'").rstrip()
            yield _Line(tuple(match[0] for match in found), slot, label)
