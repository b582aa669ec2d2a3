"""`iacfix remediate` and `iacfix rollback`: changing live resources, and taking the change back."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from iacfix.config import Settings
from iacfix.controls import Catalogue
from iacfix.domain.errors import InputError, StaleEntryError
from iacfix.domain.finding import Finding, InvalidFinding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.location import Location
from iacfix.domain.secrets import redact
from iacfix.domain.triage import Mode, RouteKind
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.notices import Notices
from iacfix.entry.cli.places import workplaces
from iacfix.entry.cli.text import safe
from iacfix.entry.cli.triage import accepted_of
from iacfix.entry.remediation import Stores, remediator_from, rollback_from, stores_at
from iacfix.entry.triaging import triage_from
from iacfix.ledger.identity import ledger_key
from iacfix.runtime.guards import Owned, Source
from iacfix.triage.route import TABLE
from iacfix.workflows.fix import identify
from iacfix.workflows.locate import locate_finding
from iacfix.workflows.remediate import Ending, Remedied
from iacfix.workflows.repositories import Workplaces

_NEEDS_NOBODY = frozenset({Ending.SHOWN, Ending.NOT_NEEDED, Ending.FIXED})
_KEY = 8  # digits at least of a key that is not written out
_STYLES = {Ending.FIXED: "green"} | dict.fromkeys((Ending.SHOWN, Ending.NOT_NEEDED), "cyan")
_STYLES |= dict.fromkeys((Ending.WAITING, Ending.CROWDED), "yellow")


@click.command()
@click.argument("finding", metavar="FINDING|-")
@options.repository
@options.states
@click.option("--unmanaged", is_flag=True, help="No code decides what the runbook changes: you vouch for it.")
@click.option("--apply/--dry-run", "apply", default=None, help="Change it, or only say how.  [default: by the mode]")
@click.option("--as", "person", default="", help="Who asks, where an approval is needed: he cannot answer it.")
@click.option("--now", "at_once", is_flag=True, help="Verify at once, and not after `verification.wait`.")
@options.input_format
@options.ledger
@options.output("text", "json")
@options.config
def remediate(  # noqa: PLR0913 - each is an option
    *,
    finding: str,
    repo: str | None,
    states: tuple[str, ...],
    unmanaged: bool,
    apply: bool | None,
    person: str,
    at_once: bool,
    input_format: str,
    ledger: str | None,
    output: str,
    config: Path | None,
) -> None:
    """Change the live resource of each finding in a file by a runbook: a dry run outside the mode `autonomous`."""
    settings = wiring.settings_from(config)
    catalogue = wiring.catalogue_from(settings)
    reads = wiring.findings_from(finding, input_format)
    is_known = repo is not None or bool(settings.repositories)
    places = workplaces(settings, repo, states, wiring.Hosts(settings).cloned) if is_known else None
    address = settings.ledger if ledger is None else ledger
    notices = Notices(settings, address, dry_run=apply is False)
    remediator = remediator_from(
        settings,
        catalogue,
        stores_at(address),
        policy=_policy(settings),
        wait=0 if at_once else None,
        person=person,
    )
    mode_of = _modes(settings, catalogue, places)
    done = True
    for read in reads:
        if isinstance(read, InvalidFinding):
            click.echo(f"entry {read.position + 1}: {safe(read.field)}: {safe(read.reason)}", err=True)
            done = False
            continue
        known = identify(read, catalogue)[0]
        mode, reason = mode_of(known)
        if reason:
            remedied = Remedied(Ending.REFUSED, reason)
        else:
            wanted = mode is Mode.AUTONOMOUS if apply is None else apply
            source, repository = _source(known, places, catalogue, unmanaged=unmanaged)
            try:
                remedied = remediator.remediate(known, source=source, mode=mode, apply=wanted, repository=repository)
            except StaleEntryError as error:
                remedied = Remedied(Ending.WAITING, str(error))
        done &= remedied.ending in _NEEDS_NOBODY
        if remedied.entry is not None:
            notices.remedied(known, remedied.entry, remedied.approval)
        _show(known, remedied, output)
    sys.exit(Exit.DONE if done else Exit.NEEDS_A_PERSON)


@click.command()
@click.argument("finding", metavar="FINDING|KEY")
@click.option("--as", "person", required=True, help="Who takes it back.")
@options.dry_run
@options.input_format
@options.ledger
@options.config
def rollback(  # noqa: PLR0913 - each is an option
    *, finding: str, person: str, dry_run: bool, input_format: str, ledger: str | None, config: Path | None
) -> None:
    """Bring back what a runbook changed: FINDING is a file with it, or the beginning of its key in the ledger."""
    settings = wiring.settings_from(config)
    catalogue = wiring.catalogue_from(settings)
    stores = stores_at(settings.ledger if ledger is None else ledger)
    entry = _entry(finding, input_format, catalogue, stores)
    made = rollback_from(settings, catalogue, stores, person).restore(entry, by=person, apply=not dry_run)
    click.echo(f"{safe(entry.control)} of {safe(entry.resource)}: {safe(redact(made.reason))}")
    sys.exit(Exit.DONE if made.done or dry_run else Exit.NEEDS_A_PERSON)


def _modes(
    settings: Settings, catalogue: Catalogue, places: Workplaces | None
) -> Callable[[Finding], tuple[Mode, str]]:
    """How far a finding may go, and why it may not at all. Where triage is not configured, a person decides each.
    One for all findings: what a run has touched counts.
    """
    if settings.triage is None:
        return lambda _: (Mode.SUPERVISED, "")
    accepted = accepted_of(places, settings)
    triage = triage_from(settings.triage, catalogue, model=bool(settings.model.id), accepted=accepted)

    def of(finding: Finding) -> tuple[Mode, str]:
        decision = triage.decide(finding)
        route = decision.route
        by_table = any(each.rule == TABLE for each in route.reasons)
        if not decision.eligible:
            against = decision.against
        elif route.kind is RouteKind.HUMAN or (route.kind is RouteKind.IAC and by_table):
            against = route.reasons
        else:
            return decision.mode, ""
        return decision.mode, "triage: " + "; ".join(f"{each.rule}: {each.text}" for each in against)

    return of


def _policy(settings: Settings) -> str:
    if settings.triage is None:
        return "triage is not configured: a person decides each"
    return f"triage let it through, in mode {settings.triage.mode} unless its control has another"


def _source(
    finding: Finding, places: Workplaces | None, catalogue: Catalogue, *, unmanaged: bool
) -> tuple[Source, str]:
    """And the repository's name."""
    if unmanaged:
        return Source(Owned.BY_NOBODY, "somebody vouches that no code does"), ""
    if places is None:
        return Source(Owned.UNKNOWN, "no repository is named"), ""
    located = locate_finding(finding, places, catalogue)
    if isinstance(located.result, Location):
        return Source(Owned.BY_CODE, f"{located.result.path}: {located.result.address}"), located.repository
    reason = located.result.reason if located.result is not None else ""
    if located.result is None or located.result.candidates or not located.repository:
        return Source(Owned.UNKNOWN, reason), ""
    return Source(Owned.BY_NOBODY, reason), ""


