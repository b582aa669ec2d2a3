"""How far into a resource a fix may reach: the properties that the control's recipes name, and nothing beside them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from iacfix.controls.property_paths import ITEM, is_listed, parts, without_item
from iacfix.domain.control import Close, Companion, Control, EnsureBlock, Literal, Narrow, Remove, SetAttribute, Step
from iacfix.iac.policies import only_narrowed
from iacfix.iac.values import Known, ObjectValue, Value, same
from iacfix.validators.changes import changes, items_of, unmatched

# From `Properties` down; ITEM stands for any item of a list.
Reached = tuple[str, ...]
Key = Mapping[str, Literal]


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
            yield from ((*path, *parts(name)) for name in ({} if step.each else step.key))
            yield from _of_steps((*step.steps, *step.initially), path)
        case Remove():
            yield (*above, *parts(step.name))
        case Close():  # what of them may change is for closing.py to say
            yield from ([(*above, *parts(step.rules))] if step.rules else ((*above, name) for name in step.open))
        case Companion() | Narrow():
            pass
        case _:
            assert_never(step)


def _of_steps(steps: Iterable[Step], above: Reached = ()) -> Iterator[Reached]:
    return (path for step in steps for path in of_step(step, above))


def keys_of(steps: Iterable[Step]) -> dict[Reached, tuple[Key, ...]]:
    """Of the lists of which only items with one of these keys may change; a list that is changed otherwise has none."""
    found: dict[Reached, list[Key]] = defaultdict(list)
    for step in steps:
        if isinstance(step, EnsureBlock) and is_listed(step.block):
            found[parts(without_item(step.block))].append({} if step.each else step.key)
    return {path: tuple(keys) for path, keys in found.items() if all(keys)}


def unnamed(before: Value | None, after: Value | None, keys: Mapping[Reached, tuple[Key, ...]]) -> Iterator[Reached]:
    """Lists of which an item differs that no key names."""
    for path, named in keys.items():
        gone, come = unmatched(items_of(at(before, path)), items_of(at(after, path)))
        if not all(_is_named(item, named) for item in (*gone, *come)):
            yield path


def _is_named(item: Value, keys: tuple[Key, ...]) -> bool:
    return any(all(_is(at(item, parts(name)), value) for name, value in key.items()) for key in keys)


def _is(found: Value | None, value: Literal) -> bool:
    return isinstance(found, Known) and isinstance(value, str | int) and same(found, Known(value))


def at(value: Value | None, path: Reached) -> Value | None:
    for name in path:
        value = value.get(name) if isinstance(value, ObjectValue) else None
    return value


def policies_of(steps: Iterable[Step]) -> dict[Reached, bool]:
    """Out of these everybody may be taken, and nothing else may change; with it whether an account has to be left."""
    return {parts(step.policy): step.keeps_accounts for step in steps if isinstance(step, Narrow)}


def narrowed(before: Value | None, after: Value | None, policies: Mapping[Reached, bool]) -> frozenset[Reached]:
    """Those that are changed so, and no otherwise."""
    found = ((path, at(before, path), at(after, path), keeps) for path, keeps in policies.items())
    return frozenset(
        path
        for path, old, new, keeps in found
        if old is not None and new is not None and only_narrowed(old, new, keeps_accounts=keeps)
    )


def strays(before: Value | None, after: Value | None, allowed: Iterable[Reached]) -> Iterator[Reached]:
    """What differs out of reach."""
    reached = tuple(allowed)
    for path in changed_paths(before, after):
        if not any(path[: len(each)] == each for each in reached):
            yield path


def changed_paths(before: Value | None, after: Value | None) -> Iterator[Reached]:
    return (path for path, _, _ in changes(before, after))
