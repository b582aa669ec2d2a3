"""The recipe engine: a control's data in six verbs, applied to a block. Idempotent, and it never invents a value."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from iacfix.domain.control import (
    Close,
    Companion,
    Control,
    EnsureBlock,
    Literal,
    Narrow,
    Remove,
    SetAttribute,
    Step,
)
from iacfix.domain.decision import Reading
from iacfix.domain.location import Location
from iacfix.domain.proposal import Generated
from iacfix.generation.recipes.among import of_a_new_one
from iacfix.generation.recipes.declined import DeclinedError, ReadingError, UnprovenError
from iacfix.generation.recipes.frame import generated, steps_for
from iacfix.generation.recipes.terraform import among, companions
from iacfix.generation.recipes.terraform.closing import close
from iacfix.generation.recipes.terraform.conditions import met
from iacfix.generation.recipes.terraform.narrowing import narrow
from iacfix.generation.recipes.terraform.state import State
from iacfix.generation.recipes.terraform.written import rewritten
from iacfix.generation.recipes.wants import Holds, holds, wanted
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.layout import NewAttribute, NewBlock, NewItem, literal, shown
from iacfix.iac.terraform.module import Module
from iacfix.iac.values import ListValue, Reference, Value


def propose(control: Control, location: Location, module: Module, defaults: Mapping[str, Literal]) -> Generated:
    """The change that makes the control true of the located block, in the file that holds it."""
    state = State(module, location.path, location.address, defaults)
    return generated(control, location, state.data, lambda: apply(control, state))


def apply(control: Control, state: State) -> State:
    """Raises DeclinedError, DocumentError."""
    resource_type = state.top.labels[0] if state.top.keyword in {"resource", "data"} else state.top.keyword
    if control.terraform is None:
        raise DeclinedError(f"{control.id} has no recipe for Terraform")
    if elsewhere := [
        document.path for document, _ in state.module.blocks[state.address] if document.path != state.file
    ] or [over.path for over in state.module.overrides(state.address)]:
        raise UnprovenError(f"{state.address} is written in {', '.join(elsewhere)} too: what it says there may win")
    steps = steps_for(control.terraform, control, resource_type, lambda condition: met(condition, state))
    for step in steps:
        state = _apply(step, state)
    return state


def _apply(step: Step, state: State) -> State:
    match step:
        case SetAttribute():
            return _set(step, state)
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


def _set(step: SetAttribute, state: State) -> State:
    found = state.block.attribute(step.attribute)
    if found is None:
        text = literal(wanted(step.want, state.defaults))
        splice = edits.set_attribute(state.document, state.block, step.attribute, text)
        return state.edited(splice, f"sets {step.attribute} of {state.name} to {text}")
    name = f"{state.name}.{step.attribute}"
    text = state.document.text(found.value_start, found.value_end)
    literally = holds(step.want, found.value, state.defaults)
    if literally is Holds.YES:
        return state
    if literally is Holds.NO:
        splice, replacement = rewritten(step.want, state.document, found, state.defaults)
        note = f"changes {step.attribute} of {state.name} from {shown(found.value, text)} to {replacement}"
        return state.edited(splice, note)
    resolved = state.module.resolve(found.value)
    reading = _reading(step, found.value, state)
    if holds(step.want, resolved, state.defaults) is Holds.YES:
        return state.assuming(f"{name} is {text}, which is {shown(resolved, text)} here", reading)
    reason = f"{name} is `{shown(found.value, text)}`: change it where that is set, or set it here by hand"
    raise UnprovenError(reason) if reading is None else ReadingError(reason, reading)


def _reading(step: SetAttribute, value: Value, state: State) -> Reading | None:
    """Of a whole variable or local: no part of one, nothing that is made of it, and not in one of several blocks."""
    match value:
        case Reference(("var" | "local", _) as parts) if all(index is None for _, index in state.path):
            path = ".".join((*(name for name, _ in state.path), step.attribute))
            return Reading(state.address, path, ".".join(parts), step.want)
    return None


def _ensure_block(step: EnsureBlock, state: State) -> State:
    if state.block.dynamic(step.block):
        raise UnprovenError(f"{state.name}.{step.block} is made by a dynamic block")
    if state.block.attribute(step.block) is not None:
        raise UnprovenError(f"{state.name}.{step.block} is written as an attribute")
    if step.each:
        for index in among.known_by(step, state):
            state = state.outside(_within(step, state.inside(step.block, index)))
        return state
    if step.key:
        return _ensure_keyed(step, state)
    found = state.block.nested(step.block)
    if len(found) > 1:
        raise DeclinedError(f"{state.name} has {len(found)} {step.block} blocks, and which one is meant is not known")
    if not found:
        new = NewBlock(step.block, _new_items(step.initially or step.steps, state))
        splice = edits.insert_block(state.document, state.block, new)
        return state.edited(splice, f"adds {step.block} to {state.name}")
    return state.outside(_within(step, state.inside(step.block)))


def _ensure_keyed(step: EnsureBlock, state: State) -> State:
    index = among.meant(step, state)
    if index is not None:
        return state.outside(_within(step, state.inside(step.block, index)))
    new = NewBlock(step.block, _new_items(among.new(step, state), state))
    return state.edited(edits.insert_block(state.document, state.block, new), f"adds {step.block} to {state.name}")


def _within(step: EnsureBlock | Companion, inner: State) -> State:
    """What its owner made of a block that is only judged stays theirs, the variables that it reads too."""
    before = inner.document.data
    try:
        for each in step.steps:
            inner = _apply(each, inner)
    except ReadingError as error:
        if step.initially:
            raise UnprovenError(error.what) from None
        raise
    if step.initially and inner.document.data != before:
        raise DeclinedError(f"{inner.name} is there and does something of its own: change it by hand")
    return inner


def _remove(step: Remove, state: State) -> State:
    if state.block.dynamic(step.name):
        raise UnprovenError(f"{state.name}.{step.name} is made by a dynamic block")
    if (found := state.block.attribute(step.name)) is not None:
        if found.value == ListValue(()):  # says the same as nothing
            return state
        return state.edited(edits.remove(state.document, found), f"removes {step.name} from {state.name}")
    while nested := state.block.nested(step.name):
        state = state.edited(edits.remove(state.document, nested[-1]), f"removes {step.name} from {state.name}")
    return state


def _companion(step: Companion, state: State) -> State:
    found = companions.existing(step, state)
    if found is None:
        header, links = companions.header(step, state)
        new = NewBlock(header, (*links, *_new_items(step.initially or step.steps, state)))
        splice = edits.insert_resource(state.document, state.top, new)
        return state.edited(splice, f"adds {step.resource_type}, which refers to {state.address}")
    document, block = found
    there = replace(state, file=document.path, address=block.address, path=())
    inner = _within(step, there)
    if document.path != state.file and inner.document.data != document.data:
        raise UnprovenError(
            f"{block.address} in {document.path}:{block.start_line} already configures this: change it there"
        )
    return state.outside(inner)


def _new_items(steps: tuple[Step, ...], state: State) -> tuple[NewItem, ...]:
    """What a block that is not there yet will hold."""
    items: list[NewItem] = []
    for step in steps:
        match step:
            case SetAttribute():
                items.append(NewAttribute(step.attribute, literal(wanted(step.want, state.defaults))))
            case EnsureBlock():
                if not step.each:
                    items.append(NewBlock(step.block, _new_items(of_a_new_one(step), state)))
            case Remove() | Companion() | Close() | Narrow():
                continue
            case _:
                assert_never(step)
    return tuple(items)
