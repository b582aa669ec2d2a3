"""Where findings are asked for, page by page, and where it is told what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from iacfix.domain.finding import Severity

Raw = Mapping[str, object]
"""A finding as its tool has it, which a reader of findings/ reads. Untrusted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open findings. Nothing said: all. `since` is a moment in ISO 8601 with its zone: changed then or later, up
    to `until`.
    """

    severities: tuple[Severity, ...] = ()
    accounts: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """`after` leads to the next page, "" where there is none."""

    findings: tuple[Raw, ...]
    after: str = ""


class FindingsSource(Protocol):
    @property
    def name(self) -> str:
        """As the command line has it: `security-hub`, `wiz`."""

    def page(self, wanted: Wanted, after: str = "") -> Page:
        """The first page, or the one that `after` leads to. Raises CloudReadError."""

    def place_of(self, raw: Raw) -> tuple[str, str]:
        """Severity and account of a finding, for counting; either may be ""."""


class TrackedStatus(StrEnum):
    """What a tool holds a finding to be. `SUPPRESSED`: a person has said that nothing is to be done. `GONE`: the tool
    does not see it any more.
    """

    NEW = "new"
    NOTIFIED = "notified"
    RESOLVED = "resolved"
    SUPPRESSED = "suppressed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Tracked:
    """A finding as its tool has it now. `handle` is what the tool wants to hear to change it. `note` is the last that
    somebody wrote; `resources` what it is about. `settles_itself`: it is told, and the tool resolves it when it has
    looked again.
    """

    handle: str
    status: TrackedStatus
    note: str = ""
    resources: tuple[str, ...] = ()
    settles_itself: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """`status` is RESOLVED or NOTIFIED."""

    handle: str
    status: TrackedStatus
    note: str


class FindingTracker(Protocol):
    """A tool that keeps findings and hears what became of them."""

    @property
    def name(self) -> str: ...

    def keeps(self, source: str, identity: str) -> bool:
        """Whether a finding of this source and id is one of its own."""

    def read(self, identities: Sequence[str]) -> Mapping[str, Tracked]:
        """By id; without those that the tool does not have. Raises CloudReadError."""

    def update(self, updates: Sequence[Update]) -> Mapping[str, str]:
        """By handle, why it was not done; nothing for those that were."""
