"""Where the secrets of a file stand: the same value under another name, or in another block, may be read by others."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator

from iacfix.domain.secrets import find_secrets
from iacfix.iac.terraform.document import Block, TerraformDocument

Place = tuple[str, ...]


def moved_secrets(before: TerraformDocument, after: TerraformDocument) -> str:
    """Why the change must not be: a secret of the file stands where it did not stand; "" where that is not so."""
    old, new = Counter(_secrets(before)), Counter(_secrets(after))
    known = {value for _, value in old}
    for place, value in new - old:
        if value in known:
            return f"a secret is moved to {_shown(place)}"
    return ""


def _secrets(document: TerraformDocument) -> Iterator[tuple[Place, str]]:
    """Every secret with its place: the address of its block, the blocks in it and the attribute, "" for a comment."""
    text = document.data.decode()
    found = find_secrets(text)
    if not found:
        return
    starts: list[int] = []
    ends: list[tuple[int, Place]] = []
    for start, end, place in sorted(_attributes(document)):
        starts.append(start)
        ends.append((end, place))
    for span in found:
        at = len(text[: span.start].encode())
        number = bisect_right(starts, at) - 1
        end, place = ends[number] if number >= 0 else (0, ())
        yield place if at < end else ("",), text[span.start : span.end]


def _attributes(document: TerraformDocument) -> Iterator[tuple[int, int, Place]]:
    for attribute in document.assignments:
        yield attribute.start, attribute.end, (attribute.name,)
    for block in document.blocks:
        yield from _within(block, (block.address or block.keyword,))


def _within(block: Block, place: Place) -> Iterator[tuple[int, int, Place]]:
    for attribute in block.attributes:
        yield attribute.start, attribute.end, (*place, attribute.name)
    for inner in block.blocks:
        yield from _within(inner, (*place, inner.keyword, *inner.labels))


def _shown(place: Place) -> str:
    return ".".join(place) if any(place) else "a comment"
