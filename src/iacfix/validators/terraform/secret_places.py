from collections.abc import Iterator

from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.validators.secret_places import Held, Place, moved, placed, secrets_of, where


def moved_secrets(before: TerraformDocument, after: TerraformDocument) -> str:
    """See `moved`. A place is the address of a block, the blocks in it and the attribute."""
    known = secrets_of(before.data)
    return moved(*(placed(where(known, each.data), _attributes(each)) for each in (before, after))) if known else ""


def _attributes(document: TerraformDocument) -> Iterator[Held]:
    for attribute in document.assignments:
        yield attribute.start, attribute.end, (attribute.name,)
    for block in document.blocks:
        yield from _within(block, (block.address or block.keyword,))


def _within(block: Block, place: Place) -> Iterator[Held]:
    for attribute in block.attributes:
        yield attribute.start, attribute.end, (*place, attribute.name)
    for inner in block.blocks:
        yield from _within(inner, (*place, inner.keyword, *inner.labels))
