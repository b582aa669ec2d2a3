"""Where a finding's resource is written: strategies in the order of their rank, the first that knows wins."""

from collections.abc import Callable
from dataclasses import dataclass, field

from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location, LocationResult, NotLocated
from iacfix.locators import cloudformation, hint, source_tags, static, terraform_state
from iacfix.locators.cloudformation import Stacks
from iacfix.locators.repository import Repository
from iacfix.locators.terraform_state import StateFile
from iacfix.ports import CloudReadError

NAMED = 5  # candidates in a reason


@dataclass(frozen=True, slots=True)
class States:
    """Those that could be read, and of the others why not."""

    files: tuple[StateFile, ...] = field(default=(), repr=False)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known beside the code. `states` is asked when a finding needs them, and answers the same each time."""

    states: Callable[[], States] = States
    stacks: Stacks = field(default_factory=Stacks)


NOTHING = Sources()


def locate(finding: Finding, repository: Repository, sources: Sources = NOTHING) -> LocationResult:
    """A hint is followed or refused, never overruled by a guess. Then what the live resource itself says of its
    source, then what CloudFormation says, then what a state knows, and last what the names in the code say.
    """
    try:
        found = hint.locate(finding, repository) if finding.hint.path else _ranked(finding, repository, sources)
        if isinstance(found, Location) and found.framework is Framework.CLOUDFORMATION:
            construct = cloudformation.construct_of(found.path, found.address, repository)
            found = NotLocated(cloudformation.synthesised(construct)) if construct else found
    except IacfixError as error:  # the index knows the block, and its file is gone or broken since
        return NotLocated(error.what)
    return _ambiguous(found) if isinstance(found, NotLocated) and found.candidates else found


def _ranked(finding: Finding, repository: Repository, sources: Sources) -> LocationResult:
    """A source that cannot be asked costs the others nothing; it is named when they do not know either."""
    tagged = source_tags.locate(finding, repository)
    if tagged is not None:
        return tagged
    silent: list[str] = []
    try:
        made = cloudformation.origin(finding, sources.stacks)
        if made is not None:
            return cloudformation.locate(made, finding, repository, sources.stacks)
    except CloudReadError as error:
        silent.append(str(error))
    states = sources.states()
    known = terraform_state.locate(finding, repository, states.files)
    if known is not None:
        return known
    found = static.locate(finding, repository)
    silent += states.unread
    if isinstance(found, NotLocated) and silent:
        return NotLocated("; ".join((found.reason, *silent[:NAMED])), found.candidates)
    return found


def _ambiguous(found: NotLocated) -> NotLocated:
    places = ", ".join(f"{item.address} at {item.path}:{item.start_line}" for item in found.candidates[:NAMED])
    more = f" and {len(found.candidates) - NAMED} more" if len(found.candidates) > NAMED else ""
    return NotLocated(f"ambiguous, a person decides: {found.reason} ({places}{more})", found.candidates)
