"""A file's text, cut into lines, and the search for where a run of lines stands in it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from iacfix.domain.errors import PatchError

BOM = "\ufeff"
_WHITE = re.compile(r"[ \t]+")


def decode(content: bytes, path: str) -> str:
    """The text with its byte order mark. Raises PatchError."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise PatchError(
            f"{path} is not UTF-8 (byte {error.start})", remedy="convert the file, or change it by hand"
        ) from None


def split_lines(text: str) -> list[str]:
    r"""Lines with their endings, cut at "\n" alone: `str.splitlines` would also cut at form feeds and U+2028."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def squeezed(line: str) -> str:
    return _WHITE.sub(" ", line.rstrip(" \t"))


def is_alike(one: str, other: str) -> bool:
    """Whether two lines differ in nothing but white space at the end, or tabs that stand for spaces."""
    return one.rstrip(" \t") == other.rstrip(" \t") or ("\t" in one + other and squeezed(one) == squeezed(other))


@dataclass(frozen=True)
class Source:
    r"""Line `n` is `texts[n] + endings[n]`, where an ending is "\n", "\r\n" or, for the last line only, "".

    `bom` is kept apart. `joined` holds every text with "\n" before and after it, so that a search in it finds whole
    lines only; `starts` are the offsets of the "\n" before each line. `only_place` maps a text to its line, or to None
    where it stands more than once.
    """

    bom: str
    texts: tuple[str, ...]
    endings: tuple[str, ...]
    joined: str
    starts: tuple[int, ...]
    only_place: Mapping[str, int | None]

    @classmethod
    def of(cls, text: str) -> "Source":
        lines = split_lines(text)
        endings = tuple(_ending(line) for line in lines)
        texts = [line.removesuffix(ending) for line, ending in zip(lines, endings, strict=True)]
        bom = BOM if text.startswith(BOM) else ""
        if bom:
            texts[0] = texts[0].removeprefix(bom)
        joined = "\n" + "".join(line + "\n" for line in texts)
        starts = tuple(accumulate((len(line) + 1 for line in texts), initial=0))[:-1]
        only_place: dict[str, int | None] = {}
        for index, line in enumerate(texts):
            only_place[line] = None if line in only_place else index
        return cls(bom, tuple(texts), endings, joined, starts, only_place)

    @cached_property
    def alike(self) -> "Source":
        """The same lines without the white space that does not show; its line numbers are those of this one."""
        return Source.of("".join(squeezed(text) + "\n" for text in self.texts))

    def places(self, wanted: Sequence[str], first: int, last: int) -> Iterator[int]:
        """The line indexes at which the wanted lines stand, wholly between the lines `first` and `last`, lazily."""
        if not wanted or last < first:
            return
        for offset, line in enumerate(wanted):
            place = self.only_place.get(line, -1)
            if place is not None:  # a line that stands once, or nowhere, settles it without a search
                at = place - offset
                if first <= at <= last + 1 - len(wanted) and self.texts[at : at + len(wanted)] == tuple(wanted):
                    yield at
                return
        needle = "\n".join(("", *wanted, ""))
        end = self.starts[last + 1] + 1 if last + 1 < len(self.starts) else len(self.joined)
        at = self.joined.find(needle, self.starts[first], end)
        while at >= 0:
            yield bisect_left(self.starts, at)
            at = self.joined.find(needle, at + 1, end)

    def newline_before(self, index: int) -> str:
        """The line ending in use at or above this line; a file of one unfinished line has none, and gets LF."""
        if self.endings[index]:
            return self.endings[index]
        return self.endings[index - 1] if index else "\n"


def _ending(line: str) -> str:
    if line.endswith("\r\n"):
        return "\r\n"
    return "\n" if line.endswith("\n") else ""
