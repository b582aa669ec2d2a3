"""Render edits as the one canonical diff, in the form that `git diff` prints and `git apply` takes."""

from collections.abc import Callable, Iterable, Sequence

from iacfix.domain.proposal import Edit
from iacfix.patches.line_diff import Change, changes_between
from iacfix.patches.source import decode, split_lines

CONTEXT_LINES = 3
NO_NEWLINE = "\\ No newline at end of file\n"

# As git's quote.c: these by letter, every other byte outside printable ASCII in octal.
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def render_diff(
    edits: Iterable[Edit], *, is_sensitive: Callable[[str], bool] | None = None, context: int = CONTEXT_LINES
) -> str:
    r"""One diff of all edits, "" when nothing changes. Raises PatchError for a file that is not UTF-8.

    Line endings stand in it as in the files: write it out without newline translation. Context stops before a line for
    which `is_sensitive` holds, except where a hunk would be left without a line to hold on to.
    """
    return "".join(_render_file(edit, is_sensitive, context) for edit in edits if edit.before != edit.after)


def count_changed_lines(edits: Iterable[Edit]) -> int:
    """Added plus removed lines of the canonical diff. Raises PatchError for a file that is not UTF-8."""
    return sum(
        change.old_end - change.old_start + change.new_end - change.new_start
        for edit in edits
        for change in changes_between(*_sides(edit))
    )


def _sides(edit: Edit) -> tuple[list[str], list[str]]:
    return split_lines(decode(edit.before, edit.path)), split_lines(decode(edit.after, edit.path))


def _render_file(edit: Edit, is_sensitive: Callable[[str], bool] | None, context: int) -> str:
    old, new = _sides(edit)
    changes = changes_between(old, new)
    leading, trailing = _context(old, changes, is_sensitive, context)
    a, b = _quoted(f"a/{edit.path}"), _quoted(f"b/{edit.path}")
    tab = "\t" if " " in edit.path else ""  # marks where a name with spaces ends
    parts = [f"diff --git {a} {b}\n--- {a}{tab}\n+++ {b}{tab}\n"]
    first = 0
    for number, change in enumerate(changes):
        following = changes[number + 1] if number + 1 < len(changes) else None
        if following and change.old_end + trailing[number] >= following.old_start - leading[number + 1]:
            continue
        parts += _render_hunk(old, new, changes[first : number + 1], leading[first], trailing[number])
        first = number + 1
    return "".join(parts)


def _context(
    old: Sequence[str], changes: Sequence[Change], is_sensitive: Callable[[str], bool] | None, most: int
) -> tuple[list[int], list[int]]:
    """How many lines of context each change has above and below it."""

    def run(indexes: Iterable[int]) -> int:
        count = 0
        for index in indexes:
            if count == most or (is_sensitive and is_sensitive(old[index].rstrip("\r\n"))):
                break
            count += 1
        return count

    leading: list[int] = []
    trailing: list[int] = []
    free = 0  # first line that is not yet in a hunk
    for number, change in enumerate(changes):
        above, following = range(free, change.old_start), changes[number + 1 : number + 2]
        below = range(change.old_end, following[0].old_start if following else len(old))
        leading.append(run(reversed(above)))
        # Without a line below, git apply takes the hunk for one at the end of the file.
        trailing.append(max(run(below), min(1, len(below))))
        if change.old_start == change.old_end and not below and above:
            leading[-1] = max(leading[-1], 1)  # lines added at the end hang on nothing else
        free = change.old_end + trailing[-1]
    return leading, trailing


def _render_hunk(
    old: Sequence[str], new: Sequence[str], changes: Sequence[Change], leading: int, trailing: int
) -> list[str]:
    start, end = changes[0].old_start - leading, changes[-1].old_end + trailing
    old_range = _range(start, end)
    new_range = _range(changes[0].new_start - leading, changes[-1].new_end + trailing)
    parts = [f"@@ -{old_range} +{new_range} @@\n"]
    at = start
    for change in changes:
        parts += [_line(" ", line) for line in old[at : change.old_start]]
        parts += [_line("-", line) for line in old[change.old_start : change.old_end]]
        parts += [_line("+", line) for line in new[change.new_start : change.new_end]]
        at = change.old_end
    parts += [_line(" ", line) for line in old[at:end]]
    return parts


def _range(start: int, end: int) -> str:
    """As git writes it: no count for one line, and the line above for none."""
    if end - start == 1:
        return str(end)
    return f"{start + 1 if end > start else start},{end - start}"


def _line(kind: str, line: str) -> str:
    return kind + line if line.endswith("\n") else f"{kind}{line}\n{NO_NEWLINE}"


def _quoted(name: str) -> str:
    escaped = "".join(_ESCAPES.get(byte) or _octal(byte) for byte in name.encode(errors="surrogateescape"))
    return name if escaped == name else f'"{escaped}"'


def _octal(byte: int) -> str:
    character = chr(byte)
    return character if character.isascii() and character.isprintable() else f"\\{byte:03o}"
