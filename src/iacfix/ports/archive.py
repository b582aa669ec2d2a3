"""Where the audit record is kept out of its writer's reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment as the archive has it. More `versions` than one: it was written again; `is_gone`: it was taken away."""

    name: str
    versions: int = 1
    is_gone: bool = False


class Archive(Protocol):
    """What is written stays as it is until a day. Every verb raises LedgerError where the archive cannot be used."""

    @property
    def name(self) -> str: ...

    def kept(self) -> Sequence[Kept]:
        """All of it, sorted by name."""

    def read(self, name: str) -> bytes: ...

    def write(self, name: str, data: bytes, until: datetime, about: Mapping[str, str]) -> bool:
        """False where the name is taken: then nothing is written. Nobody can change or delete it before `until`.

        Raises LedgerError where the archive cannot promise that.
        """
