"""What runs before this one let through, as their ledger tells it: the limit of an hour counts it too."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from iacfix.config.stores import table_at
from iacfix.domain.ledger import State
from iacfix.entry.stores import ledger_at
from iacfix.triage.blast_radius import HOUR, Touch

EARLIER = "earlier"
_LET_THROUGH = frozenset({State.PROPOSED, State.PULL_REQUEST_OPEN, State.AWAITING_APPROVAL, State.REMEDIATING})


def earlier(ledger: str, now: datetime) -> tuple[Touch, ...]:
    """Each finding by itself, under its key: the ledger does not tell whether two are of one resource."""
    is_there = bool(ledger) and (table_at(ledger) is not None or Path(ledger).is_file())
    return tuple(_touched(ledger, now)) if is_there else ()


def _touched(ledger: str, now: datetime) -> Iterator[Touch]:
    for entry in ledger_at(ledger).in_states(_LET_THROUGH):
        at = datetime.fromisoformat(entry.changed_at)
        if at > now - HOUR:
            # a clock that was put back makes nothing undone
            yield Touch(min(at, now), entry.key, entry.control, EARLIER)
