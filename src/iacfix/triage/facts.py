"""What a policy is told of a finding. Names and meanings are in docs/triage.md: policies of others rely on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from iacfix.domain.control import Control
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.triage import Action, Owner
from iacfix.triage.exceptions import RiskException
from iacfix.triage.tags import folded, like, values

Fact = str | int | bool | None | tuple["Fact", ...] | Mapping[str, "Fact"]

ENVIRONMENT_TAGS = ("environment", "env", "stage")
MAX_TEXT = 2_000  # characters of one text: a policy is asked about names, not about documents


@dataclass(frozen=True, slots=True)
class Environments:
    """Which environment a resource belongs to: what tags with these keys say, else what its account is for."""

    keys: tuple[str, ...] = ENVIRONMENT_TAGS
    accounts: Mapping[str, str] = field(default_factory=dict)

    def of(self, resource: CloudResource) -> tuple[str, ...]:
        """In small letters. Several where tags contradict each other; what they say does not hide the account's."""
        said = [folded(value) for key in self.keys for value in values(resource.tags, key)]
        said.append(folded(self.accounts.get(resource.account, "")))
        return tuple(dict.fromkeys(filter(None, said)))


def type_approved(resource: CloudResource, control: Control | None, patterns: Iterable[str]) -> bool:
    """By the patterns where there are any, else by the control, which knows the types that it speaks of."""
    if not resource.type:
        return False
    if wanted := tuple(patterns):
        return any(like(each, resource.type) for each in wanted)
    known = (*control.resource_types, *control.targets) if control is not None else ()
    return any(folded(resource.type) == folded(each) for each in known)


def facts_of(  # noqa: PLR0913 - all that a policy may ask about
    finding: Finding,
    control: Control | None,
    owner: Owner,
    *,
    environments: tuple[str, ...],
    exception: RiskException | None,
    actions: tuple[Action, ...],
    allowed_actions: tuple[Action, ...],
    approved: bool,
    now: datetime,
) -> Mapping[str, Fact]:
    resource = finding.resource
    return {
        "finding": {
            "id": _text(finding.id),
            "source": _text(finding.source),
            "check": _text(finding.check_id),
            "control": _text(finding.control),
            "title": _text(finding.title),
            "severity": finding.severity.value.upper(),
        },
        "resource": {
            "type": _text(resource.type),
            "identifier": _text(resource.identifier),
            "name": _text(resource.name),
            "account": _text(resource.account),
            "region": _text(resource.region),
            "type_approved": approved,
            "tags": tuple({"key": _text(key), "value": _text(value)} for key, value in resource.tags),
        },
        "environments": tuple(map(_text, environments)),
        "environment": _text(", ".join(environments)),
        "owner": {"team": owner.team, "known": owner.known, "by": owner.by.value},
        "exception": None if exception is None else _exception(exception),
        "change": {
            "actions": tuple(action.value for action in actions),
            "named": ", ".join(actions),
            "risk": control.risk.value if control is not None else "unknown",
        },
        "allowed": {"actions": tuple(action.value for action in allowed_actions)},
        "now": now.isoformat(),
    }


def _exception(exception: RiskException) -> Mapping[str, Fact]:
    return {
        "approver": _text(exception.approver),
        "reason": _text(exception.reason),
        "until": exception.until.isoformat(),
    }


def _text(text: str) -> str:
    """What cannot be shown gives way to a sign that says so."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text[:MAX_TEXT])
