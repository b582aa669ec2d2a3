"""What the time is, for whoever decides by it; tests hand over their own."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, with its time zone."""


def utc_now() -> datetime:
    return datetime.now(UTC)
