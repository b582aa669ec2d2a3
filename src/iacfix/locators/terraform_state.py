"""From a Terraform state: ARN or id → address → block, through module calls, `count` and `for_each`."""

from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.domain.finding import Finding
from iacfix.domain.location import Evidence, Location, LocationResult, NotLocated
from iacfix.iac.terraform.state import State, StateInstance
from iacfix.locators.follow import follow
from iacfix.locators.instances import module_source
from iacfix.locators.names import name_attributes, physical_names, terraform_types
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import Repository

STRATEGY = "Terraform state"
SURE, CALL = 0.98, 0.9


@dataclass(frozen=True, slots=True)
class StateFile:
    """A state, and the folder whose code it is the state of. `name` is how people know it: a path or an S3 URL."""

    name: str
    folder: str
    state: State


def locate(finding: Finding, repository: Repository, states: tuple[StateFile, ...]) -> LocationResult | None:
    """None where no state knows the resource. What a state knows and the code does not have is said."""
    found: dict[tuple[str, int], Location] = {}
    lost: list[str] = []
    for file, instance in _known(finding, states):
        place = follow(repository, file.folder, instance.module, instance.type, instance.name)
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


def _location(repository: Repository, place: Place, file: StateFile, instance: StateInstance) -> Location:
    detail = f"{file.name}: {instance.matched_by} belongs to {instance.address}"
    foreign = module_source(place.entry) if place.inner else ""
    if foreign:
        detail += f", in the module {foreign}"
    confidence = CALL if place.inner else SURE
    return locate_at(place, repository, (Evidence(STRATEGY, detail),), confidence)
