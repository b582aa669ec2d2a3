"""From an ARN or a physical name, by static match: type and name as the code spells them out, or the `Name` tag."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iacfix.domain.finding import Finding
from iacfix.domain.location import Evidence, Location, LocationResult, NotLocated
from iacfix.iac.values import Template
from iacfix.locators.named import Named
from iacfix.locators.names import cloudformation_types, physical_names, terraform_types
from iacfix.locators.patterns import share
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import Repository

STRATEGY = "static match"
ACCOUNT = "AwsAccount"
# A variable file that a person names takes a little away; a pattern may fit more than what the code makes today.
LITERAL, CHOSEN, TAGGED, GENERATED, FOREIGN, PATTERN = 0.95, 0.9, 0.85, 0.8, 0.7, 0.6
FOREIGN_PATTERN = 0.5
# A pattern that leaves most of a name to chance leads nowhere by itself; it is shown.
LOOSE, MIN_SHARE = 0.3, 0.5

# What CloudFormation calls a resource that the template does not name: stack, logical id, random letters.
_GENERATED = re.compile(r"(.{1,128})-([A-Za-z0-9]{1,255})-([A-Za-z0-9]{12,13})")
STACK_TAG = "aws:cloudformation:stack-name"


@dataclass(frozen=True, slots=True)
class Match:
    named: Named
    confidence: float
    detail: str


def locate(finding: Finding, repository: Repository) -> LocationResult:
    """The one best match. Two that are equally good are ambiguous, whatever the order of files."""
    resource = finding.resource
    types = (
        *terraform_types(resource.type, resource.identifier),
        *cloudformation_types(resource.type, resource.identifier),
    )
    if resource.type == ACCOUNT:
        return NotLocated("the finding is about a whole account, and names no resource that code could make")
    if not types:
        return NotLocated(
            f"no type of Terraform or CloudFormation is known for {resource.type or 'a resource without a type'}"
        )
    names = physical_names(resource.identifier, resource.name)
    if not names:
        return NotLocated("the finding names no resource")
    tags = dict(resource.tags)
    matches = [
        *_matches(types, names, tags.get("Name", ""), repository),
        *_generated(types, names, tags.get(STACK_TAG, ""), repository),
    ]
    if not matches:
        unread = "; ".join(sorted(repository.index.unread.values())[:3])
        aside = f"; not read: {unread}" if unread else ""
        capped = repository.instances.capped
        aside += f"; not every use was looked at of {', '.join(capped)}" if capped else ""
        return NotLocated(f"no {' or '.join(types)} in the repository is named {names[0]}{aside}")
    return _best(matches, names[0], repository)


def _best(matches: list[Match], name: str, repository: Repository) -> LocationResult:
    top = max(match.confidence for match in matches)
    blocks: dict[tuple[str, int], list[Match]] = {}
    for match in matches:
        if match.confidence == top:
            blocks.setdefault((match.named.path, match.named.entry.start), []).append(match)
    found = [_location(same, repository) for same in blocks.values()]
    if len(found) > 1:
        return NotLocated(f"{len(found)} blocks match {name} equally well", tuple(found))
    if top == LOOSE:
        return NotLocated(f"a block may make {name}, and most of the name is left open there", tuple(found))
    return found[0]


def _matches(types: tuple[str, ...], names: tuple[str, ...], tag: str, repository: Repository) -> Iterator[Match]:
    for resource_type in types:
        for name in names:
            yield from _by_name(resource_type, name, repository)
            yield from _by_call(resource_type, name, repository)
        if tag:
            tags = repository.named.tags(resource_type)
            for item in tags.exactly(tag):
                yield Match(item, TAGGED, f"the Name tag is {tag!r}")
            for item in tags.by_pattern(tag):
                yield Match(item, _sure(item, tag, PATTERN), f"the Name tag fits {tag!r} as a pattern")


def _generated(types: tuple[str, ...], names: tuple[str, ...], stack: str, repository: Repository) -> Iterator[Match]:
    for name in names:
        made = _GENERATED.fullmatch(name)
        if made is None or (stack and made[1].lower() != stack.lower()):
            continue
        for resource_type in types:
            for item in repository.named.generated(resource_type, made[2]):
                yield Match(item, GENERATED, f"CloudFormation makes such names of the logical id {item.text}")


def _by_name(resource_type: str, name: str, repository: Repository) -> Iterator[Match]:
    table = repository.named.names(resource_type)
    for item in table.exactly(name):
        yield Match(item, CHOSEN if item.applied else LITERAL, f"{item.attribute} is {item.text!r}")
    for item in table.by_pattern(name):
        yield Match(item, _sure(item, name, PATTERN), f"{item.attribute} fits {name} as a pattern")


def _by_call(resource_type: str, name: str, repository: Repository) -> Iterator[Match]:
    foreign, makes = repository.named.foreign, _makes(resource_type)
    for item in filter(makes, foreign.exactly(name)):
        yield Match(item, FOREIGN, f"{item.attribute} of the call is {item.text!r}")
    for item in filter(makes, foreign.by_pattern(name)):
        yield Match(item, _sure(item, name, FOREIGN_PATTERN), f"{item.attribute} of the call fits {name} as a pattern")


def _sure(item: Named, name: str, confidence: float) -> float:
    return confidence if isinstance(item.value, Template) and share(item.value, name) >= MIN_SHARE else LOOSE


def _makes(resource_type: str) -> Callable[[Named], bool]:
    """Whether a foreign module's source speaks of what the type is: `terraform-aws-modules/s3-bucket/aws`."""
    words = resource_type.split("_")[1:]

    def speaks(item: Named) -> bool:
        source = item.entry.texts.get("source", "").lower()
        named = bool(words) and all(word in source for word in words)  # no module makes CloudFormation's types
        return named or (len(words) > 1 and f"{words[0]}/aws" in source)

    return speaks


def _location(matches: list[Match], repository: Repository) -> Location:
    named = matches[0].named
    calls = dict.fromkeys(match.named.calls for match in matches)
    # By two ways of calls alike: which of them made it is not known, and each is evidence.
    evidence = [
        Evidence(STRATEGY, f"{named.entry.address} at {named.path}:{named.entry.start_line}: {detail}")
        for detail in dict.fromkeys(match.detail for match in matches)
    ]
    applied = sorted({match.named.applied for match in matches} - {""})
    if applied:
        evidence.append(Evidence(STRATEGY, f"with the variables of {' or '.join(applied)}"))
    place = Place(named.path, named.entry, tuple(calls))
    return locate_at(place, repository, tuple(evidence), matches[0].confidence)
