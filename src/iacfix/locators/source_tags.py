"""From tags that the code itself put on the live resource: iacfix's own, and those of yor.

yor (github.com/bridgecrewio/yor) writes `git_file`, `git_org`, `git_repo`, `git_commit`, `yor_name` and `yor_trace`, an
id that stands in the code and on the resource alike.
"""

import re
from collections.abc import Iterator
from posixpath import normpath

from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Evidence, LocationResult, NotLocated
from iacfix.iac.entry import CLOUDFORMATION, Entry
from iacfix.locators.names import cloudformation_types, terraform_types
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import Repository

STRATEGY = "source tags"
OWN, TRACED, NAMED, ONLY = 0.99, 0.98, 0.9, 0.75

PATH_TAG, ADDRESS_TAG = "iacfix:path", "iacfix:address"
_INDEX = re.compile(r"\[[^\]]*\]")
_TRACE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def locate(finding: Finding, repository: Repository) -> LocationResult | None:
    """None where the resource has no such tags, or they lead nowhere: another strategy may know more."""
    tags = dict(finding.resource.tags)
    kind, identifier = finding.resource.type, finding.resource.identifier
    types = (*terraform_types(kind, identifier), *cloudformation_types(kind, identifier))
    found = [*_own(tags, repository)] or [*_yor(tags, types, repository)]
    if not found:
        return None
    top = max(confidence for *_, confidence in found)
    best = [each for each in found if each[3] == top]
    locations = tuple(
        locate_at(Place(path, entry), repository, (Evidence(STRATEGY, detail),), confidence)
        for path, entry, detail, confidence in best
    )
    if len(locations) > 1:
        return NotLocated(f"{len(locations)} blocks carry the resource's source tags", locations)
    return locations[0]


Found = tuple[str, Entry, str, float]


def _own(tags: dict[str, str], repository: Repository) -> Iterator[Found]:
    address, path = tags.get(ADDRESS_TAG, ""), tags.get(PATH_TAG, "")
    if not address:
        return
    parts = _INDEX.sub("", address).split(".")
    while len(parts) > 2 and parts[0] == "module":  # noqa: PLR2004 - a module, its name, and more
        parts = parts[2:]
    local = ".".join(parts)
    template = parts[0] == CLOUDFORMATION
    for file, entry in repository.index.blocks(*((CLOUDFORMATION,) if template else ("resource", parts[0]))):
        if entry.address == local and (not path or file == path or file.startswith(path.rstrip("/") + "/")):
            yield file, entry, f"{ADDRESS_TAG} is {address!r}" + (f", {PATH_TAG} {path!r}" if path else ""), OWN


def _yor(tags: dict[str, str], types: tuple[str, ...], repository: Repository) -> Iterator[Found]:
    trace, name, written = tags.get("yor_trace", ""), tags.get("yor_name", ""), tags.get("git_file", "")
    if not (trace or written):
        return
    files = _files(written, repository)
    for kind in types:
        blocks = list(repository.index.blocks(CLOUDFORMATION if "::" in kind else "resource", kind))
        here = [(path, entry) for path, entry in blocks if path in files]
        for path, entry in here or (blocks if not files else []):
            if _TRACE.fullmatch(trace) and _holds(trace, path, entry, repository):
                yield path, entry, f"yor_trace {trace} stands in {path}", TRACED
            elif here and name and entry.labels == (kind, name):
                yield path, entry, f"git_file is {written!r}, yor_name {name!r}", NAMED
        if len(here) == 1 and not name:
            yield *here[0], f"git_file is {written!r}, and it holds one {kind}", ONLY


def _files(written: str, repository: Repository) -> frozenset[str]:
    """The tag's path counts from the top of the git repository, of which this may be a part."""
    if not written:
        return frozenset()
    path = normpath(written.lstrip("/"))
    return frozenset(
        known for known in repository.paths if known == path or path.endswith("/" + known) or known.endswith("/" + path)
    )


def _holds(trace: str, path: str, entry: Entry, repository: Repository) -> bool:
    try:
        return trace.encode() in repository.read(path)[entry.start : entry.end]
    except IacfixError:
        return False
