"""What the ledger says in numbers, for metrics."""

from collections.abc import Iterator

from iacfix.domain.ledger import State
from iacfix.ledger.figures import Metric, figures
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.clock import utc_now


def ledger_metrics(store: LedgerStore) -> Iterator[Metric]:
    """How many findings are stuck, and how often fixes fail, as it is now. Reads the whole ledger."""
    found = figures(store.in_states(frozenset(State)), utc_now())
    yield Metric("Stuck", len(found.stuck), "Count", {})
    yield from (each for each in found.metrics() if each.name == "FailureRate")
