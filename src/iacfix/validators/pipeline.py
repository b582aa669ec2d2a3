"""The stages in their order. The first five are always on; a rejection ends the run."""

from collections.abc import Callable
from typing import assert_never

from iacfix.domain.proposal import Candidate
from iacfix.domain.secrets import holds_secret
from iacfix.domain.verdict import Accepted, Rejected, StageName, StageOutcome, StageResult, Verdict
from iacfix.patches import count_changed_lines, render_diff
from iacfix.validators import apply, control, file_scope, hazards, parse, resource_scope, size, syntax
from iacfix.validators.trial import Case, RejectedError, SkippedError, Trial

Stage = Callable[[Trial], Trial]


def stage(name: StageName) -> Stage:
    """The function behind a name."""
    match name:
        case StageName.PARSE:
            return parse.run
        case StageName.APPLY:
            return apply.run
        case StageName.SIZE:
            return size.run
        case StageName.FILE_SCOPE:
            return file_scope.run
        case StageName.RESOURCE_SCOPE:
            return resource_scope.run
        case StageName.SYNTAX:
            return syntax.run
        case StageName.HAZARDS:
            return hazards.run
        case StageName.CONTROL:
            return control.run
        case _:
            assert_never(name)


def judge(candidate: Candidate, case: Case) -> Verdict:
    """Every stage in its order, up to the first that rejects. None can be left out."""
    trial = Trial(case, candidate)
    results: list[StageResult] = []
    for name in StageName:
        try:
            trial = stage(name)(trial)
        except RejectedError as error:
            results.append(StageResult(name, StageOutcome.REJECTED, str(error)))
            return Rejected(name, str(error), tuple(results))
        except SkippedError as error:
            results.append(StageResult(name, StageOutcome.SKIPPED, str(error)))
        else:
            results.append(StageResult(name, StageOutcome.PASSED))
    diff = render_diff(trial.edits, is_sensitive=holds_secret)
    return Accepted(trial.edits, diff, count_changed_lines(trial.edits), tuple(results))
