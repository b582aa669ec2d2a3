"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from iacfix.entry.hosts import KINDS
from iacfix.findings import FORMATS

Command = TypeVar("Command", bound=Callable[..., object])


def findings(command: Command) -> Command:
    option = click.option(
        "--findings", required=True, metavar="FILE|-", help="Report or findings; - reads standard input."
    )
    return option(command)


def finding(command: Command) -> Command:
    return click.option("--finding", "findings", required=True, metavar="FILE", help="A file with one finding.")(
        command
    )


def repository(command: Command) -> Command:
    return click.option(
        "--repo",
        metavar="DIR",
        help="The repository, or the folder that was scanned.  [default: `repositories` of the configuration]",
    )(command)


def states(command: Command) -> Command:
    return click.option(
        "--state",
        "states",
        multiple=True,
        metavar="[FOLDER=]FILE",
        help="A Terraform state, and the folder of the repository that it belongs to (repeatable).",
    )(command)


def git_host(command: Command) -> Command:
    return click.option(
        "--git-host",
        type=click.Choice(KINDS),
        help="Where pull requests live.  [default: the configuration's, or local]",
    )(command)


def dry_run(command: Command) -> Command:
    return click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")(command)


def input_format(command: Command) -> Command:
    choice = click.Choice(["auto", *FORMATS])
    return click.option(
        "--format", "input_format", type=choice, default="auto", show_default=True, help="What wrote the findings."
    )(command)


def output(*kinds: str) -> Callable[[Command], Command]:
    return click.option(
        "--output", type=click.Choice(kinds), default=kinds[0], show_default=True, help="What is printed on stdout."
    )


def config(command: Command) -> Command:
    path = click.Path(path_type=Path, dir_okay=False)
    return click.option("--config", type=path, help="Configuration file.  [default: iacfix.yaml, if there]")(command)


def ledger(command: Command) -> Command:
    text = "Where it is kept what became of each finding.  [default: `ledger` of the configuration]"
    return click.option("--ledger", metavar="FILE|dynamodb:TABLE", help=text)(command)
