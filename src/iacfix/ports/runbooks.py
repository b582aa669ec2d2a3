"""Who carries out runbooks. To have started one is not to have changed anything."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from iacfix.domain.errors import IacfixError
from iacfix.domain.runbook import Values
from iacfix.ports.posture import At


class Progress(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Start:
    """`token` is a UUID: what is started twice with the same one runs once. `correlation` tells whose it is, in the
    name of the session and in the tags.
    """

    runbook: str
    parameters: Values
    token: str
    at: At
    correlation: str


@dataclass(frozen=True, slots=True)
class Execution:
    """`reason` is what the service says of an end that is none of success. Untrusted."""

    id: str
    progress: Progress
    reason: str = ""


class RunbookError(IacfixError):
    """A runbook could not be started, seen or stopped. `passes`: later it may go; `code` is the service's own."""

    def __init__(self, what: str, *, remedy: str = "", code: str = "", passes: bool = False) -> None:
        super().__init__(what, remedy=remedy)
        self.code = code
        self.passes = passes


class RunbookRunner(Protocol):
    """Every verb raises RunbookError."""

    def start(self, start: Start) -> str:
        """The execution's id."""

    def look(self, execution: str, at: At, correlation: str) -> Execution: ...

    def stop(self, execution: str, at: At, correlation: str) -> None:
        """What has been done already stays done."""
