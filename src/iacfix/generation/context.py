"""What a generator is told: the finding, the control's facts, the block at fault and the blocks around it."""

from dataclasses import dataclass

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location


@dataclass(frozen=True, slots=True)
class RelatedBlock:
    """A block that the target refers to, or that refers to it: `text` as it stands in `path`."""

    path: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class FixContext:
    """`target` is the text of the located block as it stands; `related` only what a fix needs to see."""

    finding: Finding
    control: Control | None
    location: Location
    target: str
    related: tuple[RelatedBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedAttempt:
    """An answer that the validators refused: its diff as it was written, the stage and the reason."""

    diff: str
    stage: str
    reason: str
