"""`iacfix owners unassigned`: what is nobody's, so that somebody can be named. Made for a schedule."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.owners import ownership_table
from iacfix.entry.cli.text import safe
from iacfix.entry.stores import existing_ledger
from iacfix.ledger.states import ENDS
from iacfix.triage.ownership import Ownership
from iacfix.workflows.clock import utc_now
from iacfix.workflows.triage import Assumed

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A resource that is nobody's. `findings` are those that are open, `new` those of them that came within a week."""

    resource: str
    kind: str
    account: str
    team: str
    reason: str
    findings: int
    new: int = 0
    since: str = ""


@click.command("unassigned")
@click.option("--findings", metavar="FILE|-", help="Of a report; - reads standard input.")
@options.input_format
@options.ledger
@click.option("--owners", metavar="FILE|dynamodb:TABLE", help="The table.  [default: `triage.owners`]")
@options.output("text", "json")
@options.config
def unassigned(  # noqa: PLR0913 - one parameter for each option
    *,
    findings: str | None,
    input_format: str,
    ledger: str | None,
    owners: str | None,
    output: str,
    config: Path | None,
) -> None:
    """List the resources that are nobody's: of a report, and of what is open in the ledger. Exit code 1: some are."""
    table, assumed = ownership_table(config, owners)
    address = wiring.settings_from(config).ledger if ledger is None else ledger
    found: list[Unassigned] = []
    if findings is None or ledger is not None:
        entries = existing_ledger(address).in_states(frozenset(State) - ENDS)
        found += _of_ledger(entries, table, utc_now())
    if findings is not None:
        read = [each for each in wiring.findings_from(findings, input_format) if isinstance(each, Finding)]
        known = {each.resource for each in found}
        found += [each for each in _of_findings(read, table, assumed) if each.resource not in known]
    for each in found:
        click.echo(json.dumps(_record(each), ensure_ascii=False) if output == "json" else _line(each))
    if output == "text":
        click.echo(_summed(found, table.default.team))
    sys.exit(Exit.NEEDS_A_PERSON if found else Exit.DONE)


def _of_findings(findings: Iterable[Finding], table: Ownership, assumed: Assumed) -> Iterator[Unassigned]:
    counted: Counter[tuple[str, str, str]] = Counter()
    why: dict[tuple[str, str, str], tuple[str, str]] = {}
    for each in findings:
        resolved = table.resolve(assumed.added(each.resource))
        if not resolved.owner.known:
            key = (each.resource.identifier, each.resource.type, each.resource.account)
            counted[key] += 1
            why[key] = (resolved.owner.team, redact(resolved.why))
    for key in sorted(counted):
        yield Unassigned(*key, *why[key], counted[key])


def _of_ledger(entries: Iterable[LedgerEntry], table: Ownership, now: datetime) -> Iterator[Unassigned]:
    """Whose entry has no owner, or the team that looks after what is nobody's: the ledger keeps no tags."""
    team = table.default.team
    by_resource: dict[tuple[str, str], list[LedgerEntry]] = {}
    for each in entries:
        if each.owner in {"", team}:
            by_resource.setdefault((each.resource, each.account), []).append(each)
    for (resource, account), those in sorted(by_resource.items()):
        new = sum(datetime.fromisoformat(each.received_at) > now - WEEK for each in those)
        since = min(each.received_at for each in those)
        named = any(each.owner for each in those)
        reason = f"it fell to {team}" if named else "nobody decided whose it is"
        yield Unassigned(resource, "", account, team, reason, len(those), new, since)


def _record(each: Unassigned) -> Mapping[str, object]:
    return {
        "resource": each.resource,
        "type": each.kind or None,
        "account": each.account or None,
        "findings": each.findings,
        "new": each.new,
        "since": each.since or None,
        "looked_after_by": each.team,
        "reason": each.reason,
    }


def _line(each: Unassigned) -> str:
    number = f"{each.findings} finding{'' if each.findings == 1 else 's'}"
    since = f", {each.new} of them new within a week, the first of {each.since[:10]}" if each.since else ""
    kind = f"{safe(each.kind or 'unknown type')}, " if not each.since else ""
    account = f"account {safe(each.account)}, " if each.since and each.account else ""
    return f"{safe(each.resource)} ({kind}{account}{number}{since}): {safe(each.reason)}"


def _summed(found: list[Unassigned], team: str) -> str:
    if not found:
        return "every resource is somebody's"
    noun = "resource is" if len(found) == 1 else "resources are"
    return f"{len(found)} {noun} nobody's; {safe(team)} looks after what is nobody's"
