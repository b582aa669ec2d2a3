"""What people are told: one notice for one finding, one summary for a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from iacfix.domain.finding import Severity


class Occasion(StrEnum):
    PULL_REQUEST = "pull_request"
    NEEDS_A_PERSON = "needs_a_person"
    APPROVAL = "approval"
    FIXED = "fixed"
    STILL_OPEN = "still_open"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Notice:
    """`key` is the ledger's: what is told twice of one key on one occasion is told once. Texts are untrusted, and hold
    no secret. `state` is the ledger's word; `link` leads to the finding, `pull_request` to its fix; either may be "".
    `contact` is the owner's, "" where nobody is known; `by_default`: the owner looks after what is nobody's. `round` is
    the ledger's: what comes back is told again. `details` are names and values for whoever decides: what would be
    changed, how far it reaches, how it is undone; `question` tells one thing to decide from the next.
    """

    key: str
    occasion: Occasion
    control: str
    title: str
    resource: str
    severity: Severity
    state: str
    reason: str
    account: str = ""
    region: str = ""
    repository: str = ""
    owner: str = ""
    contact: str = ""
    link: str = ""
    pull_request: str = ""
    round: int = 1
    details: tuple[tuple[str, str], ...] = ()
    by_default: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one run: how many findings came to which state, by severity and by team. `run` tells it from any other."""

    run: str
    states: Mapping[str, int] = field(default_factory=dict)
    severities: Mapping[str, int] = field(default_factory=dict)
    teams: Mapping[str, int] = field(default_factory=dict)
