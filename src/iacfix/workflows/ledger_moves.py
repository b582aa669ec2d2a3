"""Moves of entries that are in the ledger already, each with its audit record."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.audit import MAIN, appended
from iacfix.ledger.states import FAILED, Facts, moved
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.record import MOST_ATTEMPTS


@dataclass(frozen=True)
class LedgerMoves:
    """`actor` is who acts; `chain` the one of the audit record that it goes on."""

    store: LedgerStore
    actor: str
    now: Clock = utc_now
    chain: str = MAIN

    def through(
        self, entry: LedgerEntry, stops: Sequence[State], reason: str, facts: Facts | None = None
    ) -> LedgerEntry:
        """From one state to the next; reason and facts are the last one's. Raises LedgerError; StaleEntryError where
        another run has changed the entry.
        """
        for state in stops:
            is_last = state is stops[-1]
            after = moved(
                entry,
                state,
                at=self.moment(),
                reason=reason if is_last else f"on the way to {stops[-1]}",
                facts=facts if is_last else None,
            )
            self._replace(entry, after)
            entry = after
        return entry

    def note(self, event: AuditEvent) -> None:
        """Into the audit record alone."""
        for _ in range(MOST_ATTEMPTS):
            if self._written(event, None):
                return
        raise _too_busy()

    def moment(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds")

    def _replace(self, before: LedgerEntry, after: LedgerEntry) -> None:
        event = AuditEvent(
            at=after.changed_at,
            actor=self.actor,
            action=f"finding.{after.state}",
            result=AuditResult.FAILED if after.state in FAILED else AuditResult.DONE,
            reason=after.reason,
            key=after.key,
            finding=before.sources[0].partition(":")[2] if before.sources else "",
            resource=after.resource,
            before=_told(before),
            after=_told(after),
        )
        for _ in range(MOST_ATTEMPTS):
            if self._written(event, after):
                return
            if self.store.get(before.key) != before:
                msg = f"the entry {before.key[:12]} was changed by another run while this one worked on it"
                raise StaleEntryError(msg, remedy="run again: what was done is found")
        raise _too_busy()

    def _written(self, event: AuditEvent, entry: LedgerEntry | None) -> bool:
        try:
            self.store.write(appended(self.store.head(self.chain), event, self.chain), entry)
        except StaleEntryError:
            return False
        return True


def _told(entry: LedgerEntry) -> str:
    facts = {"state": entry.state, "version": entry.version, "round": entry.round, "verification": entry.verification}
    return json.dumps(facts, sort_keys=True)


def _too_busy() -> LedgerError:
    msg = f"others wrote to the ledger {MOST_ATTEMPTS} times in a row"
    return LedgerError(msg, remedy="let fewer work on it at once, or each on a chain of its own")
