"""`iacfix controls`: the catalogue."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iacfix.controls import Catalogue
from iacfix.controls.checks import known_checks
from iacfix.controls.demands import beyond_recipe
from iacfix.controls.names import told
from iacfix.controls.words import describe
from iacfix.domain.control import Control
from iacfix.domain.finding import InvalidFinding
from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.text import safe
from iacfix.workflows import coverage

PLAIN_WIDTH = 220
LANGUAGES = {"terraform": "Terraform", "cloudformation": "CloudFormation"}


@click.group(invoke_without_command=True)
@options.config
@click.pass_context
def controls(context: click.Context, config: Path | None) -> None:
    """List the controls that iacfix knows, show one, or measure how far they reach."""
    context.obj = wiring.catalogue_from(wiring.settings_from(config))
    if context.invoked_subcommand is None:
        context.invoke(list_controls)


@controls.command("list")
@click.option("--service", metavar="NAME", help="Only controls of this service (s3, rds, …).")
@click.option("--tool", metavar="NAME", help="Only controls that have a name in this tool (checkov, trivy, …).")
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Only controls with a recipe in this language.")
@options.output("text", "json")
@click.pass_obj
def list_controls(
    catalogue: Catalogue,
    service: str | None = None,
    tool: str | None = None,
    language: str | None = None,
    output: str = "text",
) -> None:
    """One line for each control."""
    _check(service, {control.service for control in catalogue}, "service")
    _check(tool, {name for control in catalogue for name in control.names}, "tool")
    chosen = [
        control
        for control in catalogue
        if service in {None, control.service}
        and (tool is None or tool in control.names)
        and (language is None or language in recipes(control))
    ]
    if output == "json":
        click.echo(json.dumps([record(control) for control in chosen], indent=2))
        return
    table = Table()
    for heading in ("control", "title", "Security Hub", "Checkov", "fix", "risk"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "control")
    for control in chosen:
        hub, checkov = (", ".join(control.names.get(name, ())) for name in ("security_hub", "checkov"))
        fix = ", ".join(LANGUAGES[each] for each in recipes(control)) or "a person"
        table.add_row(control.id, control.title, hub, checkov, fix, control.risk)
    _console().print(table)


@controls.command("show")
@click.argument("name", metavar="ID")
@options.output("text", "json")
@click.pass_obj
def show_control(catalogue: Catalogue, name: str, output: str = "text") -> None:
    """Everything the catalogue says of a control, found by its id or by what a tool calls it."""
    found = catalogue.matching([name])
    if not found:
        near = catalogue.nearest(name, name)
        hint = f"the nearest: {', '.join(near)}" if near else "see `iacfix controls list`"
        raise click.UsageError(f"{safe(name)}: no control has this id or name; {hint}")
    if output == "json":
        click.echo(json.dumps([record(control) for control in found], indent=2))
        return
    for control in found:
        table = Table(title=control.id, show_header=False, title_justify="left")
        for key, value in _facts(control):
            table.add_row(key, Text(value))
        _console().print(table)


@controls.command("coverage")
@click.option("--findings", metavar="FILE|-", help="Measure the checks of this report, instead of all that tools have.")
@options.input_format
@options.output("text", "json")
@click.pass_obj
def show_coverage(catalogue: Catalogue, findings: str | None, input_format: str, output: str) -> None:
    """Count how many of each tool's checks have a control, by service."""
    if findings is None:
        _show_shares(coverage.shares(catalogue, known_checks()), output)
        return
    reads = wiring.findings_from(findings, input_format)
    invalid = sum(isinstance(read, InvalidFinding) for read in reads)
    _show_checks(coverage.of_report(reads, catalogue), invalid, output)


def _show_shares(shares: Sequence[coverage.Share], output: str) -> None:
    tools = list(dict.fromkeys(share.tool for share in shares))
    cells = {(share.tool, share.service): share for share in shares}
    totals = {tool: _total(tool, (share for share in shares if share.tool == tool)) for tool in tools}
    services = sorted({share.service for share in shares})
    if output == "json":
        click.echo(
            json.dumps(
                {tool: _counts(totals[tool]) | {"services": _services(tool, shares)} for tool in tools}, indent=2
            )
        )
        return
    table = Table(caption="checks with a control / checks that the tool has")
    for heading in ("service", *tools):
        table.add_column(heading, justify="left" if heading == "service" else "right")
    for service in services:
        table.add_row(service, *(_cell(cells.get((tool, service))) for tool in tools))
    table.add_row("all", *(_cell(totals[tool]) for tool in tools), style="bold")
    _console().print(table)


