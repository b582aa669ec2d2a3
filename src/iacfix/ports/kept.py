"""What is kept beside the ledger: requests for approval, and what was before a change."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    APPROVAL = "approval"
    REMEDIATION = "remediation"


@dataclass(frozen=True, slots=True)
class Kept:
    """`version` counts its changes from 1, as that of a ledger's entry does."""

    id: str
    text: str
    version: int


class KeptStore(Protocol):
    """Every verb raises LedgerError where the store cannot be reached or is damaged."""

    def get(self, kind: Kind, id: str) -> Kept | None: ...  # noqa: A002 - its name

    def all(self, kind: Kind) -> Iterator[Kept]: ...

    def put(self, kind: Kind, kept: Kept) -> None:
        """Raises StaleEntryError unless its version is the one after that which is there, 1 where there is none."""
