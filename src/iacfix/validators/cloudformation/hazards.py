"""Stage hazards: what no fix of a finding does to a template, whatever its author says."""

from collections import Counter
from collections.abc import Callable, Iterator

from iacfix.iac.cloudformation.document import Resource
from iacfix.iac.cloudformation.nodes import Mapping, walk
from iacfix.iac.cloudformation.values import function_of, references
from iacfix.iac.cloudformation.verified import canonical
from iacfix.iac.values import ObjectValue, Value
from iacfix.validators import compared_hazards, stated, texts
from iacfix.validators.cloudformation import reach
from iacfix.validators.cloudformation.closing import reopened
from iacfix.validators.cloudformation.secret_places import moved_secrets
from iacfix.validators.cloudformation.trial import TemplateTrial
from iacfix.validators.cloudformation.weakening import weakened
from iacfix.validators.trial import RejectedError

# What makes something else of the text when the template is deployed.
OPAQUE = frozenset({"Fn::If", "Fn::Transform", "Fn::ForEach"})
MERGE = "<<"
NO_VALUE = ("AWS::NoValue",)
ABOUT_A_COMPANION = frozenset({"Type", "Properties", "Condition", "DependsOn"})


def run(trial: TemplateTrial) -> TemplateTrial:
    for hazard in HAZARDS:
        if reason := hazard(trial):
            raise RejectedError(reason, remedy="mend the weakness itself, and leave the resource as it is otherwise")
    return trial


def deleted(trial: TemplateTrial) -> str:
    """A target that is gone, renamed or emptied has no weakness, and no use."""
    address, after = trial.case.location.address, trial.target_after
    if after is None:
        return f"{address} is deleted"
    lost = _names(trial.target_before.get("Properties")) - _names(after.get("Properties"))
    if len(lost) > 2 and len(lost) * 2 > len(_names(trial.target_before.get("Properties"))):  # noqa: PLR2004 - a fix removes one or two settings
        return f"{address} loses most of its settings: {', '.join(sorted(lost))}"
    return ""


def attributed(trial: TemplateTrial) -> str:
    """Beside its properties a resource stays as it is: whether and when it exists, and what is left when it goes.

    A `Condition` can be a deletion in disguise, `Metadata` tells scanners and macros what to do.
    """
    for before, after in trial.touched():
        old, new = (_attributes(each) for each in (before, after))
        if before is None:
            if unknown := new.keys() - ABOUT_A_COMPANION:
                return f"{after.address} brings {', '.join(sorted(unknown))}"
            if after.condition not in {"", trial.target_before.condition}:
                return f"{after.address} exists only under the condition {after.condition}"
            continue
        for name in sorted(old.keys() | new.keys()):
            if name != "Properties" and old.get(name) != new.get(name):
                return f"{name} of {after.address} is changed"
    return ""


def silenced(trial: TemplateTrial) -> str:
    return texts.silenced(trial.document_before.data.decode(), trial.document_after.data.decode())


def hidden(trial: TemplateTrial) -> str:
    """What is chosen or made at deployment shows nobody what it will be."""
    for before, after in trial.touched():
        old, new = (Counter(_functions(each)) for each in (before, after))
        for name in new - old:
            return f"{after.address} gets {name}, and what that makes of it is not known before deployment"
    return ""


def secrets(trial: TemplateTrial) -> str:
    before, after = trial.document_before, trial.document_after
    return texts.secrets(before.data.decode(), after.data.decode()) or moved_secrets(before, after)


def given_up(trial: TemplateTrial) -> str:
    for before, after in trial.touched():
        if what := weakened(before, after):
            return f"{after.address}: {what}"
    return ""


def strayed(trial: TemplateTrial) -> str:
    """More than the finding is about: where the recipes name properties, only those."""
    control = trial.case.control
    if control is None or not any(reach.steps_of(control)):
        return ""
    for before, after in trial.touched():
        target = after.address == trial.case.location.address
        allowed = reach.of_target(control) if target else reach.of_companion(control, after.type, new=before is None)
        old = before.get("Properties") if before is not None else None
        new, keys = after.get("Properties"), reach.keys_of(reach.steps_of(control)) if target else {}
        if target:
            allowed = allowed | reach.narrowed(old, new, reach.policies_of(reach.steps_of(control)))
        anyway = stated.CLOUDFORMATION.get(after.type, {})
        strays = (
            path
            for path in reach.strays(old, new, allowed)
            if not stated.is_so_anyway(anyway, ".".join(path), reach.at(old, path), reach.at(new, path))
        )
        if found := [*strays, *reach.unnamed(old, new, keys)]:
            shown = ", ".join(".".join(path) or "Properties" for path in found[:5])
            return f"{after.address}: {shown} changed, which the finding is not about"
    return ""


HAZARDS: tuple[Callable[[TemplateTrial], str], ...] = (
    deleted,
    attributed,
    silenced,
    hidden,
    secrets,
    given_up,
    *compared_hazards.FOR_ALL,
    strayed,
    reopened,
    *compared_hazards.WITHOUT_RECIPE,
)


def _names(value: Value | None) -> set[str]:
    return {name for name, _ in value.items} if isinstance(value, ObjectValue) else set()


def _attributes(resource: Resource | None) -> dict[str, str]:
    value = resource.value if resource is not None else None
    return {name: canonical(item) for name, item in value.items} if isinstance(value, ObjectValue) else {}


def _functions(resource: Resource | None) -> Iterator[str]:
    """The calls of OPAQUE, merge keys, and references to what takes a property away."""
    if resource is None:
        return
    for node in walk(resource.entry.value):
        function = function_of(node)
        if function is not None and function.name in OPAQUE:
            yield function.name
        elif isinstance(node, Mapping):
            yield from (name for entry in node.entries for name in OPAQUE if entry.name.startswith(name))
            yield from (MERGE for entry in node.entries if entry.name == MERGE)
    yield from ("AWS::NoValue" for parts in references(resource.entry.value) if parts == NO_VALUE)