def _services(tool: str, shares: Iterable[coverage.Share]) -> dict[str, dict[str, int]]:
    return {share.service: _counts(share) for share in shares if share.tool == tool}


def _total(tool: str, shares: Iterable[coverage.Share]) -> coverage.Share:
    given = list(shares)
    return coverage.Share(tool, "all", sum(each.with_control for each in given), sum(each.checks for each in given))


def _counts(share: coverage.Share) -> dict[str, int]:
    return {"with_control": share.with_control, "checks": share.checks}


def _cell(share: coverage.Share | None) -> str:
    return "" if share is None else f"{share.with_control}/{share.checks}"


def _show_checks(checks: Sequence[coverage.Check], invalid: int, output: str) -> None:
    counts = {
        standing.value: sum(check.findings for check in checks if check.standing is standing)
        for standing in coverage.Standing
    } | {"invalid": invalid}
    if output == "json":
        click.echo(json.dumps({"findings": counts, "checks": [_check_record(check) for check in checks]}, indent=2))
        return
    table = Table()
    for heading in ("tool", "check", "resource type", "findings", "standing", "control", "reason"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        told_of = (check.tool, check.check_id, check.resource_type, str(check.findings), check.standing)
        table.add_row(*(Text(safe(text)) for text in (*told_of, check.control, check.reason)))
    _console().print(table)
    _console().print(", ".join(f"{count} {name}" for name, count in counts.items()))


def _check_record(check: coverage.Check) -> dict[str, object]:
    return {
        "tool": redact(check.tool),
        "check_id": redact(check.check_id),
        "resource_type": redact(check.resource_type),
        "title": redact(check.title),
        "findings": check.findings,
        "standing": check.standing.value,
        "control": check.control or None,
        "reason": redact(check.reason) or None,
    }


def recipes(control: Control) -> tuple[str, ...]:
    """The languages in which there is one."""
    fixes = {"terraform": control.terraform, "cloudformation": control.cloudformation}
    return tuple(language for language, fix in fixes.items() if fix is not None and fix.has_recipe)


def record(control: Control) -> dict[str, object]:
    """The control as JSON, its recipes in words."""
    fixes = {"terraform": control.terraform, "cloudformation": control.cloudformation}
    return {
        "id": control.id,
        "title": control.title,
        "service": control.service,
        "why": control.why,
        "effect": control.effect or None,
        "risk": control.risk.value,
        "names": {tool: list(ids) for tool, ids in control.names.items()},
        "resource_types": list(control.resource_types),
        "references": list(control.references),
    } | {
        language: None
        if fix is None
        else {"targets": list(fix.targets), "companions": list(fix.companions), "recipe": "\n".join(describe(fix))}
        for language, fix in fixes.items()
    }


def _facts(control: Control) -> list[tuple[str, str]]:
    facts = [
        ("title", control.title),
        ("service", control.service),
        ("why", control.why),
        ("effect of the fix", control.effect or "none that is known"),
        ("risk", control.risk),
        *((tool, ", ".join(told(tool, each) for each in ids)) for tool, ids in control.names.items()),
        ("resource types", ", ".join(control.resource_types) or "none"),
    ]
    for language, fix in (("terraform", control.terraform), ("cloudformation", control.cloudformation)):
        if fix is not None:
            facts += [
                (f"{LANGUAGES[language]} targets", ", ".join(fix.targets)),
                ("companions", ", ".join(fix.companions) or "none"),
                ("recipe", "\n".join(describe(fix))),
            ]
            facts += [("makes true", "\n".join(demanded))] if (demanded := beyond_recipe(fix)) else []
    if control.references:
        facts.append(("references", "\n".join(control.references)))
    return facts


def _check(value: str | None, values: set[str], what: str) -> None:
    if value is not None and value not in values:
        raise click.UsageError(f"{safe(value)}: no control has this {what}; there are {', '.join(sorted(values))}")


def _console() -> Console:
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)  # nobody's window: a row stays on a line
    return console
