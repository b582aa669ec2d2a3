"""What is decided of a finding before anybody works on it: whose it is, whether it may be acted on, which way."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.finding import Finding, InvalidFinding

Fact = str | int | bool | None | tuple["Fact", ...] | Mapping[str, "Fact"]
"""What a policy may be told: nothing but what JSON has."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`rule` is the name of what spoke (`severity`, `window`), `text` a sentence that a person can read."""

    rule: str
    text: str


class OwnedBy(StrEnum):
    """What led to the owner. `DEFAULT` looks after what is nobody's."""

    TAGS = "tags"
    ACCOUNT = "account"
    UNIT = "organizational unit"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Owner:
    """`rule` is the entry of the table that won: a rule's name, an account, a unit's id. `contact` may be ""."""

    team: str
    by: OwnedBy
    rule: str = ""
    contact: str = ""

    @property
    def known(self) -> bool:
        return self.by is not OwnedBy.DEFAULT


class Action(StrEnum):
    """What a fix touches. `CONFIGURE` is everything that is none of the others."""

    CONFIGURE = "configure"
    IAM = "iam"
    NETWORK = "network"
    DATABASE = "database"
    DELETE = "delete"


class Mode(StrEnum):
    """How far a control goes by itself. In this order each may do what the one before may.

    `OBSERVE`: decided and reported. `ASSIST`: a fix is proposed and shown. `SUPERVISED`: a pull request is opened, and
    a person approves it. `AUTONOMOUS`: no approval is asked for.
    """

    OBSERVE = "observe"
    ASSIST = "assist"
    SUPERVISED = "supervised"
    AUTONOMOUS = "autonomous"

    def at_most(self, other: "Mode") -> "Mode":
        return min(self, other, key=list(Mode).index)

    def reaches(self, other: "Mode") -> bool:
        return self.at_most(other) is other


class RouteKind(StrEnum):
    """`BOTH`: the live resource now, the source so that it lasts."""

    RUNTIME = "runtime"
    IAC = "iac"
    BOTH = "both"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Route:
    kind: RouteKind
    reasons: tuple[Reason, ...]

    @property
    def reaches_code(self) -> bool:
        return self.kind in {RouteKind.IAC, RouteKind.BOTH}


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """What a policy said. `version` tells its text from any other; "" where it could not be told.

    Raises ValueError for one that allows although a rule denies, or without a rule that allows.
    """

    allow: bool
    allowed: tuple[Reason, ...]
    denied: tuple[Reason, ...]
    version: str = ""

    def __post_init__(self) -> None:
        if self.allow and (self.denied or not self.allowed):
            msg = "a policy allows with at least one reason for, and none against"
            raise ValueError(msg)
        if not self.allow and not self.denied:
            msg = "a policy denies with a reason"
            raise ValueError(msg)


class Effect(StrEnum):
    PASSED = "passed"
    CAPPED = "capped"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate said. `cap` is the most that it lets the finding have, where it is `CAPPED`."""

    gate: str
    effect: Effect
    text: str
    cap: Mode = Mode.AUTONOMOUS

    @property
    def reason(self) -> Reason:
        return Reason(self.gate, self.text)


@dataclass(frozen=True, slots=True)
class Decision:
    """Of one finding. `eligible`: policy and gates let it be acted on, as far as `mode`.

    `reasons` are all that was said, for and against; those in `against` stand in the way. `accepted_until` is the last
    day of an exception that covers it, "" where there is none. `suppressed` names the automation rule that says that
    nothing is to be done, and why.
    """

    finding: Finding | InvalidFinding
    owner: Owner
    eligible: bool
    route: Route
    mode: Mode
    reasons: tuple[Reason, ...] = ()
    against: tuple[Reason, ...] = ()
    actions: tuple[Action, ...] = ()
    policy_version: str = ""
    accepted_until: str = ""
    suppressed: str = ""

    def __post_init__(self) -> None:
        if self.eligible == bool(self.against):
            msg = "a finding is eligible exactly where nothing stands in the way"
            raise ValueError(msg)
        if not self.eligible and self.route.kind is not RouteKind.HUMAN:
            msg = "what may not be acted on goes to a person"
            raise ValueError(msg)

    @property
    def may_propose(self) -> bool:
        return self.eligible and self.mode.reaches(Mode.ASSIST) and self.route.reaches_code

    @property
    def may_publish(self) -> bool:
        return self.may_propose and self.mode.reaches(Mode.SUPERVISED)

    @property
    def why_not(self) -> str:
        """Why no fix is proposed; "" where one is."""
        if self.may_propose:
            return ""
        if self.against:
            return "; ".join(f"{each.rule}: {each.text}" for each in self.against)
        if not self.mode.reaches(Mode.ASSIST):
            return f"mode: this control is in {self.mode}: it is decided and reported, and nothing is proposed"
        return "; ".join(f"{each.rule}: {each.text}" for each in self.route.reasons)
