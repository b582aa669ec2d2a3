"""`iacfix loop demo`: the whole way of a finding, on this machine, with no account anywhere."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from iacfix.domain.errors import ConfigurationError, IacfixError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iacfix.testing.loop.rows import Row


@click.group()
def loop() -> None:
    """Show the whole way of a finding."""


@loop.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Leave what was made in DIR: repositories, pull requests, ledger. It has to be empty, or not there.",
)
@click.option(
    "--only",
    type=click.Choice(["terraform", "cloudformation"]),
    help="One language alone.  [default: both, CloudFormation alone without terraform]",
)
def demo(*, keep: Path | None, only: str | None) -> None:
    """Vulnerable code is deployed to a local AWS, found, fixed, merged, deployed again, verified and closed.

    Needs moto, and terraform for that half; nothing leaves this machine but for terraform's provider, where no mirror
    of it is here.
    """
    if keep is None:
        with tempfile.TemporaryDirectory() as folder:
            _run(Path(folder), only)
    else:
        if keep.exists() and any(keep.iterdir()):
            raise click.UsageError(f"{keep} is not empty")
        keep.mkdir(parents=True, exist_ok=True)
        _run(keep.resolve(), only)


def _run(home: Path, only: str | None) -> None:
    try:
        from iacfix.testing.loop.estate import run  # noqa: PLC0415 - only who asks needs moto
    except ImportError as error:
        remedy = "pip install 'iacfix[demo]'"
        raise ConfigurationError(f"the demo needs {error.name}", remedy=remedy) from None
    from iacfix.testing.loop.demo import LoopError  # noqa: PLC0415 - as above

    try:
        rows = run(home, os.environ, (sys.executable, "-m", "iacfix.entry.cli"), only or "", click.echo)
    except LoopError as error:
        raise IacfixError(f"the loop broke: {error}") from None
    _show(rows)


def _show(rows: "Sequence[Row]") -> None:
    table = Table()
    for heading in ("control", "resource", "code", "outcome", "seen live", "ledger", "Security Hub", "found again"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        style = "green" if row.is_round else "yellow" if row.is_left else "red"
        again = "yes" if row.again else "no"
        cells = (row.check, row.resource, row.place, row.status, row.seen, row.state, row.closed, again)
        table.add_row(*(Text(cell, style=style) for cell in cells))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    fixed = [each for each in rows if each.is_round]
    controls = len({each.check for each in fixed})
    click.echo(f"{len(fixed)} findings of {controls} controls went round: fixed, proven, closed")
    if caught := [each.check for each in rows if each.is_caught]:
        click.echo(f"{len(caught)} was merged, and is not live: seen, and kept open ({', '.join(caught)})")
    if left := sum(each.is_left for each in rows):
        click.echo(f"{left} were left to people by triage")
