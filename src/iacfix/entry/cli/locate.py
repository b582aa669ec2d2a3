"""`iacfix locate`: where each finding's resource is written."""

import sys
from pathlib import Path

import click
from rich.console import Console

from iacfix.domain.location import Location
from iacfix.entry.cli import options, records, text, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.places import workplaces
from iacfix.entry.cli.progress import each
from iacfix.workflows.locate import locate_finding


@click.command()
@options.findings
@options.repository
@options.states
@options.input_format
@options.output("text", "json")
@options.config
def locate(  # noqa: PLR0913 - one parameter for each option
    *,
    findings: str,
    repo: str | None,
    states: tuple[str, ...],
    input_format: str,
    output: str,
    config: Path | None,
) -> None:
    """Show where each finding's resource is written, with evidence."""
    settings = wiring.settings_from(config)
    catalogue = wiring.catalogue_from(settings)
    places = workplaces(settings, repo, states, wiring.Hosts(settings).cloned)
    read = wiring.findings_from(findings, input_format)
    located = []
    for item in each(read, lambda finding: locate_finding(finding, places, catalogue), "locating"):
        located.append(item)
        if output == "json":
            click.echo(records.line(records.located_record(item)))
    if output == "text":
        text.show_located(Console(), located)
    sys.exit(Exit.DONE if all(isinstance(item.result, Location) for item in located) else Exit.NEEDS_A_PERSON)
