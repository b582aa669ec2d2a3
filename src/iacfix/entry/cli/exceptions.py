"""`iacfix exceptions`: risks that are accepted for a time."""

import getpass
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.adapters.work_tree import write_file
from iacfix.config import Settings
from iacfix.domain.errors import ConfigurationError, DocumentError, InputError
from iacfix.entry.cli import options, records, wiring
from iacfix.entry.cli.exits import Exit
from iacfix.entry.cli.text import safe
from iacfix.entry.stores import ledger_at, rows_at
from iacfix.ports.stores import Rows
from iacfix.triage.exceptions import MOST_DAYS, RiskException, Scope
from iacfix.triage.exceptions_file import PATH, read_exceptions, with_ended, with_exception
from iacfix.workflows.accepting import Acceptance
from iacfix.workflows.record import Recorder

_repository = click.option("--repo", default=".", show_default=True, metavar="DIR", help="The repository.")
_shared = click.option("--shared", is_flag=True, help="In the table of the organization: `triage.exceptions`.")
_by = click.option("--by", metavar="NAME", help="Who does this.  [default: the login]")
_DAYS = re.compile(r"([0-9]{1,4})d?")


@click.group()
def exceptions() -> None:
    """Accept risks for a time: in the repository's file, or for the whole organization."""


@exceptions.command("add")
@click.option("--finding", default="", metavar="ID", help="The tool's own id of one finding.")
@click.option(
    "--control", default="", metavar="CONTROL", help="The catalogue's id, or a tool's check that it does not know."
)
@click.option("--resource", default="", metavar="PATTERN", help="An address or an ARN; * stands for any characters.")
@click.option("--path", default="", metavar="FILE", help="The file that the block stands in.")
@click.option("--approver", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the risk is accepted.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, metavar="DAY", help="The last day, by UTC.")
@_by
@_repository
@_shared
@options.ledger
@options.config
def add(  # noqa: PLR0913 - one parameter for each option
    *,
    finding: str,
    control: str,
    resource: str,
    path: str,
    approver: str,
    reason: str,
    until: datetime,
    by: str | None,
    repo: str,
    shared: bool,
    ledger: str | None,
    config: Path | None,
) -> None:
    """Accept a risk until a day, which it still holds on."""
    desk = _Desk.of(config, ledger, repo, by, shared=shared)
    scope = Scope(finding.strip(), control.strip(), resource.strip(), path.strip())
    entry = RiskException(scope, approver.strip(), " ".join(reason.split()), _today(), until.date())
    if shared:
        desk.work.add_shared(entry, desk.table())
    else:
        before = desk.file()

        def write() -> None:
            write_file(Path(repo), PATH, before, with_exception(before, entry, most_days=desk.work.most_days))

        with _readable():
            desk.work.add(entry, PATH, write)
    click.echo(f"{entry.id} holds until {entry.until}")


@exceptions.command("list")
@click.option(
    "--expiring", metavar="DAYS", help="Only those that end within so many days: 14d. Exit code 1 where some do."
)
@_repository
@options.output("text", "json")
@options.config
def list_exceptions(*, expiring: str | None, repo: str, output: str, config: Path | None) -> None:
    """Show what is accepted here and in the whole organization, by whom, why, and until when."""
    desk = _Desk.of(config, "", repo, None)
    today, within = _today(), _days(expiring)
    found = [
        (where, each)
        for where, each in desk.all()
        if within is None or (each.holds(today) and each.until < today + timedelta(days=within))
    ]
    for where, each in sorted(found, key=lambda one: (one[1].until, one[1].id)):
        click.echo(records.line(_record(where, each, today)) if output == "json" else _line(where, each, today))
    if not found and output == "text":
        click.echo("none" if within is None else f"none ends within {within} days")
    sys.exit(Exit.NEEDS_A_PERSON if within is not None and found else Exit.DONE)


