"""Read a unified diff as people, git and language models write it.

Line numbers and counts are ignored: a hunk runs until the next header, or until a line that no hunk can hold. What
looks like a change after that point is an error and never dropped.
"""

import re

from iacfix.domain.errors import PatchError
from iacfix.patches.fences import unindented
from iacfix.patches.headers import (
    GIT_HEADER,
    is_header_pair,
    read_git_header,
    read_header_pair,
    refuse_unsupported,
)
from iacfix.patches.hunks import FilePatch, Hunk, HunkLine, LineKind

MAX_DIFF_BYTES = 1024 * 1024

_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
_BULLET_OR_RULE = re.compile(r"- \S.*|-+\s*")
_GIT_VERSION = re.compile(r"\d+\.\d+\S*(?: \(.*\))?")
_LONGEST_SIGNATURE = 5  # lines, with the empty ones after it
_TRIMMED_BLANK = ("", "\r")
_HOW_TO = "answer with a unified diff: --- a/path, +++ b/path, then hunks that start with @@"


def read_diff(text: str) -> tuple[FilePatch, ...]:
    """Every file the diff edits, in the order of their first header. Raises PatchError."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise PatchError("the diff is not valid Unicode", remedy="write it as UTF-8") from None
    if size > MAX_DIFF_BYTES:
        raise PatchError(f"the diff has {size} bytes, more than {MAX_DIFF_BYTES}", remedy="change less")
    return _Reader(unindented(text.split("\n"))).read()


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._files: dict[str, list[Hunk]] = {}
        self._path = ""
        self._git_header = 0  # number of the `diff --git` line that still waits for its first hunk
        self._cut = 0  # number of the line that ended the last hunk and is neither a header nor a fence

    def read(self) -> tuple[FilePatch, ...]:
        while self._at < len(self._lines):
            line = self._lines[self._at].removesuffix("\r")
            if is_header_pair(self._lines, self._at):
                self._read_header_pair()
            elif line.startswith(GIT_HEADER):
                self._read_git_header(line)
            elif line.startswith("@@"):
                self._read_hunk(line)
            else:
                self._pass_over(line)
        self._refuse_header_without_hunks()
        if not self._files:
            raise PatchError("no diff found", remedy=_HOW_TO)
        return tuple(FilePatch(path, tuple(hunks)) for path, hunks in self._files.items())

    def _read_header_pair(self) -> None:
        self._path = read_header_pair(self._lines[self._at], self._lines[self._at + 1])
        self._files.setdefault(self._path, [])
        self._git_header = self._cut = 0
        self._at += 2

    def _read_git_header(self, line: str) -> None:
        self._refuse_header_without_hunks()
        self._path = read_git_header(line)
        self._cut = 0
        self._at += 1
        self._git_header = self._at

    def _read_hunk(self, header: str) -> None:
        if header.startswith("@@@"):
            raise PatchError("the diff is a combined diff of a merge", remedy="write a diff against one version")
        if not self._path:
            raise PatchError(
                f"the hunk at line {self._at + 1} of the diff has no file header",
                remedy="write --- a/path and +++ b/path above it",
            )
        hunks = self._files.setdefault(self._path, [])
        start, end = self._at + 1, _end_of_hunk(self._lines, self._at + 1)
        lines = _hunk_lines(self._lines[start:end], carried_as_crlf=self._lines[self._at].endswith("\r"))
        self._at, self._git_header, self._cut = end, 0, self._cut_at(end)
        hunk = Hunk(lines)
        if all(line.kind is LineKind.CONTEXT for line in lines):
            cut = f"; line {self._cut} of the diff ended it" if self._cut else ""
            raise PatchError(
                f"hunk {len(hunks) + 1} of {self._path} changes nothing{cut}",
                remedy="start added lines with +, removed lines with -, context lines with one space",
            )
        hunks.append(hunk)

    def _pass_over(self, line: str) -> None:
        refuse_unsupported(line, after_git_header=self._git_header > 0)
        if _FENCE.match(line):
            self._cut = 0
        if self._cut and _looks_like_change(line):
            raise PatchError(
                f"line {self._cut} of the diff starts with none of space, + and -, and ended the hunk, "
                f"but line {self._at + 1} looks like more of it",
                remedy="start every context line with one space, and write no text inside or right after the diff",
            )
        self._at += 1

    def _cut_at(self, end: int) -> int:
        if end == len(self._lines) or _FENCE.match(self._lines[end]) or _is_signature(self._lines, end):
            return 0
        return end + 1

    def _refuse_header_without_hunks(self) -> None:
        empty = [path for path, hunks in self._files.items() if not hunks]
        if self._git_header or empty:
            name = empty[0] if empty else f"line {self._git_header} of the diff"
            raise PatchError(f"{name} has a file header but no hunks", remedy=_HOW_TO)


def _end_of_hunk(lines: list[str], at: int) -> int:
    while at < len(lines):
        line = lines[at]
        if line not in _TRIMMED_BLANK and not line.startswith((" ", "+", "-", "\\ ")):
            break
        # A removed `-- x` and an added `++ y` look like a file header; only what a hunk follows is one.
        if is_header_pair(lines, at) and at + 2 < len(lines) and lines[at + 2].startswith("@@"):
            break
        if _is_signature(lines, at):
            break
        at += 1
    return at


def _is_signature(lines: list[str], at: int) -> bool:
    """`git format-patch` ends a patch with `-- ` and git's version; a count would have kept them out of the hunk."""
    if lines[at].rstrip() != "--" or at + _LONGEST_SIGNATURE < len(lines):
        return False
    rest = [line.strip() for line in lines[at + 1 :] if line.strip()]
    return len(rest) == 1 and _GIT_VERSION.fullmatch(rest[0]) is not None


def _looks_like_change(line: str) -> bool:
    return line.startswith("+") or (line.startswith("-") and not _BULLET_OR_RULE.fullmatch(line))


def _hunk_lines(raw: list[str], *, carried_as_crlf: bool) -> tuple[HunkLine, ...]:
    # Empty lines at the end belong to what follows; a real blank context line there only makes the anchor longer.
    while raw and raw[-1] in _TRIMMED_BLANK:
        raw.pop()
    read: list[tuple[LineKind, str]] = []
    unterminated: set[int] = set()
    for carried in raw:
        line = carried.removesuffix("\r") if carried_as_crlf else carried
        if line.startswith("\\"):
            unterminated.add(len(read) - 1)
        elif line in _TRIMMED_BLANK:
            read.append((LineKind.CONTEXT, line))
        else:
            read.append((LineKind(line[0]), line[1:]))
    tells_endings = bool(unterminated) or any(text.endswith("\r") for _, text in read)
    lines: list[HunkLine] = []
    for number, (kind, text) in enumerate(read):
        if number in unterminated:
            lines.append(HunkLine(kind, text, ""))
        elif text.endswith("\r"):
            lines.append(HunkLine(kind, text[:-1], "\r\n"))
        else:
            lines.append(HunkLine(kind, text, "\n" if tells_endings else None))
    return tuple(lines)
