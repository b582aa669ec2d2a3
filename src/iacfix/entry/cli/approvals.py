"""`iacfix approvals`: what waits for a person's answer."""

import json
import sys
from pathlib import Path

import click

from iacfix.domain.errors import InputError
from iacfix.domain.remediation import Approval
from iacfix.domain.secrets import redact
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.remediation import approving_from, stores_at
from iacfix.workflows.approving import Approving


@click.group()
def approvals() -> None:
    """List, approve and deny changes of live resources that wait for a person."""


@approvals.command("list")
@options.ledger
@options.config
@options.output("text", "json")
@click.option("--all", "everything", is_flag=True, help="Those that are answered or have run out too.")
def show(*, ledger: str | None, config: Path | None, output: str, everything: bool) -> None:
    """Show each with all that it takes to answer it. Exits with 1 where something waits."""
    approving = _approving(ledger, config, "")
    waiting = approving.waiting()
    for each in approving.approvals.all() if everything else waiting:
        click.echo(json.dumps(record(each)) if output == "json" else "\n".join(_told(each)))
    sys.exit(Exit.NEEDS_A_PERSON if waiting else Exit.DONE)


@approvals.command()
@click.argument("approval")
@click.option("--as", "person", required=True, help="Who answers: not who asked.")
@click.option("--note", default="", help="Why.")
@options.ledger
@options.config
def approve(*, approval: str, person: str, note: str, ledger: str | None, config: Path | None) -> None:
    """Let this change be made. It is made by the next `iacfix remediate`, or by the task that waits for the answer."""
    given = _approving(ledger, config, person).answer(approval, by=person, approve=True, note=note)
    click.echo(f"{given.id} is approved by {safe(given.answered_by)}; it counts until {safe(given.expires_at)}")


@approvals.command()
@click.argument("approval")
@click.option("--as", "person", required=True, help="Who answers: not who asked.")
@click.option("--note", default="", help="Why.")
@options.ledger
@options.config
def deny(*, approval: str, person: str, note: str, ledger: str | None, config: Path | None) -> None:
    """Do not let this change be made."""
    given = _approving(ledger, config, person).answer(approval, by=person, approve=False, note=note)
    click.echo(f"{given.id} is denied by {safe(given.answered_by)}")


@approvals.command()
@click.argument("approval")
@options.ledger
@options.config
def tell(*, approval: str, ledger: str | None, config: Path | None) -> None:
    """Tell the task that waits once more what was answered."""
    given = _approving(ledger, config, "").tell_again(approval)
    click.echo(f"{given.id}: the task was told that it is {given.state}")


@approvals.command()
@click.argument("message", metavar="FILE|-")
@options.ledger
@options.config
def receive(*, message: str, ledger: str | None, config: Path | None) -> None:
    """Take in the message with which Step Functions asks: from then on `approve` and `deny` answer its task."""
    text = sys.stdin.buffer.read() if message == "-" else wiring.read_file(message)
    try:
        loaded: object = json.loads(text)
        if isinstance(loaded, dict) and isinstance(loaded.get("Message"), str):  # as SNS wraps it for a queue
            loaded = json.loads(loaded["Message"])
    except (ValueError, RecursionError):
        raise InputError(f"{message} is not JSON", remedy="give the message as it came") from None
    told = loaded if isinstance(loaded, dict) else {}
    identity, token = told.get("approval"), told.get("task_token")
    if not isinstance(identity, str) or not isinstance(token, str):
        raise InputError(f"{message} asks for no approval", remedy="give the message as it came")
    given = _approving(ledger, config, "").waits(identity, token)
    click.echo(f"{given.id} is {given.state}; its task waits until {safe(given.expires_at)}")


def _approving(ledger: str | None, config: Path | None, person: str) -> Approving:
    address = wiring.settings_from(config).ledger if ledger is None else ledger
    return approving_from(stores_at(address), person)


def record(approval: Approval) -> dict[str, object]:
    """Without the token: whoever has it may answer."""
    change = approval.change
    return {
        "id": approval.id,
        "state": approval.state.value,
        "key": approval.key,
        "finding_id": approval.finding.id,
        "control": change.control,
        "resource": approval.finding.resource.identifier,
        "account": change.account,
        "region": change.region,
        "now": {name: list(each) for name, each in change.before.items()},
        "runbook": change.runbook,
        "parameters": {name: list(each) for name, each in change.parameters.items()},
        "policy": redact(approval.policy),
        "blast_radius": redact(approval.blast_radius),
        "rollback": redact(approval.rollback),
        "requested_by": approval.requested_by,
        "requested_at": approval.requested_at,
        "expires_at": approval.expires_at,
        "answered_by": approval.answered_by or None,
        "answered_at": approval.answered_at or None,
        "note": redact(approval.note) or None,
    }


def _told(approval: Approval) -> list[str]:
    change = approval.change
    now = ", ".join(f"{name}={' '.join(each) or 'nothing'}" for name, each in change.before.items())
    told = ", ".join(f"{name}={' '.join(each)}" for name, each in change.parameters.items())
    answer = f" by {approval.answered_by} at {approval.answered_at}" if approval.answered_by else ""
    return [
        f"{approval.id}  {approval.state}{safe(answer)}  until {safe(approval.expires_at)}",
        f"  {safe(change.control)} of {safe(approval.finding.resource.identifier)}",
        f"  now: {safe(now)}",
        f"  change: {safe(change.runbook)} with {safe(told)}",
        f"  policy: {safe(redact(approval.policy))}",
        f"  blast radius: {safe(redact(approval.blast_radius))}",
        f"  way back: {safe(redact(approval.rollback))}",
        f"  asked by {safe(approval.requested_by)} at {safe(approval.requested_at)}",
    ]
