"""`iacfix owners`: whose resources are."""

import json
import sys
from collections import Counter
from pathlib import Path

import click

from iacfix.config import TriageSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Finding
from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.cli.triage_records import owner_record
from iacfix.entry.triaging import ownership_from
from iacfix.triage.ownership import Ownership, Resolved
from iacfix.workflows.triage import Assumed

_owners = click.option(
    "--owners", type=click.Path(path_type=Path, dir_okay=False), help="The table.  [default: `triage.owners`]"
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
def resolve(*, finding: str, input_format: str, owners: Path | None, output: str, config: Path | None) -> None:
    """Show who owns the resource of each finding in a file, every rule that speaks of it, and why one won."""
    table, assumed = _table(config, owners)
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


@owners.command("unassigned")
@options.findings
@options.input_format
@_owners
@options.output("text", "json")
@options.config
def unassigned(*, findings: str, input_format: str, owners: Path | None, output: str, config: Path | None) -> None:
    """List the resources of a report that are nobody's, with what would have to be said of them."""
    table, assumed = _table(config, owners)
    counted: Counter[tuple[str, str, str]] = Counter()
    why: dict[tuple[str, str, str], Resolved] = {}
    for read in wiring.findings_from(findings, input_format):
        if not isinstance(read, Finding):
            continue
        found = table.resolve(assumed.added(read.resource))
        if not found.owner.known:
            key = (read.resource.identifier, read.resource.type, read.resource.account)
            counted[key] += 1
            why[key] = found
    for key in sorted(counted):
        identifier, kind, account = key
        if output == "json":
            record = {"resource": identifier, "type": kind or None, "account": account or None}
            more = {"findings": counted[key], "looked_after_by": why[key].owner.team, "reason": redact(why[key].why)}
            click.echo(json.dumps(record | more, ensure_ascii=False))
        else:
            number = f"{counted[key]} finding{'' if counted[key] == 1 else 's'}"
            click.echo(f"{safe(identifier)} ({safe(kind or 'unknown type')}, {number}): {safe(why[key].why)}")
    if output == "text":
        team = safe(table.default.team)
        noun = "resource is" if len(counted) == 1 else "resources are"
        told = f"{len(counted)} {noun} nobody's; {team} looks after what is nobody's"
        click.echo(told if counted else "every resource is somebody's")
    sys.exit(Exit.NEEDS_A_PERSON if counted else Exit.DONE)


def _table(config: Path | None, owners: Path | None) -> tuple[Ownership, Assumed]:
    """Raises ConfigurationError."""
    triage = wiring.settings_from(config).triage
    if owners is not None:
        return ownership_from(TriageSettings(owners)), _assumed(triage)
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
