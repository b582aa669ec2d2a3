"""What has happened to a resource of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import CloudResource


class ActivityError(IacfixError):
    """Nobody can tell what has happened to a resource."""


@dataclass(frozen=True, slots=True)
class Activity:
    """`at` is ISO 8601, `who` a person, a role or a program, `what` one short text. All of it is untrusted."""

    at: str
    who: str
    what: str


class ActivityReader(Protocol):
    def recent(self, resource: CloudResource, most: int) -> Sequence[Activity]:
        """The newest first, `most` at most. Raises ActivityError."""
