"""From the configuration to what tells the tools and the ledger what was seen of a live resource."""

from iacfix.config import Settings
from iacfix.entry.finding_sources import AUTHOR, trackers_from
from iacfix.ledger.audit import MAIN
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.close import Closer
from iacfix.workflows.ledger_moves import LedgerMoves


def closer_from(
    settings: Settings, store: LedgerStore, *, actor: str = AUTHOR, now: Clock = utc_now, chain: str = MAIN
) -> Closer:
    """Raises ConfigurationError."""
    return Closer(LedgerMoves(store, actor, now, chain), trackers_from(settings))
