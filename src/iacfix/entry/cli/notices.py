"""People are told of what a run made of its findings, after it is in the ledger."""

import os
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from iacfix.config import Settings
from iacfix.domain.errors import LedgerError
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry
from iacfix.domain.outcome import Outcome
from iacfix.domain.remediation import Approval
from iacfix.domain.triage import Owner
from iacfix.entry.cli.text import safe
from iacfix.entry.notifying import notifying_from
from iacfix.entry.stores import ledger_at
from iacfix.entry.triaging import ownership_from
from iacfix.ledger.identity import ledger_key
from iacfix.workflows.notify import Notifying, Result, Told, approval_notice, notice_of, outcome_notice, summary_of
from iacfix.workflows.triage import Assumed

if TYPE_CHECKING:
    from collections.abc import Callable

    from iacfix.ports.stores import LedgerStore


class Notices:
    """Nobody is told where the configuration says nothing of it, or nothing is done. Raises ConfigurationError."""

    def __init__(self, settings: Settings, ledger: str, *, dry_run: bool = False) -> None:
        self._notifying: Notifying | None = None
        self._store: LedgerStore | None = None
        self._owner_of: Callable[[Finding], Owner | None] = lambda _finding: None
        if settings.notify is None or dry_run:
            return
        self._store = ledger_at(ledger) if ledger else None
        self._notifying = notifying_from(settings.notify, os.environ, store=self._store)
        if settings.triage is not None:
            ownership = ownership_from(settings.triage)
            assumed = Assumed(settings.triage.assume_account, settings.triage.assume_tags)
            self._owner_of = lambda finding: ownership.resolve(assumed.added(finding.resource)).owner

    def told(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes as they come, each after it was told; when all have come, the summary. What could not be told
        goes to stderr, and changes nothing else.
        """
        if self._notifying is None:
            yield from outcomes
            return
        seen: list[tuple[Outcome, str]] = []
        for outcome in outcomes:
            owner = self._owner_of(outcome.finding) if isinstance(outcome.finding, Finding) else None
            seen.append((outcome, owner.team if owner is not None else ""))
            self._tell(self._notifying, outcome, owner)
            yield outcome
        if seen:
            _show(self._notifying.summarize(summary_of(uuid.uuid4().hex, seen)))

    def remedied(self, finding: Finding, entry: LedgerEntry, approval: Approval | None) -> None:
        """What a runbook made of a finding, or the question whether it may be started."""
        if self._notifying is None:
            return
        owner = self._owner_of(finding)
        if approval is None:
            notice = notice_of(entry, title=finding.title, owner=owner, link=finding.url)
        else:
            notice = approval_notice(entry, approval, title=finding.title, owner=owner)
        if notice is not None:
            _show(self._notifying.tell(notice))

    def _tell(self, notifying: Notifying, outcome: Outcome, owner: Owner | None) -> None:
        finding = outcome.finding
        if not isinstance(finding, Finding):
            return
        entry = self._entry(finding, outcome)
        notice = outcome_notice(outcome, entry=entry, owner=owner)
        if notice is not None:
            _show(notifying.tell(notice))

    def _entry(self, finding: Finding, outcome: Outcome) -> LedgerEntry | None:
        """Where the ledger cannot be read, who records into it says so: what is told is what the run made of it."""
        try:
            return self._store.get(ledger_key(finding, outcome.repository)) if self._store is not None else None
        except LedgerError:
            return None


def _show(told: Iterable[Told]) -> None:
    for each in told:
        if each.result is Result.FAILED:
            click.echo(f"iacfix: {safe(each.notifier)} could not be told: {safe(each.reason)}", err=True)
