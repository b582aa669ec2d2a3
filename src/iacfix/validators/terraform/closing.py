"""Changes of network rules in Terraform: nested blocks, or a rule that is a resource of its own."""

from iacfix.domain.control import Close
from iacfix.iac.terraform.document import Block
from iacfix.iac.terraform.module import Module
from iacfix.iac.values import Known, ListValue, Value
from iacfix.validators.rules import Rule, closing_steps, misplaced, networks_of
from iacfix.validators.terraform import reach
from iacfix.validators.terraform.trial import TerraformTrial

_NOTHING = (Known(None), Known(False), ListValue(()))


def reopened(trial: TerraformTrial) -> str:
    """What is open is closed, not moved to another port, protocol, network or rule."""
    control = trial.case.control
    blocks = trial.blocks_after(trial.case.location.address)
    if control is None or len(blocks) != 1:
        return ""
    for name, of_name in closing_steps(control.terraform, ".".join(blocks[0].labels[:1])).items():
        if reason := _judged(trial, blocks[0], name, of_name):
            return reason
    return ""


def _judged(trial: TerraformTrial, after: Block, name: str, steps: list[Close]) -> str:
    before = trial.target_before
    if name:
        if reach.is_alike(before, after, name):
            return ""
        if reason := _form(after, name) or _form(before, name):
            return reason
    given = networks_of(steps, trial.case.defaults)
    return misplaced(steps, _rules(steps, before, trial.module), _rules(steps, after, trial.code_after), given)


def _form(block: Block, name: str) -> str:
    """Why the rules of a block cannot be compared. Where none is written, Terraform leaves alone what is there: the
    attribute is computed then.
    """
    written = block.attribute(name)
    if block.dynamic(name):
        return f"{name} is made by a dynamic block: change what it goes over"
    if written is not None and written.value != ListValue(()):
        return f"{name} is written as a list: change it by hand"
    if written is None and not block.nested(name):
        return f"no {name} is written, and Terraform leaves alone what is there: write `{name} = []`"
    return ""


def _rules(steps: list[Close], block: Block, module: Module) -> list[Rule]:
    name = steps[0].rules
    blocks = block.nested(name) if name else (block,)
    return [_rule(steps, each, module, f"{name or block.address} (line {each.start_line})") for each in blocks]


def _rule(steps: list[Close], block: Block, module: Module, name: str) -> Rule:
    is_open = {attribute for step in steps for attribute in step.open}
    others = {attribute for step in steps for attribute in step.others}
    values = {each.name: module.resolve(each.value) for each in block.attributes}
    return Rule(
        rest=reach.without(block, is_open),
        sources={attribute: _items(values[attribute]) for attribute in sorted(is_open & values.keys())},
        values={key: str(value.value) for key, value in values.items() if isinstance(value, Known)},
        others=any(key in others and value not in _NOTHING for key, value in values.items()),
        name=name,
    )


def _items(value: Value) -> tuple[str | None, ...]:
    if value == Known(None):
        return ()
    items = value.items if isinstance(value, ListValue) else (value,)
    return tuple(str(item.value) if isinstance(item, Known) else None for item in items)
