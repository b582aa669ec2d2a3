"""`iacfix pull`: findings from the APIs of Security Hub and Wiz, as `iacfix triage` and `iacfix generate` read them."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO, TypedDict, TypeVar, Unpack

import click

from iacfix.adapters.aws.queues import SqsQueue
from iacfix.domain.errors import InputError
from iacfix.domain.finding import Severity
from iacfix.entry.cli import options, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.finding_sources import security_hub_from, wiz_from
from iacfix.ports.findings_source import FindingsSource, Wanted
from iacfix.workflows.clock import utc_now
from iacfix.workflows.pull import Pull

_AGE = re.compile(r"([0-9]{1,5})([mhd])")
_MINUTES = {"m": 1, "h": 60, "d": 1440}
# The worst first.
_SEVERITIES = [each.value for each in Severity if each is not Severity.UNKNOWN]
Command = TypeVar("Command", bound=Callable[..., object])


class Moment(click.ParamType[str]):
    """As ISO 8601 with its zone; "" where nothing is given."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text:
            return ""
        try:
            found = _AGE.fullmatch(text)
            at = utc_now() - timedelta(minutes=int(found[1]) * _MINUTES[found[2]]) if found else _moment(text)
            return at.astimezone(UTC).isoformat(timespec="seconds")
        except (ValueError, OverflowError):
            self.fail("write it like 12h, 7d, 2026-11-01 or 2026-11-01T08:00:00+01:00", param, ctx)


def _moment(text: str) -> datetime:
    """A day, or a moment without a zone, is UTC's."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


class Asked(TypedDict):
    severity: tuple[str, ...]
    account: tuple[str, ...]
    since: str
    after: str
    to: Path | None
    queue: str
    output: str
    config: Path | None


def _asked(command: Command) -> Command:
    path = click.Path(path_type=Path, dir_okay=False)
    for option in reversed(
        (
            click.option("--severity", multiple=True, type=click.Choice(_SEVERITIES), help="Of it (repeatable)."),
            click.option("--account", multiple=True, metavar="NUMBER", help="Of this account (repeatable)."),
            click.option("--since", type=Moment(), default="", help="Changed since: 12h, 7d, or a day."),
            click.option("--after", default="", metavar="PLACE", help="Go on where a pull that stopped has told it."),
            click.option("--to", type=path, help="File to write.  [default: stdout]"),
            click.option(
                "--queue", default="", metavar="URL", help="Send each to this queue instead, for `iacfix work`."
            ),
            options.output("json", "lines"),
            options.config,
        )
    ):
        command = option(command)
    return command


@click.group()
def pull() -> None:
    """Ask Security Hub or Wiz for open findings, to be handed to `iacfix triage` or `iacfix generate`."""


@pull.command("security-hub")
@_asked
def security_hub(**asked: Unpack[Asked]) -> None:
    """Open findings of Security Hub: new or notified, and active. `security_hub` of the configuration says where."""
    _pull(security_hub_from(wiring.settings_from(asked["config"])), asked)


@pull.command("wiz")
@_asked
def wiz(**asked: Unpack[Asked]) -> None:
    """Open issues of Wiz about AWS. `wiz` of the configuration says where."""
    _pull(wiz_from(wiring.settings_from(asked["config"])), asked)


def _pull(source: FindingsSource, asked: Asked) -> None:
    until = utc_now().isoformat(timespec="seconds") if asked["since"] else ""
    wanted = Wanted(tuple(map(Severity, asked["severity"])), asked["account"], asked["since"], until)
    pulling = Pull(source, wanted, asked["after"])
    if asked["queue"]:
        pulling.into(SqsQueue(asked["queue"]))
    else:
        _write(pulling, asked)
    _tell(pulling)
    if pulling.stopped:
        again = f"; go on with --after {pulling.after}" if pulling.after else ""
        click.echo(f"iacfix: it stopped before its end: {safe(pulling.stopped)}{again}", err=True)
        sys.exit(Exit.NEEDS_A_PERSON if pulling.counts else Exit.UNUSABLE_INPUT)


def _write(pulling: Pull, asked: Asked) -> None:
    """One JSON list, which is whole however it ends, or a line for each finding."""
    is_list = asked["output"] == "json"
    with _opened(asked["to"], appending=bool(asked["after"]) and not is_list) as stream:
        before = "[" if is_list else ""
        for each in pulling.findings():
            stream.write(f"{before}{json.dumps(each, ensure_ascii=True)}")
            before = ",\n" if is_list else "\n"
        if is_list:
            stream.write("]" if before != "[" else "[]")
        stream.write("\n" if is_list or before else "")


def _tell(pulling: Pull) -> None:
    """By severity, and of each by account, on stderr: stdout has the findings."""
    total = sum(pulling.counts.values())
    click.echo(f"{total} {'finding' if total == 1 else 'findings'} of {pulling.source.name}", err=True)
    for severity in (*_SEVERITIES, Severity.UNKNOWN.value):
        found = {account: count for (said, account), count in pulling.counts.items() if said == severity}
        if found:
            by_account = ", ".join(f"{safe(name) or 'no account'} {found[name]}" for name in sorted(found))
            click.echo(f"  {severity}: {sum(found.values())} ({by_account})", err=True)


@contextmanager
def _opened(path: Path | None, *, appending: bool) -> Iterator[TextIO]:
    """A file is there whole or not at all, unless it is gone on with."""
    if path is None:
        yield sys.stdout
        return
    beside = path if appending else path.with_name(f"{path.name}.part")
    try:
        with beside.open("a" if appending else "w", encoding="ascii") as stream:
            yield stream
        if not appending:
            beside.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}", remedy="correct --to") from None
    finally:
        if not appending:
            beside.unlink(missing_ok=True)
