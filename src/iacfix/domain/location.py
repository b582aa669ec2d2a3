"""Where a resource is written, or why that is not known."""

from dataclasses import dataclass
from enum import StrEnum


class Framework(StrEnum):
    TERRAFORM = "terraform"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation that speaks for a location, in words, and the strategy that made it."""

    strategy: str
    detail: str


@dataclass(frozen=True, slots=True)
class Location:
    """A block in the repository. `path` is relative with forward slashes; `start`/`end` are byte offsets into the file
    as it stood when it was located; lines count from 1. `confidence` runs from 0 to 1.
    """

    path: str
    address: str
    framework: Framework
    start: int
    end: int
    start_line: int
    end_line: int
    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class NotLocated:
    """No block, or none that can be told apart. `candidates` are named when there are several."""

    reason: str
    candidates: tuple[Location, ...] = ()


LocationResult = Location | NotLocated
