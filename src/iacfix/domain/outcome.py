"""One record for each finding, whatever became of it."""

from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.change_request import PullRequest
from iacfix.domain.control import Risk
from iacfix.domain.decision import Decision
from iacfix.domain.finding import Finding, InvalidFinding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Usage
from iacfix.domain.verdict import Accepted, StageResult

FIX_GENERATION_FAILED = "FIX_GENERATION_FAILED"


class Status(StrEnum):
    PROPOSED = "proposed"
    ALREADY_FIXED = "already_fixed"
    ACCEPTED = "accepted"
    NOT_ELIGIBLE = "not_eligible"
    NOT_LOCATED = "not_located"
    UNSUPPORTED = "unsupported"
    GENERATION_FAILED = "generation_failed"
    INVALID_FINDING = "invalid_finding"


NEEDS_NOBODY = frozenset({Status.PROPOSED, Status.ALREADY_FIXED, Status.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fix: nothing may claim it without an accepted verdict. `risk` is that of the change, None where nobody said.

    `decision`: where it changes a value, when that is not at the resource itself.
    """

    candidate: Candidate
    verdict: Accepted
    risk: Risk | None = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a finding. `stages` are those of the last verdict; `reason` says why there is no proposal.

    `repository` is the name under which the configuration or the command line has it, "" where none was found.
    """

    finding: Finding | InvalidFinding
    status: Status
    reason: str = ""
    location: Location | None = None
    proposal: Proposal | None = None
    generator: str = ""
    attempts: int = 0
    stages: tuple[StageResult, ...] = ()
    usage: tuple[Usage, ...] = ()
    pull_request: PullRequest | None = None
    repository: str = ""

    def __post_init__(self) -> None:
        if (self.status is Status.PROPOSED) != (self.proposal is not None):
            msg = f"a proposal and the status {Status.PROPOSED} go together, not with {self.status}"
            raise ValueError(msg)
        if self.status is not Status.PROPOSED and not self.reason:
            msg = f"an outcome that is {self.status} gives its reason"
            raise ValueError(msg)
