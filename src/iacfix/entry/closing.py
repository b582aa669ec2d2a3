"""From the configuration to what tells the tools what was seen of a live resource."""

from iacfix.config import Settings
from iacfix.entry.finding_sources import AUTHOR, trackers_from
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.close import Closer
from iacfix.workflows.record import Recorder


def closer_from(settings: Settings, store: LedgerStore) -> Closer:
    """Raises ConfigurationError."""
    return Closer(Recorder(store, AUTHOR), trackers_from(settings))