@exceptions.command("expire")
@click.argument("wanted", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why the risk is not accepted any more.")
@_by
@_repository
@_shared
@options.ledger
@options.config
def expire(  # noqa: PLR0913 - one parameter for each option
    *, wanted: str, reason: str, by: str | None, repo: str, shared: bool, ledger: str | None, config: Path | None
) -> None:
    """End an exception: its last day was yesterday, and its findings come back. One of today is taken out."""
    desk = _Desk.of(config, ledger, repo, by, shared=shared)
    if shared:
        rows = desk.table()
        entry = _one(wanted, desk.work.shared(rows), rows.name)
        desk.work.expire_shared(entry, reason, rows)
    else:
        before = desk.file()
        with _readable():
            known = read_exceptions(before or b"", most_days=desk.work.most_days).entries
        entry = _one(wanted, known, PATH)

        def write(last: date) -> None:
            after = with_ended(before or b"", wanted, last, most_days=desk.work.most_days)
            write_file(Path(repo), PATH, before, after)

        with _readable():
            desk.work.expire(entry, reason, PATH, write)
    click.echo(f"{entry.id} holds no more")


@dataclass(frozen=True)
class _Desk:
    settings: Settings
    repository: str
    work: Acceptance

    @classmethod
    def of(cls, config: Path | None, ledger: str | None, repo: str, by: str | None, *, shared: bool = False) -> "_Desk":
        """Raises ConfigurationError where the organization's exceptions would change without a record of it."""
        settings = wiring.settings_from(config)
        address = settings.ledger if ledger is None else ledger
        if shared and not address:
            what = "exceptions of the organization are changed on record only, and no ledger is named"
            raise ConfigurationError(what, remedy="give --ledger, or set `ledger` in iacfix.yaml")
        recorder = Recorder(ledger_at(address), by or _login()) if address else None
        most_days = settings.triage.exception_days if settings.triage is not None else MOST_DAYS
        return cls(settings, repo, Acceptance(recorder, most_days))

    def table(self) -> Rows:
        triage = self.settings.triage
        if triage is None or triage.exceptions is None:
            what = "no table for the exceptions of the organization is configured"
            raise ConfigurationError(what, remedy="set `triage.exceptions` to dynamodb:TABLE")
        return rows_at(triage.exceptions)

    def file(self) -> bytes | None:
        """None where there is none."""
        tree = FileSystemTree(Path(self.repository))
        return tree.read(PATH) if tree.exists(PATH) else None

    def all(self) -> Iterator[tuple[str, RiskException]]:
        """With where they stand. Raises InputError where the file cannot be read."""
        try:
            yield from (
                (PATH, each) for each in read_exceptions(self.file() or b"", most_days=self.work.most_days).entries
            )
        except DocumentError as error:
            raise InputError(f"{PATH}: {error.what}", remedy=error.remedy) from None
        triage = self.settings.triage
        if triage is not None and triage.exceptions is not None:
            rows = self.table()
            yield from ((rows.name, each) for each in self.work.shared(rows))


@contextmanager
def _readable() -> Iterator[None]:
    """Raises InputError where the file is none of exceptions, or cannot be changed."""
    try:
        yield
    except DocumentError as error:
        where = f"{PATH}, line {error.line}" if error.line else PATH
        raise InputError(f"{where}: {error.what}", remedy=error.remedy) from None


def _one(wanted: str, entries: tuple[RiskException, ...], where: str) -> RiskException:
    """The one with this id that ends last. Raises InputError where there is none that still holds or will."""
    found = [each for each in entries if each.id == wanted and not each.fault and not each.has_ended(_today())]
    if not found:
        raise InputError(f"no exception {wanted[:64]} holds in {where}", remedy="`iacfix exceptions list` shows them")
    return max(found, key=lambda each: each.until)


def _record(where: str, each: RiskException, today: date) -> Mapping[str, object]:
    scope = each.scope
    return {
        "id": each.id,
        "in": where,
        "finding": scope.finding or None,
        "control": scope.control or None,
        "resource": scope.resource or None,
        "path": scope.path or None,
        "approver": safe(each.approver),
        "reason": safe(each.reason),
        "created": None if each.fault else each.created.isoformat(),
        "until": None if each.fault else each.until.isoformat(),
        "state": _state(each, today),
        "fault": safe(each.fault) or None,
    }


def _line(where: str, each: RiskException, today: date) -> str:
    if each.fault:
        return f"{safe(where)}: {safe(each.fault)}: it holds for nothing"
    scope = each.scope
    named = [("finding", scope.finding), ("control", scope.control), ("resource", scope.resource), ("path", scope.path)]
    what = ", ".join(f"{name} {safe(text)}" for name, text in named if text)
    said = f"{each.id} {_state(each, today)} until {each.until}: {what}"
    return f"{said}; by {safe(each.approver)}: {safe(each.reason)} ({safe(where)})"


def _state(each: RiskException, today: date) -> str:
    if each.fault:
        return "malformed"
    if each.has_ended(today):
        return "ended"
    return "holds" if each.holds(today) else "not_yet"


def _days(text: str | None) -> int | None:
    if text is None:
        return None
    found = _DAYS.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--expiring {safe(text)}: give days, like 14d")
    return int(found[1])


def _today() -> date:
    return datetime.now(UTC).date()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise click.UsageError("nobody is logged in: say with --by who does this") from None
