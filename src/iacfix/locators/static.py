"""From an ARN or a physical name, by static match: type and name as the code spells them out, or the `Name` tag."""

from dataclasses import dataclass

from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.location import Evidence, Location, LocationResult, NotLocated
from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.values import CallValue, Known, ObjectValue, Value
from iacfix.locators.hint import location_of
from iacfix.locators.names import NAME_ATTRIBUTES, by_pattern, exactly, physical_names, terraform_types
from iacfix.locators.repository import TerraformRepository

STRATEGY = "static match"
ACCOUNT = "AwsAccount"
LITERAL, TAGGED, PATTERN = 0.95, 0.85, 0.6


@dataclass(frozen=True, slots=True)
class Match:
    location: Location
    confidence: float


def locate(finding: Finding, repository: TerraformRepository) -> LocationResult:
    """The one best match. Two that are equally good are ambiguous, whatever the order of files."""
    resource = finding.resource
    types = terraform_types(resource.type)
    if resource.type == ACCOUNT:
        return NotLocated("the finding is about a whole account, and names no resource that code could make")
    if not types:
        return NotLocated(f"no Terraform resource type is known for {resource.type or 'a resource without a type'}")
    names = physical_names(resource.identifier, resource.name)
    if not names:
        return NotLocated("the finding names no resource")
    matches: list[Match] = []
    unread: list[str] = []
    for folder in repository.folders:
        module = repository.module(folder)
        unread += module.unread
        matches += [
            match
            for resource_type in types
            for document, block in module.of_type(resource_type)
            if (match := _match(document, block, module, resource, names)) is not None
        ]
    return _best(matches, types, names, unread)


def _best(matches: list[Match], types: tuple[str, ...], names: tuple[str, ...], unread: list[str]) -> LocationResult:
    if not matches:
        aside = f"; not read: {'; '.join(unread)}" if unread else ""
        return NotLocated(f"no {' or '.join(types)} in the repository is named {names[0]}{aside}")
    top = max(match.confidence for match in matches)
    best = [match.location for match in matches if match.confidence == top]
    if len(best) > 1:
        return NotLocated(f"{len(best)} blocks match {names[0]} equally well", tuple(best))
    return best[0]


def _match(
    document: TerraformDocument, block: Block, module: Module, resource: CloudResource, names: tuple[str, ...]
) -> Match | None:
    for name in NAME_ATTRIBUTES.get(block.labels[0], ()):
        attribute = block.attribute(name)
        if attribute is None:
            continue
        value = module.resolve(attribute.value)
        if exactly(value, names):
            return _matched(
                document, block, attribute, LITERAL, f"{name} is {value.value!r}" if isinstance(value, Known) else name
            )
        if by_pattern(value, names):
            return _matched(document, block, attribute, PATTERN, f"{name} fits {names[0]} as a pattern")
    return _by_tag(document, block, module, resource)


def _by_tag(document: TerraformDocument, block: Block, module: Module, resource: CloudResource) -> Match | None:
    live = dict(resource.tags).get("Name")
    tags = block.attribute("tags")
    if not live or tags is None:
        return None
    value = _name_tag(module.resolve(tags.value))
    value = module.resolve(value) if value is not None else None
    if value is not None and exactly(value, (live,)):
        return _matched(document, block, tags, TAGGED, f"the Name tag is {live!r}")
    if value is not None and by_pattern(value, (live,)):
        return _matched(document, block, tags, PATTERN, f"the Name tag fits {live!r} as a pattern")
    return None


def _name_tag(tags: Value) -> Value | None:
    if isinstance(tags, ObjectValue):
        return tags.get("Name")
    if isinstance(tags, CallValue) and tags.name == "merge":
        named = [found for item in tags.arguments if isinstance(item, ObjectValue) and (found := item.get("Name"))]
        return named[-1] if named else None
    return None


def _matched(document: TerraformDocument, block: Block, attribute: Attribute, confidence: float, detail: str) -> Match:
    line = attribute.node.start_point[0] + 1
    evidence = (Evidence(STRATEGY, f"{block.address} at {document.path}:{line}: {detail}"),)
    return Match(location_of(document, block, evidence, confidence), confidence)
