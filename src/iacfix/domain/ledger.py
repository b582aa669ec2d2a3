"""Where a finding stands, from its arrival to its end. The rules of what may follow what are in ledger/."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Every finding is in one of these. The last three are the ends it may come to; only they need nobody."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    OBSERVED = "observed"  # a control that only watches: shown, nothing is done
    HUMAN_REVIEW = "human_review"
    FIXING = "fixing"
    NOT_LOCATED = "not_located"
    FIX_GENERATION_FAILED = "fix_generation_failed"
    PROPOSED = "proposed"
    PULL_REQUEST_OPEN = "pull_request_open"
    NOT_WANTED = "not_wanted"  # a person closed the pull request
    AWAITING_APPROVAL = "awaiting_approval"
    DENIED = "denied"
    REMEDIATING = "remediating"
    REMEDIATION_FAILED = "remediation_failed"
    VERIFYING = "verifying"
    STILL_OPEN = "still_open"
    VERIFICATION_FAILED = "verification_failed"  # nobody could look
    FIXED = "fixed"
    ACCEPTED = "accepted"
    PREVENTED = "prevented"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is known of one finding now. `key` is the same however often and from whatever tool it arrives.

    `version` counts its changes from 1, and is what keeps two workers from overwriting one another. `sources` are the
    findings that said it: `tool:id`. `received_at` and `changed_at` are ISO 8601 in UTC. `reason` says why it stands
    where it stands. `round` counts how often it has come back after an end.
    """

    key: str
    state: State
    version: int
    received_at: str
    changed_at: str
    control: str
    resource: str
    account: str = ""
    region: str = ""
    severity: str = ""
    owner: str = ""
    repository: str = ""
    sources: tuple[str, ...] = ()
    pull_request: str = ""
    branch: str = ""  # of the pull request
    execution: str = ""  # of a runbook
    verification: str = ""
    reason: str = ""
    round: int = 1
