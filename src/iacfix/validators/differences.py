"""What a change does to a block or resource, as values: the same for both languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.controls.property_paths import ITEM
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value
from iacfix.validators.changes import changes

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|-")


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` leads down from the block or from `Properties`, ITEM for any item of a list."""

    path: tuple[str, ...]
    was: Value | None
    now: Value | None

    @property
    def name(self) -> str:
        """The setting's own name, as `words`."""
        return words(next((part for part in reversed(self.path) if part != ITEM), ""))

    @property
    def names(self) -> frozenset[str]:
        return frozenset(words(part) for part in self.path if part != ITEM)

    @property
    def shown(self) -> str:
        return ".".join(part for part in self.path if part != ITEM)


@dataclass(frozen=True, slots=True)
class Compared:
    """A resource that was changed or added. `was` is None for a new one.

    `written` are its differences as they stand, `meant` with variables and locals followed as far as they are known.
    """

    address: str
    resource_type: str
    was: Value | None
    now: Value
    written: tuple[Difference, ...]
    meant: tuple[Difference, ...]


def differences(was: Value | None, now: Value | None) -> tuple[Difference, ...]:
    return tuple(Difference(*change) for change in changes(was, now))


def words(name: str) -> str:
    """`MultiAZ`, `multi-az` and `multi_az` are one name."""
    return _HUMP.sub("_", name).lower()


def parts_of(value: Value | None) -> Iterator[Value]:
    """The value and all that is in it."""
    stack = [value]
    while stack:
        match current := stack.pop():
            case None:
                continue
            case ListValue(items) | CallValue(_, items) | Template(items):
                stack.extend(reversed(items))
            case ObjectValue(pairs):
                stack.extend(item for _, item in reversed(pairs))
            case _:
                pass
        yield current


def texts_of(value: Value | None) -> Iterator[str]:
    """Every literal text in it, what is written in expressions too."""
    for part in parts_of(value):
        match part:
            case Known(str() | int() | float() as literal) if not isinstance(literal, bool):
                yield str(literal)
            case Unknown(text):
                yield text


def references_of(value: Value | None) -> Iterator[tuple[str, ...]]:
    for part in parts_of(value):
        if isinstance(part, Reference):
            yield part.parts


def is_switch(value: Value | None) -> bool | None:
    """Whether it is on, where it is a switch: `true` and `"true"` are the same to the cloud."""
    match value:
        case Known(bool() as on):
            return on
        case Known("true" | "True"):
            return True
        case Known("false" | "False"):
            return False
    return None


def is_nothing(value: Value | None) -> bool:
    return value is None or value == Known(None)
