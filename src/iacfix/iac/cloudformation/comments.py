"""Where comments stand in a YAML text, and which entry each belongs to."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.nodes import Alias, Entry, Mapping, Scalar, walk

COMMENTS = "comments outside any entry"

# Not in the middle of a tag or an anchor, which end at white space.
_COMMENT = re.compile(rb"""(?<![^\s,\[\]{}"':?-])#[^\r\n]*""")


@dataclass(frozen=True, slots=True)
class Comment:
    """`own_line`: nothing stands before it on its line. `column` is in bytes."""

    start: int
    end: int
    line: int
    column: int
    own_line: bool
    text: str


def comments(document: CloudFormationDocument) -> Iterator[Comment]:
    """Every comment in the order of the text: what begins with `#` between the scalars, or heads a block scalar."""
    position = 0
    for start, end in [*_opaque(document), (len(document.data), len(document.data))]:
        for match in _COMMENT.finditer(document.data, position, max(start, position)):
            yield _comment(document, match.start(), match.end())
        position = max(position, end)


def _opaque(document: CloudFormationDocument) -> Iterator[tuple[int, int]]:
    """Spans in which `#` is content."""
    for node in walk(document.root):
        if isinstance(node, Scalar) and node.style and node.style in "|>":
            header = document.data.find(b"\n", node.start, node.end)
            header = node.end if header < 0 else header
            mark = document.data.find(b" #", node.start, header)
            yield node.start, mark if mark >= 0 else header
            yield header, node.end
        elif isinstance(node, Scalar | Alias):
            yield node.start, node.end


def _comment(document: CloudFormationDocument, start: int, end: int) -> Comment:
    line_start = document.data.rfind(b"\n", 0, start) + 1
    own = not document.data[line_start:start].removeprefix(b"\xef\xbb\xbf").strip()
    text = document.text(start, end).rstrip()
    return Comment(start, end, document.line_of(start), start - line_start, own, text)


def attached_comments(document: CloudFormationDocument) -> dict[int, tuple[str, ...]]:
    """The comments of each entry by the entry's start; those of none under -1.

    A comment belongs to the entry it stands in, to the one that ends on its line, to the one above when it is indented
    deeper than that one's key, or to the one right below.
    """
    entries = [*_entries(document)]
    starts = [entry.start for entry in entries]
    found: dict[int, tuple[str, ...]] = {}
    for comment in comments(document):
        at = bisect_right(starts, comment.start) - 1
        header = at >= 0 and isinstance(entries[at].value, Mapping) and entries[at] in document.root.entries
        owner = -1
        if comment.own_line and (header or at < 0):
            owner = _below(document, entries, at, comment)
        if owner < 0 and at >= 0:
            owner = _above(document, entries[at], comment)
        if owner < 0 and comment.own_line:
            owner = _below(document, entries, at, comment)
        found[owner] = (*found.get(owner, ()), comment.text)
    return found


def _entries(document: CloudFormationDocument) -> Iterator[Entry]:
    for entry in document.root.entries:
        yield entry
        if isinstance(entry.value, Mapping):
            yield from entry.value.entries


def _above(document: CloudFormationDocument, entry: Entry, comment: Comment) -> int:
    inside = comment.start < entry.end
    beside = document.line_of(max(entry.end - 1, 0)) == comment.line
    deeper = comment.own_line and comment.column > entry.start - (document.data.rfind(b"\n", 0, entry.start) + 1)
    return entry.start if inside or beside or deeper else -1


def _below(document: CloudFormationDocument, entries: list[Entry], at: int, comment: Comment) -> int:
    """The entry that follows without a blank line between, but for more comments."""
    if at + 1 >= len(entries):
        return -1
    gap = document.data[comment.end : entries[at + 1].start].split(b"\n")[1:-1]
    return entries[at + 1].start if all(line.strip().startswith(b"#") for line in gap) else -1
