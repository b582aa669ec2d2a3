"""What a schedule asks of the function: `{"iacfix": {"pull": "security-hub"}}`, and what the ledger says in numbers."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from iacfix.adapters.aws.queues import SqsQueue
from iacfix.config import Settings
from iacfix.domain.errors import InputError
from iacfix.domain.ledger import State
from iacfix.entry.finding_sources import security_hub_from, wiz_from
from iacfix.findings.origin import Origin, Way
from iacfix.ledger.figures import Metric, figures
from iacfix.ports.findings_source import FindingsSource, Wanted
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.clock import utc_now
from iacfix.workflows.pull import Pull

SOURCES: Mapping[str, Callable[[Settings], FindingsSource]] = {"security-hub": security_hub_from, "wiz": wiz_from}


@dataclass(frozen=True, slots=True)
class Pulled:
    """`stopped` says why it ended before its end, "" where it did not."""

    findings: int
    stopped: str


def wanted_source(event: Mapping[str, object]) -> str:
    """Raises InputError for what no schedule of ours sends."""
    asked = event.get("iacfix")
    source = asked.get("pull") if isinstance(asked, dict) else None
    if not isinstance(source, str) or source not in SOURCES:
        raise InputError("the event asks for nothing that is known", remedy=f"pull one of {', '.join(SOURCES)}")
    return source


def pull(
    source: FindingsSource, queue: str, handle: Callable[[str, Origin], object], *, is_time: Callable[[], bool]
) -> Pulled:
    """Each finding goes to the queue, or is handled at once where none is named. Raises QueueError, and what `handle`
    raises.
    """
    to = SqsQueue(queue) if queue else None
    pulling, count = Pull(source, Wanted()), 0
    for raw in pulling.findings():
        if not is_time():
            return Pulled(count, "there was no time left")
        body = json.dumps([raw])
        if to is not None:
            to.send(body)
        else:
            handle(body, Origin(Way.API))
        count += 1
    return Pulled(count, pulling.stopped)


def numbers(store: LedgerStore) -> Iterator[Metric]:
    """Of everything in the ledger, as it stands now."""
    found = figures(store.in_states(frozenset(State)), utc_now())
    yield Metric("Stuck", len(found.stuck), "Count", {})
    yield from (each for each in found.metrics() if each.name == "FailureRate")
