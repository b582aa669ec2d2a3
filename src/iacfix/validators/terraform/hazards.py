"""Stage hazards: what no fix of a finding does, whatever its author says."""

from collections.abc import Callable

from iacfix.iac.terraform.document import Block
from iacfix.iac.terraform.links import repeats_like
from iacfix.validators import compared_hazards, stated, texts
from iacfix.validators.terraform import decided, reach
from iacfix.validators.terraform.closing import reopened
from iacfix.validators.terraform.secret_places import moved_secrets
from iacfix.validators.terraform.strangers import made_up
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.validators.terraform.weakening import weakened
from iacfix.validators.trial import RejectedError

PROVISIONING = ("provisioner", "connection")


def run(trial: TerraformTrial) -> TerraformTrial:
    if trial.case.origin is not None:
        found = (silenced(trial), secrets(trial), decided.hazard(trial, trial.case.origin))
        if reason := next(filter(None, found), ""):
            raise RejectedError(reason, remedy=f"change {trial.case.origin.location.address} by hand")
        return trial
    for hazard in HAZARDS:
        if reason := hazard(trial):
            raise RejectedError(reason, remedy="mend the weakness itself, and leave the resource as it is otherwise")
    return trial


def deleted(trial: TerraformTrial) -> str:
    """A target that is gone, renamed or emptied has no weakness, and no use."""
    address = trial.case.location.address
    blocks = trial.blocks_after(address)
    if len(blocks) != 1:
        return f"{address} is {'deleted' if not blocks else 'written twice'}"
    before, after = trial.target_before, blocks[0]
    lost = {item.name for item in before.attributes} - {item.name for item in after.attributes}
    if len(lost) > 2 and len(lost) * 2 > len(before.attributes):  # noqa: PLR2004 - a fix removes one or two settings
        return f"{address} loses most of its settings: {', '.join(sorted(lost))}"
    return ""


def repeated(trial: TerraformTrial) -> str:
    """`count = 0` is a deletion in disguise; any change of how often a resource exists is."""
    for change, before, after in trial.touched():
        if before is None and not repeats_like(after, trial.target_before):
            return f"count or for_each of {change} is not that of {trial.case.location.address}"
        for name in ("count", "for_each"):
            old, new = _text(trial, before, name, after=False), _text(trial, after, name, after=True)
            if before is not None and old != new:
                return f"{name} of {change} is changed"
    return ""


def silenced(trial: TerraformTrial) -> str:
    if reason := texts.silenced(trial.document_before.data.decode(), trial.document_after.data.decode()):
        return reason
    for address, old, new in trial.touched():
        if _ignored(trial, new, after=True) - _ignored(trial, old, after=False):
            return f"{address} is told to ignore changes of its settings"
    return ""


def provisioned(trial: TerraformTrial) -> str:
    for address, before, after in trial.touched():
        for name in PROVISIONING:
            if len(after.nested(name)) > len(before.nested(name) if before is not None else ()):
                return f"{address} gets a {name}"
            if before is not None and _texts(trial, before, name, after=False) != _texts(
                trial, after, name, after=True
            ):
                return f"the {name} of {address} is changed"
    return ""


def sourced(trial: TerraformTrial) -> str:
    """Other code behind the same name: a module's source or version, a resource's provider."""
    for address, before, after in trial.touched():
        names = ("source", "version", "provider", "providers") if after.keyword == "module" else ("provider",)
        for name in names:
            old = _text(trial, before, name, after=False) if before is not None else ""
            if old != _text(trial, after, name, after=True):
                return f"{name} of {address} is changed"
    return ""


def secrets(trial: TerraformTrial) -> str:
    return texts.secrets(trial.document_before.data.decode(), trial.document_after.data.decode()) or moved_secrets(
        trial.document_before, trial.document_after
    )


def given_up(trial: TerraformTrial) -> str:
    for address, before, after in trial.touched():
        if before is not None and after.keyword == "resource" and (what := weakened(before, after)):
            return f"{address}: {what}"
    return ""


def strayed(trial: TerraformTrial) -> str:
    """More than the finding is about: where the recipes name settings, only those, and only in their place."""
    control = trial.case.control
    if control is None or not any(reach.steps_of(control)):
        return ""
    for address, before, after in trial.touched():
        target = address == trial.case.location.address
        if after.keyword != "resource" and not (target and after.keyword == "data"):
            continue
        allowed = (
            reach.of_target(control) if target else reach.of_companion(control, after.labels[0], new=before is None)
        )
        anyway = stated.TERRAFORM.get(after.labels[0], {})
        found = [
            path
            for path in reach.strays(before, after, allowed)
            if not stated.is_so_anyway(anyway, path, reach.value_at(before, path), reach.value_at(after, path))
        ]
        if found:
            return f"{address}: {', '.join(found[:5])} changed, which the finding is not about"
    return ""


HAZARDS: tuple[Callable[[TerraformTrial], str], ...] = (
    deleted,
    repeated,
    silenced,
    provisioned,
    sourced,
    secrets,
    given_up,
    *compared_hazards.FOR_ALL,
    strayed,
    reopened,
    *compared_hazards.WITHOUT_RECIPE,
    made_up,
)


def _text(trial: TerraformTrial, block: Block | None, name: str, *, after: bool) -> str:
    found = block.attribute(name) if block is not None else None
    document = trial.document_after if after else trial.document_before
    return "" if found is None else " ".join(document.text(found.value_start, found.value_end).split())


def _texts(trial: TerraformTrial, block: Block, name: str, *, after: bool) -> list[str]:
    document = trial.document_after if after else trial.document_before
    return [" ".join(document.text(found.start, found.end).split()) for found in block.nested(name)]


def _ignored(trial: TerraformTrial, block: Block | None, *, after: bool) -> set[str]:
    if block is None:
        return set()
    inner = block.nested("lifecycle")
    return {text for each in inner if (text := _text(trial, each, "ignore_changes", after=after))}
