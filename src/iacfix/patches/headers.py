"""The header lines of a diff: which file it speaks of, and what is refused."""

import re

from iacfix.domain.errors import PatchError

GIT_HEADER = "diff --git "
ONLY_EDITS = "only edits of existing text files are understood"

_MODE_LINE = re.compile(r"(new file|deleted file|old|new) mode [0-7]{6}\s*")
_RENAME_LINE = re.compile(r"(?:(rename|copy) (?:from|to) |(?:dis)?similarity index \d)")
_BINARY_LINE = re.compile(r"GIT binary patch\s*|Binary files .* differ\s*")
_DRIVE = re.compile(r"[A-Za-z]:")
# What authors write before the path, on the old side and on the new one.
_PREFIXES = (("a/", "b/"), ("old/", "new/"), ("original/", "modified/"), ("before/", "after/"))
_MODE_MEANS = {"new file": "creates a file", "deleted file": "deletes a file"}


def is_header_pair(lines: list[str], at: int) -> bool:
    return lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def read_header_pair(old_line: str, new_line: str) -> str:
    """The path that `--- a/path` and `+++ b/path` name. Raises PatchError."""
    old, new = _name(old_line), _name(new_line)
    if "/dev/null" in (old, new):
        raise PatchError(f"the diff {'creates' if old == '/dev/null' else 'deletes'} a file", remedy=ONLY_EDITS)
    path: str | None = old if new in (old, f"b/{old}") else None
    for prefix, other in _PREFIXES:
        if old.startswith(prefix) and old[len(prefix) :] == new.removeprefix(other):
            path = old[len(prefix) :]
    if path is None:
        raise PatchError(
            f"the diff names two different files, {old!r} and {new!r}",
            remedy=f"{ONLY_EDITS}: write the same path after --- a/ and +++ b/",
        )
    path = path.removeprefix("./")
    check_path(path)
    return path


def read_git_header(line: str) -> str:
    """The path of `diff --git a/path b/path`, "" when the two differ: the lines that follow tell. Raises PatchError."""
    names = line.removeprefix(GIT_HEADER).rstrip(" \r")
    _refuse_quoted(names)
    prefixed = names[2 : len(names) // 2]
    bare = names[: len(names) // 2]
    for path, expected in ((prefixed, f"a/{prefixed} b/{prefixed}"), (bare, f"{bare} {bare}")):
        if names == expected:
            check_path(path)
            return path
    return ""


def refuse_unsupported(line: str, *, after_git_header: bool) -> None:
    """Raise PatchError for a header line that announces anything but an edit."""
    if mode := _MODE_LINE.fullmatch(line):
        raise PatchError(f"the diff {_MODE_MEANS.get(mode[1], 'changes the mode of a file')}", remedy=ONLY_EDITS)
    if _BINARY_LINE.fullmatch(line):
        raise PatchError("the diff changes a binary file", remedy=ONLY_EDITS)
    if after_git_header and (move := _RENAME_LINE.match(line)):
        verb = "copies" if move[1] == "copy" else "renames"
        raise PatchError(f"the diff {verb} a file", remedy=ONLY_EDITS)


def check_path(path: str) -> None:
    """Raise PatchError unless the path is relative, plain and stays below the root."""
    if not path:
        reason = "is empty"
    elif path.startswith("/") or _DRIVE.match(path):
        reason = "is absolute"
    elif "\\" in path:
        reason = "has a backslash"
    elif not path.isprintable():
        reason = "has control characters"
    elif not {"", ".", ".."}.isdisjoint(path.split("/")):
        reason = "has an empty, `.` or `..` part"
    else:
        return
    raise PatchError(f"the path {path!r} {reason}", remedy="write it relative to the repository's root, as git does")


def _name(line: str) -> str:
    name = line[4:].split("\t", 1)[0].rstrip(" \r")
    _refuse_quoted(name)
    if len(name) > 2 and name[0] == name[-1] == "`":  # noqa: PLR2004 - the two back-ticks
        name = name[1:-1]
    return name.replace("\\", "/").removeprefix("./")


def _refuse_quoted(name: str) -> None:
    if name.startswith('"'):
        raise PatchError("the diff has a quoted path", remedy=f"{ONLY_EDITS}, with paths that git does not quote")
