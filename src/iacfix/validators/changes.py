"""Where two values differ."""

from collections.abc import Iterator

from iacfix.controls.property_paths import ITEM
from iacfix.iac.cloudformation.verified import canonical
from iacfix.iac.values import ListValue, ObjectValue, Value

# From the top down; ITEM stands for any item of a list.
Reached = tuple[str, ...]


def changes(
    before: Value | None, after: Value | None, path: Reached = ()
) -> Iterator[tuple[Reached, Value | None, Value | None]]:
    """Where two values differ, as deep as mappings and lists go, with what is there on either side. Items of a list
    that are the same are paired first.
    """
    if before is not None and after is not None and canonical(before) == canonical(after):
        return
    match before, after:
        case (ObjectValue(), ObjectValue()) | (ObjectValue(), None) | (None, ObjectValue()):
            names = [name for each in (before, after) if isinstance(each, ObjectValue) for name, _ in each.items]
            if not names or not _complete(before, after):
                yield path, before, after
            for name in dict.fromkeys(names):
                old, new = (each.get(name) if isinstance(each, ObjectValue) else None for each in (before, after))
                yield from changes(old, new, (*path, name))
        case (ListValue(), ListValue()) | (ListValue(), None) | (None, ListValue()):
            gone, come = unmatched(items_of(before), items_of(after))
            if not gone and not come:
                yield path, before, after
            for index in range(max(len(gone), len(come))):
                old, new = (each[index] if index < len(each) else None for each in (gone, come))
                yield from changes(old, new, (*path, ITEM))
        case _:
            yield path, before, after


def _complete(*values: Value | None) -> bool:
    return all(each.complete for each in values if isinstance(each, ObjectValue))


def items_of(value: Value | None) -> tuple[Value, ...]:
    return value.items if isinstance(value, ListValue) else ()


def unmatched(old: tuple[Value, ...], new: tuple[Value, ...]) -> tuple[list[Value], list[Value]]:
    """What stands on one side only."""
    rest = list(old)
    come: list[Value] = []
    for item in new:
        twin = next((index for index, each in enumerate(rest) if canonical(each) == canonical(item)), None)
        if twin is None:
            come.append(item)
        else:
            del rest[twin]
    return rest, come
