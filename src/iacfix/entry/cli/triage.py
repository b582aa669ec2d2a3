"""`iacfix triage`: whose each finding is, whether it may be acted on, and which way it goes."""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iacfix.config import Settings
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.outcome import Outcome
from iacfix.domain.triage import Decision, RouteKind
from iacfix.entry.cli import options, records, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.places import workplaces
from iacfix.entry.cli.progress import each
from iacfix.entry.cli.text import safe
from iacfix.entry.cli.triage_history import earlier, history_at
from iacfix.entry.cli.triage_records import decision_record
from iacfix.entry.reviewing import reviewer_from
from iacfix.entry.triaging import triage_from
from iacfix.ledger.identity import ledger_key
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.merging import one_for_each_fact
from iacfix.workflows.proposed import ProposedRead
from iacfix.workflows.repositories import Fixers, Workplaces
from iacfix.workflows.triage import held, shown_only, unpublished

PLAIN_WIDTH = 220


@click.command()
@options.findings
@options.repository
@options.input_format
@options.output("text", "json")
@options.config
def triage(*, findings: str, repo: str | None, input_format: str, output: str, config: Path | None) -> None:
    """Decide of each finding whose it is, whether it may be acted on, and which way it goes; with reasons."""
    settings = wiring.settings_from(config)
    if settings.triage is None:
        raise ConfigurationError("the configuration says nothing of triage", remedy="see docs/triage.md")
    places = (
        workplaces(settings, repo, (), wiring.Hosts(settings).cloned)
        if repo is not None or settings.repositories
        else None
    )
    catalogue = wiring.catalogue_from(settings)
    review = reviewer_from(settings, history_at(settings.ledger))
    accepted = accepted_of(places, settings)
    triage = triage_from(settings.triage, catalogue, model=bool(settings.model.id), accepted=accepted, review=review)
    decisions: list[Decision] = []
    reads = one_for_each_fact(wiring.findings_from(findings, input_format), catalogue)
    for decision in each(reads, triage.decide, "deciding"):
        decisions.append(decision)
        if output == "json":
            click.echo(records.line(decision_record(decision)))
    if output == "text":
        _show(decisions)
    person = [
        each
        for each in decisions
        if each.route.kind is RouteKind.HUMAN and not (each.accepted_until or each.suppressed)
    ]
    sys.exit(Exit.NEEDS_A_PERSON if person else Exit.DONE)


class Gate:
    """What stands between findings and those who fix or publish them; nothing where triage is not configured."""

    def __init__(
        self,
        settings: Settings,
        fixers: Fixers,
        *,
        model: str | None = None,
        publishes_only: bool = False,
        ledger: str = "",
    ) -> None:
        """`publishes_only`: fixes were made elsewhere, by whomever. Raises ConfigurationError, LedgerError."""
        self._triage = None
        self._fixers = fixers
        self._decisions: dict[tuple[str, ...], Decision] = {}
        if settings.triage is not None:
            named = publishes_only or bool(model or settings.model.id)
            review = reviewer_from(settings, history_at(ledger), desk=fixers.desk)
            accepted = accepted_among(fixers)
            made = triage_from(settings.triage, fixers.catalogue, model=named, accepted=accepted, review=review)
            touched = earlier(ledger, made.now())
            known_as = known_among(fixers, frozenset(each.resource for each in touched))
            self._triage = replace(made, touched=list(touched), known_as=known_as)

    def fixed(self, read: FindingRead, fix: Callable[[FindingRead], Outcome], *, publishing: bool) -> Outcome:
        """`publishing`: a pull request follows, unless the outcome says already what became of it."""
        decision = self._decision(read)
        if decision is not None and not decision.may_propose:
            return self._placed(held(decision))
        outcome = fix(read)
        if not publishing or outcome.proposal is None or decision is None or decision.may_publish:
            return outcome
        return shown_only(outcome, decision)

    def judged(self, read: ProposedRead, judge: Callable[[ProposedRead], Outcome]) -> Outcome:
        """A proposal that was made elsewhere. What its record says of the finding is all that is known of it."""
        decision = None if isinstance(read, InvalidFinding) else self._decision(read.finding)
        if decision is not None and not decision.may_publish:
            return self._placed(unpublished(decision))
        return judge(read)

    def decision_of(self, outcome: Outcome) -> Decision | None:
        """What was decided of the outcome's finding in this run."""
        return self._decisions.get(_name(outcome.finding)) if isinstance(outcome.finding, Finding) else None

    def _decision(self, read: FindingRead) -> Decision | None:
        if self._triage is None or not isinstance(read, Finding):
            return None
        decision = self._triage.decide(read)
        self._decisions[_name(read)] = decision
        return decision

    def _placed(self, outcome: Outcome) -> Outcome:
        """With its repository, as if it had been fixed: so that the ledger knows it by one key."""
        found = self._fixers.of(outcome.finding) if isinstance(outcome.finding, Finding) else ""
        return outcome if isinstance(found, str) else replace(outcome, repository=found[1])


def _name(finding: Finding) -> tuple[str, ...]:
    """What tells it from the others of a run."""
    return finding.source, finding.id, finding.check_id, finding.resource.identifier, finding.hint.path


def accepted_among(fixers: Fixers) -> Callable[[Finding], AcceptedRisks]:
    def of(finding: Finding) -> AcceptedRisks:
        found = fixers.of(finding)
        return fixers.shared if isinstance(found, str) else found[0].accepted

    return of


def known_among(fixers: Fixers, keys: Collection[str]) -> Callable[[Finding], str]:
    def of(finding: Finding) -> str:
        if not keys:
            return ""
        found = fixers.of(finding)
        key = ledger_key(finding, "" if isinstance(found, str) else found[1])
        return key if key in keys else ""

    return of


def accepted_of(places: Workplaces | None, settings: Settings) -> Callable[[Finding], AcceptedRisks]:
    """Of the repository that a finding belongs to, and of the organization."""
    accepted = wiring.accepted_by(settings)
    known: dict[str, AcceptedRisks] = {"": accepted(None)}

    def of(finding: Finding) -> AcceptedRisks:
        place = places.of(finding) if places is not None else ""
        if isinstance(place, str):
            return known[""]
        if place.name not in known:
            known[place.name] = accepted(place)
        return known[place.name]

    return of


def _show(decisions: Sequence[Decision]) -> None:
    table = Table(show_lines=True)
    for heading in ("finding", "resource", "owner", "eligible", "mode", "route", "why"):
        table.add_column(heading, overflow="fold")
    for decision in decisions:
        finding = decision.finding
        if isinstance(finding, InvalidFinding):
            name, resource = f"entry {finding.position + 1}", ""
        else:
            name, resource = finding.check_id, finding.resource.identifier
        owner = decision.owner
        table.add_row(
            Text(safe(name)),
            Text(safe(resource)),
            Text(safe(owner.team if owner.known else f"{owner.team} (by default)")),
            Text("yes" if decision.eligible else "no", style="green" if decision.eligible else "yellow"),
            decision.mode.value,
            decision.route.kind.value,
            Text("\n".join(safe(f"{each.rule}: {each.text}") for each in decision.against or decision.route.reasons)),
        )
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    console.print(table)
    routes = Counter(decision.route.kind for decision in decisions)
    told = ", ".join(f"{routes[kind]} {kind}" for kind in RouteKind if routes[kind])
    console.print(f"{sum(each.eligible for each in decisions)} of {len(decisions)} eligible; {told or 'no findings'}")
