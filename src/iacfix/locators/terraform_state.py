"""From a Terraform state: ARN or id → address → block, through module calls, `count` and `for_each`."""

from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.domain.finding import Finding
from iacfix.domain.location import CallSite, Evidence, Location, LocationResult, NotLocated
from iacfix.iac.entry import Entry
from iacfix.iac.terraform import files
from iacfix.iac.terraform.state import State, StateInstance
from iacfix.locators.instances import local_source, module_source
from iacfix.locators.names import name_attributes, physical_names, terraform_types
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import TerraformRepository

STRATEGY = "Terraform state"
SURE, CALL = 0.98, 0.9


@dataclass(frozen=True, slots=True)
class StateFile:
    """A state, and the folder whose code it is the state of. `name` is how people know it: a path or an S3 URL."""

    name: str
    folder: str
    state: State


def locate(finding: Finding, repository: TerraformRepository, states: tuple[StateFile, ...]) -> LocationResult | None:
    """None where no state knows the resource. What a state knows and the code does not have is said."""
    found: dict[tuple[str, int], Location] = {}
    lost: list[str] = []
    for file, instance in _known(finding, states):
        place = _follow(repository, file.folder, instance)
        if isinstance(place, str):
            lost.append(f"{file.name} knows it as {instance.address}, but {place}")
            continue
        location = _location(repository, place, file, instance)
        found.setdefault((location.path, location.start), location)
    if len(found) > 1:
        return NotLocated(f"{len(found)} blocks made a resource of that name, says the state", tuple(found.values()))
    if found:
        return next(iter(found.values()))
    return NotLocated("; ".join(lost)) if lost else None


def knows(finding: Finding, states: tuple[StateFile, ...]) -> bool:
    return any(True for _ in _known(finding, states))


def _known(finding: Finding, states: tuple[StateFile, ...]) -> Iterator[tuple[StateFile, StateInstance]]:
    resource = finding.resource
    types = terraform_types(resource.type, resource.identifier)
    identifiers = dict.fromkeys((resource.identifier, *physical_names(resource.identifier, resource.name)))
    for file in states:
        for instance in file.state.find(identifiers, types, name_attributes):
            yield file, instance


def _follow(repository: TerraformRepository, folder: str, instance: StateInstance) -> Place | str:
    """The block of an instance, or in words where its trace ends."""
    calls: tuple[CallSite, ...] = ()
    for depth, name in enumerate(instance.module):
        here = list(_written(repository, folder, ("module", name)))
        if len(here) != 1:
            return f"{folder or 'the root'} holds {len(here) or 'no'} module.{name}"
        path, entry = here[0]
        calls += (CallSite(path, entry.address, entry.start_line),)
        target = local_source(path, entry)
        if target is None:
            inside = "".join(f"module.{each}." for each in instance.module[depth + 1 :])
            return Place(path, entry, (calls[:-1],), inside + instance.block_address)
        folder = target
    blocks = list(_written(repository, folder, (instance.type, instance.name)))
    if len(blocks) != 1:
        return f"{folder or 'the root'} holds {len(blocks) or 'no'} {instance.block_address}"
    return Place(*blocks[0], (calls,))


def _written(repository: TerraformRepository, folder: str, names: tuple[str, str]) -> Iterator[tuple[str, Entry]]:
    keyword, labels = (names[0], names[1:]) if names[0] == "module" else ("resource", names)
    for path, entry in repository.index.entries(folder):
        if (entry.keyword, entry.labels) == (keyword, labels) and not files.is_override(path):
            yield path, entry


def _location(repository: TerraformRepository, place: Place, file: StateFile, instance: StateInstance) -> Location:
    detail = f"{file.name}: {instance.matched_by} belongs to {instance.address}"
    foreign = module_source(place.entry) if place.inner else ""
    if foreign:
        detail += f", in the module {foreign}"
    confidence = CALL if place.inner else SURE
    return locate_at(place, repository, (Evidence(STRATEGY, detail),), confidence)