def _entry(finding: str, input_format: str, catalogue: Catalogue, stores: Stores) -> LedgerEntry:
    if not Path(finding).is_file():
        found = [
            each
            for each in stores.ledger.in_states(frozenset(State))
            if len(finding) >= _KEY and each.key.startswith(finding)
        ]
        if len(found) != 1:
            raise InputError(f"{finding} is no file, and the key of {len(found)} findings", remedy="give one of them")
        return found[0]
    reads = wiring.findings_from(finding, input_format)
    if len(reads) != 1 or isinstance(reads[0], InvalidFinding):
        raise InputError(f"{finding} has not exactly one finding", remedy="give a file with one, or its key")
    entry = stores.ledger.get(ledger_key(identify(reads[0], catalogue)[0]))
    if entry is None:
        raise InputError("the ledger does not know this finding", remedy="give the ledger of its remediation")
    return entry


def _show(finding: Finding, remedied: Remedied, output: str) -> None:
    reason, entry, change = redact(remedied.reason), remedied.entry, remedied.change
    if output == "json":
        record = {
            "finding_id": finding.id,
            "control": finding.control or None,
            "resource": finding.resource.identifier,
            "ending": remedied.ending.value,
            "reason": reason,
            "key": entry.key if entry is not None else None,
            "state": entry.state.value if entry is not None else None,
            "execution": entry.execution or None if entry is not None else None,
            "runbook": change.runbook if change is not None else None,
            "parameters": {name: list(each) for name, each in change.parameters.items()} if change else None,
            "before": {name: list(each) for name, each in change.before.items()} if change else None,
            "approval": remedied.approval.id if remedied.approval is not None else None,
            "verification": remedied.verification.id if remedied.verification is not None else None,
        }
        click.echo(json.dumps(record))
        return
    ending = click.style(remedied.ending.value.replace("_", " "), fg=_STYLES.get(remedied.ending, "red"))
    click.echo(f"{ending}  {safe(finding.control or finding.check_id)}  {safe(finding.resource.identifier)}")
    click.echo(f"  {safe(reason)}")
    if change is not None:
        told = ", ".join(f"{name}={' '.join(each)}" for name, each in change.parameters.items())
        was = ", ".join(f"{name}={' '.join(each) or 'nothing'}" for name, each in change.before.items())
        click.echo(f"  {safe(change.runbook)}: {safe(told)}")
        click.echo(f"  now: {safe(was)}")
