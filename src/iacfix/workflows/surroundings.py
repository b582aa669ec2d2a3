"""What a model needs to see beside the target: the values it reads, and the companions that speak of it."""

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.generation.context import FixContext, RelatedBlock
from iacfix.iac.terraform.module import Module

# Enough for the variables and companions of a block; whole files make models miss.
MAX_RELATED_CHARACTERS = 6000


def describe(finding: Finding, control: Control | None, location: Location, module: Module) -> FixContext:
    document = module.documents[location.path]
    target = document.text(location.start, location.end)
    room = MAX_RELATED_CHARACTERS
    kept: list[RelatedBlock] = []
    for related in (*_values(location, module), *_companions(control, location, module)):
        room -= len(related.text)
        if room >= 0:
            kept.append(related)
    return FixContext(finding, control, location, target, tuple(kept))


def _values(location: Location, module: Module) -> list[RelatedBlock]:
    """The variables and locals that the target reads, each as it is written."""
    (target,) = module.documents[location.path].by_address[location.address]
    names = dict.fromkeys(parts[:2] for parts in target.references() if parts[0] in {"var", "local"} and len(parts) > 1)
    found: list[RelatedBlock] = []
    for kind, name in names:
        if kind == "var":
            found += [
                RelatedBlock(document.path, block.address, document.text(block.start, block.end))
                for document, block in module.blocks.get(f"var.{name}", ())
            ]
            continue
        for document, block in module.blocks.get("locals", ()):
            if (attribute := block.attribute(name)) is not None:
                text = document.text(attribute.start, attribute.end)
                found.append(RelatedBlock(document.path, f"local.{name}", f"locals {{\n  {text}\n}}"))
    return found


def _companions(control: Control | None, location: Location, module: Module) -> list[RelatedBlock]:
    allowed = control.terraform.companions if control is not None and control.terraform is not None else ()
    return [
        RelatedBlock(document.path, block.address, document.text(block.start, block.end))
        for document, block in module.referring(location.address)
        if block.labels[:1] and block.labels[0] in allowed
    ]
