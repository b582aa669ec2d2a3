"""`iacfix audit`: the record of what was done, by whom, and why."""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import click

from iacfix import __version__
from iacfix.adapters.aws.audit_bucket import Lock, audit_bucket
from iacfix.domain.audit import Head, read
from iacfix.entry.cli import options, records, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.stores import existing_ledger
from iacfix.ledger.audit import MAIN, Broken
from iacfix.ledger.ocsf import event
from iacfix.ports.stores import LedgerStore
from iacfix.workflows import archiving
from iacfix.workflows.archiving import archived, verified
from iacfix.workflows.clock import utc_now

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
@click.option(
    "--archive", metavar="s3://BUCKET/PREFIX", help="Verify what was exported too; the ledger has to continue it."
)
@options.config
def verify_record(*, ledger: str | None, heads: tuple[str, ...], archive: str | None, config: Path | None) -> None:
    """See that nothing in the record was changed: prints where it ends, or exits with 1 and says where it breaks."""
    known = dict(_heads(heads))
    if archive is not None:
        for chain, head in _held(archived(audit_bucket(archive)), "the archive").items():
            known[chain] = max(head, known.get(chain, head), key=lambda each: each.sequence)
    for chain, head in sorted(_held(verified(_opened(ledger, config), known), "the audit record").items()):
        click.echo(f"{safe(chain)}={head.sequence}:{head.hash}")


@audit.command()
@options.ledger
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "ocsf"]),
    default="jsonl",
    show_default=True,
    help="jsonl: as it was hashed. ocsf: events of OCSF 1.3, Remediation Activity.",
)
@click.option(
    "--to", "address", metavar="s3://BUCKET/PREFIX", help="Into a bucket with Object Lock, what is not there."
)
@click.option(
    "--lock",
    type=click.Choice([each.value for each in Lock]),
    default=Lock.GOVERNANCE.value,
    show_default=True,
    help="Who may lift it: with governance, whoever has the permission; with compliance, nobody.",
)
@click.option(
    "--retain-days", type=click.IntRange(1, 36_500), default=365, show_default=True, help="How long it is locked."
)
@options.config
def export(  # noqa: PLR0913 - one parameter for each option
    *, ledger: str | None, form: str, address: str | None, lock: str, retain_days: int, config: Path | None
) -> None:
    """Print the record, one line of JSON for each event; or keep it in S3, where its writer cannot change it."""
    if address is not None and form != "jsonl":
        raise click.UsageError("--to keeps the record as it was hashed: leave --format out")
    store = _opened(ledger, config)
    if address is None:
        for line in store.audit():
            click.echo(line if form == "jsonl" else records.line(event(read(line), __version__)))
        return
    done = archiving.export(store, audit_bucket(address, Lock(lock)), utc_now() + timedelta(days=retain_days))
    click.echo(f"{done.records} records in {done.segments} segments", err=True)
    for chain, head in sorted(done.heads.items()):
        click.echo(f"{safe(chain)}={head.sequence}:{head.hash}")


def _held(found: Mapping[str, Head] | Broken, what: str) -> Mapping[str, Head]:
    """Ends the command where it does not hold."""
    if not isinstance(found, Broken):
        return found
    line = f" at its line {found.line}" if found.line else ""
    where = f" (record {found.sequence} of {safe(found.chain)})" if found.chain else ""
    click.echo(f"{what} does not hold{line}{where}: {safe(found.reason)}", err=True)
    sys.exit(Exit.NEEDS_A_PERSON)


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
