"""`iacfix work`: findings from a queue, as the Lambda function does it, in this process."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from iacfix.adapters.aws.queues import SqsQueue
from iacfix.entry.cli import options
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.event_parts import messages_from
from iacfix.entry.messages import Messages
from iacfix.entry.worker import HOLD, RETRY, Worker
from iacfix.ports.queue import Delivery
from iacfix.workflows.intake import Handled

RENEWED = 300.0


@click.command()
@click.option("--queue", required=True, metavar="URL", help="The queue's address, as SQS tells it.")
@click.option("--once", is_flag=True, help="End when nothing comes any more.")
@click.option("--wait", type=click.IntRange(0, 20), default=20, show_default=True, help="Seconds to wait for messages.")
@click.option(
    "--hold", type=click.IntRange(1, 43_200), default=HOLD, show_default=True, help="Seconds to hold a message."
)
@click.option(
    "--retry", type=click.IntRange(0, 900), default=RETRY, show_default=True, help="Seconds until what failed comes."
)
@options.ledger
@options.config
def work(  # noqa: PLR0913 - one parameter for each option
    *, queue: str, once: bool, wait: int, hold: int, retry: int, ledger: str | None, config: Path | None
) -> None:
    """Work on the findings that a queue delivers. SIGTERM and SIGINT end it after the message in hand."""
    stop = threading.Event()
    renewing = _Renewing(config, ledger or "")
    renewing()  # what stands in the way is better said before the work than after it
    with _stopping(stop):
        tally = Worker(SqsQueue(queue), renewing, _told, stop, hold, retry).work(once=once, wait=wait)
    click.echo(json.dumps({"messages": tally.done, "failed": tally.failed}), err=True)
    sys.exit(Exit.NEEDS_A_PERSON if tally.failed else Exit.DONE)


@contextmanager
def _stopping(stop: threading.Event) -> Iterator[None]:
    """While it works, whoever ends the process sets `stop`."""
    before = {each: signal.signal(each, lambda *_: stop.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Renewing:
    """Configuration and secrets are read again now and then."""

    def __init__(self, config: Path | None, ledger: str) -> None:
        self._config, self._ledger = config, ledger
        self._made: tuple[float, Messages] | None = None

    def __call__(self) -> Messages:
        now = time.monotonic()
        if self._made is None or now - self._made[0] > RENEWED:
            self._made = now, messages_from(os.environ, self._config, self._ledger)
        return self._made[1]


def _told(delivery: Delivery, found: tuple[Handled, ...] | str) -> None:
    """A line of JSON for each finding, and for each message that goes back."""
    if isinstance(found, str):
        _say({"message": delivery.id, "state": "goes back", "reason": safe(found), "received": delivery.received})
        return
    for each in found:
        entry = each.entry
        if entry is None:
            _say({"message": delivery.id, "state": "rejected", "reason": safe(each.outcome.reason)})
        else:
            told = {"finding": entry.key, "control": entry.control, "state": entry.state, "owner": entry.owner}
            _say({"message": delivery.id, **told, "reason": safe(entry.reason), "pull_request": entry.pull_request})


def _say(line: dict[str, object]) -> None:
    click.echo(json.dumps(line))
    sys.stdout.flush()
