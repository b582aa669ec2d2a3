"""Asking a person: what the question holds, who may answer it, and for how long the answer counts."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry
from iacfix.domain.remediation import Approval, ApprovalState, Change

LONGEST = timedelta(days=7)
_ID = 20  # hex digits: 80 bits


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question needs beside the change. `lasts` is how long it may be answered, and the answer be used."""

    requested_by: str
    policy: str
    lasts: timedelta

    def __post_init__(self) -> None:
        if not timedelta() < self.lasts <= LONGEST:
            msg = f"an approval lasts longer than nothing and at most {LONGEST.days} days"
            raise ValueError(msg)


def question(  # noqa: PLR0913, PLR0917 - what a question is made of
    entry: LedgerEntry, finding: Finding, control: Control, change: Change, asking: Asking, now: datetime
) -> Approval:
    return Approval(
        id=scope(entry, change),
        key=entry.key,
        finding=finding,
        change=change,
        policy=asking.policy,
        blast_radius=_blast_radius(finding, control, change),
        rollback=_rollback(control),
        requested_by=asking.requested_by,
        requested_at=_at(now),
        expires_at=_at(now + asking.lasts),
    )


def scope(entry: LedgerEntry, change: Change) -> str:
    """The same for the same change of the same finding in the same round, else another."""
    parameters = {name: list(value) for name, value in sorted(change.parameters.items())}
    before = {name: list(value) for name, value in sorted(change.before.items())}
    told = [entry.key, entry.round, change.runbook, change.account, change.region, parameters, before]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()[:_ID]


def answered(approval: Approval, *, by: str, approve: bool, note: str, now: datetime) -> Approval | str:
    """The answer, or in words why this person may not give it now."""
    person = _person(by)
    if not person:
        return "an answer has a name under it"
    if person == _person(approval.requested_by):
        return "who asks does not answer"
    if approval.state is not ApprovalState.PENDING:
        return f"{approval.answered_by} has {approval.state} it at {approval.answered_at}"
    if expired(approval, now):
        return f"it could be answered until {approval.expires_at}"
    state = ApprovalState.APPROVED if approve else ApprovalState.DENIED
    return replace(approval, state=state, answered_by=by.strip(), answered_at=_at(now), note=note)


def expired(approval: Approval, now: datetime) -> bool:
    """What cannot be read has run out."""
    try:
        end = datetime.fromisoformat(approval.expires_at)
    except ValueError:
        return True
    return end.tzinfo is None or now >= end


def _blast_radius(finding: Finding, control: Control, change: Change) -> str:
    tags = ", ".join(f"{key}={value}" for key, value in finding.resource.tags[:10]) or "none"
    effect = control.effect or "none is known"
    return (
        f"one resource, {finding.resource.identifier}, in account {change.account}, {change.region} (tags: {tags}); "
        f"risk {control.risk}; effect on what uses it: {effect}"
    )


def _rollback(control: Control) -> str:
    fix = control.runtime
    if fix is None or fix.restore is None:
        return f"none: {fix.irreversible if fix is not None else 'no runbook is known'}"
    caveat = f" {fix.caveat}" if fix.caveat else ""
    return f"`iacfix rollback` starts {fix.restore.runbook} with what was recorded before.{caveat}"


def _person(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
