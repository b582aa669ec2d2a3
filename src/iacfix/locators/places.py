"""From a block as the index knows it to a location: its exact span, and how calls of modules lead to it."""

from dataclasses import dataclass
from posixpath import dirname
from typing import Protocol, TypeVar

from iacfix.domain.errors import DocumentError
from iacfix.domain.location import CallSite, Evidence, Framework, Location, ModuleUse
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.entry import CLOUDFORMATION, Entry
from iacfix.iac.terraform import files
from iacfix.iac.terraform.document import Block
from iacfix.iac.terraform.values import Reference
from iacfix.locators.instances import module_source
from iacfix.locators.repository import TerraformRepository

SHOWN = 5  # call sites in a warning

Calls = tuple[CallSite, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A block in a file. `chains` are the ways of calls by which it may have come to be, each from the outermost.

    Where the block is the call of a module that is not of this repository, `inner` is the resource inside, if known.
    """

    path: str
    entry: Entry
    chains: tuple[Calls, ...] = ()
    inner: str = ""


class Span(Protocol):
    """A block of any language, as its document has it."""

    @property
    def address(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def start_line(self) -> int: ...
    @property
    def end_line(self) -> int: ...


AnySpan = TypeVar("AnySpan", bound=Span)


def locate_at(
    place: Place, repository: TerraformRepository, evidence: tuple[Evidence, ...], confidence: float
) -> Location:
    """Raises DocumentError when the file does not parse."""
    if place.entry.keyword == CLOUDFORMATION:
        document = repository.template(place.path)
        aside = tuple(Evidence("template", f"warning: {text}") for text in _not_followed(document))
        found = _same(place, tuple(document.resources.values()), repository)
        return location_of(place.path, found, Framework.CLOUDFORMATION, evidence + aside, confidence)
    if files.is_json(place.path):
        blocks = repository.json_document(place.path).blocks
        return location_of(place.path, _same(place, blocks, repository), Framework.TERRAFORM, evidence, confidence)
    block = _same(place, repository.document(place.path).blocks, repository)
    use = _use(place, block, repository)
    if use is not None:
        evidence += tuple(Evidence("module", text) for text in _told(use, place.chains))
    evidence += tuple(Evidence("override", text) for text in _overridden(place, repository))
    return location_of(place.path, block, Framework.TERRAFORM, evidence, confidence, use)


def location_of(  # noqa: PLR0913, PLR0917 - all that a location is made of
    path: str,
    block: Span,
    framework: Framework,
    evidence: tuple[Evidence, ...],
    confidence: float,
    module: ModuleUse | None = None,
) -> Location:
    return Location(
        path,
        block.address,
        framework,
        block.start,
        block.end,
        block.start_line,
        block.end_line,
        evidence,
        confidence,
        module,
    )


def _same(place: Place, blocks: tuple[AnySpan, ...], repository: TerraformRepository) -> AnySpan:
    """Places move with the changes that were accepted since the names were read."""
    entry, now = place.entry, repository.entries(place.path)
    same = [each for each in now if (each.keyword, each.labels) == (entry.keyword, entry.labels)]
    starts = [each.start for each in [each for each in same if each.texts == entry.texts] or same]
    start = entry.start if entry.start in starts or not starts else starts[0]
    found = next((block for block in blocks if (block.start, block.address) == (start, entry.address)), None)
    if found is None:
        raise DocumentError(f"{place.path} no longer holds {entry.address} where it was", line=entry.start_line)
    return found


def _not_followed(document: CloudFormationDocument) -> list[str]:
    """Macros and includes can change any resource of the template."""
    return [f"{each.what} at line {each.line} is not followed" for each in document.not_followed if _unsure(each.what)]


def _unsure(what: str) -> bool:
    return what.startswith(("Transform ", "Fn::Transform"))


def _overridden(place: Place, repository: TerraformRepository) -> list[str]:
    if files.is_override(place.path):
        return []
    return [
        f"warning: {path}:{entry.start_line} overrides it"
        for path, entry in repository.index.overrides(dirname(place.path), place.entry.keyword, place.entry.labels)
    ]


def _use(place: Place, block: Block, repository: TerraformRepository) -> ModuleUse | None:
    entry = place.entry
    calls = place.chains[0] if place.chains else ()
    if entry.keyword == "module":
        own = CallSite(place.path, entry.address, block.start_line)
        return ModuleUse((*calls, own), source=module_source(entry), inner=place.inner)
    sites = repository.instances.sites(dirname(place.path))
    if not sites:
        return None
    inputs = []
    for attribute in block.attributes:
        match attribute.value:
            case Reference(("var", variable)):
                inputs.append((attribute.name, variable))
    return ModuleUse(calls, sites, tuple(inputs))


def _told(use: ModuleUse, chains: tuple[Calls, ...]) -> list[str]:
    if use.source:
        return [f"it is made by {use.source}, which is not of this repository: what can be changed here is the call"]
    told = [
        "called by " + ", then ".join(f"{call.address} at {call.path}:{call.line}" for call in calls)
        for calls in chains[:SHOWN]
        if calls
    ]
    if len(use.sites) > 1:
        places = ", ".join(f"{site.path}:{site.line}" for site in use.sites[:SHOWN])
        more = f" and {len(use.sites) - SHOWN} more" if len(use.sites) > SHOWN else ""
        told.append(f"warning: {len(use.sites)} call sites share this module ({places}{more})")
    return told
