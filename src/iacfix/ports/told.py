"""Who has been told of what. Chats cannot be searched, and trackers find only after a while what was just made."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Turn(StrEnum):
    MINE = "mine"
    TOLD = "told"
    BUSY = "busy"  # somebody else is telling of the same thing now


@dataclass(frozen=True, slots=True)
class Claim:
    """`link` is what was answered when the thing was last told of, "" where that is not known."""

    turn: Turn
    link: str = ""


class ToldStore(Protocol):
    """A thing is a notifier and a finding, of which one at a time is told; `what` is told of it once.

    Every verb raises LedgerError where the store cannot be used.
    """

    def claim(  # noqa: PLR0913 - what a claim is made of
        self, thing: str, what: str, holder: str, *, now: int, until: int, over: Collection[str] = ()
    ) -> Claim:
        """`until` is when it is anybody's again, should the holder not come back: seconds since 1970, as `now`. What is
        `over` counts as `what` does: whoever was told of one of these is not told of what went before.
        """

    def told(self, thing: str, what: str, holder: str, link: str) -> None:
        """It was, and the thing is anybody's again. An empty link leaves the one that is known."""

    def release(self, thing: str, holder: str) -> None:
        """It was not told, for certain. What is somebody else's by now stays theirs."""
