"""`iacfix audit`: the record of what was done, by whom, and why."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from iacfix.domain.audit import Head
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.stores import existing_ledger
from iacfix.ledger.audit import MAIN, Broken, verify
from iacfix.ports.stores import LedgerStore

_HEAD = re.compile(r"(?:(?P<chain>[^=]+)=)?(?P<sequence>[0-9]{1,12}):(?P<hash>[0-9a-f]{64})")


@click.group()
def audit() -> None:
    """Verify and export the audit record."""


@audit.command("verify")
@options.ledger
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="[CHAIN=]NUMBER:HASH",
    help="Where a chain has to have come at least, as `verify` told it before (repeatable): no end was cut off.",
)
@options.config
def verify_record(*, ledger: str | None, heads: tuple[str, ...], config: Path | None) -> None:
    """See that nothing in the record was changed: prints where it ends, or exits with 1 and says where it breaks."""
    found = verify(_opened(ledger, config).audit(), _heads(heads))
    if isinstance(found, Broken):
        where = f" (record {found.sequence} of {safe(found.chain)})" if found.chain else ""
        click.echo(f"the audit record does not hold at its line {found.line}{where}: {safe(found.reason)}", err=True)
        sys.exit(Exit.NEEDS_A_PERSON)
    for chain, head in sorted(found.items()):
        click.echo(f"{safe(chain)}={head.sequence}:{head.hash}")


@audit.command()
@options.ledger
@options.config
def export(*, ledger: str | None, config: Path | None) -> None:
    """Print the record, one line of JSON for each event, as it was hashed."""
    for line in _opened(ledger, config).audit():
        click.echo(line)


def _opened(ledger: str | None, config: Path | None) -> LedgerStore:
    return existing_ledger(wiring.settings_from(config).ledger if ledger is None else ledger)


def _heads(given: Sequence[str]) -> Mapping[str, Head]:
    heads: dict[str, Head] = {}
    for text in given:
        found = _HEAD.fullmatch(text)
        if found is None:
            raise click.UsageError(f"--head {safe(text)}: give it as `iacfix audit verify` prints it")
        heads[found["chain"] or MAIN] = Head(int(found["sequence"]), found["hash"])
    return heads
