"""What a model needs to see beside the target: what it reads, what speaks of it, and how the file is written."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from iacfix.domain.control import Control
from iacfix.domain.errors import DocumentError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.generation.context import FixContext, RelatedBlock
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource, Section
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.workflows import house_style

# More than a prompt has room for; which of them are shown, and how much of each, is decided there.
MAX_RELATED = 20
MAX_RELATED_CHARACTERS = 20_000
# A target is shown in whole lines. One longer than this is written by a program, and nobody could copy it.
LONGEST_LINE = 2_000

Found = TypeVar("Found", Block, Resource)
# Later ones last, then those of other files, then by lines between.
Place = tuple[bool, bool, int]

READ, REFERS, REFERRED = "read by it", "refers to it", "it refers to this"
COMPANION = "an allowed companion that refers to it"


def describe(
    finding: Finding,
    control: Control | None,
    location: Location,
    code: Module | CloudFormationDocument,
) -> FixContext:
    """Raises DocumentError when the block does not stand where it was located, or cannot be shown."""
    if isinstance(code, CloudFormationDocument):
        return _in_template(finding, control, location, code)
    document = code.documents.get(location.path)
    block = _only(location, () if document is None else document.by_address.get(location.address, ()))
    assert document is not None  # noqa: S101 - the block stands in it
    return FixContext(
        finding,
        control,
        location,
        _target(location, document.data),
        _limited(
            [
                *_values(document, block, code),
                *_by_distance(_referring(control, location, code)),
                *_by_distance(_referred(document, block, code)),
            ]
        ),
        resource_type=block.labels[0] if block.keyword == "resource" else "",
        provider=_provider(block, code),
        style=house_style.of_terraform(document, block),
    )


def _in_template(
    finding: Finding,
    control: Control | None,
    location: Location,
    template: CloudFormationDocument,
) -> FixContext:
    name = location.address.partition(".")[2]
    found = template.resources.get(name)
    resource = _only(location, () if found is None else (found,))
    return FixContext(
        finding,
        control,
        location,
        _target(location, template.data),
        _limited(_around(control, resource, template)),
        resource_type=resource.type,
        provider=", ".join(f"Transform {name}" for name in template.transforms),
        style=house_style.of_template(template, resource),
    )


def _only(location: Location, found: Sequence[Found]) -> Found:
    if len(found) != 1 or found[0].start != location.start:
        raise DocumentError(
            f"{location.address} does not stand at {location.path}:{location.start_line} any more",
            line=location.start_line,
            remedy="run again, so that it is located anew",
        )
    return found[0]


def _target(location: Location, data: bytes) -> str:
    """Whole lines: a hunk is made of lines."""
    start = data.rfind(b"\n", 0, location.start) + 1
    end = data.find(b"\n", location.end)
    text = data[start : end if end >= 0 else len(data)].decode()
    if any(len(line) > LONGEST_LINE for line in text.split("\n")):
        raise DocumentError(
            f"{location.path}:{location.start_line} has a line of more than {LONGEST_LINE} characters",
            line=location.start_line,
            remedy="change what writes this file, or lay it out in lines",
        )
    return text.removesuffix("\r")


def _limited(blocks: Iterable[RelatedBlock]) -> tuple[RelatedBlock, ...]:
    """Each once, by the first of its relations."""
    kept: dict[tuple[str, str], RelatedBlock] = {}
    room = MAX_RELATED_CHARACTERS
    for block in blocks:
        if len(kept) == MAX_RELATED:
            break
        if (block.path, block.address) not in kept and len(block.text) <= room:
            room -= len(block.text)
            kept[block.path, block.address] = block
    return tuple(kept.values())


def _values(document: TerraformDocument, target: Block, module: Module) -> list[RelatedBlock]:
    """The variables and locals that the target reads, each as it is written."""
    found: list[RelatedBlock] = []
    names = dict.fromkeys(parts[:2] for parts in target.references() if parts[0] in {"var", "local"} and len(parts) > 1)
    for kind, name in names:
        if kind == "var":
            found += [_related(there, block, READ) for there, block in module.blocks.get(f"var.{name}", ())]
            continue
        for there, block in module.blocks.get("locals", ()):
            if (attribute := block.attribute(name)) is not None:
                text = there.text(attribute.start, attribute.end)
                found.append(RelatedBlock(there.path, f"local.{name}", f"locals {{\n  {text}\n}}", READ))
    return sorted(found, key=lambda each: each.path != document.path)


def _by_distance(found: Iterable[tuple[Place, RelatedBlock]]) -> list[RelatedBlock]:
    return [block for _, block in sorted(found, key=lambda each: (each[0], each[1].path, each[1].address))]


def _referring(control: Control | None, location: Location, module: Module) -> list[tuple[Place, RelatedBlock]]:
    allowed = control.terraform.companions if control is not None and control.terraform is not None else ()
    found: list[tuple[Place, RelatedBlock]] = []
    for document, block in module.referring(location.address):
        is_companion = block.keyword == "resource" and block.labels[0] in allowed
        relation = COMPANION if is_companion else REFERS
        distance = abs(block.start_line - location.start_line)
        found.append(
            ((not is_companion, document.path != location.path, distance), _related(document, block, relation))
        )
    return found


def _referred(document: TerraformDocument, target: Block, module: Module) -> list[tuple[Place, RelatedBlock]]:
    """Resources, data sources and calls of modules."""
    addresses = dict.fromkeys(
        ".".join(parts[: 3 if parts[0] == "data" else 2]) for parts in target.references() if len(parts) > 1
    )
    own = target.start_line
    return [
        ((False, there.path != document.path, abs(block.start_line - own)), _related(there, block, REFERRED))
        for address in addresses
        for there, block in module.blocks.get(address, ())
        if block.keyword in {"resource", "data", "module"} and address != target.address
    ]


def _related(document: TerraformDocument, block: Block, relation: str) -> RelatedBlock:
    return RelatedBlock(document.path, block.address, document.text(block.start, block.end), relation)


def _provider(target: Block, module: Module) -> str:
    """What the folder requires of the target's provider, as it is written."""
    name = target.labels[0].partition("_")[0] if target.keyword == "resource" else ""
    for document, block in module.blocks.get("terraform", ()):
        for required in block.nested("required_providers"):
            if name and (attribute := required.attribute(name)) is not None:
                return " ".join(document.text(attribute.start, attribute.end).split())
    return ""


