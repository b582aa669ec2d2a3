"""A diff as values: what a file's hunks say, and nothing of where they claim to be."""

from dataclasses import dataclass
from enum import StrEnum


class LineKind(StrEnum):
    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"


@dataclass(frozen=True, slots=True)
class HunkLine:
    r"""`text` is without its line ending. `ending` is "\n", "\r\n" or "" (no newline at the end of the file) in a hunk
    that tells them apart, else None: the file knows best.
    """

    kind: LineKind
    text: str
    ending: str | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    lines: tuple[HunkLine, ...]

    @property
    def old(self) -> tuple[HunkLine, ...]:
        """The lines that must stand in the file: context and removed."""
        return tuple(line for line in self.lines if line.kind is not LineKind.ADDED)

    @property
    def new(self) -> tuple[HunkLine, ...]:
        """The lines that stand there afterwards: context and added."""
        return tuple(line for line in self.lines if line.kind is not LineKind.REMOVED)


@dataclass(frozen=True, slots=True)
class FilePatch:
    """`path` is relative, with forward slashes and without the `a/` of a diff."""

    path: str
    hunks: tuple[Hunk, ...]
