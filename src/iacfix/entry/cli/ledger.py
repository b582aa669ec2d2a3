"""`iacfix status` and `iacfix audit`: what the ledger says."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from iacfix import __version__
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import Head
from iacfix.domain.errors import InputError, StaleEntryError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.outcome import Outcome
from iacfix.entry.cli import options
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.ledger.audit import MAIN, Broken, verify
from iacfix.ledger.states import ENDS, FAILED
from iacfix.workflows.record import Recorder

_STYLES = {**dict.fromkeys(ENDS, "green"), **dict.fromkeys(FAILED, "red")}
_HEAD = re.compile(r"(?:(?P<chain>[^=]+)=)?(?P<sequence>[0-9]{1,12}):(?P<hash>[0-9a-f]{64})")


@click.command()
@options.ledger(required=True)
@options.output("text", "json")
def status(*, ledger: Path, output: str) -> None:
    """Show how many findings stand in which state, and since when the oldest does."""
    found = _by_state(list(_opened(ledger).in_states(frozenset(State))))
    if output == "json":
        click.echo(json.dumps({state: len(entries) for state, entries in found.items()}))
        return
    table = Table("state", "findings", "the oldest since", "which is", box=None)
    for state, entries in found.items():
        oldest = entries[0]
        name = f"{oldest.control} of {oldest.resource}"
        table.add_row(state, str(len(entries)), oldest.changed_at, safe(name), style=_STYLES.get(state, ""))
    Console().print(table)


@click.group()
def audit() -> None:
    """Verify and export the audit record."""


@audit.command("verify")
@options.ledger(required=True)
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="[CHAIN=]NUMBER:HASH",
    help="Where a chain has to have come at least, as `verify` told it before (repeatable): no end was cut off.",
)
def verify_record(*, ledger: Path, heads: tuple[str, ...]) -> None:
    """See that nothing in the record was changed: prints where it ends, or exits with 1 and says where it breaks."""
    found = verify(_opened(ledger).audit(), _heads(heads))
    if isinstance(found, Broken):
        where = f" (record {found.sequence} of {safe(found.chain)})" if found.chain else ""
        click.echo(f"the audit record does not hold at its line {found.line}{where}: {safe(found.reason)}", err=True)
        sys.exit(Exit.NEEDS_A_PERSON)
    for chain, head in sorted(found.items()):
        click.echo(f"{safe(chain)}={head.sequence}:{head.hash}")


@audit.command()
@options.ledger(required=True)
def export(*, ledger: Path) -> None:
    """Print the record, one line of JSON for each event, as it was hashed."""
    for line in _opened(ledger).audit():
        click.echo(line)


def recorded(outcomes: Iterable[Outcome], path: Path | None, *, dry_run: bool = False) -> Iterator[Outcome]:
    """The outcomes as they come, each in the ledger before it is told. Nothing is written without a ledger, or when
    nothing is done. A finding that another run is at keeps what that run says of it.
    """
    if path is None or dry_run:
        yield from outcomes
        return
    recorder = Recorder(SqliteLedger(path), f"iacfix/{__version__}")
    recorder.store.head(recorder.chain)  # what stands in the way is better said before the work than after it
    for outcome in outcomes:
        try:
            recorder.record(outcome)
        except StaleEntryError as error:
            click.echo(safe(str(error)), err=True)
        yield outcome


def _opened(path: Path) -> SqliteLedger:
    if not path.is_file():
        raise InputError(f"there is no ledger {path}", remedy="`iacfix generate --ledger FILE` makes one")
    return SqliteLedger(path)


def _by_state(entries: Sequence[LedgerEntry]) -> Mapping[State, Sequence[LedgerEntry]]:
    """In the order of the states, without those that nothing stands in."""
    return {state: found for state in State if (found := [each for each in entries if each.state is state])}


def _heads(given: Sequence[str]) -> Mapping[str, Head]:
    heads: dict[str, Head] = {}
    for text in given:
        found = _HEAD.fullmatch(text)
        if found is None:
            raise click.UsageError(f"--head {safe(text)}: give it as `iacfix audit verify` prints it")
        heads[found["chain"] or MAIN] = Head(int(found["sequence"]), found["hash"])
    return heads
