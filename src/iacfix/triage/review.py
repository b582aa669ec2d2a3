"""A second opinion over what policy and gates let be acted on. It is one more gate: it can hold a finding back, and it
has no word for letting one through.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.secrets import redact
from iacfix.domain.triage import Action, Effect, GateResult, Mode, Owner, Route
from iacfix.domain.unseen import without_unseen

GATE = "review"
LONGEST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Subject:
    """What an opinion is asked about: a finding that nothing stands in the way of."""

    finding: Finding
    control: Control | None
    owner: Owner
    route: Route
    mode: Mode
    actions: tuple[Action, ...]
    environments: tuple[str, ...]


Reviewer = Callable[[Subject], GateResult]


class Verdict(StrEnum):
    AGREE = "agree"
    ESCALATE = "escalate"


class Silence(StrEnum):
    """What no answer counts as."""

    ESCALATE = "escalate"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Opinion:
    verdict: Verdict
    reason: str


def read_opinion(content: object) -> Opinion | None:
    """None for anything but a verdict and its reason. The reason can be shown: one line without secrets."""
    if not isinstance(content, Mapping) or content.keys() != {"verdict", "reason"}:
        return None
    verdict, reason = content["verdict"], content["reason"]
    if not isinstance(verdict, str) or verdict not in set(Verdict) or not isinstance(reason, str):
        return None
    told = " ".join(redact(without_unseen(reason)[0]).split())[:LONGEST_REASON]
    return Opinion(Verdict(verdict), told) if told else None


def gate(opinion: Opinion) -> GateResult:
    if opinion.verdict is Verdict.AGREE:
        return GateResult(GATE, Effect.PASSED, f"a second opinion agrees: {opinion.reason}")
    return GateResult(GATE, Effect.DENIED, f"a second opinion wants a person to look: {opinion.reason}")


def gate_of_silence(why: str, silence: Silence) -> GateResult:
    if silence is Silence.IGNORE:
        return GateResult(GATE, Effect.PASSED, f"no second opinion could be had, which does not count: {why}")
    return GateResult(GATE, Effect.DENIED, f"no second opinion could be had: {why}")
