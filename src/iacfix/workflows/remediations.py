"""What was done to the live resource of each finding, kept beside the ledger."""

import uuid
from dataclasses import dataclass

from iacfix.domain.errors import StaleEntryError
from iacfix.domain.ledger import LedgerEntry
from iacfix.domain.remediation import Approval, Remediation
from iacfix.ports.kept import Kept, KeptStore, Kind
from iacfix.runtime.records import read, written

_TOKENS = uuid.UUID("6f1f0a52-6a2c-5d7e-9d43-0c2f2d6d8a11")


@dataclass(frozen=True)
class Remediations:
    store: KeptStore

    def last(self, entry: LedgerEntry, round_: int | None = None) -> Remediation | None:
        """Of the newest attempt of a round; without one, of the newest round that has any."""
        rounds = range(entry.round, 0, -1) if round_ is None else [round_]
        for number in rounds:
            found, attempt = None, 1
            while (kept := self.store.get(Kind.REMEDIATION, _id(entry.key, number, attempt))) is not None:
                found, attempt = read(Remediation, kept.text), attempt + 1
            if found is not None:
                return found
        return None

    def keep(self, remediation: Remediation) -> None:
        """Writes over what was kept of the same attempt. Raises StaleEntryError where somebody else does too."""
        identity = _id(remediation.key, remediation.round, remediation.attempt)
        before = self.store.get(Kind.REMEDIATION, identity)
        version = 1 if before is None else before.version + 1
        self.store.put(Kind.REMEDIATION, Kept(identity, written(remediation), version))

    def next_attempt(self, entry: LedgerEntry) -> int:
        """One that was never begun is begun again under its own number."""
        last = self.last(entry, entry.round)
        if last is None:
            return 1
        return last.attempt + 1 if last.execution or last.status else last.attempt


@dataclass(frozen=True)
class Approvals:
    store: KeptStore

    def get(self, identity: str) -> Approval | None:
        kept = self.store.get(Kind.APPROVAL, identity)
        return None if kept is None else read(Approval, kept.text)

    def all(self) -> tuple[Approval, ...]:
        found = (read(Approval, each.text) for each in self.store.all(Kind.APPROVAL))
        return tuple(sorted(found, key=lambda each: (each.requested_at, each.id)))

    def keep(self, approval: Approval, before: Approval | None) -> None:
        """Raises StaleEntryError where it has changed since `before` was read."""
        kept = self.store.get(Kind.APPROVAL, approval.id)
        if (None if kept is None else read(Approval, kept.text)) != before:
            raise StaleEntryError("somebody else has answered meanwhile", remedy="look again")
        self.store.put(Kind.APPROVAL, Kept(approval.id, written(approval), 1 if kept is None else kept.version + 1))


def token(key: str, round_: int, attempt: int, what: str = "") -> str:
    """The same for the same attempt, so that whoever goes on after a crash does not begin a second time."""
    return str(uuid.uuid5(_TOKENS, f"{key}:{round_}:{attempt}:{what}"))


def _id(key: str, round_: int, attempt: int) -> str:
    return f"{key}:{round_}:{attempt}"
