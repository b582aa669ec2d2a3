"""What the ledger knows of a resource: each finding of it, where that stands, and why."""

from collections.abc import Mapping, Sequence

from iacfix.domain.errors import LedgerError
from iacfix.domain.finding import CloudResource
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ports.activity import Activity, ActivityError
from iacfix.ports.stores import LedgerStore


class LedgerActivity:
    """Implements ports.activity.ActivityReader. The ledger is read once, when it is first asked."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._known: Mapping[str, Sequence[LedgerEntry]] | None = None

    def recent(self, resource: CloudResource, most: int) -> Sequence[Activity]:
        if self._known is None:
            self._known = self._read()
        entries = [
            each
            for each in self._known.get(resource.identifier, ())
            if not each.account or not resource.account or each.account == resource.account
        ]
        newest = sorted(entries, key=lambda each: each.changed_at, reverse=True)[:most]
        return [Activity(each.changed_at, "iacfix", _told(each)) for each in newest]

    def _read(self) -> Mapping[str, Sequence[LedgerEntry]]:
        found: dict[str, list[LedgerEntry]] = {}
        try:
            for each in self._store.in_states(frozenset(State)):
                found.setdefault(each.resource, []).append(each)
        except LedgerError as error:
            raise ActivityError(error.what, remedy=error.remedy) from None
        return found


def _told(entry: LedgerEntry) -> str:
    again = f", back for the {entry.round}. time" if entry.round > 1 else ""
    return f"{entry.control} is {entry.state}{again}: {entry.reason}"
