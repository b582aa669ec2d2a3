"""Which lines differ between two texts. Unique lines are matched first, so that the work stays near linear."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Above this many pairs of lines a stretch without unique lines is replaced whole: right, though not minimal.
MAX_COMPARED_PAIRS = 250_000


@dataclass(frozen=True, slots=True)
class Change:
    """Lines `old_start:old_end` became lines `new_start:new_end`; at least one of the two is not empty."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def changes_between(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """The changes in order, never adjacent to one another."""
    found: list[Change] = []
    todo = [Change(0, len(old), 0, len(new))]
    while todo:
        part = _trim(old, new, todo.pop())
        if part.old_start == part.old_end and part.new_start == part.new_end:
            continue
        if part.old_start == part.old_end or part.new_start == part.new_end:
            found.append(part)
        elif anchors := _anchors(old, new, part):
            todo += _gaps(part, anchors)
        else:
            found += _compare(old, new, part)
    return sorted(found, key=lambda change: change.old_start)


def _trim(old: Sequence[str], new: Sequence[str], part: Change) -> Change:
    a, a_end, b, b_end = part.old_start, part.old_end, part.new_start, part.new_end
    while a < a_end and b < b_end and old[a] == new[b]:
        a, b = a + 1, b + 1
    while a < a_end and b < b_end and old[a_end - 1] == new[b_end - 1]:
        a_end, b_end = a_end - 1, b_end - 1
    return Change(a, a_end, b, b_end)


def _anchors(old: Sequence[str], new: Sequence[str], part: Change) -> list[tuple[int, int]]:
    """The longest run, in order, of lines that stand once on each side of the part."""
    old_count = Counter(old[part.old_start : part.old_end])
    new_count = Counter(new[part.new_start : part.new_end])
    place = {old[index]: index for index in range(part.old_start, part.old_end) if old_count[old[index]] == 1}
    pairs = [
        (place[new[index]], index)
        for index in range(part.new_start, part.new_end)
        if new[index] in place and new_count[new[index]] == 1
    ]
    # Longest increasing subsequence of the old indexes, by patience sorting.
    tops: list[int] = []
    top_pairs: list[int] = []
    before: list[int] = []
    for number, (old_index, _) in enumerate(pairs):
        pile = bisect_left(tops, old_index)
        before.append(top_pairs[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [old_index]
        top_pairs[pile : pile + 1] = [number]
    run: list[tuple[int, int]] = []
    number = top_pairs[-1] if top_pairs else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]


def _gaps(part: Change, anchors: list[tuple[int, int]]) -> list[Change]:
    gaps: list[Change] = []
    old_at, new_at = part.old_start, part.new_start
    for old_index, new_index in [*anchors, (part.old_end, part.new_end)]:
        gaps.append(Change(old_at, old_index, new_at, new_index))
        old_at, new_at = old_index + 1, new_index + 1
    return gaps


def _compare(old: Sequence[str], new: Sequence[str], part: Change) -> list[Change]:
    if (part.old_end - part.old_start) * (part.new_end - part.new_start) > MAX_COMPARED_PAIRS:
        return [part]
    matcher = SequenceMatcher(
        None, old[part.old_start : part.old_end], new[part.new_start : part.new_end], autojunk=False
    )
    return [
        Change(part.old_start + a, part.old_start + a_end, part.new_start + b, part.new_start + b_end)
        for tag, a, a_end, b, b_end in matcher.get_opcodes()
        if tag != "equal"
    ]
