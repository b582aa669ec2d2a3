"""The command line: `iacfix`."""

import sys
import traceback

import click

from iacfix import __version__
from iacfix.domain.errors import GitHostError, IacfixError, InputError, LedgerError, QueueError, UnsafePathError
from iacfix.domain.secrets import redact
from iacfix.entry.cli.approvals import approvals
from iacfix.entry.cli.audit import audit
from iacfix.entry.cli.controls import controls
from iacfix.entry.cli.dlq import dlq
from iacfix.entry.cli.exceptions import exceptions
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.generate import generate
from iacfix.entry.cli.locate import locate
from iacfix.entry.cli.loop import loop
from iacfix.entry.cli.notify import notify
from iacfix.entry.cli.open_pr import open_pr
from iacfix.entry.cli.owners import owners
from iacfix.entry.cli.prs import prs
from iacfix.entry.cli.prs_answer import answer_prs
from iacfix.entry.cli.pull import pull
from iacfix.entry.cli.remediate import remediate, rollback
from iacfix.entry.cli.roles import roles
from iacfix.entry.cli.rules import rules
from iacfix.entry.cli.status import status
from iacfix.entry.cli.text import safe
from iacfix.entry.cli.triage import triage
from iacfix.entry.cli.unassigned import unassigned
from iacfix.entry.cli.validate import validate
from iacfix.entry.cli.verify import verify
from iacfix.entry.cli.work import work
from iacfix.entry.github_action import github_action


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="iacfix")
def cli() -> None:
    """Turn cloud-security findings into proven fixes in the code that made the resource."""


for command in (
    generate,
    locate,
    validate,
    triage,
    owners,
    open_pr,
    prs,
    status,
    audit,
    controls,
    roles,
    work,
    dlq,
    exceptions,
    pull,
    rules,
    verify,
    remediate,
    rollback,
    approvals,
    loop,
    notify,
    github_action,
):
    cli.add_command(command)


owners.add_command(unassigned)
prs.add_command(answer_prs)


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
