"""Addresses of what is kept: a file, or a table of DynamoDB as `dynamodb:TABLE`."""

import re
from dataclasses import dataclass

from iacfix.domain.errors import ConfigurationError

SCHEME = "dynamodb:"
_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


@dataclass(frozen=True, slots=True)
class Table:
    """Raises ConfigurationError for a name that no table of DynamoDB has."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            what = f"{self.name[:64]!r} is no name of a DynamoDB table"
            raise ConfigurationError(what, remedy=f"write {SCHEME} and the name of one")

    def __str__(self) -> str:
        return f"{SCHEME}{self.name}"


def table_at(address: str) -> Table | None:
    """None where it is the path of a file. Raises ConfigurationError."""
    return Table(address.removeprefix(SCHEME)) if address.startswith(SCHEME) else None
