"""`iacfix controls`: the catalogue."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from iacfix.domain.control import Control
from iacfix.entry.cli import options, wiring

PLAIN_WIDTH = 220


@click.group(invoke_without_command=True)
@options.config
@click.pass_context
def controls(context: click.Context, config: Path | None) -> None:
    """List the controls that iacfix knows, or show one."""
    context.obj = wiring.catalogue_from(wiring.settings_from(config))
    if context.invoked_subcommand is None:
        context.invoke(list_controls)


@controls.command("list")
@click.pass_context
def list_controls(context: click.Context) -> None:
    """One line for each control."""
    table = Table()
    for heading in ("control", "title", "Security Hub", "Checkov", "fix", "risk"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "control")
    for control in context.obj:
        hub, checkov = (", ".join(control.names.get(tool, ())) for tool in ("security_hub", "checkov"))
        table.add_row(
            control.id, control.title, hub, checkov, "recipe" if has_recipe(control) else "a person", control.risk
        )
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)  # nobody's window: a row stays on a line
    console.print(table)


@controls.command("show")
@click.argument("name", metavar="ID")
@click.pass_context
def show_control(context: click.Context, name: str) -> None:
    """Everything the catalogue says of a control, found by its id or by what a tool calls it."""
    found = context.obj.matching([name])
    if not found:
        raise click.UsageError(f"{name}: no control has this id or name; see `iacfix controls list`")
    console = Console()
    for control in found:
        table = Table(title=control.id, show_header=False, title_justify="left")
        for key, value in _facts(control):
            table.add_row(key, value)
        console.print(table)


def has_recipe(control: Control) -> bool:
    return any(fix.has_recipe for fix in control.fixes)


def _facts(control: Control) -> list[tuple[str, str]]:
    facts = [
        ("title", control.title),
        ("why", control.why),
        ("effect of the fix", control.effect or "none that is known"),
        ("risk", control.risk),
        *((tool, ", ".join(ids)) for tool, ids in control.names.items()),
    ]
    for fix in control.fixes:
        facts += [("targets", ", ".join(fix.targets)), ("companions", ", ".join(fix.companions) or "none")]
        facts += [("declined", variant.decline) for variant in fix.variants if variant.decline]
    return facts
