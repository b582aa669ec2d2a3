"""The recipe engine: a control's data in six verbs, applied to a resource of a template.

Idempotent, and it never invents a value. What hangs on a parameter, a condition or a macro is left to its owner.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from iacfix.controls.property_paths import is_listed, parts, without_item
from iacfix.domain.control import (
    Close,
    Companion,
    Control,
    EnsureBlock,
    Entries,
    Literal,
    Narrow,
    Remove,
    SetAttribute,
    Step,
    Want,
)
from iacfix.domain.location import Location
from iacfix.domain.proposal import Generated
from iacfix.generation.recipes.cloudformation import among, companions
from iacfix.generation.recipes.cloudformation.closing import close
from iacfix.generation.recipes.cloudformation.conditions import met
from iacfix.generation.recipes.cloudformation.narrowing import narrow
from iacfix.generation.recipes.cloudformation.state import State, function_name, origin, shown
from iacfix.generation.recipes.cloudformation.written import new_value, plain
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.generation.recipes.frame import generated, steps_for
from iacfix.generation.recipes.wants import Holds, all_of, holds, missing, wanted
from iacfix.iac.cloudformation import edits
from iacfix.iac.cloudformation.compare import check_unique
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.edits import Path, literal
from iacfix.iac.cloudformation.outcomes import is_literal, outcomes, parameter_of, settled
from iacfix.iac.cloudformation.outside import KNOWN_TRANSFORMS
from iacfix.iac.cloudformation.resolve import resolve
from iacfix.iac.values import Known, ListValue, ObjectValue, Value


def propose(
    control: Control, location: Location, document: CloudFormationDocument, defaults: Mapping[str, Literal]
) -> Generated:
    """The change that makes the control true of the located resource, in its template."""
    state = State(document, location.address, defaults)
    return generated(control, location, document.data, lambda: apply(control, state))


def apply(control: Control, state: State) -> State:
    """Raises DeclinedError, DocumentError."""
    check_unique(state.document)
    for name in state.document.transforms:
        if name not in KNOWN_TRANSFORMS:
            raise UnprovenError(f"the template goes through the macro {name}, which may change any resource")
    fix, kind = control.cloudformation, state.resource.type
    if fix is None:
        raise DeclinedError(f"{control.id} has no recipe for CloudFormation")
    steps = steps_for(fix, control, kind, lambda condition: met(condition, state))
    for step in steps:
        state = _apply(step, state)
    return state


def _apply(step: Step, state: State) -> State:
    match step:
        case SetAttribute():
            return _set(parts(step.attribute), step.want, state)
        case EnsureBlock():
            return _ensure_block(step, state)
        case Remove():
            return _remove(step, state)
        case Companion():
            return _companion(step, state)
        case Close():
            return close(step, state)
        case Narrow():
            return narrow(step, state)
        case _:
            assert_never(step)


def _set(path: tuple[str, ...], want: Want, state: State) -> State:
    found = state.find(path)
    name = shown(state.address, (*state.path, *path))
    if found is None:
        value = plain(wanted(want, state.defaults))
        splice = edits.set_attribute(state.document, state.resource, state.below_properties(path), literal(value))
        return state.edited(splice, f"sets {name} to {json.dumps(value)}")
    if isinstance(want.equals, Entries) and isinstance(found, ObjectValue):
        for key, inner in want.equals.items:
            state = _set((*path, key), Want(equals=inner), state)
        return state
    verdict = all_of(_holds(want, each, state) for each in outcomes(state.document, found))
    if verdict is Holds.YES:
        return state
    if verdict is Holds.NO and is_literal(found):
        return _change(path, want, found, state)
    if holds(want, resolve(state.document, found), state.defaults) is Holds.YES:
        return state.assuming(f"{name} is {origin(found, state)}")
    raise UnprovenError(f"{name} is {origin(found, state)}: change it where that is set, or set it here by hand")


def _holds(want: Want, value: Value | None, state: State) -> Holds:
    """Who deploys may give a parameter any value, an empty one too."""
    if value is None:
        return Holds.NO
    return Holds.UNKNOWN if parameter_of(state.document, value) else holds(want, value, state.defaults)


def _change(path: Path, want: Want, found: Value, state: State) -> State:
    name, place = shown(state.address, (*state.path, *path)), state.below_properties(path)
    more = missing(want, found)
    if more and isinstance(found, ListValue) and state.is_own(path):
        items = [plain(item) for item in more]
        splice = edits.extend_list(state.document, state.resource, place, [literal(item) for item in items])
        return state.edited(splice, f"adds {', '.join(map(json.dumps, items))} to {name}")
    value = plain(wanted(want, state.defaults))
    splice = edits.set_attribute(state.document, state.resource, place, literal(value))
    was = f" from {json.dumps(found.value)}" if isinstance(found, Known) else ""
    return state.edited(splice, f"changes {name}{was} to {json.dumps(value)}")


def _ensure_block(step: EnsureBlock, state: State) -> State:
    if step.each:
        for place in among.known_by(step, state):
            state = state.outside(_within(step, state.inside(place)))
        return state
    if step.key:
        return _ensure_keyed(step, state)
    listed, path = is_listed(step.block), parts(without_item(step.block))
    found = state.find(path)
    found = settled(state.document, found) if found is not None else None
    if found is None or (listed and found == ListValue(())):
        new: Value = new_value(step.initially or step.steps, state.defaults)
        new = ListValue((new,)) if listed else new
        splice = edits.set_attribute(state.document, state.resource, state.below_properties(path), new)
        return state.edited(splice, f"adds {'.'.join(map(str, path))} to {state.name}")
    if not isinstance(found, ListValue if listed else ObjectValue):
        how = "a single value" if isinstance(found, Known) else f"made by {function_name(found)}"
        raise UnprovenError(f"{shown(state.name, path)} is {how}")
    if isinstance(found, ListValue):
        if len(found.items) > 1:
            return _several(step, path, len(found.items), state)
        state, outer = state.inside((*path, 0)), state
    else:
        state, outer = state.inside(path), state
    return outer.outside(_within(step, state))


def _ensure_keyed(step: EnsureBlock, state: State) -> State:
    place = among.meant(step, state)
    if place is not None:
        return state.outside(_within(step, state.inside(place)))
    path = parts(without_item(step.block))
    new = new_value(among.new(step, state), state.defaults)
    if among.items(step, state):
        if not state.is_own(path):
            raise UnprovenError(f"{shown(state.name, path)} comes from the template's Globals")
        splice = edits.extend_list(state.document, state.resource, state.below_properties(path), [new])
    else:
        splice = edits.set_attribute(state.document, state.resource, state.below_properties(path), ListValue((new,)))
    return state.edited(splice, f"adds an item to {shown(state.name, path)}")


def _several(step: EnsureBlock, path: Path, count: int, state: State) -> State:
    """Which of several items is meant is not known; they are right where all are, or one of the owner's."""
    right = [_is_right(step, state.inside((*path, index))) for index in range(count)]
    if any(right) if step.initially else all(right):
        return state
    raise DeclinedError(f"{shown(state.name, path)} has {count} items, and which one is meant is not known")


