"""`iacfix prs`: the pull requests that are open."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iacfix.config import Settings
from iacfix.domain.change_request import HostedPullRequest
from iacfix.domain.errors import IacfixError, InputError
from iacfix.domain.outcome import Outcome
from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.open_pr import at_bases
from iacfix.entry.cli.places import folder_of
from iacfix.entry.cli.text import safe
from iacfix.workflows.clock import utc_now
from iacfix.workflows.proposed import read_proposals
from iacfix.workflows.publish import Publisher
from iacfix.workflows.refresh import Given, Listed, Refreshed, Refresher, close, failed, given_by, listed
from iacfix.workflows.repositories import Fixers
from iacfix.workflows.revalidate import Revalidation

PLAIN_WIDTH = 220
_LEAST_KEY = 8  # characters of a key that name one well enough


@click.group()
def prs() -> None:
    """List the pull requests of iacfix that are open, bring them up to date, or close them."""


@prs.command("list")
@options.repository
@options.git_host
@options.output("text", "json")
@options.config
def list_prs(*, repo: str | None, git_host: str | None, output: str, config: Path | None) -> None:
    """Show the open ones with control, finding, age, and whether somebody has worked on their branch."""
    settings = wiring.settings_from(config)
    hosts = wiring.Hosts(settings, git_host)
    rows = [(name, each) for name in names_of(settings, repo) for each in listed(hosts.of(name), utc_now())]
    if output == "json":
        for name, each in rows:
            click.echo(json.dumps(_listed_record(name, each), ensure_ascii=False))
        return
    table = Table()
    for heading in ("number", "key", "control", "where", "finding", "age", "branch", "base"):
        table.add_column(heading, overflow="fold")
    for _, each in rows:
        facts, found = each.facts, each.pull_request
        where = " in ".join(filter(None, (facts.get("address", ""), facts.get("path", ""))))
        texts = (found.number, found.key[:12], _what(facts), where, facts.get("id", ""))
        table.add_row(
            *(Text(safe(text)) for text in texts),
            f"{each.age.days} d" if each.age is not None else "",
            "ours" if each.is_ours else "somebody's",
            "moved" if each.base_moved else "the same",
        )
    _console().print(table)


@prs.command("refresh")
@options.repository
@options.states
@options.git_host
@click.option("--findings", metavar="FILE|-", help="What is reported now. Without, the pull requests' markers count.")
@options.input_format
@click.option("--proposals", metavar="FILE", help="Fixes for those that recipes do not write, as for open-pr.")
@click.option("--close-resolved", is_flag=True, help="--findings is everything: close what it does not have.")
@options.dry_run
@options.output("text", "json")
@options.config
def refresh_prs(  # noqa: PLR0913 - one parameter for each option
    *,
    repo: str | None,
    states: tuple[str, ...],
    git_host: str | None,
    findings: str | None,
    input_format: str,
    proposals: str | None,
    close_resolved: bool,
    dry_run: bool,
    output: str,
    config: Path | None,
) -> None:
    """Bring each to the base as it is now, or close it where it is not needed any more. No model is asked."""
    if close_resolved and findings is None:
        raise click.UsageError("--close-resolved goes with --findings")
    settings = wiring.settings_from(config)
    hosts = wiring.Hosts(settings, git_host)
    fixers = at_bases(settings, hosts, repo, states)
    reported = wiring.findings_from(findings, input_format) if findings is not None else ()
    outcomes = (*_proposed(proposals, fixers, is_routed=repo is None), *map(fixers.fix, reported))
    given = given_by(outcomes, is_everything=close_resolved)
    publisher = Publisher(fixers.catalogue, hosts.of, dry_run=dry_run)
    done: list[tuple[str, Refreshed]] = []
    names = names_of(settings, repo)
    for name in names:
        try:
            refresher = Refresher(publisher, hosts.of(name), name, fixers.at(name), _of(name, given))
            for each in refresher.refresh():
                done.append((name, each))
                if output == "json":
                    click.echo(json.dumps(_record(name, each), ensure_ascii=False))
        except IacfixError as error:
            if len(names) == 1:
                raise
            click.echo(f"iacfix: {safe(name)}: {safe(str(error))}", err=True)  # the others have their turn
            done.append((name, failed(name, error)))
    if output == "text":
        _show(done)
    sys.exit(Exit.NEEDS_A_PERSON if any(each.needs_a_person for _, each in done) else Exit.DONE)


@prs.command("close")
@click.argument("names", metavar="NUMBER|KEY...", nargs=-1, required=True)
@options.repository
@options.git_host
@click.option("--reason", default="somebody asked for it", show_default=True, help="For those who read the comment.")
@click.option("--for-good", is_flag=True, help="Do not open it again until the finding changes.")
@options.dry_run
@options.output("text", "json")
@options.config
def close_prs(  # noqa: PLR0913 - one parameter for each option
    *,
    names: tuple[str, ...],
    repo: str | None,
    git_host: str | None,
    reason: str,
    for_good: bool,
    dry_run: bool,
    output: str,
    config: Path | None,
) -> None:
    """Close pull requests of iacfix, by their number or the beginning of their key."""
    settings = wiring.settings_from(config)
    hosts = wiring.Hosts(settings, git_host)
    places = {name: hosts.of(name) for name in names_of(settings, repo)}
    there = [(name, found) for name, place in places.items() for found in place.host.open_pull_requests()]
    chosen = dict.fromkeys(_named(name, there) for name in names)
    words = " ".join(safe(reason).split())[:500] or "somebody asked for it"
    done = [
        (name, Refreshed(found.title, close(places[name].host, found, words, dry_run=dry_run, for_good=for_good)))
        for name, found in chosen
    ]
    if output == "json":
        for name, each in done:
            click.echo(json.dumps(_record(name, each), ensure_ascii=False))
    else:
        _show(done)


def _proposed(file: str | None, fixers: Fixers, *, is_routed: bool) -> tuple[Outcome, ...]:
    if file is None:
        return ()
    judging = Revalidation(fixers, is_routed=is_routed)
    return tuple(map(judging.of, read_proposals(wiring.read_file(file), wiring.proposals_key())))


def _named(name: str, there: list[tuple[str, HostedPullRequest]]) -> tuple[str, HostedPullRequest]:
    """Raises InputError unless it is one, and one of ours: its branch and its marker say so."""
    ours = [each for each in there if each[1].key]
    found = [each for each in ours if each[1].number == name.removeprefix("#")]
    if not found and len(name) >= _LEAST_KEY:
        found = [each for each in ours if each[1].key.startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    what = "no open pull request of iacfix is" if not found else "more than one open pull request of iacfix is"
    raise InputError(f"{what} {safe(name)}", remedy="see `iacfix prs list`")


def names_of(settings: Settings, repo: str | None) -> tuple[str, ...]:
    if repo is not None:
        return (repo,)
    if not settings.repositories:
        raise click.UsageError("Missing option '--repo', and the configuration names no repositories")
    return tuple(dict.fromkeys(str(folder_of(each)) for each in settings.repositories))


def _of(name: str, given: Given) -> Given:
    """The same block may stand in several repositories, with the same key."""
    outcomes = {key: outcome for key, outcome in given.outcomes.items() if outcome.repository == name}
    return Given(outcomes, given.ids, given.resolved, given.is_everything)


def _listed_record(name: str, each: Listed) -> Mapping[str, object]:
    found, facts = each.pull_request, each.facts
    return {
        "repository": name,
        "number": found.number,
        "url": found.url,
        "branch": found.branch,
        "title": redact(found.title),
        "key": found.key or None,
        "control": facts.get("control") or None,
        "group": redact(facts.get("group", "")) or None,
        "finding_id": redact(facts.get("id", "")) or None,
        "path": facts.get("path") or None,
        "address": facts.get("address") or None,
        "draft": found.draft,
        "labels": list(found.labels),
        "opened_at": found.opened_at or None,
        "age_days": each.age.days if each.age is not None else None,
        "head": "ours" if each.is_ours else "others",
        "base_moved": each.base_moved,
    }


def _what(facts: Mapping[str, str]) -> str:
    return facts.get("control") or facts.get("group") or facts.get("check", "")


def _record(name: str, each: Refreshed) -> Mapping[str, object]:
    result = each.result
    return {
        "repository": name,
        "title": redact(each.title),
        "url": result.url,
        "branch": result.branch,
        "commit": result.commit,
        "action": result.action.value,
        "reason": redact(result.reason) or None,
        "needs_a_person": each.needs_a_person,
    }


def _show(done: list[tuple[str, Refreshed]]) -> None:
    table = Table()
    for heading in ("pull request", "action", "reason"):
        table.add_column(heading, overflow="fold")
    for _, each in done:
        words = (each.title, each.result.action.value.replace("_", " "), each.result.reason)
        table.add_row(*(Text(safe(text)) for text in words))
    _console().print(table)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH)  # nobody's window
