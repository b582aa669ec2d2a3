"""`iacfix generate`: findings in, proven fixes out."""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import click
from rich.console import Console

from iacfix.adapters.work_tree import write_edits
from iacfix.config.settings import MAX_CONCURRENCY
from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import FindingRead
from iacfix.domain.outcome import NEEDS_NOBODY, Outcome
from iacfix.domain.proposal import Edit
from iacfix.domain.secrets import holds_secret
from iacfix.entry.cli import options, records, text, wiring
from iacfix.entry.cli.exits import exit_code
from iacfix.entry.cli.notices import Notices
from iacfix.entry.cli.places import workplaces
from iacfix.entry.cli.progress import each
from iacfix.entry.cli.recording import Recording
from iacfix.entry.cli.sarif_output import check_sarif, show_sarif
from iacfix.entry.cli.triage import Gate
from iacfix.patches import render_diff
from iacfix.workflows.merging import one_for_each_fact
from iacfix.workflows.proposed import sealed
from iacfix.workflows.publish import Publisher


@click.command()
@options.findings
@options.repository
@options.states
@options.input_format
@click.option(
    "--generator", type=click.Choice(["auto", "recipe", "model"]), help="Who writes the fix.  [default: auto]"
)
@click.option(
    "--model", "model_id", metavar="ID", help="Bedrock model id or inference profile for what recipes cannot fix."
)
@options.output("text", "json", "diff", "sarif")
@click.option(
    "--sarif",
    "sarif_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write SARIF there too.",
)
@click.option("--apply", "apply_edits", is_flag=True, help="Write the accepted changes into the work tree.")
@click.option(
    "--open-pr", is_flag=True, help="Open a pull request for each accepted change; the work tree stays as it is."
)
@options.git_host
@click.option(
    "--standalone", is_flag=True, help="No fix builds on another: what `open-pr --proposals` takes one by one."
)
@click.option("--dry-run", is_flag=True, help="With --open-pr: say what would be done, and do nothing.")
@options.ledger
@click.option("--only", multiple=True, metavar="CONTROL", help="Only findings of this control (repeatable).")
@click.option("--jobs", type=click.IntRange(1, MAX_CONCURRENCY), help="Repositories worked on at once.  [default: 4]")
@options.config
def generate(  # noqa: PLR0913 - one parameter for each option
    *,
    findings: str,
    repo: str | None,
    states: tuple[str, ...],
    input_format: str,
    generator: str | None,
    model_id: str | None,
    output: str,
    sarif_file: Path | None,
    apply_edits: bool,
    open_pr: bool,
    git_host: str | None,
    standalone: bool,
    dry_run: bool,
    ledger: str | None,
    only: tuple[str, ...],
    jobs: int | None,
    config: Path | None,
) -> None:
    """Propose a validated fix for each finding."""
    _check_options(repo, output, apply_edits=apply_edits, open_pr=open_pr)
    _check_more(output, apply_edits=apply_edits, open_pr=open_pr, standalone=standalone, dry_run=dry_run)
    standalone |= check_sarif(repo, output, sarif_file, apply_edits=apply_edits)
    settings = wiring.settings_from(config)
    key = wiring.proposals_key() if output == "json" else b""
    compose = not (open_pr or standalone)
    hosts = wiring.Hosts(settings, git_host)
    places = workplaces(settings, repo, states, hosts.cloned)
    fixers = wiring.fixers(settings, places, generator, model_id, compose=compose)
    publisher = Publisher(fixers.catalogue, hosts.of, dry_run=dry_run, ended=fixers.ended)
    heads = cache(wiring.head_of)
    address = settings.ledger if ledger is None else ledger
    gate = Gate(settings, fixers, model=model_id, ledger=address)
    recording = Recording("" if dry_run else address, gate.decision_of)
    notices = Notices(settings, address, dry_run=dry_run or not open_pr)
    if open_pr and repo is not None:
        hosts.of(repo)  # what stands in the way is better said before the work than after it
    reported = one_for_each_fact(wiring.findings_from(findings, input_format), fixers.catalogue)
    read = wiring.selected(reported, only, fixers.catalogue)

    def work(finding: FindingRead) -> Outcome:
        with fixers.desk:
            return gate.fixed(finding, fixers.fix, publishing=open_pr)

    fixed = each(read, work, "fixing", fixers.lane, jobs or settings.model.concurrency)
    published = wiring.publish(fixed, publisher, fixers, settings) if open_pr else fixed
    outcomes: list[Outcome] = []
    for outcome in notices.told(recording.of(published)):
        outcomes.append(outcome)
        if output == "json":
            base = heads(outcome.repository) if outcome.proposal is not None else ""
            click.echo(records.line(sealed(records.outcome_record(outcome, base), key)))
    edits = {} if open_pr or standalone else by_repository(outcomes)
    if output == "diff":
        patch = render_diff(edits.get(repo or "", ()), is_sensitive=holds_secret)
        sys.stdout.buffer.write(patch.encode())
        _note_the_rest(outcomes)
    elif output == "text":
        text.show_outcomes(Console(), outcomes)
    if repo is not None:
        show_sarif(outcomes, fixers.catalogue, repo, sarif_file, on_stdout=output == "sarif")
    for name, changes in edits.items() if apply_edits else ():
        write_edits(Path(name), changes)
    recording.finish()
    sys.exit(exit_code(outcomes))


def _check_options(repo: str | None, output: str, *, apply_edits: bool, open_pr: bool) -> None:
    if apply_edits and open_pr:
        raise click.UsageError("--apply and --open-pr exclude each other")
    if open_pr and output == "diff":
        raise click.UsageError("pull requests do not add up to one patch: use --output json or text with --open-pr")
    if output == "diff" and repo is None:
        raise click.UsageError("changes of several repositories do not add up to one patch: give --repo")


def _check_more(output: str, *, apply_edits: bool, open_pr: bool, standalone: bool, dry_run: bool) -> None:
    if dry_run and not open_pr:
        raise click.UsageError("--dry-run goes with --open-pr: without it nothing is done anyway")
    if standalone and (apply_edits or output == "diff"):
        raise click.UsageError("--standalone leaves changes that do not add up: use --output json or text")


def by_repository(outcomes: Sequence[Outcome]) -> Mapping[str, tuple[Edit, ...]]:
    names = dict.fromkeys(outcome.repository for outcome in outcomes if outcome.proposal is not None)
    return {name: combined([outcome for outcome in outcomes if outcome.repository == name]) for name in names}


def combined(outcomes: Sequence[Outcome]) -> tuple[Edit, ...]:
    """One edit for each file, from its first state to its last."""
    found: dict[str, Edit] = {}
    for outcome in outcomes:
        for edit in outcome.proposal.verdict.edits if outcome.proposal is not None else ():
            first = found.get(edit.path, edit)
            if first is not edit and found[edit.path].after != edit.before:
                raise IacfixError(f"the changes of {edit.path} do not build on each other")
            found[edit.path] = Edit(edit.path, first.before, edit.after)
    return tuple(found[path] for path in sorted(found))


def _note_the_rest(outcomes: Sequence[Outcome]) -> None:
    """A patch cannot say what it leaves out, so stderr does."""
    for outcome in outcomes:
        if outcome.status not in NEEDS_NOBODY:
            name = getattr(outcome.finding, "id", "") or "entry"
            click.echo(f"{text.safe(name)}: {outcome.status}: {text.safe(outcome.reason)}", err=True)
