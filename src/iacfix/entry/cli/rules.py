"""`iacfix rules`: automation rules as code."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iacfix.adapters.aws.security_hub_rules import SecurityHubRules
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.finding_sources import rules_kept_by
from iacfix.entry.triaging import rules_from
from iacfix.ports import CloudReadError
from iacfix.triage.automation_rules import AutomationRules
from iacfix.workflows.automation_rules import Planned, Step, apply, plan

PLAIN_WIDTH = 200
_NOTHING = frozenset({Step.KEEP, Step.LEFT_OVER})
Command = TypeVar("Command", bound=Callable[..., object])


def _given(command: Command) -> Command:
    path = click.Path(path_type=Path, dir_okay=False)
    for option in reversed(
        (
            click.option("--rules", type=path, help="The rules.  [default: `triage.automation_rules`]"),
            click.option("--prune", is_flag=True, help="Delete rules of iacfix that are no longer in the file."),
            options.config,
        )
    ):
        command = option(command)
    return command


@click.group()
def rules() -> None:
    """Automation rules as code: the file is what Security Hub does to findings that come in."""


@rules.command("plan")
@_given
def planned(*, rules: Path | None, prune: bool, config: Path | None) -> None:
    """Show what `apply` would do. Exits with 1 where anything is to be done."""
    wanted, store = _parts(rules, config)
    steps = _plan(wanted, store, prune=prune)
    _show(steps)
    sys.exit(Exit.DONE if all(each.step in _NOTHING for each in steps) else Exit.NEEDS_A_PERSON)


@rules.command("apply")
@_given
def applied(*, rules: Path | None, prune: bool, config: Path | None) -> None:
    """Make Security Hub's rules what the file says. Doing it again changes nothing; rules of others are left alone."""
    wanted, store = _parts(rules, config)
    done = apply(_plan(wanted, store, prune=prune), store)
    _show(done)
    sys.exit(Exit.NEEDS_A_PERSON if any(each.failed for each in done) else Exit.DONE)


def _parts(path: Path | None, config: Path | None) -> tuple[AutomationRules, SecurityHubRules]:
    settings = wiring.settings_from(config)
    named = path or (settings.triage.automation_rules if settings.triage is not None else None)
    if named is None:
        raise ConfigurationError(
            "no automation rules are named", remedy="give --rules, or set `triage.automation_rules`"
        )
    return rules_from(named), rules_kept_by(settings)


def _plan(wanted: AutomationRules, store: SecurityHubRules, *, prune: bool) -> tuple[Planned, ...]:
    try:
        return plan(wanted, store, prune=prune)
    except CloudReadError as error:
        raise InputError(error.what, remedy=error.remedy) from None


def _show(steps: Sequence[Planned]) -> None:
    table = Table("step", "rule", "order", "why not", box=None)
    for each in steps:
        order = each.rule.order if each.rule else each.kept.order if each.kept else ""
        style = "red" if each.failed else "dim" if each.step in _NOTHING else "green"
        table.add_row(each.step.value, Text(safe(each.name)), str(order), Text(safe(each.failed)), style=style)
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    console.print(table)
