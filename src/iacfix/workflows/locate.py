"""Where each finding's resource is written."""

from dataclasses import dataclass

from iacfix.controls import Catalogue
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.location import LocationResult
from iacfix.locators.locate import locate
from iacfix.locators.repository import TerraformRepository
from iacfix.workflows.fix import identify


@dataclass(frozen=True, slots=True)
class Located:
    """A finding and the answer to where; an entry that is no finding has none."""

    finding: Finding | InvalidFinding
    result: LocationResult | None


def locate_finding(read: FindingRead, repository: TerraformRepository, catalogue: Catalogue) -> Located:
    if isinstance(read, InvalidFinding):
        return Located(read, None)
    finding, _ = identify(read, catalogue)
    return Located(finding, locate(finding, repository))
