"""The command line: `iacfix`."""

import sys
import traceback

import click

from iacfix import __version__
from iacfix.domain.errors import GitHostError, IacfixError, InputError, LedgerError, QueueError, UnsafePathError
from iacfix.domain.secrets import redact
from iacfix.entry.cli.commands import Commands
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="iacfix")
def cli() -> None:
    """Turn cloud-security findings into proven fixes in the code that made the resource."""


def main() -> None:
    """Every way out has its exit code; see docs/exit-codes.md."""
    try:
        cli()
    except (InputError, UnsafePathError, GitHostError, LedgerError, QueueError) as error:
        click.echo(f"iacfix: {safe(str(error))}", err=True)
        sys.exit(Exit.UNUSABLE_INPUT)
    except IacfixError as error:
        click.echo(f"iacfix: internal error: {safe(str(error))}", err=True)
        sys.exit(Exit.INTERNAL_ERROR)
    except Exception as error:  # noqa: BLE001 - the last resort: nothing is swallowed, the trace goes to stderr, redacted
        click.echo(f"iacfix: internal error, please report it: {type(error).__name__}", err=True)
        click.echo(redact(traceback.format_exc()), err=True)
        sys.exit(Exit.INTERNAL_ERROR)
