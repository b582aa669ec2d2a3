"""What every engine is asked, and how its answer becomes a decision. Deny is what is left when anything is odd."""

from collections.abc import Mapping, Sequence
from typing import cast

from iacfix.domain.triage import PolicyDecision, Reason

PACKAGE = "iacfix.eligibility"
RULE = "policy"
MAX_REASONS = 100
_MAX_WORDS = 2_000

_Entry = Mapping[str, object]


def denied(text: str, version: str) -> PolicyDecision:
    return PolicyDecision(allow=False, allowed=(), denied=(Reason(RULE, shown(text)),), version=version)


def decision(allow: object, allowed: Sequence[Reason], against: Sequence[Reason], version: str) -> PolicyDecision:
    """Allowed is what is exactly true, with a reason for it and none against."""
    for_it, against_it = tuple(sorted(allowed, key=_order)), tuple(sorted(against, key=_order))
    if allow is True and for_it and not against_it:
        return PolicyDecision(allow=True, allowed=for_it, denied=(), version=version)
    if not against_it:
        said = "it allows without a reason" if allow is True else "no rule of it allows this, and none says why"
        against_it = (Reason(RULE, said),)
    return PolicyDecision(allow=False, allowed=for_it, denied=against_it, version=version)


def reasons(value: object) -> tuple[Reason, ...]:
    """A list of `{"rule": …, "reason": …}`. Raises ValueError for anything else."""
    if not isinstance(value, list) or len(value) > MAX_REASONS:
        msg = f"reasons are not a list of at most {MAX_REASONS}"
        raise ValueError(msg)
    return tuple(_reason(each) for each in value)


def _reason(value: object) -> Reason:
    entry = cast("_Entry", value) if isinstance(value, dict) else {}
    rule, reason = entry.get("rule"), entry.get("reason")
    if not isinstance(rule, str) or not isinstance(reason, str) or not rule:
        msg = "a reason is not a rule and its words"
        raise ValueError(msg)
    return Reason(shown(rule), shown(reason))


def shown(text: str) -> str:
    """One line that can be shown."""
    line = " ".join(text[:_MAX_WORDS].split())
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def _order(reason: Reason) -> tuple[str, str]:
    return reason.rule, reason.text
