"""Which entries differ between two templates, by structure and typed values: comments count, layout does not."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.comments import COMMENTS, attached_comments
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.nodes import MERGE, Alias, Entry, Mapping, Node, Scalar, Sequence, walk
from iacfix.iac.cloudformation.values import BARE, FUNCTIONS, scalar_value
from iacfix.iac.values import Known

__all__ = ["COMMENTS", "Change", "EntryChange", "changed_entries", "check_strict", "check_unique", "digest"]

_PLAIN_TAGS = frozenset({"!!bool", "!!float", "!!int", "!!map", "!!null", "!!seq", "!!str"})


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class EntryChange:
    """`address` is `Resources.LogsBucket`, `Outputs.Arn`, or a top-level key alone; see COMMENTS for loose ones."""

    address: str
    change: Change
    start_line: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template that is compared as one. `entry` is None for a section's own header and for COMMENTS."""

    address: str
    line: int
    entry: Entry | None
    content: str


def changed_entries(before: CloudFormationDocument, after: CloudFormationDocument) -> tuple[EntryChange, ...]:
    """In the order of `after`, what was removed last. Raises DocumentError where a key is written twice."""
    check_unique(before)
    check_unique(after)
    old = {piece.address: piece for piece in _pieces(before)}
    new = {piece.address: piece for piece in _pieces(after)}
    changes = []
    for address, piece in new.items():
        if address not in old:
            changes.append(EntryChange(address, Change.ADDED, piece.line))
        elif old[address].content != piece.content:
            changes.append(EntryChange(address, Change.CHANGED, piece.line))
    changes += [EntryChange(key, Change.REMOVED, piece.line) for key, piece in old.items() if key not in new]
    return tuple(changes)


def _pieces(document: CloudFormationDocument) -> Iterator[Piece]:
    """Sections are compared entry by entry; what is no mapping is compared whole."""
    comments = attached_comments(document)
    known: dict[int, str] = {}
    for entry in document.root.entries:
        value = entry.value
        notes = comments.get(entry.start, ())
        if not isinstance(value, Mapping) or entry.name.startswith("Fn::"):
            yield Piece(entry.name, entry.key.line, entry, _content(notes, _key(entry), digest(value, known)))
            continue
        yield Piece(entry.name, entry.key.line, None, _content(notes, _key(entry), value.tag, value.anchor))
        for inner in value.entries:
            notes = comments.get(inner.start, ())
            content = _content(notes, _key(inner), digest(inner.value, known))
            yield Piece(f"{entry.name}.{inner.name}", inner.key.line, inner, content)
    if loose := comments.get(-1, ()):
        yield Piece(COMMENTS, 1, None, _content(loose))


def _content(notes: tuple[str, ...], *parts: str) -> str:
    return json.dumps([list(notes), *parts])


def _key(entry: Entry) -> str:
    plain = "plain " if entry.name == MERGE and not entry.key.style else ""
    return f"{plain}{entry.key.tag} {entry.key.anchor}"


def digest(node: Node, known: dict[int, str]) -> str:
    """The same for two nodes exactly when they mean the same and are made the same way.

    An alias counts as what it stands for: who edits an anchor's place edits every place that refers to it. `known`
    keeps what was computed, by identity, so that aliases cost nothing.
    """
    if (found := known.get(id(node))) is not None:
        return found
    known[id(node)] = hashlib.sha256(json.dumps(_parts(node, known)).encode()).hexdigest()
    return known[id(node)]


def _parts(node: Node, known: dict[int, str]) -> list[str]:
    match node:
        case Alias():
            return ["alias", node.name, digest(node.target, known)]
        case Scalar():
            value = scalar_value(node) if not node.tag else None
            kind = "str" if isinstance(value, Known) and isinstance(value.value, str) else "plain"
            return ["scalar", node.tag or kind, node.anchor, node.text]
        case Sequence():
            return ["list", node.tag, node.anchor, *(digest(item, known) for item in node.items)]
        case Mapping():
            parts = ["map", node.tag, node.anchor]
            for entry in node.entries:
                parts += [entry.name, _key(entry), digest(entry.value, known)]
            return parts


def check_unique(document: CloudFormationDocument) -> None:
    """Raises DocumentError, with the line, where a mapping holds a key twice: loaders disagree on which one counts."""
    for node in walk(document.root):
        if isinstance(node, Mapping):
            seen: Counter[str] = Counter()
            for entry in node.entries:
                seen[entry.name] += 1
                if seen[entry.name] > 1:
                    raise _refuse(document, f"{entry.name} is written twice", entry.key.line, "keep one of the two")


def check_strict(document: CloudFormationDocument) -> None:
    """What a YAML parser lets pass and CloudFormation refuses. Raises DocumentError with the line.

    Keys written twice, tags that are no functions, JSON that is none. Aliases and merge keys pass: packaging tools
    write them out before CloudFormation sees them.
    """
    check_unique(document)
    for node in walk(document.root):
        if not isinstance(node, Alias) and not _known_tag(node.tag):
            raise _refuse(document, f"{node.tag} is no function of CloudFormation", node.line, "mend the tag")
    if document.path.endswith(".json"):
        _check_json(document)


def _known_tag(tag: str) -> bool:
    name = tag.removeprefix("!")
    return not tag or tag in _PLAIN_TAGS or name in FUNCTIONS or name in BARE


def _check_json(document: CloudFormationDocument) -> None:
    try:
        json.loads(document.data, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _refuse(document, f"it is no JSON: {error.msg}", error.lineno, "mend its syntax") from None
    except ValueError as error:
        raise _refuse(document, f"it is no JSON: {error}", 0, "mend its syntax") from None


def _no_constant(name: str) -> None:
    msg = f"{name} is no number"
    raise ValueError(msg)


def _refuse(document: CloudFormationDocument, what: str, line: int, remedy: str) -> DocumentError:
    return DocumentError(f"{document.path}:{line}: {what}", line=line, remedy=remedy)
