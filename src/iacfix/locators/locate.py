"""Where a finding's resource is written: strategies in the order of their rank, the first that knows wins."""

from dataclasses import dataclass, field

from iacfix.domain.errors import DocumentError
from iacfix.domain.finding import Finding
from iacfix.domain.location import LocationResult, NotLocated
from iacfix.locators import hint, source_tags, static, terraform_state
from iacfix.locators.repository import TerraformRepository
from iacfix.locators.terraform_state import StateFile

NAMED = 5  # candidates in a reason


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known beside the code: the states of its folders."""

    states: tuple[StateFile, ...] = field(default=(), repr=False)


NOTHING = Sources()


def locate(finding: Finding, repository: TerraformRepository, sources: Sources = NOTHING) -> LocationResult:
    """A hint is followed or refused, never overruled by a guess. Then what the live resource itself says of its
    source, then what a state knows, and last what the names in the code say.
    """
    if finding.hint.path:
        return hint.locate(finding, repository)
    try:
        found = (
            source_tags.locate(finding, repository)
            or terraform_state.locate(finding, repository, sources.states)
            or static.locate(finding, repository)
        )
    except DocumentError as error:  # the index knows the block, and its file does not parse
        return NotLocated(error.what)
    return _ambiguous(found) if isinstance(found, NotLocated) and found.candidates else found


def _ambiguous(found: NotLocated) -> NotLocated:
    places = ", ".join(f"{item.address} at {item.path}:{item.start_line}" for item in found.candidates[:NAMED])
    more = f" and {len(found.candidates) - NAMED} more" if len(found.candidates) > NAMED else ""
    return NotLocated(f"ambiguous, a person decides: {found.reason} ({places}{more})", found.candidates)
