"""What a recipe writes: literals as plain data, and whole mappings that are not there yet."""

from collections.abc import Iterable
from typing import assert_never

from iacfix.controls.property_paths import is_listed, parts, without_item
from iacfix.domain.control import Close, Companion, EnsureBlock, Entries, Literal, Narrow, Remove, SetAttribute, Step
from iacfix.generation.recipes.among import of_a_new_one
from iacfix.generation.recipes.wants import Defaults, wanted
from iacfix.iac.cloudformation.edits import literal
from iacfix.iac.values import Value

Plain = str | int | bool | list["Plain"] | dict[str, "Plain"]


def plain(value: Literal) -> Plain:
    match value:
        case Entries(items):
            return {name: plain(item) for name, item in items}
        case tuple():
            return [plain(item) for item in value]
        case _:
            return value


def new_value(steps: Iterable[Step], defaults: Defaults) -> Value:
    return literal(new_mapping(steps, defaults))


def new_mapping(steps: Iterable[Step], defaults: Defaults) -> dict[str, Plain]:
    """What a mapping that is not there yet will hold."""
    made: dict[str, Plain] = {}
    for step in steps:
        match step:
            case SetAttribute():
                put(made, step.attribute, plain(wanted(step.want, defaults)))
            case EnsureBlock():
                if step.each:
                    continue
                inner = new_mapping(of_a_new_one(step), defaults)
                put(made, without_item(step.block), [inner] if is_listed(step.block) else inner)
            case Remove() | Companion() | Close() | Narrow():
                continue
            case _:
                assert_never(step)
    return made


def put(made: dict[str, Plain], path: str, value: Plain) -> None:
    """Makes what is missing on the way."""
    *above, last = map(str, parts(path))
    for name in above:
        inner = made.setdefault(name, {})
        if not isinstance(inner, dict):
            msg = f"{path} leads through {name}, which the same recipe makes a single value"
            raise TypeError(msg)
        made = inner
    made[last] = value
