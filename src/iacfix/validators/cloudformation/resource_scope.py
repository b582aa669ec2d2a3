"""Stage resource scope: what changed is the target, or an allowed companion that refers to it. No other entry."""

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Control
from iacfix.iac.cloudformation.compare import Change, EntryChange
from iacfix.iac.cloudformation.document import Resource
from iacfix.iac.cloudformation.links import is_link
from iacfix.iac.values import Known, ObjectValue
from iacfix.validators.cloudformation import reach
from iacfix.validators.cloudformation.trial import SECTION, TemplateTrial
from iacfix.validators.trial import RejectedError

PARAMETERS = "Parameters"
# What a new parameter consists of.
ASKING = frozenset({
    "AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength", "MaxValue",
    "MinLength", "MinValue", "NoEcho", "Type",
})  # fmt: skip


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
    """Why this change is not in scope, or "" when it is. Conditions and outputs never are, parameters when the fix
    asks for a value by a new one.
    """
    section, _, name = change.address.partition(".")
    control = trial.case.control
    if section == PARAMETERS and change.change is Change.ADDED and control is not None:
        return _new_parameters(trial, [name] if name else list(trial.document_after.parameters))
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


def _new_parameters(trial: TemplateTrial, names: list[str]) -> str:
    """A value that nobody but the owner knows may be asked for, where nothing but the fix reads it."""
    document = trial.document_after
    fix = {trial.case.location.address, *(each.address for each in trial.changes)}
    for name in names:
        asked = document.parameters[name].value
        if not isinstance(asked, ObjectValue) or {key for key, _ in asked.items} - ASKING:
            return "it says more than what is asked for"
        if document.parameters[name].text("Type").startswith("AWS::SSM::"):
            return "it reads a value that stands elsewhere"
        if asked.get("Default") not in {None, Known("")}:
            return "it answers itself what the owner is asked for"
        sections = (*document.resources.values(), *document.conditions.values(), *document.outputs.values())
        readers = {each.address for each in sections if any(parts[0] == name for parts in each.references())}
        if not readers:
            return f"{trial.case.location.address} does not read it"
        if readers - fix:
            return f"{', '.join(sorted(readers - fix)[:3])} read it too"
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
