"""Moving one finding through the ledger by hand: each move with its record, or none."""

from dataclasses import dataclass
from datetime import UTC

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.audit import MAIN, appended
from iacfix.ledger.identity import ledger_key
from iacfix.ledger.states import Facts, amended, moved
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.record import MOST_ATTEMPTS


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
        key = ledger_key(finding, repository)
        for _ in range(MOST_ATTEMPTS):
            if (found := self.store.get(key)) is not None:
                return found
            at, resource = self._at(), finding.resource
            made = LedgerEntry(
                key=key,
                state=State.RECEIVED,
                version=1,
                received_at=at,
                changed_at=at,
                control=finding.control or finding.check_id,
                resource=resource.identifier,
                account=resource.account,
                region=resource.region,
                severity=finding.severity.value,
                repository=repository,
                sources=(f"{finding.source}:{finding.id}",),
                reason=f"reported by {finding.source}",
            )
            if self._written(self._event(made, "finding.received", made.reason, finding.id, NOTHING), made):
                return made
        raise _too_busy()

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
        self._replace(entry, after, self._event(after, f"finding.{state}", reason, finding, told))
        return after

    def amend(self, entry: LedgerEntry, facts: Facts, *, action: str, reason: str, finding: str) -> LedgerEntry:
        after = amended(entry, at=self._at(), facts=facts)
        self._replace(entry, after, self._event(after, action, reason, finding, NOTHING))
        return after

    def note(self, entry: LedgerEntry, action: str, reason: str, *, finding: str, told: Told) -> None:
        """A record of what did not move it."""
        for _ in range(MOST_ATTEMPTS):
            if self._written(self._event(entry, action, reason, finding, told)):
                return
        raise _too_busy()

    def _replace(self, before: LedgerEntry, after: LedgerEntry, event: AuditEvent) -> None:
        for _ in range(MOST_ATTEMPTS):
            if self._written(event, after):
                return
            if self.store.get(before.key) != before:
                msg = f"the entry {before.key[:12]} was changed by another run while this one worked on it"
                raise StaleEntryError(msg, remedy="run again: what was done is found")
        raise _too_busy()

    def _written(self, event: AuditEvent, entry: LedgerEntry | None = None) -> bool:
        """False where somebody else was quicker."""
        try:
            self.store.write(appended(self.store.head(self.chain), event, self.chain), entry)
        except StaleEntryError:
            return False
        return True

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


def _too_busy() -> LedgerError:
    msg = f"others wrote to the ledger {MOST_ATTEMPTS} times in a row"
    return LedgerError(msg, remedy="let fewer work on it at once, or each on a chain of its own")
