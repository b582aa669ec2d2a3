"""Where the ledger and its audit record are kept."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from iacfix.domain.audit import AuditRecord, Head
from iacfix.domain.ledger import LedgerEntry, State

Row = Mapping[str, str | tuple[str, ...] | None]
"""Texts and lists of texts by name; None is something else. Untrusted: people write to tables by hand."""


class Rows(Protocol):
    """A small table that is read whole: who owns what, which risks are accepted.

    Every verb raises TableError where the table cannot be used.
    """

    @property
    def name(self) -> str: ...

    def read(self, prefix: str) -> Mapping[str, Row]:
        """By key, those whose key begins so, sorted."""

    def add(self, key: str, row: Row) -> bool:
        """False where the key is taken: then nothing is written."""

    def put(self, key: str, row: Row) -> None: ...

    def delete(self, key: str) -> None: ...


class LedgerStore(Protocol):
    """The entries, and the audit record beside them: what changes an entry is recorded, or does not happen.

    Every verb raises LedgerError where the store cannot be reached or is damaged.
    """

    def get(self, key: str) -> LedgerEntry | None: ...

    def in_states(self, states: Collection[State]) -> Iterator[LedgerEntry]:
        """Those that stand there now, longest first."""

    def head(self, chain: str) -> Head:
        """The end of a chain, `Head()` where it is empty."""

    def write(self, record: AuditRecord, entry: LedgerEntry | None = None) -> None:
        """Both or neither. The record has to follow the chain's head; the entry's version has to be the one after that
        of the stored entry, 1 where there is none. Else StaleEntryError, and nothing is written.
        """

    def audit(self) -> Iterator[str]:
        """The audit record, line for line as it is kept (domain/audit.py): each chain in its order."""
