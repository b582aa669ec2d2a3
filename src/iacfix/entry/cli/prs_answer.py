"""`iacfix prs answer`: commands in comments on open pull requests."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import click

from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.open_pr import at_bases
from iacfix.entry.cli.prs import names_of
from iacfix.entry.cli.text import safe
from iacfix.triage.exceptions import MOST_DAYS
from iacfix.workflows.comments import Answered, Answerer
from iacfix.workflows.fix import Generator
from iacfix.workflows.publish import Publisher


@click.command("answer")
@options.repository
@options.states
@options.git_host
@click.option("--model", "model_id", metavar="ID", help="Bedrock model id or inference profile for `retry`.")
@options.dry_run
@options.output("text", "json")
@options.config
def answer_prs(  # noqa: PLR0913 - one parameter for each option
    *,
    repo: str | None,
    states: tuple[str, ...],
    git_host: str | None,
    model_id: str | None,
    dry_run: bool,
    output: str,
    config: Path | None,
) -> None:
    """Do what people with write access ask for in comments, and answer each once. Only a retry asks a model."""
    settings = wiring.settings_from(config)
    if model_id:
        settings = replace(settings, model=replace(settings.model, id=model_id))
    hosts = wiring.Hosts(settings, git_host)
    fixers = at_bases(settings, hosts, repo, states, Generator.AUTO if settings.model.id else Generator.RECIPE)
    publisher = Publisher(fixers.catalogue, hosts.of, dry_run=dry_run, ended=fixers.ended)
    failed = False
    days = settings.triage.exception_days if settings.triage is not None else MOST_DAYS
    for name in names_of(settings, repo):
        for each in Answerer(publisher, hosts.of(name), name, fixers.at(name), days).answer():
            failed = failed or bool(each.error)
            click.echo(_record(name, each) if output == "json" else _line(each))
    sys.exit(Exit.NEEDS_A_PERSON if failed else Exit.DONE)


def _record(name: str, each: Answered) -> str:
    record = {
        "repository": name,
        "title": redact(each.title),
        "url": each.url or None,
        "author": each.author or None,
        "command": each.command or None,
        "answer": redact(each.answer) or None,
        "error": redact(each.error) or None,
    }
    return json.dumps(record, ensure_ascii=False)


def _line(each: Answered) -> str:
    said = f"not answered, and tried again in the next run: {each.error}" if each.error else each.answer
    who = f"{each.author}: {each.command}: " if each.author else ""
    return safe(" ".join(f"{each.title}: {who}{said}".split()))
