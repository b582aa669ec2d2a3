"""From a block as the index knows it to a location: its exact span, and how calls of modules lead to it."""

from dataclasses import dataclass, replace
from posixpath import dirname

from iacfix.domain.errors import DocumentError
from iacfix.domain.location import CallSite, Evidence, Framework, Location, ModuleUse
from iacfix.iac.entry import CLOUDFORMATION, NOT_FOLLOWED, Entry
from iacfix.iac.terraform import files
from iacfix.locators.instances import local_source, module_source
from iacfix.locators.repository import Repository

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


def locate_at(place: Place, repository: Repository, evidence: tuple[Evidence, ...], confidence: float) -> Location:
    """Raises DocumentError when the file does not parse."""
    entry = _now(place, repository)
    template = entry.keyword == CLOUDFORMATION
    framework = Framework.CLOUDFORMATION if template else Framework.TERRAFORM
    use: ModuleUse | None = None
    if template:
        evidence += tuple(Evidence("template", text) for text in _not_followed(place, repository))
    else:
        if not files.is_json(place.path):
            repository.check(place.path, entry)
        use = _use(place, entry, repository)
        if use is not None:
            evidence += tuple(Evidence("module", text) for text in _told(use, place.chains))
        evidence += tuple(Evidence("override", text) for text in _overridden(place, repository))
    span = (entry.start, entry.end, entry.start_line, entry.end_line)
    return Location(place.path, entry.address, framework, *span, evidence, confidence, use)


def _now(place: Place, repository: Repository) -> Entry:
    """Places move with the changes that were accepted since the names were read."""
    entry, now = place.entry, repository.entries(place.path)
    same = [each for each in now if (each.keyword, each.labels) == (entry.keyword, entry.labels)]
    same = [each for each in same if each.texts == entry.texts] or same
    if not same:
        raise DocumentError(f"{place.path} no longer holds {entry.address}", line=entry.start_line)
    return next((each for each in same if each.start == entry.start), same[0])


def _not_followed(place: Place, repository: Repository) -> list[str]:
    """Macros and includes can change any resource of the template."""
    found = (each for each in repository.entries(place.path) if each.keyword == NOT_FOLLOWED)
    return [f"warning: {what} is not followed" for each in found for what in each.texts.values()]


def _overridden(place: Place, repository: Repository) -> list[str]:
    if files.is_override(place.path):
        return []
    return [
        f"warning: {path}:{entry.start_line} overrides it"
        for path, entry in repository.index.overrides(dirname(place.path), place.entry.keyword, place.entry.labels)
    ]


def _use(place: Place, entry: Entry, repository: Repository) -> ModuleUse | None:
    calls = tuple(_today(call, repository) for call in (place.chains[0] if place.chains else ()))
    if entry.keyword == "module" and local_source(place.path, entry) is not None:
        return None
    if entry.keyword == "module":
        own = CallSite(place.path, entry.address, entry.start_line)
        return ModuleUse((*calls, own), source=module_source(entry), inner=place.inner)
    sites = tuple(_today(site, repository) for site in repository.instances.sites(dirname(place.path)))
    if not sites:
        return None
    return ModuleUse(calls, sites)


def _today(site: CallSite, repository: Repository) -> CallSite:
    """The names were read before the last changes were accepted, and lines have moved since."""
    lines = [each.start_line for each in repository.entries(site.path) if each.address == site.address]
    return replace(site, line=lines[0]) if lines and site.line not in lines else site


def _told(use: ModuleUse, chains: tuple[Calls, ...]) -> list[str]:
    if use.source:
        return [f"it is made by {use.source}, which is not of this repository: what can be changed here is the call"]
    told = [
        "called by " + ", then ".join(f"{call.address} at {call.path}:{call.line}" for call in calls)
        for calls in (use.calls, *chains[1:SHOWN])
        if calls
    ]
    if len(use.sites) > 1:
        places = ", ".join(f"{site.path}:{site.line}" for site in use.sites[:SHOWN])
        more = f" and {len(use.sites) - SHOWN} more" if len(use.sites) > SHOWN else ""
        told.append(f"warning: {len(use.sites)} call sites share this module ({places}{more})")
    return told
