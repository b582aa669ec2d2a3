"""What was seen of a live resource after its fix, and by whom: never by the tool that found the weakness."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """`ERROR`: nobody could look, so nothing is known. `RESOURCE_GONE`: what is not there cannot be wrong."""

    RESOLVED = "resolved"
    STILL_OPEN = "still_open"
    RESOURCE_GONE = "resource_gone"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Verification:
    """One look. `id` tells it from any other and is what a closed finding carries. `at` is ISO 8601 in UTC.

    `check` is the name of what looked (`s3_public_access`). `seen` is a sentence that a person can act on. `evidence`
    is the raw answers as JSON text, without credentials. `calls` counts what was asked, retries too.
    """

    id: str
    at: str
    control: str
    resource: str
    check: str
    result: Result
    seen: str
    evidence: str = "{}"
    calls: int = 0

    def __post_init__(self) -> None:
        if not self.seen.strip() or not self.id:
            msg = "a verification has an id and says what was seen"
            raise ValueError(msg)
