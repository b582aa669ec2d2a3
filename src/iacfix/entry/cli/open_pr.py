"""`iacfix open-pr`: proposals that were made elsewhere, judged again and opened. Where it runs, no model is asked."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from iacfix.adapters.source_tree import dirty_files
from iacfix.config import Settings
from iacfix.domain.errors import IacfixError, InputError
from iacfix.domain.outcome import Outcome
from iacfix.entry.cli import options, records, text, wiring
from iacfix.entry.cli.exits import exit_code
from iacfix.entry.cli.notices import Notices
from iacfix.entry.cli.places import workplaces
from iacfix.entry.cli.progress import each
from iacfix.entry.cli.recording import Recording
from iacfix.entry.cli.triage import Gate
from iacfix.workflows.proposed import Proposed, ProposedRead, read_proposals
from iacfix.workflows.publish import Publisher
from iacfix.workflows.repositories import Fixers
from iacfix.workflows.revalidate import Revalidation


@click.command("open-pr")
@click.option(
    "--proposals", required=True, metavar="FILE|-", help="What `iacfix generate --output json` wrote; - is stdin."
)
@options.repository
@options.states
@options.git_host
@options.dry_run
@options.ledger
@options.output("text", "json")
@options.config
def open_pr(  # noqa: PLR0913 - one parameter for each option
    *,
    proposals: str,
    repo: str | None,
    states: tuple[str, ...],
    git_host: str | None,
    dry_run: bool,
    ledger: str | None,
    output: str,
    config: Path | None,
) -> None:
    """Validate proposals again and open a pull request for each. No model is asked."""
    data = sys.stdin.buffer.read() if proposals == "-" else wiring.read_file(proposals)
    read = read_proposals(data, wiring.proposals_key())
    _require_one_repository(read, repo)
    settings = wiring.settings_from(config)
    hosts = wiring.Hosts(settings, git_host)
    fixers = at_bases(settings, hosts, repo, states)
    judging = Revalidation(fixers, is_routed=repo is None)
    publisher = Publisher(fixers.catalogue, hosts.of, dry_run=dry_run)
    if repo is not None and read:
        hosts.of(repo)  # what stands in the way is better said before the work than after it

    address = settings.ledger if ledger is None else ledger
    gate = Gate(settings, fixers, publishes_only=True, ledger=address)
    recording = Recording("" if dry_run else address, gate.decision_of)
    notices = Notices(settings, address, dry_run=dry_run)
    judged = each(read, lambda proposed: gate.judged(proposed, judging.of), "opening")
    published = wiring.publish(judged, publisher, fixers, settings)
    outcomes = tuple(_told(notices.told(recording.of(published)), output))
    if output == "text":
        text.show_outcomes(Console(), outcomes)
    recording.finish()
    sys.exit(exit_code(outcomes))


def _told(outcomes: Iterator[Outcome], output: str) -> Iterator[Outcome]:
    """A line as soon as it is known."""
    for outcome in outcomes:
        if output == "json":
            click.echo(records.line(records.outcome_record(outcome)))
        yield outcome


def _require_one_repository(read: Sequence[ProposedRead], repo: str | None) -> None:
    """The same block may stand in several repositories: --repo would send the fixes of all of them to one."""
    names = {one.repository for one in read if isinstance(one, Proposed)}
    if repo is not None and len(names) > 1:
        raise InputError(
            f"the proposals are for {len(names)} repositories", remedy="name them in the configuration, without --repo"
        )


def at_bases(
    settings: Settings, hosts: wiring.Hosts, repo: str | None, states: tuple[str, ...], generator: str = "recipe"
) -> Fixers:
    """Fixers that see each repository as its base is now, whatever its work tree looks like. Without another
    `generator` they ask no model.
    """

    def base_of(name: str) -> str:
        base = hosts.of(name).base.commit
        if settings.plan.enabled:  # a plan runs in the work tree
            _require_at(name, base)
        return base

    return wiring.fixers(settings, workplaces(settings, repo, states, base_of), generator, None, compose=False)


def _require_at(folder: str, base: str) -> None:
    try:
        is_there = wiring.head_of(folder) == base and not dirty_files(Path(folder))
    except IacfixError:
        is_there = False
    if not is_there:
        raise InputError(
            f"plan.enabled needs the work tree {folder} at the base {base[:12]}, without changes",
            remedy="check it out, and run it again",
        )
