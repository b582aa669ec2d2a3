"""`iacfix status`: how many findings stand where, whose they are, what fails and what is stuck."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iacfix.domain.ledger import LedgerEntry, State
from iacfix.entry.cli import options, records, wiring
from iacfix.entry.cli.text import safe
from iacfix.entry.stores import existing_ledger
from iacfix.ledger.figures import ControlFigures, Figures, figures
from iacfix.ledger.states import ENDS, FAILED
from iacfix.workflows.clock import utc_now

_STYLES = {**dict.fromkeys(ENDS, "green"), **dict.fromkeys(FAILED, "red")}
# Of owners, controls and stuck findings, so many are shown; the JSON has all of them.
MOST_SHOWN = 20


@click.command()
@options.ledger
@click.option(
    "--stuck-after",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="What has been on its way for so long is stuck.",
)
@options.output("text", "json")
@options.config
def status(*, ledger: str | None, stuck_after: float, output: str, config: Path | None) -> None:
    """Show how many findings stand in which state, whose they are, how often fixes fail, and what is stuck."""
    store = existing_ledger(wiring.settings_from(config).ledger if ledger is None else ledger)
    found = figures(store.in_states(frozenset(State)), utc_now(), timedelta(hours=stuck_after))
    if output == "json":
        click.echo(records.line(_record(found)))
        return
    console = Console()
    for table in _tables(found):
        console.print(table)


def _record(found: Figures) -> Mapping[str, object]:
    return {
        "states": {state.value: count for state, count in found.states.items()},
        "owners": dict(found.owners),
        "severities": dict(found.severities),
        "failure_rate": round(found.failure_rate, 4),
        "controls": [_control(each) for each in found.controls],
        "stuck": [_stuck(each) for each in found.stuck],
    }


def _control(each: ControlFigures) -> Mapping[str, object]:
    more = {"tried": each.tried, "failed": each.failed, "failure_rate": round(each.failure_rate, 4)}
    return {"control": each.control, "findings": each.findings, **more}


def _stuck(each: LedgerEntry) -> Mapping[str, object]:
    return {
        "key": each.key,
        "state": each.state.value,
        "since": each.changed_at,
        "control": each.control,
        "resource": each.resource,
        "owner": each.owner or None,
        "reason": safe(each.reason),
    }


def _tables(found: Figures) -> Iterator[Table]:
    states = Table("state", "findings", "the oldest since", "which is", box=None)
    for state, count in found.states.items():
        oldest = found.oldest[state]
        which = Text(safe(f"{oldest.control} of {oldest.resource}"))
        states.add_row(state, str(count), oldest.changed_at, which, style=_STYLES.get(state, ""))
    yield states
    for heading, counts in (("owner", found.owners), ("severity", found.severities)):
        table = Table(heading, "open findings", box=None)
        for name, count in list(counts.items())[:MOST_SHOWN]:
            table.add_row(Text(safe(name)), str(count))
        if counts:
            yield table
    if failing := [each for each in found.controls if each.failed]:
        table = Table("control", "tried", "failed", "failure rate", box=None)
        for each in failing[:MOST_SHOWN]:
            table.add_row(Text(safe(each.control)), str(each.tried), str(each.failed), f"{each.failure_rate:.0%}")
        yield table
    if found.stuck:
        table = Table(f"stuck ({len(found.stuck)})", "since", "which is", box=None, style="yellow")
        for one in found.stuck[:MOST_SHOWN]:
            table.add_row(one.state, one.changed_at, Text(safe(f"{one.control} of {one.resource}")))
        yield table
