"""Stage resource scope: every block whose tokens changed is the target or an allowed companion that refers to it."""

from iacfix.domain.control import Control
from iacfix.iac.terraform.compare import BlockChange, Change
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.links import is_named_by
from iacfix.iac.terraform.values import Reference, references
from iacfix.validators.terraform import decided, reach
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.validators.trial import RejectedError

# What a new variable consists of.
ASKING = frozenset({"description", "type", "default", "nullable", "sensitive"})


def run(trial: TerraformTrial) -> TerraformTrial:
    if trial.case.origin is not None:
        decided.scope(trial, trial.case.origin)
        return trial
    target = trial.case.location.address
    for change in trial.changes:
        if change.address != target and (reason := _out_of_scope(trial, change)):
            raise RejectedError(
                f"line {change.start_line}: {change.address} is {change.change}, and {reason}",
                remedy=f"change {target} alone{_allowed(trial.case.control)}",
            )
    return trial


def _out_of_scope(trial: TerraformTrial, change: BlockChange) -> str:
    """Why this change is not in scope, or "" when it is."""
    kind = change.address.partition(".")[0]
    if kind in {"var", "local"} and change.change is Change.CHANGED:
        return _value_scope(trial, change.address)
    control = trial.case.control
    if kind == "var" and change.change is Change.ADDED and control is not None:
        return _new_variable(trial, change.address)
    if control is None or kind not in _companions(control):
        return "the fix may not touch it"
    if change.change is Change.REMOVED:
        return "a companion may not be removed"
    blocks = trial.blocks_after(change.address)
    if len(blocks) != 1:
        return "it is written twice"
    written = {document.path for document, _ in trial.module.blocks.get(change.address, ())}
    if others := sorted(written - {trial.case.location.path}):
        return f"{', '.join(others)} holds one of that name"
    if not _refers(blocks[0], trial.target_before, control):
        return f"it does not refer to {trial.case.location.address}"
    before = trial.document_before.by_address.get(change.address, ())
    if before and not _refers(before[0], trial.target_before, control):
        return f"it did not refer to {trial.case.location.address} before"
    return ""


def _refers(block: Block, target: Block, control: Control) -> bool:
    """By each attribute that links a companion of this type; by any attribute where the recipes name none."""
    written = [step for step in reach.companions_of(control) if step.resource_type == block.labels[0]]
    if not written:
        own = tuple(target.address.split("."))
        values = [attribute.value for attribute in block.attributes]
        return any(isinstance(value, Reference) and value.parts[: len(own)] == own for value in values)
    links = {name: attribute for step in written for name, attribute in step.link.items()}
    return all(
        (link := block.attribute(name)) is not None and is_named_by(link, target, attribute)
        for name, attribute in links.items()
    )


def _value_scope(trial: TerraformTrial, address: str) -> str:
    """A variable or local is a companion only while nothing but the attributes at fault reads it."""
    control, target, module = trial.case.control, trial.target_before, trial.module
    parts = tuple(address.split("."))
    names = reach.of_target(control).all_names if control is not None else frozenset[str]()
    inside: tuple[Attribute | Block, ...] = (*target.attributes, *target.blocks)
    reading = {_name(item) for item in inside if any(each[:2] == parts for each in references(item.node))}
    if not reading & names:
        return f"{target.address} does not read it where it is at fault"
    others = {block.address for _, block in module.referring(address) if block.address != target.address}
    if others := others | {f"{target.address}.{name}" for name in reading - names}:
        return f"{', '.join(sorted(others)[:3])} read it too"
    if module.unread:
        return f"what else reads it is not known: {module.unread[0]}"
    if parts[0] == "var" and not _only_default(trial, address):
        return "more than its default is changed"
    return ""


def _new_variable(trial: TerraformTrial, address: str) -> str:
    """A value that nobody but the owner knows may be asked for, where nothing but the fix reads it."""
    blocks, module = trial.blocks_after(address), trial.code_after
    if len(blocks) != 1 or len(module.main.get(address, ())) != 1:
        return "it is written twice"
    if blocks[0].blocks or {item.name for item in blocks[0].attributes} - ASKING:
        return "it says more than what is asked for"
    fix = {trial.case.location.address, *(each.address for each in trial.changes)}
    readers = {block.address for _, block in module.referring(address)}
    if not readers or module.unread:
        return f"{trial.target_before.address} does not read it"
    return f"{', '.join(sorted(readers - fix)[:3])} read it too" if readers - fix else ""


def _only_default(trial: TerraformTrial, address: str) -> bool:
    before, after = trial.document_before.by_address[address], trial.blocks_after(address)
    return len(before) == len(after) == 1 and reach.changed_names(before[0], after[0]) <= {"default"}


def _name(item: Attribute | Block) -> str:
    return item.keyword if isinstance(item, Block) else item.name


def _allowed(control: Control | None) -> str:
    if control is None or not _companions(control):
        return ""
    return f", beside it only {', '.join(_companions(control))} that refers to it"


def _companions(control: Control) -> tuple[str, ...]:
    return control.terraform.companions if control.terraform is not None else ()
