"""`iacfix validate`: judge any diff."""

import sys
from pathlib import Path

import click
from rich.console import Console

from iacfix.domain.errors import InputError
from iacfix.entry.cli import options, records, text, wiring
from iacfix.entry.cli.exits import exit_code
from iacfix.entry.cli.places import workplaces
from iacfix.workflows.validate import validate as validate_diff


@click.command()
@options.finding
@options.repository
@options.states
@click.option("--diff", required=True, metavar="FILE|-", help="The unified diff; - reads standard input.")
@options.input_format
@options.output("text", "json")
@options.config
def validate(  # noqa: PLR0913 - one parameter for each option
    *,
    findings: str,
    repo: str | None,
    states: tuple[str, ...],
    diff: str,
    input_format: str,
    output: str,
    config: Path | None,
) -> None:
    """Judge a diff, a person's or another tool's, by the stages that iacfix's own fixes pass."""
    read = wiring.findings_from(findings, input_format)
    if len(read) != 1:
        raise InputError(f"--finding holds {len(read)} findings", remedy="give a file with exactly one")
    data = sys.stdin.buffer.read() if diff == "-" else wiring.read_file(diff)
    try:
        patch = data.decode()
    except UnicodeDecodeError:
        raise InputError(f"the diff {diff} is not UTF-8", remedy="save it as UTF-8") from None
    settings = wiring.settings_from(config)
    fixers = wiring.fixers(
        settings, workplaces(settings, repo, states, wiring.Hosts(settings).cloned), "recipe", None, compose=False
    )
    outcome = validate_diff(read[0], patch, fixers)
    if output == "json":
        click.echo(records.line(records.outcome_record(outcome)))
    else:
        text.show_outcomes(Console(), [outcome])
    sys.exit(exit_code([outcome]))
