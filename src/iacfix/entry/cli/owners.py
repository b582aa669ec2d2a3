"""`iacfix owners`: whose resources are."""

import json
import sys
from pathlib import Path

import click

from iacfix.config import TriageSettings
from iacfix.config.stores import Table, table_at
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Finding
from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.cli.triage_records import owner_record
from iacfix.entry.stores import rows_at
from iacfix.entry.triaging import ownership_from
from iacfix.triage.ownership import Ownership, Resolved
from iacfix.triage.ownership_rows import PREFIX, rows_of
from iacfix.workflows.triage import Assumed

_owners = click.option(
    "--owners", metavar="FILE|dynamodb:TABLE", help="The table.  [default: `triage.owners` of the configuration]"
)


@click.group()
def owners() -> None:
    """Say whose resources are, and why."""


@owners.command("resolve")
@click.argument("finding", metavar="FINDING|-")
@options.input_format
@_owners
@options.output("text", "json")
@options.config
def resolve(*, finding: str, input_format: str, owners: str | None, output: str, config: Path | None) -> None:
    """Show who owns the resource of each finding in a file, every rule that speaks of it, and why one won."""
    table, assumed = ownership_table(config, owners)
    unknown = False
    for read in wiring.findings_from(finding, input_format):
        if not isinstance(read, Finding):
            unknown = True
            click.echo(f"entry {read.position + 1}: {safe(read.field)}: {safe(read.reason)}", err=True)
            continue
        found = table.resolve(assumed.added(read.resource))
        unknown |= not found.owner.known
        click.echo(json.dumps(_record(read, found), ensure_ascii=False) if output == "json" else _told(read, found))
    sys.exit(Exit.NEEDS_A_PERSON if unknown else Exit.DONE)


@owners.command("list")
@_owners
@options.output("text", "json")
@options.config
def list_owners(*, owners: str | None, output: str, config: Path | None) -> None:
    """Show the table, row by row."""
    table, _ = ownership_table(config, owners)
    for key, row in rows_of(table).items():
        name = key.removeprefix(PREFIX)
        if output == "json":
            click.echo(json.dumps({"entry": name, **row}, ensure_ascii=False))
            continue
        told = ", ".join(
            f"{field} {' '.join(each) if isinstance(each, tuple) else each}" for field, each in row.items()
        )
        click.echo(safe(f"{name.replace('#', ' ', 1)}: {told or 'nobody of its own'}"))


def _words(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


@owners.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "address", metavar="dynamodb:TABLE", help="The table.  [default: `triage.owners`]")
@options.config
def import_owners(*, file: Path, address: str | None, config: Path | None) -> None:
    """Make the table in DynamoDB what a file says: entries that are not in the file are taken out.

    Entries are written one by one, new ones before old ones go.
    """
    wanted = rows_of(ownership_from(TriageSettings(file)))
    rows = rows_at(_table_to_write(address, config))
    known = rows.read(PREFIX)
    changed = [key for key, row in wanted.items() if known.get(key) != row]
    gone = [key for key in known if key not in wanted]
    for key in changed:
        rows.put(key, wanted[key])
    for key in gone:
        rows.delete(key)
    click.echo(f"{len(changed)} changed, {len(gone)} taken out" if changed or gone else "nothing to change")


def _table_to_write(address: str | None, config: Path | None) -> Table:
    """Raises ConfigurationError where it is no table."""
    if address is not None:
        found = table_at(address)
    else:
        triage = wiring.settings_from(config).triage
        found = triage.owners if triage is not None and isinstance(triage.owners, Table) else None
    if found is None:
        raise ConfigurationError("no table to import into", remedy="give --to dynamodb:TABLE")
    return found


def ownership_table(config: Path | None, owners: str | None) -> tuple[Ownership, Assumed]:
    """Raises ConfigurationError."""
    triage = wiring.settings_from(config).triage
    if owners is not None:
        return ownership_from(TriageSettings(table_at(owners) or Path(owners))), _assumed(triage)
    if triage is None:
        raise ConfigurationError("no ownership table is configured", remedy="give --owners, or set `triage.owners`")
    return ownership_from(triage), _assumed(triage)


def _assumed(triage: TriageSettings | None) -> Assumed:
    return Assumed() if triage is None else Assumed(triage.assume_account, triage.assume_tags)


def _record(finding: Finding, found: Resolved) -> dict[str, object]:
    return {
        "finding_id": finding.id,
        "resource": finding.resource.identifier,
        "owner": owner_record(found.owner),
        "why": redact(found.why),
        "matched": [{"by": each.rule, "reason": redact(each.text)} for each in found.matched],
        "notes": [redact(each.text) for each in found.notes],
    }


def _told(finding: Finding, found: Resolved) -> str:
    owner = found.owner
    contact = f" ({safe(owner.contact)})" if owner.contact else ""
    lines = [f"{safe(finding.resource.identifier)}: {safe(owner.team)}{contact}, by {owner.by}", f"  {safe(found.why)}"]
    lines += [f"  matched, by {each.rule}: {safe(each.text)}" for each in found.matched]
    lines += [f"  note: {safe(each.text)}" for each in found.notes]
    return "\n".join(lines)
