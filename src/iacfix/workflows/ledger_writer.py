"""The one way to write into a ledger: an event of its audit record, alone or with the entry that it changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from iacfix.domain.audit import AuditEvent
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.ledger import LedgerEntry
from iacfix.ledger.audit import MAIN, appended
from iacfix.ports.stores import LedgerStore

# Everybody who was too late goes again; so many times in a row nobody is.
MOST_ATTEMPTS = 100

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class LedgerWriter:
    """`chain` is the one of the audit record that it goes on. Every verb raises LedgerError."""

    store: LedgerStore
    chain: str = MAIN

    def write(self, event: AuditEvent, entry: LedgerEntry | None = None) -> None:
        """Once. Raises StaleEntryError where somebody else was quicker."""
        self.store.write(appended(self.store.head(self.chain), event, self.chain), entry)

    def note(self, event: AuditEvent) -> None:
        """Into the audit record alone."""
        for _ in range(MOST_ATTEMPTS):
            if self._written(event):
                return
        raise too_busy()

    def begin(self, made: LedgerEntry, event: AuditEvent) -> LedgerEntry:
        """The entry that is there already, or this one."""
        for _ in range(MOST_ATTEMPTS):
            if (found := self.store.get(made.key)) is not None:
                return found
            if self._written(event, made):
                return made
        raise too_busy()

    def change(self, before: LedgerEntry, after: LedgerEntry, event: AuditEvent) -> None:
        """Raises StaleEntryError where another run has changed the entry: what it decided on is not so any more."""
        if not self.changed(before, after, event):
            msg = f"the entry {before.key[:12]} was changed by another run while this one worked on it"
            raise StaleEntryError(msg, remedy="run again: what was done is found")

    def changed(self, before: LedgerEntry, after: LedgerEntry, event: AuditEvent) -> bool:
        """False where another run has gone on with the entry."""
        for _ in range(MOST_ATTEMPTS):
            if self._written(event, after):
                return True
            if self.store.get(before.key) != before:
                return False
        raise too_busy()

    def _written(self, event: AuditEvent, entry: LedgerEntry | None = None) -> bool:
        try:
            self.write(event, entry)
        except StaleEntryError:
            return False
        return True


def until_nobody_is_quicker(work: Callable[[], Done]) -> Done:
    """Again and again from the beginning, while others change what it works on."""
    for _ in range(MOST_ATTEMPTS):
        try:
            return work()
        except StaleEntryError:
            continue
    raise too_busy()


def too_busy() -> LedgerError:
    msg = f"others wrote to the ledger {MOST_ATTEMPTS} times in a row"
    return LedgerError(msg, remedy="let fewer work on it at once, or each on a chain of its own")
