"""What the Lambda handler itself costs: the time of an event without a model and a git host, and of a cold start.

    python -m benchmarks.handler

The handler runs in this process over a ledger in memory; its findings are held by triage, or come again. Importing it
is compared with importing boto3 and what it uses of Powertools alone, each in a fresh process, in turn.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from benchmarks import results
from tests.contract.lambda_context import Context
from tests.support.estate import ENVIRONMENT, event, finding, remote, write_configuration

from iacfix.domain.audit import AuditRecord, Head
from iacfix.domain.errors import StaleEntryError
from iacfix.domain.ledger import LedgerEntry, State

MOST_MILLISECONDS, MOST_RATIO = 15.0, 1.5
ALONE = """
import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
Logger(service="x"); Metrics(namespace="x", service="x"); Tracer(service="x", patch_modules=("boto3",))
BatchProcessor(event_type=EventType.SQS)
"""
OURS = "import boto3, iacfix.entry.lambda_handler"


class InMemory:
    """Implements ports.stores.LedgerStore, so that nothing outside is measured."""

    def __init__(self) -> None:
        self._entries: dict[str, LedgerEntry] = {}
        self._heads: dict[str, Head] = {}

    def get(self, key: str) -> LedgerEntry | None:
        return self._entries.get(key)

    def in_states(self, states: Collection[State]) -> Iterator[LedgerEntry]:
        yield from (each for each in self._entries.values() if each.state in states)

    def head(self, chain: str) -> Head:
        return self._heads.get(chain, Head())

    def write(self, record: AuditRecord, entry: LedgerEntry | None = None) -> None:
        if Head(record.sequence - 1, record.previous) != self.head(record.chain):
            raise StaleEntryError("it has gone on")
        self._heads[record.chain] = Head(record.sequence, record.hash)
        if entry is not None:
            self._entries[entry.key] = entry

    def audit(self) -> Iterator[str]:
        yield from ()


def overhead(events: int) -> tuple[float, float, float, float]:
    """The first event, and median and 95th percentile after as many to warm up, in milliseconds; and the median of the
    processor's time, which a machine that is busy with other things changes less.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        urls = {"123456789012": remote(place / "origin", ["logs"])}
        kept = {"IACFIX_CACHE": str(place / "cache"), "IACFIX_LEDGER": "unused", "HOME": folder}
        path = write_configuration(place / "conf", urls)
        os.environ.update({**ENVIRONMENT, **kept, "POWERTOOLS_TRACE_DISABLED": "true", "IACFIX_CONFIG": str(path)})
        from iacfix.entry import event_parts, lambda_handler  # noqa: PLC0415 - after the environment is made

        lambda_handler.logger.registered_handler.stream = StringIO()  # type: ignore[attr-defined] # it writes to a stream
        store = InMemory()
        event_parts.ledger_at = lambda _address: store  # type: ignore[attr-defined,assignment] # a store of our own
        taken, used = [], []
        for number in range(2 * events):
            body = event(finding(f"bucket-{number}", severity="LOW"))
            record = {
                "messageId": str(number),
                "body": body,
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:iacfix",
                "attributes": {},
            }
            batch = {"Records": [json.loads(json.dumps(record))]}
            start, begun = time.perf_counter(), time.process_time()
            with redirect_stdout(StringIO()):
                answer = lambda_handler.handler(batch, Context())
            taken.append(1000 * (time.perf_counter() - start))
            used.append(1000 * (time.process_time() - begun))
            if answer != {"batchItemFailures": []}:
                raise RuntimeError(answer)
        warm = sorted(taken[events:])
        return taken[0], statistics.median(warm), warm[int(0.95 * len(warm))], statistics.median(used[events:])


def cold(turns: int) -> tuple[float, float]:
    """The best of several fresh processes, ours and the other, in seconds of processor time."""
    found: dict[str, list[float]] = {ALONE: [], OURS: []}
    timed = "import time; s = time.process_time(); exec({!r}); print(time.process_time() - s)"
    for _ in range(turns):
        for code, times in found.items():
            done = subprocess.run(
                [sys.executable, "-c", timed.format(code)], capture_output=True, check=True, env=os.environ
            )
            times.append(float(done.stdout))
    return min(found[OURS]), min(found[ALONE])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=300)
    options.add_argument("--turns", type=int, default=7)
    options.add_argument("--write", action="store_true", help="keep the table in RESULTS.md")
    given = options.parse_args()
    ours, alone = cold(given.turns)
    first, median, most, processor = overhead(given.events)
    rows = [
        ("an event, median", f"{median:.1f} ms", f"{MOST_MILLISECONDS:.0f} ms"),
        ("the same, processor time", f"{processor:.1f} ms", ""),
        ("an event, 95th percentile", f"{most:.1f} ms", ""),
        ("the first event, which imports the rest and clones a repository", f"{first:.0f} ms", ""),
        ("import of boto3 and Powertools alone", f"{1000 * alone:.0f} ms", ""),
        ("import of the handler with boto3", f"{1000 * ours:.0f} ms", ""),
        ("ratio", f"{ours / alone:.2f}", f"{MOST_RATIO}"),
    ]
    text = results.table(("handler", "measured", "at most"), rows)
    print(text)
    if given.write:
        results.write("handler", f"## The Lambda handler\n\n{results.made_by('handler')}\n\n{text}")
    if median > MOST_MILLISECONDS or ours / alone > MOST_RATIO:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
