"""Where a finding's resource is written: strategies in the order of their rank, the first that is sure wins."""

from iacfix.domain.finding import Finding
from iacfix.domain.location import LocationResult, NotLocated
from iacfix.locators import hint, static
from iacfix.locators.repository import TerraformRepository


def locate(finding: Finding, repository: TerraformRepository) -> LocationResult:
    """A hint is followed or refused, never overruled by a guess; without one the names decide."""
    if finding.hint.path:
        return hint.locate(finding, repository)
    found = static.locate(finding, repository)
    if isinstance(found, NotLocated) and found.candidates:
        places = ", ".join(f"{item.address} at {item.path}:{item.start_line}" for item in found.candidates[:5])
        more = f" and {len(found.candidates) - 5} more" if len(found.candidates) > 5 else ""  # noqa: PLR2004 - as many as are named
        return NotLocated(f"ambiguous, a person decides: {found.reason} ({places}{more})", found.candidates)
    return found
