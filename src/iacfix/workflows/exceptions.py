"""The exceptions of a repository, as its files have them now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from iacfix.domain.errors import DocumentError, InputError, TableError, UnsafePathError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.locators.repository import Repository
from iacfix.ports.stores import Rows
from iacfix.triage.exceptions import MOST_DAYS, Exceptions
from iacfix.triage.exceptions_file import PATH, read_exceptions
from iacfix.triage.exceptions_rows import PREFIX, exceptions_of


def utc_today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class AcceptedRisks:
    """`unreadable` says why nobody knows which risks are accepted: then nothing is to be proposed."""

    exceptions: Exceptions = field(default_factory=Exceptions)
    unreadable: str = ""
    today: Callable[[], date] = utc_today

    def reason(self, finding: Finding, location: Location | None = None) -> str:
        """Why the finding's risk is accepted today; "" where it is not."""
        found = self.exceptions.covering(finding, self.today(), *_place(location))
        return "" if found is None else f"accepted until {found.until} by {found.approver}: {found.reason}"

    def ended(self, finding: Finding, location: Location) -> date | None:
        """The last day of an exception that is over."""
        return self.exceptions.ended(finding, self.today(), *_place(location))


def accepted_risks(repository: Repository, *, most_days: int = MOST_DAYS) -> AcceptedRisks:
    try:
        if not repository.exists(PATH):
            return AcceptedRisks()
        return AcceptedRisks(read_exceptions(repository.read(PATH), most_days=most_days))
    except (DocumentError, InputError, UnsafePathError) as error:
        return AcceptedRisks(unreadable=f"which risks are accepted cannot be read from {PATH}: {error}")


def together(own: AcceptedRisks, shared: AcceptedRisks) -> AcceptedRisks:
    """Of a repository, and of the whole organization. Where one of them is unreadable nobody knows."""
    entries = (*own.exceptions.entries, *shared.exceptions.entries)
    unreadable = "; ".join(filter(None, (own.unreadable, shared.unreadable)))
    return AcceptedRisks(Exceptions(entries), unreadable, own.today)


def shared_risks(rows: Rows, *, most_days: int = MOST_DAYS) -> AcceptedRisks:
    """Those of the organization's table."""
    try:
        return AcceptedRisks(exceptions_of(rows.read(PREFIX), most_days=most_days))
    except TableError as error:
        return AcceptedRisks(unreadable=f"which risks are accepted cannot be read from {rows.name}: {error}")


def _place(location: Location | None) -> tuple[str, str]:
    return (location.address, location.path) if location is not None else ("", "")
