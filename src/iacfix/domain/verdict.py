"""What the validators said of a candidate."""

from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.proposal import Edit


class StageName(StrEnum):
    """In the order they run. The first five are always on; the rest run or say why they were skipped."""

    PARSE = "parse"
    APPLY = "apply"
    SIZE = "size"
    FILE_SCOPE = "file_scope"
    RESOURCE_SCOPE = "resource_scope"
    SYNTAX = "syntax"
    HAZARDS = "hazards"
    CONTROL = "control"
    RESCAN = "rescan"
    PLAN = "plan"


ALWAYS_ON = (StageName.PARSE, StageName.APPLY, StageName.SIZE, StageName.FILE_SCOPE, StageName.RESOURCE_SCOPE)
# Those that a configuration may require: then what is skipped is not accepted.
ASSURANCE = tuple(name for name in StageName if name not in ALWAYS_ON)


class StageOutcome(StrEnum):
    PASSED = "passed"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StageResult:
    """`reason` is never empty for what was rejected or skipped."""

    name: StageName
    outcome: StageOutcome
    reason: str = ""

    def __post_init__(self) -> None:
        if self.outcome is not StageOutcome.PASSED and not self.reason:
            msg = f"a stage that is {self.outcome} gives its reason: {self.name}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Every stage passed or was skipped with its reason. Cannot be built unless the five always-on stages passed."""

    edits: tuple[Edit, ...]
    diff: str
    changed_lines: int
    stages: tuple[StageResult, ...]

    def __post_init__(self) -> None:
        passed = {stage.name for stage in self.stages if stage.outcome is StageOutcome.PASSED}
        if missing := [name for name in ALWAYS_ON if name not in passed]:
            msg = f"accepted without the stages {', '.join(missing)}"
            raise ValueError(msg)
        if any(stage.outcome is StageOutcome.REJECTED for stage in self.stages):
            msg = "accepted although a stage rejected it"
            raise ValueError(msg)
        if not self.edits:
            msg = "accepted without a change"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The stage that said no and its reason, written for the author to act on.

    `retryable`: another candidate may fare better. A stage that the configuration requires and that cannot run says the
    same of every candidate.
    """

    stage: StageName
    reason: str
    stages: tuple[StageResult, ...]
    retryable: bool = True


Verdict = Accepted | Rejected
