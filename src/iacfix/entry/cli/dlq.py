"""`iacfix dlq`: messages that nobody could finish."""

import getpass
import json
import math
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack

import click

from iacfix.adapters.aws.queues import SqsQueue
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import FindingRead
from iacfix.entry.cli import options
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.event_parts import event_work
from iacfix.findings.arrivals import open_message
from iacfix.workflows.dead_letters import HOLD, DeadLetters, Letter, Wanted
from iacfix.workflows.record import Recorder

CHAIN = "dead-letters"
LONGEST_HOLD = 43_200
"""Seconds: the most that SQS has."""
_AGE = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
Command = TypeVar("Command", bound=Callable[..., object])


def _age(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """In seconds."""
    if not value:
        return 0
    found = _AGE.fullmatch(value)
    if found is None:
        raise click.BadParameter("write it like 30m, 12h or 7d")
    return int(found[1]) * _SECONDS[found[2]]


class Chosen(TypedDict):
    queue: str
    older: float
    newer: float
    reason: str
    control: str
    account: str
    count: int
    ledger: str | None
    config: Path | None


def _chosen(command: Command) -> Command:
    """What the commands share: where the letters are, and which of them."""
    for option in reversed(
        (
            click.option("--queue", required=True, metavar="URL", help="The dead-letter queue."),
            click.option("--older-than", "older", default="", callback=_age, help="Sent before so long, like 12h."),
            click.option("--newer-than", "newer", default="", callback=_age, help="Sent since so long."),
            click.option("--reason", default="", help="Words of why it failed."),
            click.option("--control", default="", help="Control of a finding in it, with *."),
            click.option("--account", default="", help="Account of a finding in it."),
            click.option("--count", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="The most."),
            options.ledger,
            options.config,
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True)
class Choice:
    queue: SqsQueue
    letters: DeadLetters
    found: tuple[Letter, ...]

    def close(self) -> None:
        self.letters.give_back(self.found)


@click.group()
def dlq() -> None:
    """See to messages that nobody could finish."""


@dlq.command("list")
@_chosen
@options.output("text", "json")
def list_letters(*, output: str, **chosen: Unpack[Chosen]) -> None:
    """List them, with what they are about and why they failed. Nothing is changed."""
    with closing(_choice(**chosen)) as choice:
        for letter in choice.found:
            click.echo(json.dumps(_record(letter)) if output == "json" else _line(letter))


@dlq.command()
@click.argument("message")
@_chosen
def show(*, message: str, **chosen: Unpack[Chosen]) -> None:
    """Show one whole, as it came."""
    with closing(_choice(message, **chosen)) as choice:
        for letter in choice.found:
            click.echo(json.dumps({**_record(letter), "body": safe(letter.delivery.body)}, indent=2))
        if not choice.found:
            click.echo(f"there is no message {safe(message)}", err=True)
            sys.exit(Exit.NEEDS_A_PERSON)


@dlq.command()
@click.option("--to", "to", metavar="URL", help="Where to.  [default: the queue whose dead letters these are]")
@click.option("--rate", type=click.FloatRange(0.01, 1000), default=5.0, show_default=True, help="The most a second.")
@_chosen
def replay(*, to: str | None, rate: float, **chosen: Unpack[Chosen]) -> None:
    """Send them again. What was done of a message before is found, and not done twice."""
    with closing(_choice(seconds=chosen["count"] / rate, **chosen)) as choice:
        target = SqsQueue(to or _source(choice.queue))
        for number, letter in enumerate(choice.found):
            if number:
                time.sleep(1 / rate)
            choice.letters.replay(letter, target)
        click.echo(f"{len(choice.found)} sent again")


@dlq.command()
@click.option("--because", required=True, help="Why nobody has to see to them: it is kept in the audit record.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_chosen
def discard(*, because: str, yes: bool, **chosen: Unpack[Chosen]) -> None:
    """Delete them for good. Each is in the audit record."""
    with closing(_choice(**chosen)) as choice:
        for letter in choice.found:
            click.echo(_line(letter), err=True)
        if choice.found and not yes:
            click.confirm(f"delete these {len(choice.found)}?", abort=True, err=True)
        for letter in choice.found:
            choice.letters.discard(letter, because)
        click.echo(f"{len(choice.found)} deleted")


def _choice(message: str = "", *, seconds: float = 0, **chosen: Unpack[Chosen]) -> Choice:
    """`seconds` is how long it takes to go through them, where that is known."""
    queue = chosen["queue"]
    work = event_work(os.environ, chosen["config"], chosen["ledger"] or "")
    recorder = Recorder(work.store, f"{_login()} by iacfix", chain=CHAIN)
    hold = min(HOLD + math.ceil(seconds), LONGEST_HOLD)
    letters = DeadLetters(SqsQueue(queue), _opened, work.run().known, recorder, time.time, hold)
    wanted = Wanted(chosen["older"], chosen["newer"], chosen["reason"], chosen["control"], chosen["account"], message)
    return Choice(SqsQueue(queue), letters, letters.letters(wanted, chosen["count"]))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise click.UsageError("nobody is logged in: set LOGNAME to who does this") from None


def _opened(body: str) -> Sequence[FindingRead]:
    return [read for arrival in open_message(body) for read in arrival.reads]


def _source(queue: SqsQueue) -> str:
    found = queue.sources()
    if len(found) != 1:
        said = "several queues have" if found else "no queue has"
        raise ConfigurationError(f"{said} their dead letters there", remedy="name where they go with --to")
    return found[0]


def _record(letter: Letter) -> dict[str, object]:
    delivery = letter.delivery
    sent = datetime.fromtimestamp(delivery.sent_at, UTC).isoformat(timespec="seconds")
    about = [
        {
            "control": safe(each.control),
            "account": safe(each.account),
            "resource": safe(each.resource),
            "state": each.state,
            "reason": safe(each.reason),
        }
        for each in letter.about
    ]
    return {"message": delivery.id, "sent": sent, "received": delivery.received, "findings": about}


def _line(letter: Letter) -> str:
    told = _record(letter)
    first = letter.about[0] if letter.about else None
    about = f"{first.control} of {first.resource}: {first.reason or first.state}" if first else "no finding"
    more = f" (and {len(letter.about) - 1} more)" if len(letter.about) > 1 else ""
    return f"{told['sent']}  {letter.delivery.id}  {safe(about)}{more}"
