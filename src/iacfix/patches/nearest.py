"""Say what stands where a hunk was probably meant to go, so that its author can correct it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

MAX_SHOWN_LINES = 6
MAX_SHOWN_CHARACTERS = 160
# Bounds on the work: a line as common as a brace says nothing, and one comparison costs tens of microseconds.
MAX_REPEATS = 50
MAX_COMPARED_LINES = 4000
CLOSE_ENOUGH = 0.6


def describe_nearest(
    texts: Sequence[str], wanted: Sequence[str], is_sensitive: Callable[[str], bool] | None = None
) -> str:
    """One or more sentences on the most similar place, with line numbers from 1."""
    at = _same_but_for_white_space(texts, wanted)
    if at is not None:
        return "White space differs. " + _first_difference(texts, wanted, at, is_sensitive)
    at = _most_shared_lines(texts, wanted)
    if at is None:
        at = _closest_line(texts, wanted)
    if at is None:
        return "Nothing in the file is similar."
    first = max(at, 0)
    shown = range(first, min(len(texts), max(at + len(wanted), first + 1), first + MAX_SHOWN_LINES))
    there = "\n".join(f"{index + 1}: {_shown(texts[index], is_sensitive)}" for index in shown)
    return f"{_first_difference(texts, wanted, at, is_sensitive)}The nearest lines are:\n{there}\n"


def _same_but_for_white_space(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    squeezed = "\n" + "".join(_squeeze(text) + "\n" for text in texts)
    needle = "\n" + "".join(_squeeze(text) + "\n" for text in wanted)
    at = squeezed.find(needle)
    return squeezed.count("\n", 0, at) if at >= 0 and needle.strip() else None


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _most_shared_lines(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where the hunk would start so that most of its lines stand at their place; may be above line 1."""
    positions: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        positions[text.strip()].append(index)
    votes: Counter[int] = Counter()
    for offset, text in enumerate(wanted):
        found = positions.get(text.strip(), ())
        if text.strip() and len(found) <= MAX_REPEATS:
            votes.update(index - offset for index in found)
    return votes.most_common(1)[0][0] if votes else None


def _closest_line(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    longest = max(range(len(wanted)), key=lambda offset: len(wanted[offset].strip()))
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted[longest].strip()[:MAX_SHOWN_CHARACTERS])
    best, best_ratio = None, CLOSE_ENOUGH
    for index, text in enumerate(texts[:MAX_COMPARED_LINES]):
        matcher.set_seq1(text.strip()[:MAX_SHOWN_CHARACTERS])
        if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            ratio = matcher.ratio()
            if ratio > best_ratio:
                best, best_ratio = index - longest, ratio
    return best


def _first_difference(
    texts: Sequence[str], wanted: Sequence[str], at: int, is_sensitive: Callable[[str], bool] | None
) -> str:
    for index, text in enumerate(wanted, start=at):
        there = texts[index] if 0 <= index < len(texts) else None
        if there is not None and there != text:
            return (
                f"Line {index + 1} of the file is {_shown(there, is_sensitive)} "
                f"where the hunk has {_shown(text, is_sensitive)}. "
            )
    return ""


def _shown(text: str, is_sensitive: Callable[[str], bool] | None) -> str:
    if is_sensitive is not None and is_sensitive(text):
        return "(not shown: it may hold a secret)"
    short = text if len(text) <= MAX_SHOWN_CHARACTERS else text[:MAX_SHOWN_CHARACTERS] + "…"
    return f"`{short}`" if short.isprintable() else repr(short)
