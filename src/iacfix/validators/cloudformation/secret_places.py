from collections.abc import Iterator

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.nodes import Alias, Mapping, Node, Scalar, Sequence, target
from iacfix.validators.secret_places import Place, moved, placed, secrets_of, where

# By which the entries of a list are known; their position is not: one more before them moves nothing.
NAMES = ("Name", "Key", "Sid", "Id", "ParameterName", "ParameterKey")


def moved_secrets(before: CloudFormationDocument, after: CloudFormationDocument) -> str:
    """See `moved`. A place is the way of keys to a value; an alias has the secrets of what it stands for."""
    known = secrets_of(before.data)
    return moved(_places(known, before), _places(known, after)) if known else ""


def _places(known: frozenset[str], document: CloudFormationDocument) -> Iterator[tuple[Place, str]]:
    found = where(known, document.data)
    written = list(_written(document.root))
    yield from placed(found, ((node.start, node.end, place) for node, place in written if isinstance(node, Scalar)))
    for node, place in written:
        if isinstance(node, Alias):
            meant = target(node)
            yield from ((place, value) for at, value in found if meant.start <= at < meant.end)


def _written(root: Node) -> Iterator[tuple[Scalar | Alias, Place]]:
    """Every value that is written out or stands for another one, with its place."""
    stack: list[tuple[Node, Place]] = [(root, ())]
    while stack:
        node, place = stack.pop()
        match node:
            case Mapping(entries=entries):
                stack += ((entry.value, (*place, entry.name)) for entry in entries)
            case Sequence(items=items):
                stack += ((item, (*place, _named(item))) for item in items)
            case Scalar() | Alias():
                yield node, place


def _named(item: Node) -> str:
    """The name that an entry of a list gives itself, "[]" without one."""
    if not isinstance(item, Mapping):
        return "[]"
    written = (item.entry(name) for name in NAMES)
    return next((each.value.text for each in written if each is not None and isinstance(each.value, Scalar)), "[]")