def _around(control: Control | None, target: Resource, template: CloudFormationDocument) -> list[RelatedBlock]:
    allowed = control.cloudformation.companions if control is not None and control.cloudformation is not None else ()
    read = dict.fromkeys(parts[0] for parts in target.references())
    values: list[Section] = [template.parameters[name] for name in read if name in template.parameters]
    values += [template.conditions[target.condition]] if target.condition in template.conditions else []
    near = sorted(template.resources.values(), key=lambda each: abs(each.start_line - target.start_line))
    referring = [
        each
        for each in near
        if each.name != target.name and any(parts[:1] == (target.name,) for parts in each.references())
    ]
    sections: list[tuple[Section, str]] = [(each, READ) for each in values]
    sections += [(each, COMPANION) for each in referring if each.type in allowed]
    sections += [(each, REFERS) for each in referring if each.type not in allowed]
    sections += [(each, REFERRED) for each in near if each.name in read and each.name != target.name]
    return [RelatedBlock(template.path, each.address, _text(template, each), why) for each, why in sections]


def _text(template: CloudFormationDocument, section: Section) -> str:
    """Whole lines, where they are not somebody else's too."""
    start = template.data.rfind(b"\n", 0, section.start) + 1
    indented = not template.data[start : section.start].strip()
    return template.text(start if indented else section.start, section.end)
