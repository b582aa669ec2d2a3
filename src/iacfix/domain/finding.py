"""What a tool reported, in one shape whatever the tool. Everything textual in it is untrusted."""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad the reporting tool holds it to be; `UNKNOWN` when it says nothing."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class CloudResource:
    """The thing that is wrong, as the tool names it.

    `type` is the tool's own (`AwsS3Bucket`, `aws_s3_bucket`); `identifier` an ARN, a physical id or a block address;
    `name` the last, human part of it. Tags keep the order and the duplicates they arrived with.
    """

    type: str
    identifier: str
    name: str = ""
    account: str = ""
    region: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """Where a scanner saw it: a path as the scanner wrote it, a block address, lines from 1 (0: unknown)."""

    path: str = ""
    address: str = ""
    start_line: int = 0
    end_line: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of one resource.

    `source` is the tool that found it (`checkov`, `security_hub`), `check_id` the id of its check (`CKV_AWS_18`,
    `S3.9`), `control` the catalogue's id or "" where the catalogue knows none. `observed_at` is ISO 8601 as it arrived.
    `also` are further reports of the same fact: the source and the id of each.
    """

    source: str
    id: str
    check_id: str
    title: str
    resource: CloudResource
    control: str = ""
    severity: Severity = Severity.UNKNOWN
    hint: Hint = field(default_factory=Hint)
    url: str = ""
    observed_at: str = ""
    also: tuple[tuple[str, str], ...] = ()

    @property
    def reports(self) -> tuple[tuple[str, str], ...]:
        """Source and id of every report of it, its own first."""
        return ((self.source, self.id), *self.also)


@dataclass(frozen=True, slots=True)
class InvalidFinding:
    """An entry that is not a finding. `field` names what was wrong with it, `position` counts from 0 in its file."""

    source: str
    position: int
    field: str
    reason: str
    id: str = ""


FindingRead = Finding | InvalidFinding