def _is_right(step: EnsureBlock, state: State) -> bool:
    try:
        after = _within(step, state)
    except DeclinedError:
        return False
    return (after.data, after.assumed) == (state.data, state.assumed)


def _within(step: EnsureBlock, inner: State) -> State:
    before = inner.data
    for each in step.steps:
        inner = _apply(each, inner)
    if step.initially and inner.data != before:
        raise DeclinedError(f"{inner.name} is there and does something of its own: change it by hand")
    return inner


def _remove(step: Remove, state: State) -> State:
    path = parts(step.name)
    if state.find(path) is None:
        return state
    if not state.is_own(path):
        raise UnprovenError(f"{shown(state.name, path)} comes from the template's Globals")
    splice = edits.remove(state.document, state.resource, state.below_properties(path))
    return state.edited(splice, f"removes {'.'.join(map(str, path))} from {state.name}")


def _companion(step: Companion, state: State) -> State:
    found = companions.existing(step, state)
    if found is None:
        new = companions.new(step, state)
        splice = edits.insert_resource(state.document, state.resource, new)
        return state.edited(splice, f"adds {new.name} ({step.resource_type}), which refers to {state.address}")
    inner = replace(state, address=found.address, path=())
    for each in step.steps:
        inner = _apply(each, inner)
    if step.initially and inner.notes != state.notes:
        raise DeclinedError(f"{found.address} is there and does something of its own: change it by hand")
    return state.outside(inner)
