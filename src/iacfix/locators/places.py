"""From a block as the index knows it to a location: its exact span, and how calls of modules lead to it."""

from dataclasses import dataclass
from posixpath import dirname

from iacfix.domain.errors import DocumentError
from iacfix.domain.location import CallSite, Evidence, Framework, Location, ModuleUse
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.scan import Entry
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


def locate_at(
    place: Place, repository: TerraformRepository, evidence: tuple[Evidence, ...], confidence: float
) -> Location:
    """Raises DocumentError when the file does not parse."""
    document = repository.document(place.path)
    block = _block(place, document, repository)
    use = _use(place, block, repository)
    if use is not None:
        evidence += tuple(Evidence("module", text) for text in _told(use, place.chains))
    return location_of(document, block, evidence, confidence, use)


def location_of(
    document: TerraformDocument,
    block: Block,
    evidence: tuple[Evidence, ...],
    confidence: float,
    module: ModuleUse | None = None,
) -> Location:
    return Location(
        document.path,
        block.address,
        Framework.TERRAFORM,
        block.start,
        block.end,
        block.start_line,
        block.end_line,
        evidence,
        confidence,
        module,
    )


def _block(place: Place, document: TerraformDocument, repository: TerraformRepository) -> Block:
    """Places move with the changes that were accepted since the names were read."""
    entry, now = place.entry, repository.index.file(place.path)
    alike = [each for each in now if (each.labels, each.texts) == (entry.labels, entry.texts)]
    starts = {each.start for each in ([entry] if entry in now else alike[:1])}
    found = [block for block in document.blocks if block.start in starts and block.labels == entry.labels]
    if not found:
        raise DocumentError(f"{place.path} does not hold {entry.address} where the index has it", remedy="run it again")
    return found[0]


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
