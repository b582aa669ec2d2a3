"""One of several items of a list: which of them is known by its key."""

from iacfix.controls.property_paths import parts, without_item
from iacfix.domain.control import EnsureBlock, Literal, Step
from iacfix.generation.recipes.among import numbered, numbers, of_a_new_one
from iacfix.generation.recipes.cloudformation.state import State, function_name, origin, shown
from iacfix.generation.recipes.declined import UnprovenError
from iacfix.generation.recipes.wants import Holds, all_of, equal
from iacfix.iac.cloudformation.edits import Path
from iacfix.iac.cloudformation.outcomes import settled
from iacfix.iac.values import Known, ListValue, ObjectValue


def items(step: EnsureBlock, state: State) -> tuple[Path, ...] | None:
    """Where those of the list are; None where there is no list. Raises DeclinedError where one is not written out."""
    path = parts(without_item(step.block))
    found = state.find(path)
    listed = settled(state.document, found) if found is not None else None
    if listed is None:
        return None
    if not isinstance(listed, ListValue):
        raise UnprovenError(f"{shown(state.name, path)} is made by {function_name(listed)}")
    for index, item in enumerate(listed.items):
        if not isinstance(settled(state.document, item), ObjectValue):
            raise UnprovenError(f"{shown(state.name, (*path, index))} is not known before deployment")
    return tuple((*path, index) for index in range(len(listed.items)))


def meant(step: EnsureBlock, state: State) -> Path | None:
    """None where there is none. Raises DeclinedError where it cannot be told."""
    found = known_by(step, state)
    if len(found) > 1:
        raise UnprovenError(f"{len(found)} items of {shown(state.name, found[0][:-1])} are for the same")
    return found[0] if found else None


def known_by(step: EnsureBlock, state: State) -> list[Path]:
    """All that the key names; without one, all. Raises DeclinedError where it cannot be told of one."""
    found: list[Path] = []
    for path in items(step, state) or ():
        seen = {name: _named((*path, *parts(name)), value, state) for name, value in step.key.items()}
        if (verdict := all_of(seen.values())) is Holds.UNKNOWN:
            open_ones = [(*path, *parts(name)) for name, each in seen.items() if each is Holds.UNKNOWN]
            raise UnprovenError(f"{_origin(open_ones[0], state)}: what the item is for is not known")
        if verdict is Holds.YES:
            found.append(path)
    return found


def new(step: EnsureBlock, state: State) -> tuple[Step, ...]:
    steps = of_a_new_one(step)
    for attribute in numbers(steps):
        taken = [_number((*path, *parts(attribute)), state) for path in items(step, state) or ()]
        steps = numbered(steps, attribute, taken)
    return steps


def _named(path: Path, value: Literal, state: State) -> Holds:
    found = state.find(path)
    return Holds.NO if found is None else equal(settled(state.document, found), value)


def _origin(path: Path, state: State) -> str:
    found = state.find(path)
    return f"{shown(state.name, path)} is {origin(found, state) if found is not None else 'not known'}"


def _number(path: Path, state: State) -> int:
    found = state.find(path)
    value = settled(state.document, found) if found is not None else None
    if not isinstance(value, Known) or not isinstance(value.value, int):
        raise UnprovenError(f"{shown(state.name, path)} is not known, and a new item needs a free one")
    return value.value
