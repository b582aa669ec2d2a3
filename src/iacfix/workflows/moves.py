"""Moving one finding through the ledger by hand: each move with its record, or none."""

import json
from dataclasses import dataclass, replace
from datetime import UTC

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.audit import MAIN
from iacfix.ledger.beginnings import beginning
from iacfix.ledger.entries import told as standing
from iacfix.ledger.states import Facts, amended, moved
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.ledger_writer import LedgerWriter


@dataclass(frozen=True, slots=True)
class Told:
    """What the record says of a move beside its reason. `before` and `after` are of the resource, as JSON text."""

    before: str = ""
    after: str = ""
    authorization: str = ""
    result: AuditResult = AuditResult.DONE


NOTHING = Told()


@dataclass(frozen=True)
class Moves:
    """Every verb raises StaleEntryError where somebody else has changed the entry, and LedgerError."""

    store: LedgerStore
    actor: str
    now: Clock = utc_now
    chain: str = MAIN

    def received(self, finding: Finding, repository: str = "") -> LedgerEntry:
        """What is there of it, or its beginning."""
        made = beginning(finding, repository, self._at())
        return self._writer.begin(made, self._moved(made, "finding.received", made.reason, finding.id, NOTHING))

    def to(  # noqa: PLR0913 - what a move is made of
        self,
        entry: LedgerEntry,
        state: State,
        reason: str,
        *,
        finding: str,
        told: Told = NOTHING,
        facts: Facts | None = None,
    ) -> LedgerEntry:
        after = moved(entry, state, at=self._at(), reason=reason, facts=facts)
        self._writer.change(entry, after, self._moved(after, f"finding.{state}", reason, finding, told))
        return after

    def amend(self, entry: LedgerEntry, facts: Facts, *, action: str, reason: str, finding: str) -> LedgerEntry:
        after = amended(entry, at=self._at(), facts=facts)
        self._writer.change(entry, after, self._moved(after, action, reason, finding, NOTHING))
        return after

    def note(self, entry: LedgerEntry, action: str, reason: str, *, finding: str, told: Told) -> None:
        """A record of what did not move it."""
        self._writer.note(self._event(entry, action, reason, finding, told))

    @property
    def _writer(self) -> LedgerWriter:
        return LedgerWriter(self.store, self.chain)

    def _moved(self, after: LedgerEntry, action: str, reason: str, finding: str, told: Told) -> AuditEvent:
        """With where the entry stands now: else the record would tell of an older one, and the entry seem forged."""
        event = self._event(after, action, reason, finding, told)
        return replace(event, after=standing(after, {"resource": json.loads(told.after)} if told.after else None))

    def _event(self, entry: LedgerEntry, action: str, reason: str, finding: str, told: Told) -> AuditEvent:
        return AuditEvent(
            at=self._at(),
            actor=self.actor,
            action=action,
            result=told.result,
            reason=reason,
            key=entry.key,
            finding=finding,
            resource=entry.resource,
            before=told.before,
            after=told.after,
            authorization=told.authorization,
        )

    def _at(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds")
