"""What a generator is told: the finding, the control's facts, the block at fault and the blocks around it."""

from dataclasses import dataclass

from iacfix.domain.control import Control
from iacfix.domain.errors import ModelRejectedError, PatchError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Usage


@dataclass(frozen=True, slots=True)
class RelatedBlock:
    """A block that the target refers to, or that refers to it: `text` as it stands in `path`; `relation` in words."""

    path: str
    address: str
    text: str
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A fix that every stage accepted, of a control that is near: its diff, and what it mends."""

    weakness: str
    diff: str


@dataclass(frozen=True, slots=True)
class FixContext:
    """`target` are the lines of the located block as they stand; `related` only what a fix needs to see, nearest first.

    `resource_type` is the code's (`aws_s3_bucket`). `provider` is what the code requires of the provider, as written.
    `style` are sentences of ours on how the file is written.
    """

    finding: Finding
    control: Control | None
    location: Location
    target: str
    related: tuple[RelatedBlock, ...] = ()
    resource_type: str = ""
    provider: str = ""
    style: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedAttempt:
    """An answer that the validators refused: its diff as it was written, the stage and the reason."""

    diff: str
    stage: str
    reason: str


class UnusableAnswerError(PatchError):
    """An answer in which there is nothing to judge. It is an attempt, and `usage` is what it cost."""

    def __init__(self, what: str, *, remedy: str, usage: Usage) -> None:
        super().__init__(what, remedy=remedy)
        self.usage = usage


class HeldBackError(ModelRejectedError):
    """The service answered, and a guardrail or a filter took the answer away. It is no attempt, and was paid for."""

    def __init__(self, what: str, *, remedy: str, usage: Usage) -> None:
        super().__init__(what, remedy=remedy)
        self.usage = usage
