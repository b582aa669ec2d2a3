"""The verb `close` in a template: rules as items of a list, or a rule that is a resource of its own."""

import json
from collections.abc import Iterator

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Close
from iacfix.generation.recipes.closing import exposes, instead_of, is_open
from iacfix.generation.recipes.cloudformation.state import State, shown
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.iac.cloudformation import edits
from iacfix.iac.cloudformation.edits import Path, literal
from iacfix.iac.cloudformation.outcomes import is_literal, settled
from iacfix.iac.cloudformation.resolve import resolve
from iacfix.iac.values import ListValue, ObjectValue, Value

MAX_RULES = 200


def close(step: Close, state: State) -> State:
    """Raises DeclinedError."""
    for _ in range(MAX_RULES):
        exposed = next((rule for rule in _rules(step, state) if _exposed(step, rule, state)), None)
        if exposed is None:
            return state
        state = _closed(step, exposed, state)
    raise DeclinedError(f"{state.name} has more rules than are looked at")


def _rules(step: Close, state: State) -> Iterator[Path]:
    if not step.rules:
        yield ()
        return
    path = parts(step.rules)
    found = state.find(path)
    if found is None:
        return
    listed = settled(state.document, found)
    if not isinstance(listed, ListValue):
        raise UnprovenError(f"{shown(state.name, path)} is not written out as a list")
    for index, item in enumerate(listed.items):
        if not isinstance(settled(state.document, item), ObjectValue):
            raise UnprovenError(f"{shown(state.name, (*path, index))} is not known before deployment")
        yield (*path, index)


def _exposed(step: Close, rule: Path, state: State) -> bool:
    def read(name: str) -> Value | None:
        found = state.find((*rule, name))
        return resolve(state.document, found) if found is not None else None

    return exposes(step, read, shown(state.name, rule))


def _closed(step: Close, rule: Path, state: State) -> State:
    name = shown(state.name, rule)
    found = {attribute: state.find((*rule, attribute)) for attribute in step.open}
    attribute = next(each for each, value in found.items() if is_open(step, each, _resolved(value, state), name))
    written = found[attribute]
    if written is None or not is_literal(written):
        raise UnprovenError(f"{name}.{attribute} is not written out: change it where it is set")
    new = instead_of(step, attribute, state.defaults)
    if len(new) > 1:
        raise DeclinedError(f"{name}.{attribute} holds one network, and the configuration names {len(new)}")
    if new:
        splice = edits.set_attribute(
            state.document, state.resource, state.below_properties((*rule, attribute)), literal(new[0])
        )
        return state.edited(splice, f"changes {attribute} of {name} to {json.dumps(new[0])}")
    sources = (each for each in (*step.open, *step.others) if each != attribute)
    if any(state.find((*rule, each)) is not None for each in sources):
        splice = edits.remove(state.document, state.resource, state.below_properties((*rule, attribute)))
        return state.edited(splice, f"removes {attribute} of {name}")
    if not rule:
        raise DeclinedError(f"nothing would be left of {name}: remove the resource, or say who may come in")
    splice = edits.remove(state.document, state.resource, state.below_properties(rule))
    return state.edited(splice, f"removes the rule {name} that lets everybody in")


def _resolved(value: Value | None, state: State) -> Value | None:
    return resolve(state.document, value) if value is not None else None
