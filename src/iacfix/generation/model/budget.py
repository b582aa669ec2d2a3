"""How long a prompt may be, and what is left out of it when it is longer. The same texts give the same cuts."""

import re
from collections.abc import Collection, Iterator, Sequence

# Code and prose in English take 3 to 4 bytes for one token with the models that Bedrock offers. What a call really took
# comes back with the reply and stands beside the estimate in the record.
BYTES_PER_TOKEN = 3.5

# Of system part, form and first question together.
MAX_INPUT_TOKENS = 2_500

# Lines of a block that are shown whatever else is left out: its head, and its end.
HEAD, TAIL = 6, 2
# And around each line that names a setting of the control.
AROUND = 2
# So many lines that do not fit, and the rest is not tried.
MOST_MISSES = 20

# `name = value`, `name {`, `name: value`, `"name": value`, `- name: value`.
_KEY = re.compile(r"\s*(?:- )?\"?(?P<name>[A-Za-z_]\w*)\"?\s*[=:{]")


def tokens(text: str) -> int:
    """An estimate, rounded up."""
    return -int(-len(_encoded(text)) // BYTES_PER_TOKEN)


def bytes_of(count: int) -> int:
    """How many bytes an estimate of so many tokens leaves room for."""
    return int(max(count, 0) * BYTES_PER_TOKEN)


def clipped(text: str, most: int) -> str:
    """At most so many bytes, with a mark where something is missing."""
    encoded = _encoded(text)
    if len(encoded) <= most:
        return text
    mark = "…"
    return encoded[: max(most - len(mark.encode()), 0)].decode(errors="ignore").rstrip() + mark


def cut(text: str, most: int, names: Collection[str] = ()) -> str:
    """Whole lines of at most so many bytes, marks included: the first and the last, those around settings of these
    names, then as many from the top as there is room for. A mark stands on a line of its own for each run of lines that
    is left out. Where not even the first line fits, the text is one mark.
    """
    if len(_encoded(text)) <= most:
        return text
    lines = _lines(text)
    sizes = [len(_encoded(line)) for line in lines]
    kept: set[int] = set()
    misses = 0
    for index in _by_weight(lines, names):
        if _size(sizes, kept | {index}) <= most:
            kept.add(index)
        elif (misses := misses + 1) > MOST_MISSES:
            break
    parts: list[str] = []
    for missing, at in _steps(kept, len(lines)):
        parts += [_mark(missing)] if missing else []
        parts += [lines[at]] if at is not None else []
    return "".join(parts)


def _by_weight(lines: Sequence[str], names: Collection[str]) -> list[int]:
    count = len(lines)
    named = [index for index, line in enumerate(lines) if (key := _KEY.match(line)) and key["name"] in names]
    around = [near for index in named for near in range(index - AROUND, index + AROUND + 1) if 0 <= near < count]
    ends = [*range(min(HEAD, count)), *range(max(count - TAIL, 0), count)]
    return list(dict.fromkeys([*ends, *named, *around, *range(count)]))


def _steps(kept: Collection[int], count: int) -> Iterator[tuple[int, int | None]]:
    """Each line that is kept, with the number of lines that are missing before it; None for the end."""
    done = 0
    for index in sorted(kept):
        yield index - done, index
        done = index + 1
    yield count - done, None


def _size(sizes: Sequence[int], kept: Collection[int]) -> int:
    return sum(
        (len(_mark(missing)) if missing else 0) + (sizes[index] if index is not None else 0)
        for missing, index in _steps(kept, len(sizes))
    )


def _lines(text: str) -> list[str]:
    """With their line feeds; other characters end no line of a file."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _mark(count: int) -> str:
    return f"[iacfix: {count} line{'s' if count > 1 else ''} left out]\n"


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
