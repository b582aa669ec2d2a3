"""What an index keeps of a CloudFormation template: its resources, and their names as far as the text says."""

import json
from collections.abc import Iterator
from typing import cast

from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.cloudformation.resolve import resolve
from iacfix.iac.entry import CLOUDFORMATION, NOT_FOLLOWED, Entry
from iacfix.iac.values import Known, ListValue, ObjectValue, Template, Unknown, Value
from iacfix.locators.names import name_property

NAME, NAME_TAG, CDK_PATH, TRACE = "name", "Name", "aws:cdk:path", "yor_trace"
_SUFFIXES = (".yaml", ".yml", ".json", ".template")


def is_template_path(path: str) -> bool:
    return path.endswith(_SUFFIXES)


def entries_of(document: CloudFormationDocument) -> tuple[Entry, ...]:
    """Labels are type and logical id; `texts` holds what `value_of` reads. Last stands what is not followed."""
    resources = (
        Entry(
            CLOUDFORMATION,
            (found.type, found.name),
            found.start,
            found.end,
            found.start_line,
            found.end_line,
            dict(_texts(document, found)),
        )
        for found in document.resources.values()
    )
    return (*resources, *_not_followed(document))


def _not_followed(document: CloudFormationDocument) -> Iterator[Entry]:
    """What can change any resource of the template; the other kinds make their own, and hide none."""
    found = {
        str(each.line): f"{each.what} at line {each.line}"
        for each in document.not_followed
        if each.what.startswith(("Transform ", "Fn::Transform"))
    }
    if found:
        yield Entry(NOT_FOLLOWED, (), 0, 0, 1, 1, found)


def value_of(text: str) -> Value:
    """A name: Known, or a Template whose gaps are not known. Unknown for what this never wrote."""
    try:
        pieces: object = json.loads(text)
    except (ValueError, RecursionError):
        return Unknown(text)
    if not isinstance(pieces, list) or not all(piece is None or isinstance(piece, str) for piece in pieces):
        return Unknown(text)
    values = tuple(Unknown("") if piece is None else Known(piece) for piece in cast("list[str | None]", pieces))
    return values[0] if len(values) == 1 else Template(values)


def _texts(document: CloudFormationDocument, resource: Resource) -> Iterator[tuple[str, str]]:
    attribute = name_property(resource.type)
    named = [(NAME, resource.property(attribute) if attribute else None)]
    named += [(key, value) for key, value in _tags(resource) if key in {NAME_TAG, TRACE}]
    for key, value in named:
        pieces = _pieces(resolve(document, value)) if value is not None else None
        if pieces is not None:
            yield key, json.dumps(pieces, ensure_ascii=False, separators=(",", ":"))
    if path := _construct(resource):
        yield CDK_PATH, json.dumps([path], ensure_ascii=False)


def _pieces(value: Value) -> list[str | None] | None:
    """None where nothing of it is known."""
    if isinstance(value, Template):
        pieces = [piece.value if isinstance(piece, Known) else None for piece in value.pieces]
        texts = [None if piece is None else str(piece) for piece in pieces]
        return texts if any(texts) else None
    return [value.value] if isinstance(value, Known) and isinstance(value.value, str) else None


def _tags(resource: Resource) -> Iterator[tuple[str, Value]]:
    """Written as a list of Key and Value, or as a mapping, as SAM and some types have it."""
    tags = resource.property("Tags")
    if isinstance(tags, ObjectValue):
        yield from tags.items
    for item in tags.items if isinstance(tags, ListValue) else ():
        if isinstance(item, ObjectValue):
            key, value = item.get("Key"), item.get("Value")
            if isinstance(key, Known) and isinstance(key.value, str) and value is not None:
                yield key.value, value


def _construct(resource: Resource) -> str:
    """The construct that CDK says it made this of."""
    metadata = resource.get("Metadata")
    path = metadata.get(CDK_PATH) if isinstance(metadata, ObjectValue) else None
    return path.value if isinstance(path, Known) and isinstance(path.value, str) else ""
