"""Resources whose name the code tells, each as the ARN that it would have."""

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname

from benchmarks.arns import arn_of
from benchmarks.real_code import Parsed

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.resolve import resolve
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.values import Known, Value
from iacfix.locators.names import name_attributes, name_property
from iacfix.locators.repository import Repository


@dataclass(frozen=True, slots=True)
class Case:
    """`literal`: the name stands in the block itself, not in a default, a local or a call."""

    arn: str
    path: str
    address: str
    line: int
    literal: bool


def terraform(parsed: Parsed, repository: Repository) -> Iterator[Case]:
    for document in parsed.terraform:
        if isinstance(document, TerraformDocument):
            for block in document.blocks:
                if block.keyword == "resource" and block.labels:
                    names = dict.fromkeys(_names(document, block, repository))
                    yield from _of_names(block.labels[0], names, document.path, block.address, block.start_line)


def cloudformation(parsed: Parsed) -> Iterator[Case]:
    for document in parsed.templates:
        for resource in document.resources.values():
            names = _properties(document, resource.type, resource.property(name_property(resource.type)))
            yield from _of_names(
                resource.type, dict.fromkeys(names), document.path, resource.address, resource.start_line
            )


Name = tuple[str, bool]


def _of_names(kind: str, names: dict[Name, None], path: str, address: str, line: int) -> Iterator[Case]:
    for name, literal in names:
        if arn := arn_of(kind, name):
            yield Case(arn, path, address, line, literal)


def _names(document: TerraformDocument, block: Block, repository: Repository) -> Iterator[Name]:
    """In every use of the folder, as often as the block exists."""
    entries = repository.index.file(document.path)
    entry = next(entry for entry in entries if entry.start == block.start)
    written = [found.value for name in name_attributes(block.labels[0]) if (found := block.attribute(name))]
    count = block.attribute("count")
    for instance in repository.instances.of(dirname(document.path)):
        if count is not None and instance.resolved(count.value) == Known(0):
            continue
        for each in instance.repeated(entry):
            yield from (found for value in written for found in _known(value, each.resolved(value)))


def _properties(document: CloudFormationDocument, kind: str, value: Value | None) -> Iterator[Name]:
    if value is not None and name_property(kind):
        yield from _known(value, resolve(document, value))


def _known(written: Value, resolved: Value) -> Iterator[Name]:
    if isinstance(resolved, Known) and isinstance(resolved.value, str) and resolved.value:
        yield resolved.value, written == resolved
