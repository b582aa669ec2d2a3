"""The stages in their order. The first five are always on; a rejection ends the run."""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from iacfix.domain.proposal import Candidate
from iacfix.domain.secrets import holds_secret
from iacfix.domain.verdict import Accepted, Rejected, StageName, StageOutcome, StageResult, Verdict
from iacfix.iac.terraform.module import Module
from iacfix.patches import count_changed_lines, render_diff
from iacfix.validators import apply, cloudformation, control, file_scope, parse, plan, rescan, size, terraform
from iacfix.validators.cloudformation.trial import TemplateTrial
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.validators.trial import Case, RejectedError, SkippedError, Trial

Stage = Callable[[Trial], Trial]


def stage(name: StageName) -> Stage:  # noqa: C901 - one case for each stage
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
            return _in_language(terraform.resource_scope.run, cloudformation.resource_scope.run)
        case StageName.SYNTAX:
            return _in_language(terraform.syntax.run, cloudformation.syntax.run)
        case StageName.HAZARDS:
            return _in_language(terraform.hazards.run, cloudformation.hazards.run)
        case StageName.CONTROL:
            return control.run
        case StageName.RESCAN:
            return rescan.run
        case StageName.PLAN:
            return plan.run
        case _:
            assert_never(name)


def _in_language(
    of_terraform: Callable[[TerraformTrial], Trial], of_templates: Callable[[TemplateTrial], Trial]
) -> Stage:
    """A stage that each language has its own of."""

    def run(trial: Trial) -> Trial:
        match trial:
            case TerraformTrial():
                return of_terraform(trial)
            case TemplateTrial():
                return of_templates(trial)
            case _:
                msg = f"no stage for {type(trial).__name__}"
                raise TypeError(msg)

    return run


def judge(candidate: Candidate, case: Case) -> Verdict:
    """Every stage in its order, up to the first that rejects. None can be left out."""
    trial: Trial
    trial = TerraformTrial(case, candidate) if isinstance(case.code, Module) else TemplateTrial(case, candidate)
    results: list[StageResult] = []
    for name in StageName:
        try:
            trial = stage(name)(replace(trial, said=""))
        except RejectedError as error:
            results.append(StageResult(name, StageOutcome.REJECTED, str(error)))
            return Rejected(name, str(error), tuple(results))
        except SkippedError as error:
            results.append(StageResult(name, StageOutcome.SKIPPED, str(error)))
            if name in case.required:
                return Rejected(name, f"the configuration requires it, and {error}", tuple(results), retryable=False)
        else:
            results.append(StageResult(name, StageOutcome.PASSED, trial.said))
    diff = render_diff(trial.edits, is_sensitive=holds_secret)
    return Accepted(trial.edits, diff, count_changed_lines(trial.edits), tuple(results))
