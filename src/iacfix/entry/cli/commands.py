"""The commands by name. Each is imported when it is asked for: starting costs what that one needs, and no more."""

import click

NAMES = (
    "generate",
    "locate",
    "validate",
    "triage",
    "owners",
    "open-pr",
    "prs",
    "status",
    "audit",
    "controls",
    "roles",
    "work",
    "dlq",
    "exceptions",
    "pull",
    "rules",
    "verify",
    "remediate",
    "rollback",
    "approvals",
    "loop",
    "notify",
    "github-action",
)


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own
        return sorted(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own
        return command(cmd_name)


def command(name: str) -> click.Command | None:
    """None where there is none of this name."""
    match name:
        case "generate":
            from iacfix.entry.cli.generate import generate

            return generate
        case "locate":
            from iacfix.entry.cli.locate import locate

            return locate
        case "validate":
            from iacfix.entry.cli.validate import validate

            return validate
        case "triage":
            from iacfix.entry.cli.triage import triage

            return triage
        case "owners":
            from iacfix.entry.cli.owners import owners
            from iacfix.entry.cli.unassigned import unassigned

            owners.add_command(unassigned)
            return owners
        case "open-pr":
            from iacfix.entry.cli.open_pr import open_pr

            return open_pr
        case "prs":
            from iacfix.entry.cli.prs import prs
            from iacfix.entry.cli.prs_answer import answer_prs

            prs.add_command(answer_prs)
            return prs
        case "status":
            from iacfix.entry.cli.status import status

            return status
        case "audit":
            from iacfix.entry.cli.audit import audit

            return audit
        case "controls":
            from iacfix.entry.cli.controls import controls

            return controls
        case "roles":
            from iacfix.entry.cli.roles import roles

            return roles
        case "work":
            from iacfix.entry.cli.work import work

            return work
        case "dlq":
            from iacfix.entry.cli.dlq import dlq

            return dlq
        case "exceptions":
            from iacfix.entry.cli.exceptions import exceptions

            return exceptions
        case "pull":
            from iacfix.entry.cli.pull import pull

            return pull
        case "rules":
            from iacfix.entry.cli.rules import rules

            return rules
        case "verify":
            from iacfix.entry.cli.verify import verify

            return verify
        case "remediate":
            from iacfix.entry.cli.remediate import remediate

            return remediate
        case "rollback":
            from iacfix.entry.cli.remediate import rollback

            return rollback
        case "approvals":
            from iacfix.entry.cli.approvals import approvals

            return approvals
        case "loop":
            from iacfix.entry.cli.loop import loop

            return loop
        case "notify":
            from iacfix.entry.cli.notify import notify

            return notify
        case "github-action":
            from iacfix.entry.github_action import github_action

            return github_action
        case _:
            return None
