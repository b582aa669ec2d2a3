"""Stage resource scope: every block whose tokens changed is the target or an allowed companion that refers to it."""

from collections.abc import Iterator

from iacfix.domain.control import Companion, Control, EnsureBlock, Remove, SetAttribute, Step
from iacfix.iac.terraform.compare import BlockChange, Change
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.values import Reference, references
from iacfix.validators.trial import RejectedError, Trial


def run(trial: Trial) -> Trial:
    target = trial.case.location.address
    for change in trial.changes:
        if change.address != target and (reason := _out_of_scope(trial, change)):
            raise RejectedError(
                f"line {change.start_line}: {change.address} is {change.change}, and {reason}",
                remedy=f"change {target} alone{_allowed(trial.case.control)}",
            )
    return trial


def _out_of_scope(trial: Trial, change: BlockChange) -> str:
    """Why this change is not in scope, or "" when it is."""
    kind = change.address.partition(".")[0]
    if kind in {"var", "local"} and change.change is Change.CHANGED:
        return _value_scope(trial, change.address)
    control = trial.case.control
    if control is None or kind not in control.terraform.companions:
        return "the fix may not touch it"
    if change.change is Change.REMOVED:
        return "a companion may not be removed"
    blocks = trial.blocks_after(change.address)
    if len(blocks) != 1:
        return "it is written twice"
    if not _refers(blocks[0], trial.case.location.address, control):
        return f"it does not refer to {trial.case.location.address}"
    before = trial.document_before.by_address.get(change.address, ())
    if before and not _refers(before[0], trial.case.location.address, control):
        return f"it did not refer to {trial.case.location.address} before"
    return ""


def _refers(block: Block, target: str, control: Control) -> bool:
    """By each attribute that links a companion of this type; by any attribute where the recipes name none."""
    parts = tuple(target.split("."))
    links = {name for step in _companions(control) if step.resource_type == block.labels[0] for name in step.link}
    if not links:
        return any(each[: len(parts)] == parts for each in block.references())
    found = [attribute.value for name in links if (attribute := block.attribute(name)) is not None]
    repeated = block.attribute("for_each")
    by_each = repeated is not None and repeated.value == Reference(parts)
    return len(found) == len(links) and all(
        isinstance(value, Reference)
        and (value.parts[: len(parts)] == parts or (by_each and value.parts[:2] == ("each", "value")))
        for value in found
    )


def _value_scope(trial: Trial, address: str) -> str:
    """A variable or local is a companion only while nothing but the attributes at fault reads it."""
    control = trial.case.control
    parts = tuple(address.split("."))
    names = {name for step in _steps(control) for name in _names(step)} if control is not None else set()
    target = trial.target_before
    inside: tuple[Attribute | Block, ...] = (*target.attributes, *target.blocks)
    reading = [item for item in _named(inside, names) if any(each[:2] == parts for each in references(item.node))]
    if not reading:
        return f"{trial.case.location.address} does not read it where it is at fault"
    others = [block.address for _, block in trial.case.module.referring(address) if block.address != target.address]
    if others:
        return f"{', '.join(sorted(set(others))[:3])} read it too"
    return ""


def _named(items: tuple[Attribute | Block, ...], names: set[str]) -> list[Attribute | Block]:
    return [item for item in items if (item.keyword if isinstance(item, Block) else item.name) in names]


def _names(step: Step) -> Iterator[str]:
    match step:
        case SetAttribute():
            yield step.attribute
        case EnsureBlock():
            yield step.block
        case Remove():
            yield step.name
        case Companion():
            return


def _steps(control: Control) -> Iterator[Step]:
    for variant in control.terraform.variants:
        yield from variant.steps


def _companions(control: Control) -> Iterator[Companion]:
    return (step for step in _steps(control) if isinstance(step, Companion))


def _allowed(control: Control | None) -> str:
    if control is None or not control.terraform.companions:
        return ""
    return f", beside it only {', '.join(control.terraform.companions)} that refers to it"
