"""How far into a resource a fix may reach: the properties that the control's recipes name, and nothing beside them."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from iacfix.controls.property_paths import ITEM, is_listed, parts, without_item
from iacfix.domain.control import Close, Companion, Control, EnsureBlock, Remove, SetAttribute, Step
from iacfix.iac.values import Value
from iacfix.validators.changes import changes

# From `Properties` down; ITEM stands for any item of a list.
Reached = tuple[str, ...]


def of_target(control: Control) -> frozenset[Reached]:
    return frozenset(_of_steps(steps_of(control)))


def of_companion(control: Control, resource_type: str, *, new: bool) -> frozenset[Reached]:
    """Of a new one its links too."""
    written = [step for step in companions_of(control) if step.resource_type == resource_type]
    reached = {path for step in written for path in _of_steps((*step.steps, *step.initially))}
    return frozenset(reached | ({parts(name) for step in written for name in step.link} if new else set()))


def steps_of(control: Control) -> Iterator[Step]:
    for variant in control.cloudformation.variants if control.cloudformation is not None else ():
        yield from variant.steps


def companions_of(control: Control) -> Iterator[Companion]:
    return (step for step in steps_of(control) if isinstance(step, Companion))


def of_step(step: Step, above: Reached = ()) -> Iterator[Reached]:
    match step:
        case SetAttribute():
            yield (*above, *parts(step.attribute))
        case EnsureBlock():
            path = (*above, *parts(without_item(step.block)), *([ITEM] if is_listed(step.block) else []))
            yield from _of_steps((*step.steps, *step.initially), path)
        case Remove():
            yield (*above, *parts(step.name))
        case Close():
            yield from ([(*above, *parts(step.rules))] if step.rules else ((*above, name) for name in step.open))
        case Companion():
            pass
        case _:
            assert_never(step)


def _of_steps(steps: Iterable[Step], above: Reached = ()) -> Iterator[Reached]:
    return (path for step in steps for path in of_step(step, above))


def strays(before: Value | None, after: Value | None, allowed: Iterable[Reached]) -> Iterator[Reached]:
    """What differs out of reach."""
    reached = tuple(allowed)
    for path in changed_paths(before, after):
        if not any(path[: len(each)] == each for each in reached):
            yield path


def changed_paths(before: Value | None, after: Value | None) -> Iterator[Reached]:
    return (path for path, _, _ in changes(before, after))
