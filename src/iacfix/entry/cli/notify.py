"""`iacfix notify`: people are told of what stands in the ledger and was not told yet."""

import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import click

from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import CloudResource
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.notice import Notice
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.notifying import notifying_from
from iacfix.entry.stores import existing_ledger
from iacfix.entry.triaging import ownership_from
from iacfix.workflows.clock import utc_now
from iacfix.workflows.notify import Result, Told, notice_of, summary_of_entries


@click.command()
@options.ledger
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=7,
    show_default=True,
    help="Only of what has changed in so many days: nobody wants to hear of everything that ever was.",
)
@click.option("--summary", is_flag=True, help="Sum these findings up as well, once a day.")
@options.config
def notify(*, ledger: str | None, days: int, summary: bool, config: Path | None) -> None:
    """Tell people of findings of the ledger as they stand, as far as they have not been told."""
    settings = wiring.settings_from(config)
    if settings.notify is None:
        raise ConfigurationError("the configuration says nothing of notices", remedy="see docs/notifications.md")
    store = existing_ledger(settings.ledger if ledger is None else ledger)
    notifying = notifying_from(settings.notify, os.environ, store=store)
    ownership = None if settings.triage is None else ownership_from(settings.triage)
    catalogue = wiring.catalogue_from(settings)

    def notice(entry: LedgerEntry) -> Notice | None:
        """The ledger knows the account, and no tags."""
        resource = CloudResource("", entry.resource, account=entry.account, region=entry.region)
        owner = None if ownership is None else ownership.resolve(resource).owner
        control = catalogue.get(entry.control)
        return notice_of(entry, title="" if control is None else control.title, owner=owner)

    counts: Counter[Result] = Counter()
    now = utc_now()
    since = now - timedelta(days=days)
    changed = [
        entry for entry in store.in_states(frozenset(State)) if datetime.fromisoformat(entry.changed_at) >= since
    ]
    for made in filter(None, map(notice, changed)):
        _count(notifying.tell(made), counts)
    if summary and changed:
        _count(notifying.summarize(summary_of_entries(f"{now:%Y-%m-%d}, {days} days", changed)), counts)
    click.echo(", ".join(f"{counts[result]} {result.value.replace('_', ' ')}" for result in Result))
    sys.exit(Exit.NEEDS_A_PERSON if counts[Result.FAILED] else Exit.DONE)


def _count(told: Iterable[Told], counts: Counter[Result]) -> None:
    for each in told:
        counts[each.result] += 1
        if each.result is Result.FAILED:
            click.echo(f"iacfix: {safe(each.notifier)} could not be told: {safe(each.reason)}", err=True)
