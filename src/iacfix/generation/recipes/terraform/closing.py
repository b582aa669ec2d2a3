"""The verb `close` in Terraform: rules as nested blocks, or a rule that is a resource of its own."""

from iacfix.domain.control import Close
from iacfix.generation.recipes.closing import exposes, instead_of, is_open, kept
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.generation.recipes.terraform.state import State
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.document import Block
from iacfix.iac.terraform.layout import literal
from iacfix.iac.values import Known, ListValue, Value

MAX_RULES = 200


def close(step: Close, state: State) -> State:
    """Raises DeclinedError."""
    written = state.block.attribute(step.rules) if step.rules else None
    if written is not None and written.value == ListValue(()):
        return state
    if step.rules and (state.block.dynamic(step.rules) or written is not None):
        raise UnprovenError(f"{state.name}.{step.rules} is made by a dynamic block or a list")
    if step.rules and not state.block.nested(step.rules):
        raise DeclinedError(f"{state.name} has no {step.rules} written in it{_elsewhere(state)}")
    for _ in range(MAX_RULES):
        exposed = next((rule for rule in _rules(step, state) if _exposed(step, rule, state)), None)
        if exposed is None:
            return state
        state = _closed(step, exposed, state)
    raise DeclinedError(f"{state.name} has more rules than are looked at")


def _elsewhere(state: State) -> str:
    """Where the rules may be that let everybody in: the finding is about the group, and they make up what it does."""
    rules = [
        f"{block.address} ({document.path}:{block.start_line})"
        for document, block in state.module.referring(state.address)
        if "_rule" in block.address.partition(".")[0]
    ]
    return f": look at {', '.join(rules[:5])}" if rules else ": its rules are made elsewhere, or by hand"


def _rules(step: Close, state: State) -> tuple[Block, ...]:
    return state.block.nested(step.rules) if step.rules else (state.block,)


def _exposed(step: Close, rule: Block, state: State) -> bool:
    return exposes(step, lambda name: _value(rule, name, state), _name(step, rule, state))


def _value(rule: Block, name: str, state: State) -> Value | None:
    found = rule.attribute(name)
    return state.module.resolve(found.value) if found is not None else None


def _name(step: Close, rule: Block, state: State) -> str:
    return f"{state.name}.{step.rules} (line {rule.start_line})" if step.rules else state.name


def _closed(step: Close, rule: Block, state: State) -> State:
    """One step of it: an attribute of the rule, or the rule itself."""
    name = _name(step, rule, state)
    left = {attribute: _left(step, rule, attribute, state) for attribute in step.open}
    if not any(left.values()) and not any(_given(rule, other, state) for other in step.others):
        if not step.rules:
            raise DeclinedError(f"nothing would be left of {name}: remove the resource, or say who may come in")
        return state.edited(_without(step, rule, state), f"removes {step.rules} from everybody")
    attribute = next(each for each in step.open if is_open(step, each, _value(rule, each, state), name))
    found = rule.attribute(attribute)
    if found is None or not isinstance(found.value, ListValue | Known):
        raise UnprovenError(f"{name}.{attribute} is not written out: change it where it is set")
    if not left[attribute]:
        return state.edited(edits.remove(state.document, found), f"removes {attribute} of {name}")
    text = literal(left[attribute] if isinstance(found.value, ListValue) else left[attribute][0])
    splice = edits.Splice(found.value_start, found.value_end, text)
    return state.edited(splice, f"changes {attribute} of {name} to {text}")


def _without(step: Close, rule: Block, state: State) -> edits.Splice:
    """Where no rule is written, Terraform leaves alone what is there: the attribute is computed then. So none has to be
    written as an empty list.
    """
    if len(state.block.nested(step.rules)) > 1:
        return edits.remove(state.document, rule)
    return edits.Splice(rule.start, rule.end, f"{step.rules} = []")


def _left(step: Close, rule: Block, attribute: str, state: State) -> tuple[str, ...]:
    value = _value(rule, attribute, state)
    if value is None or value == Known(None):
        return ()
    items = value.items if isinstance(value, ListValue) else (value,)
    stay = kept(step, attribute, items)
    if len(stay) == len(items):
        return stay
    new = tuple(each for each in instead_of(step, attribute, state.defaults) if each not in stay)
    if not isinstance(value, ListValue) and len(new) > 1:
        raise DeclinedError(f"{attribute} holds one network, and the configuration names {len(new)}")
    return (*stay, *new)


def _given(rule: Block, name: str, state: State) -> bool:
    """Whether it names a source: not when it is empty or false."""
    value = _value(rule, name, state)
    return value is not None and value not in {Known(None), Known(False), ListValue(())}
