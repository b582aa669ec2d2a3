"""For every file of real code: an edit and its inverse give the same bytes, spliced and as diffs.

Each folder given is one repository. Run it on code that others wrote:

    python -m benchmarks.round_trip --repositories ../modules/* ../templates --write
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks import real_code, results

from iacfix.domain.errors import IacfixError, PatchError
from iacfix.domain.proposal import Edit
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.edits import Splice
from iacfix.iac.terraform.json_document import AnyDocument, JsonTerraformDocument
from iacfix.patches import apply_patch, read_diff, render_diff

NEW = "iacfix_round_trip"
MEANING = """Each edit is spliced, and its inverse; the middle edit of a file goes there and back as a diff too.

- **other bytes**: not what the file was; each is listed
- **diff refused**: a diff is placed by its lines alone, and these stand more than once in the file
- **other layout**: an attribute that was inserted and then removed by its name leaves a blank line"""
Document = AnyDocument | CloudFormationDocument


class Mark(StrEnum):
    SAME = "same bytes"
    OTHER = "other bytes"
    REFUSED = "diff refused"
    LAYOUT = "other layout"


@dataclass(frozen=True, slots=True)
class Trip:
    path: str
    edit: str
    mark: Mark
    fault: str = ""


def trips(document: Document) -> Iterator[Trip]:
    """Every splice, the middle one as a diff too, and what is taken out again by its name."""
    splices = list(_splices(document))
    for number, (name, splice) in enumerate(splices):
        after, trip = _spliced(document, name, splice)
        yield trip
        if number == len(splices) // 2 and trip.mark is Mark.SAME:
            yield _as_diffs(document, after)
    if isinstance(document, TerraformDocument):
        for block in document.blocks:
            yield from _inserted_and_removed(document, block)


def _splices(document: Document) -> Iterator[tuple[str, Splice]]:
    match document:
        case TerraformDocument():
            yield from _of_terraform(document)
        case JsonTerraformDocument():
            for block in document.blocks:
                for each in block.attributes:
                    yield "set a value", Splice(each.value_start, each.value_end, '"é"')
        case CloudFormationDocument():
            for resource in document.resources.values():
                written = resource.node.entry("Type") if resource.node is not None else None
                if written is not None:
                    yield "set a type", Splice(written.value.start, written.value.end, '"Custom::É"')


def _of_terraform(document: TerraformDocument) -> Iterator[tuple[str, Splice]]:
    for block in document.blocks:
        yield "insert an attribute", edits.set_attribute(document, block, NEW, '"é"')
        for attribute in block.attributes:
            yield "set an attribute", edits.set_attribute(document, block, attribute.name, '"é"')
    for assigned in document.assignments:
        yield "set an attribute", Splice(assigned.value_start, assigned.value_end, '"é"')


def _spliced(document: Document, name: str, splice: Splice) -> tuple[bytes, Trip]:
    data, text = document.data, splice.text.encode()
    try:
        if isinstance(document, TerraformDocument):
            after = edits.apply(document, splice).data
        else:
            after = type(document).read(document.path, spliced(data, splice.start, splice.end, text)).data
    except IacfixError as error:
        return data, Trip(document.path, name, Mark.OTHER, str(error))
    back = spliced(after, splice.start, splice.start + len(text), data[splice.start : splice.end])
    return after, Trip(document.path, name, Mark.SAME if back == data else Mark.OTHER)


def _as_diffs(document: Document, after: bytes) -> Trip:
    """Rendered, read and applied, there and back. A diff is refused where its lines stand twice in the file."""
    try:
        there = patched(document.path, document.data, after)
        back = patched(document.path, after, document.data)
    except PatchError as error:
        return Trip(document.path, "a diff", Mark.REFUSED, str(error))
    same = (there, back) == (after, document.data)
    return Trip(document.path, "a diff", Mark.SAME if same else Mark.OTHER)


def spliced(data: bytes, start: int, end: int, text: bytes) -> bytes:
    return data[:start] + text + data[end:]


def patched(path: str, before: bytes, after: bytes) -> bytes:
    """`before` with the diff that leads to `after`."""
    diff = render_diff((Edit(path, before, after),))
    if not diff:
        return before
    (patch,) = read_diff(diff)
    return apply_patch(before, patch)


def _inserted_and_removed(document: TerraformDocument, block: Block) -> Iterator[Trip]:
    """By what an attribute is, not by offsets. A block on one line or without a line inside is opened for good."""
    if block.one_line or not (block.attributes or block.blocks):
        return
    name = "insert and remove"
    try:
        after = edits.apply(document, edits.set_attribute(document, block, NEW, "1"))
        made = next(each for each in after.blocks if each.start == block.start)
        added = made.attribute(NEW)
        assert added is not None
        back = edits.apply(after, edits.remove(after, added)).data
    except IacfixError as error:
        yield Trip(document.path, name, Mark.OTHER, str(error))
        return
    layout = back.split() == document.data.split()
    mark = Mark.SAME if back == document.data else Mark.LAYOUT if layout else Mark.OTHER
    yield Trip(document.path, name, mark, block.address)


@dataclass(frozen=True, slots=True)
class Repository:
    name: str
    files: int
    unread: int
    trips: tuple[Trip, ...]

    def cells(self) -> tuple[object, ...]:
        marks = Counter(trip.mark for trip in self.trips)
        return self.name, self.files, self.unread, len(self.trips), *(marks[mark] for mark in Mark)


def measure(folder: Path) -> Repository:
    parsed = real_code.read(folder)
    documents: tuple[Document, ...] = (*parsed.terraform, *parsed.templates)
    made = tuple(trip for document in documents for trip in trips(document))
    return Repository(folder.name, len(documents), len(parsed.unread), made)


def page(found: Sequence[Repository]) -> str:
    rows = [each.cells() for each in found]
    counts = Counter(trip.edit for each in found for trip in each.trips)
    parts = [
        f"## Round trip\n\n{results.made_by('round_trip --repositories … --write')}",
        MEANING,
        results.table(("repository", "files", "not read", "edits", *Mark), [*rows, results.totals(rows)]),
        "Edits: " + ", ".join(f"{count} of {name!r}" for name, count in counts.items()) + ".",
    ]
    faults = [
        (each.name, trip.path, trip.edit, trip.fault)
        for each in found
        for trip in each.trips
        if trip.mark is Mark.OTHER
    ]
    if faults:
        parts.append(results.table(("repository", "file", "edit", "fault"), faults))
    return "\n\n".join(parts)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repositories", nargs="+", required=True, metavar="FOLDER")
    options.add_argument("--write", action="store_true", help="keep the tables in benchmarks/RESULTS.md")
    given = options.parse_args()
    text = page([measure(folder) for folder in real_code.existing(given.repositories)])
    print(text)
    if given.write:
        results.write("round-trip", text)


if __name__ == "__main__":
    main()
