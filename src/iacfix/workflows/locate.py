"""Where each finding's resource is written."""

from dataclasses import dataclass

from iacfix.controls import Catalogue
from iacfix.controls.attributes import attributes
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.location import Location, LocationResult, ModuleChoice, NotLocated
from iacfix.locators.locate import locate
from iacfix.locators.module_choice import choose
from iacfix.workflows.fix import identify
from iacfix.workflows.repositories import Workplaces


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and the answer to where; an entry that is no finding has none. `repository` is the name of its own."""

    finding: Finding | InvalidFinding
    result: LocationResult | None
    repository: str = ""
    choice: ModuleChoice | None = None


def locate_finding(read: FindingRead, places: Workplaces, catalogue: Catalogue) -> Located:
    if isinstance(read, InvalidFinding):
        return Located(read, None)
    finding, control = identify(read, catalogue)
    place = places.of(finding)
    if isinstance(place, str):
        return Located(finding, NotLocated(place))
    result = locate(finding, place.repository, place.sources)
    choice = None
    if isinstance(result, Location):
        wanted = attributes(control) if control is not None else {}
        choice = choose(result, wanted, place.repository, place.modules)
    return Located(finding, result, place.name, choice)
