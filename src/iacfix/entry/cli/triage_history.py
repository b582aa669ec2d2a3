"""What runs before this one let through, as their ledger tells it: the limit of an hour counts it too."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from iacfix.config.stores import table_at
from iacfix.domain.ledger import State
from iacfix.entry.stores import ledger_at
from iacfix.ports.stores import LedgerStore
from iacfix.triage.blast_radius import HOUR, Touch

EARLIER = "earlier"
_LET_THROUGH = frozenset({State.PROPOSED, State.PULL_REQUEST_OPEN, State.AWAITING_APPROVAL, State.REMEDIATING})


def history_at(ledger: str) -> LedgerStore | None:
    """None where no ledger is named, or its file is not there yet."""
    is_there = bool(ledger) and (table_at(ledger) is not None or Path(ledger).is_file())
    return ledger_at(ledger) if is_there else None


def earlier(ledger: str, now: datetime) -> tuple[Touch, ...]:
    """Each finding by itself, under its key: the ledger does not tell whether two are of one resource."""
    store = history_at(ledger)
    return tuple(touched_in(store, now)) if store is not None else ()


def touched_in(store: LedgerStore, now: datetime) -> Iterator[Touch]:
    """Within the hour before now."""
    for entry in store.in_states(_LET_THROUGH):
        at = datetime.fromisoformat(entry.changed_at)
        if at > now - HOUR:
            # a clock that was put back makes nothing undone
            yield Touch(min(at, now), entry.key, entry.control, EARLIER)
