"""Stage resource scope: what changed is the target, or an allowed companion that refers to it. No other entry."""

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Control
from iacfix.iac.cloudformation.compare import Change, EntryChange
from iacfix.iac.cloudformation.document import Resource
from iacfix.iac.cloudformation.links import is_link
from iacfix.validators.cloudformation import reach
from iacfix.validators.cloudformation.trial import SECTION, TemplateTrial
from iacfix.validators.trial import RejectedError


def run(trial: TemplateTrial) -> TemplateTrial:
    target = trial.case.location.address
    for change in trial.changes:
        if change.address != target and (reason := _out_of_scope(trial, change)):
            raise RejectedError(
                f"line {change.start_line}: {change.address} is {change.change}, and {reason}",
                remedy=f"change {target} alone{_allowed(trial.case.control)}",
            )
    return trial


def _out_of_scope(trial: TemplateTrial, change: EntryChange) -> str:
    """Why this change is not in scope, or "" when it is. Parameters, conditions and outputs never are."""
    section, _, name = change.address.partition(".")
    control = trial.case.control
    if section != SECTION or not name or control is None:
        return "the fix may not touch it"
    if change.change is Change.REMOVED:
        return "no resource may be removed"
    before, after = (document.resources.get(name) for document in (trial.document_before, trial.document_after))
    if after is None or after.type not in _companions(control) or (before is not None and before.type != after.type):
        return "the fix may not touch it"
    if not _refers(after, trial.target, control):
        return f"it does not refer to {trial.case.location.address}"
    if before is not None and not _refers(before, trial.target, control):
        return f"it did not refer to {trial.case.location.address} before"
    return ""


def _refers(resource: Resource, target: str, control: Control) -> bool:
    """By each property that links a companion of this type."""
    written = [step for step in reach.companions_of(control) if step.resource_type == resource.type]
    return bool(written) and all(
        is_link(resource.property(*parts(name)), target, kind) for step in written for name, kind in step.link.items()
    )


def _allowed(control: Control | None) -> str:
    if control is None or not _companions(control):
        return ""
    return f", beside it only {', '.join(_companions(control))} that refers to it"


def _companions(control: Control) -> tuple[str, ...]:
    return control.cloudformation.companions if control.cloudformation is not None else ()
