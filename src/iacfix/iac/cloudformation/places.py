"""Where a path leads in a template, and why an edit there could not be sure to change that place alone."""

import re
from dataclasses import dataclass

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.compare import check_unique
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.nodes import MERGE, Alias, Mapping, Node, Scalar, Sequence, walk
from iacfix.iac.cloudformation.splices import before_on_line
from iacfix.iac.cloudformation.values import Known, function_of, scalar_value

Path = tuple[str | int, ...]

# What may stand between two items of a block list.
_DASH = re.compile(rb"(?:\s|#[^\n]*+)*+-")


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is there, and what holds it.

    `start` is the key's or the dash's, `mark` is just behind the colon or the dash; in a flow list both are the
    value's start.
    """

    holder: Mapping | Sequence
    index: int
    start: int
    mark: int
    column: int
    value: Node

    @property
    def siblings(self) -> int:
        return len(children(self.holder))


def children(holder: Mapping | Sequence) -> tuple[tuple[int, int], ...]:
    """The spans of entries or items; a block item's begins behind its dash."""
    parts = holder.entries if isinstance(holder, Mapping) else holder.items
    return tuple((part.start, part.end) for part in parts)


def follow(document: CloudFormationDocument, path: Path) -> tuple[list[Slot], Path]:
    """The slots along a path from the root, and the rest of the path, which is not there.

    Raises DocumentError where an edit below could change other places, or be changed by what the text does not show.
    """
    check_unique(document)
    shared = {id(node.target) for node in walk(document.root) if isinstance(node, Alias)}
    slots: list[Slot] = []
    node: Node = document.root
    for depth, part in enumerate(path):
        if isinstance(node, Scalar) and is_null(node) and id(node) not in shared:
            return slots, path[depth:]
        where = ".".join(str(step) for step in path[:depth]) or "the template"
        _check_open(document, node, where, shared)
        index = _index(document, node, part, where)
        if index is None:
            return slots, path[depth:]
        slots.append(_slot(document, node, index))
        node = slots[-1].value
    return slots, ()


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and scalar_value(node) == Known(None)


def check_own(document: CloudFormationDocument, start: int, end: int) -> None:
    """Raises DocumentError when an alias elsewhere refers to something between the two offsets."""
    for node in walk(document.root):
        if isinstance(node, Alias) and not start <= node.start < end and start <= node.target.start < end:
            raise refusal(document, node.line, f"*{node.name} refers to what would be replaced")


def refusal(document: CloudFormationDocument, line: int, what: str) -> DocumentError:
    return DocumentError(f"{document.path}:{line}: {what}", line=line, remedy="edit it by hand")


def _check_open(document: CloudFormationDocument, node: Node, where: str, shared: set[int]) -> None:
    if isinstance(node, Alias):
        raise refusal(document, node.line, f"{where} is the alias *{node.name}, which stands for text elsewhere")
    if id(node) in shared:
        raise refusal(document, node.line, f"{where} is used elsewhere too, by *{node.anchor}")
    if (function := function_of(node)) is not None:
        raise refusal(document, node.line, f"{where} is made by {function.name}")
    if isinstance(node, Mapping):
        for entry in node.entries:
            # A loop beside other resources makes resources of its own; anywhere else it may make the very key.
            if entry.name.startswith("Fn::") and where != "Resources":
                raise refusal(document, entry.key.line, f"{where} holds {entry.name}, which may make anything")
    if node.tag not in {"", "!!map", "!!seq"}:
        raise refusal(document, node.line, f"{where} has the tag {node.tag}")


def _index(document: CloudFormationDocument, node: Node, part: str | int, where: str) -> int | None:
    match node, part:
        case Mapping(), str():
            found = next((at for at, entry in enumerate(node.entries) if entry.name == part), None)
            if part == MERGE or part.startswith("Fn::"):
                raise refusal(document, node.line, f"{part} is no key to set")
            if found is None and node.get(part) is not None:
                raise refusal(document, node.line, f"{part} of {where} comes by a merge key")
            return found
        case Sequence(), int() if not isinstance(part, bool) and part >= 0:
            return part if part < len(node.items) else None
        case _:
            kind = {Mapping: "a mapping", Sequence: "a list"}.get(type(node), "a single value")
            raise refusal(document, node.line, f"{where} is {kind}, and has no place {part!r}")


def _slot(document: CloudFormationDocument, node: Node, index: int) -> Slot:
    if isinstance(node, Mapping):
        entry = node.entries[index]
        start, mark, value = entry.start, entry.colon, entry.value
        return Slot(node, index, start, mark, len(before_on_line(document, start)), value)
    if not isinstance(node, Sequence):
        raise refusal(document, node.line, "a single value holds nothing")
    value = node.items[index]
    if node.flow:
        return Slot(node, index, value.start, value.start, 0, value)
    start = dash_of(document, node, index)
    return Slot(node, index, start, start + 1, len(before_on_line(document, start)), value)


def dash_of(document: CloudFormationDocument, node: Sequence, index: int) -> int:
    """The offset of a block item's dash."""
    found = _DASH.match(document.data, node.items[index - 1].end if index else node.content)
    if found is None:
        raise refusal(document, node.line, "the dash of a list item is not where it is looked for")
    return found.end() - 1
