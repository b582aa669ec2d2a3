"""What is done to a live resource: what was there before, who let it happen, what became of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from iacfix.domain.finding import Finding
from iacfix.domain.runbook import Values


@dataclass(frozen=True, slots=True)
class Change:
    """One run of a runbook, ready to be started. `before` are the values that it changes, as they stand now."""

    control: str
    runbook: str
    parameters: Values
    account: str
    region: str
    before: Values


@dataclass(frozen=True, slots=True)
class Remediation:
    """Of one finding in one round (see LedgerEntry). `attempt` counts from 1: what failed may be tried anew.

    `token` makes that a change which is begun twice is done once. `execution` is "" until it is started, `status` is
    that of its end. `restored` is the execution that took it back, `failed_restores` how many tried and did not.
    """

    key: str
    round: int
    attempt: int
    finding: Finding
    change: Change
    token: str
    authorization: str
    begun_at: str
    execution: str = ""
    status: str = ""
    after: Values = field(default_factory=dict)
    restored: str = ""
    failed_restores: int = 0


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Approval:
    """A question to a person, with all that it takes to answer it.

    It is for exactly this change of this finding in this round: `id` is made of them, so that asking again asks the
    same, and another change asks anew. `token` is that of a task of Step Functions that waits, "" where none does.
    """

    id: str
    key: str
    finding: Finding
    change: Change
    policy: str
    blast_radius: str
    rollback: str
    requested_by: str
    requested_at: str
    expires_at: str
    state: ApprovalState = ApprovalState.PENDING
    answered_by: str = ""
    answered_at: str = ""
    note: str = ""
    token: str = ""
