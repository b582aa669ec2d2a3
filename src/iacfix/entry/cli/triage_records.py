"""What is decided of findings, as JSON. Described in docs/triage.md."""

from collections.abc import Iterable, Mapping

from iacfix.domain.finding import InvalidFinding
from iacfix.domain.secrets import redact
from iacfix.domain.triage import Decision, Owner, Reason
from iacfix.entry.cli.records import also


def decision_record(decision: Decision) -> Mapping[str, object]:
    finding = decision.finding
    known = None if isinstance(finding, InvalidFinding) else finding
    return {
        "finding_id": finding.id or None,
        "control": known.control or None if known else None,
        "check_id": known.check_id if known else None,
        "resource": known.resource.identifier if known else None,
        "also": also(finding),
        "owner": owner_record(decision.owner),
        "eligible": decision.eligible,
        "mode": decision.mode.value,
        "route": decision.route.kind.value,
        "route_reasons": _reasons(decision.route.reasons),
        "actions": [action.value for action in decision.actions],
        "against": _reasons(decision.against),
        "reasons": _reasons(decision.reasons),
        "accepted_until": decision.accepted_until or None,
        "policy": decision.policy_version or None,
    }


def owner_record(owner: Owner) -> Mapping[str, object]:
    return {
        "team": owner.team,
        "known": owner.known,
        "by": owner.by.value,
        "rule": owner.rule or None,
        "contact": owner.contact or None,
    }


def _reasons(reasons: Iterable[Reason]) -> list[Mapping[str, str]]:
    return [{"rule": each.rule, "reason": redact(each.text)} for each in reasons]
