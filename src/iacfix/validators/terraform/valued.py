"""A block of Terraform as one value, so that both languages are compared alike."""

from collections import defaultdict
from collections.abc import Callable

from iacfix.iac.terraform.document import Block
from iacfix.iac.values import ListValue, ObjectValue, Value


def valued(block: Block, resolve: Callable[[Value], Value] | None = None) -> ObjectValue:
    """Nested blocks become lists of objects; those that `dynamic` makes stand under `dynamic <name>`."""
    items = [(each.name, resolve(each.value) if resolve else each.value) for each in block.attributes]
    nested: dict[str, list[Value]] = defaultdict(list)
    for inner in block.blocks:
        nested[" ".join((inner.keyword, *inner.labels))].append(valued(inner, resolve))
    return ObjectValue((*items, *((name, ListValue(tuple(found))) for name, found in nested.items())))
