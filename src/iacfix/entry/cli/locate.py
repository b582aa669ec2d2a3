"""`iacfix locate`: where each finding's resource is written."""

import sys
from pathlib import Path

import click
from rich.console import Console

from iacfix.domain.location import Location
from iacfix.entry.cli import options, records, text, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.progress import each
from iacfix.workflows.locate import locate_finding


@click.command()
@options.findings
@options.repository
@options.input_format
@options.output("text", "json")
@options.config
def locate(findings: str, repo: str, input_format: str, output: str, config: Path | None) -> None:
    """Show where each finding's resource is written, with evidence."""
    catalogue = wiring.catalogue_from(wiring.settings_from(config))
    repository = wiring.repository_at(repo)
    read = wiring.findings_from(findings, input_format)
    located = []
    for item in each(read, lambda finding: locate_finding(finding, repository, catalogue), "locating"):
        located.append(item)
        if output == "json":
            click.echo(records.line(records.located_record(item)))
    if output == "text":
        text.show_located(Console(), located)
    sys.exit(Exit.DONE if all(isinstance(item.result, Location) for item in located) else Exit.NEEDS_A_PERSON)
