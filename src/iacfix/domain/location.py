"""Where a resource is written, or why that is not known."""

from dataclasses import dataclass
from enum import StrEnum


class Framework(StrEnum):
    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation that speaks for a location, in words, and the strategy that made it."""

    strategy: str
    detail: str


@dataclass(frozen=True, slots=True)
class CallSite:
    """A module block that calls a module: where it stands, and its address in its own folder (`module.logs`)."""

    path: str
    address: str
    line: int


@dataclass(frozen=True, slots=True)
class ModuleUse:
    """How the block came to be, where it stands in a module: `calls` from the outermost to the one that calls it.

    `sites` are all the blocks that call the same module, which a change of it changes too. `source` is set where
    the module is not of this repository: then the location is the call, and `inner` the resource inside, if known.
    """

    calls: tuple[CallSite, ...]
    sites: tuple[CallSite, ...] = ()
    source: str = ""
    inner: str = ""


class FixAt(StrEnum):
    CALL = "call"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class Input:
    """`variable` of a module's call alone feeds `attribute` (a dotted path) of `resource` inside the module."""

    resource: str
    attribute: str
    variable: str


@dataclass(frozen=True, slots=True)
class ModuleChoice:
    """Whether the call of a module or the module itself is to change, and why. `inputs` are those of the call."""

    at: FixAt
    reason: str
    inputs: tuple[Input, ...] = ()


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
    module: ModuleUse | None = None


@dataclass(frozen=True, slots=True)
class NotLocated:
    """No block, or none that can be told apart. `candidates` are named when there are several."""

    reason: str
    candidates: tuple[Location, ...] = ()


LocationResult = Location | NotLocated
