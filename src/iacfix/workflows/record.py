"""What became of a finding, into the ledger: each step it took, and the audit record of each step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import assert_never

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.change_request import Action
from iacfix.domain.finding import Finding, InvalidFinding, Severity
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.triage import Decision
from iacfix.ledger.audit import MAIN
from iacfix.ledger.beginnings import beginning, sources_of
from iacfix.ledger.entries import told
from iacfix.ledger.states import FAILED, Facts, amended, moved, way
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.authorized import authorization, authorization_in_full, decided, only_watched
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.ledger_writer import LedgerWriter

# What an entry's reason begins with while the work on it goes wrong.
ATTEMPT_FAILED = "an attempt failed: "

# Nothing was done of it, and the reason says why.
_LEFT = frozenset({State.OBSERVED, State.HUMAN_REVIEW, State.ACCEPTED})

_OF_PULL_REQUESTS: Mapping[Action, State] = {
    Action.OPENED: State.PULL_REQUEST_OPEN,
    Action.UPDATED: State.PULL_REQUEST_OPEN,
    Action.KEPT: State.PULL_REQUEST_OPEN,
    Action.NOT_WANTED: State.NOT_WANTED,
    Action.HANDS_OFF: State.HUMAN_REVIEW,
    Action.VERIFICATION_DUE: State.VERIFYING,
}


@dataclass(frozen=True)
class Recorder:
    """`actor` is who acts: `iacfix/<version>`, or a person. `chain` is the one of the audit record that it goes on."""

    store: LedgerStore
    actor: str
    now: Clock = utc_now
    chain: str = MAIN

    def record(self, outcome: Outcome, decision: Decision | None = None) -> LedgerEntry | None:
        """The finding's entry as it stands now; None for what never was a finding, which is in the audit record only.
        `decision` is what triage decided of it before, None where nothing is triaged.

        Doing it again writes nothing. Raises LedgerError where the ledger cannot be used.
        """
        if isinstance(outcome.finding, InvalidFinding):
            self._reject(outcome.finding)
            return None
        finding = outcome.finding
        entry = self.arrived(finding, outcome.repository)
        for state in way(entry.state, target(outcome, entry.state, decision)):
            after = self._moved(entry, state, outcome, decision)
            self._replace(entry, after, finding, decision)
            entry = after
        facts = _facts(entry, finding, outcome, decision)
        if all(getattr(entry, name) == value for name, value in facts.items()):
            return entry
        after = amended(entry, at=self._now(), facts=facts)
        self._replace(entry, after, finding, decision)
        return after

    def attempt_failed(self, finding: Finding, repository: str, reason: str) -> None:
        """The work on it went wrong, and will be tried again: it stands where it stood, since it did. What fails again
        and again would else never be long enough in its state to be told as stuck.
        """
        entry = self.arrived(finding, repository)
        after = amended(entry, at=entry.changed_at, facts={"reason": f"{ATTEMPT_FAILED}{reason}"})
        event = replace(
            self._event(after, AuditResult.FAILED, finding.id, entry), action="finding.attempt_failed", at=self._now()
        )
        self._writer.changed(entry, after, event)  # or somebody has gone on with it

    def arrived(self, finding: Finding, repository: str) -> LedgerEntry:
        """What is there of it, or its beginning."""
        made = beginning(finding, repository, self._now())
        return self._writer.begin(made, self._event(made, AuditResult.DONE, finding.id, None))

    def _moved(self, entry: LedgerEntry, state: State, outcome: Outcome, decision: Decision | None) -> LedgerEntry:
        end = target(outcome, entry.state, decision)
        if state is not end or not isinstance(outcome.finding, Finding):
            triaged = state is State.TRIAGED and decision is not None
            reason = decided(decision) if triaged and decision is not None else f"on the way to {end}"
            return moved(entry, state, at=self._now(), reason=reason)
        facts = _facts(entry, outcome.finding, outcome, decision)
        return moved(entry, state, at=self._now(), reason=_reason(outcome), facts=facts)

    def _replace(
        self, before: LedgerEntry, after: LedgerEntry, finding: Finding, decision: Decision | None = None
    ) -> None:
        """Raises StaleEntryError where another run has changed the entry: what it decided on is not so any more."""
        result = AuditResult.FAILED if after.state in FAILED else AuditResult.DONE
        if after.state in _LEFT:
            result = AuditResult.SKIPPED
        event = self._event(after, result, finding.id, before, decision)
        self._writer.change(before, after, event)

    def note(self, event: AuditEvent) -> None:
        """What is no change of a finding: into the audit record alone. Raises LedgerError."""
        self._writer.note(event)

    def note_of(self, name: str, action: str, result: AuditResult, reason: str) -> None:
        """Of something that is no finding, under its own name."""
        self.note(AuditEvent(self._now(), self.actor, action, result, reason, finding=name))

    def _reject(self, finding: InvalidFinding) -> None:
        self.note(
            AuditEvent(
                at=self._now(),
                actor=self.actor,
                action="input.rejected",
                result=AuditResult.REFUSED,
                reason=f"entry {finding.position} of {finding.source}, {finding.field}: {finding.reason}",
                finding=finding.id,
            )
        )

    def _event(
        self,
        after: LedgerEntry,
        result: AuditResult,
        finding: str,
        before: LedgerEntry | None,
        decision: Decision | None = None,
    ) -> AuditEvent:
        moves = before is None or before.state is not after.state
        return AuditEvent(
            at=after.changed_at,
            actor=self.actor,
            action=f"finding.{after.state}" if moves else "finding.amended",
            result=result,
            reason=after.reason,
            key=after.key,
            finding=finding,
            resource=after.resource,
            before=told(before) if before is not None else "",
            after=told(after),
            authorization=_allowed_by(after, decision),
        )

    @property
    def _writer(self) -> LedgerWriter:
        return LedgerWriter(self.store, self.chain)

    def _now(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds")


def target(outcome: Outcome, now: State, decision: Decision | None = None) -> State:
    """Where a finding that stands at `now` should stand after this outcome."""
    match outcome.status:
        case Status.PROPOSED if outcome.pull_request is not None:
            return _OF_PULL_REQUESTS.get(outcome.pull_request.action, State.PROPOSED)
        case Status.PROPOSED:  # seen, and nothing done: what is open stays open
            return State.PULL_REQUEST_OPEN if now is State.PULL_REQUEST_OPEN else State.PROPOSED
        case Status.ALREADY_FIXED:
            return State.VERIFYING
        case Status.NOT_LOCATED:
            return State.NOT_LOCATED
        case Status.ACCEPTED:
            return State.ACCEPTED
        case Status.NOT_ELIGIBLE if decision is not None and only_watched(decision):
            return State.OBSERVED
        case Status.UNSUPPORTED | Status.NOT_ELIGIBLE:
            return State.HUMAN_REVIEW
        case Status.GENERATION_FAILED:
            return State.FIX_GENERATION_FAILED
        case Status.INVALID_FINDING:
            msg = "what is not a finding stands nowhere"
            raise ValueError(msg)
        case _:
            assert_never(outcome.status)


def _facts(entry: LedgerEntry, finding: Finding, outcome: Outcome, decision: Decision | None) -> Facts:
    """What the entry should say beside its state. A pull request that was there is not forgotten, nor is an owner."""
    there = outcome.pull_request
    return {
        "sources": tuple(dict.fromkeys((*entry.sources, *sources_of(finding)))),
        "severity": _severity(entry, finding),
        "pull_request": (there.url if there is not None else "") or entry.pull_request,
        "branch": (there.branch if there is not None else "") or entry.branch,
        "owner": entry.owner if decision is None else decision.owner.team,
        "reason": _reason(outcome) if entry.reason.startswith(ATTEMPT_FAILED) else entry.reason,
    }


def _severity(entry: LedgerEntry, finding: Finding) -> str:
    """A tool may change its mind; where several tools say it, the worst that any has said counts."""
    others = set(entry.sources) - set(sources_of(finding))
    if not others or not entry.severity:
        return finding.severity.value
    return min(Severity(entry.severity), finding.severity, key=lambda each: each.rank).value


def _allowed_by(after: LedgerEntry, decision: Decision | None) -> str:
    if after.state is State.ACCEPTED:
        return f"exception: {after.reason}"
    if decision is None:
        return ""
    return authorization_in_full(decision) if after.state is State.TRIAGED else authorization(decision)


def _reason(outcome: Outcome) -> str:
    pull_request = outcome.pull_request
    if pull_request is not None:
        return pull_request.reason or f"a pull request is open: {pull_request.url}"
    return outcome.reason or f"a fix by {outcome.generator} passed every stage"
