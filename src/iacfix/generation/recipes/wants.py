"""Whether a value is as a recipe wants it, and how the wanted value is written."""

from enum import Enum, auto

from iacfix.domain.control import Literal, Setting, Want
from iacfix.generation.recipes.state import State, UnprovenError
from iacfix.iac.terraform.layout import literal
from iacfix.iac.terraform.values import Known, ListValue, Value


class Holds(Enum):
    YES = auto()
    NO = auto()
    UNKNOWN = auto()


def wanted(want: Want, state: State) -> Literal:
    """The value to write. Raises DeclinedError when only the user can know it and the configuration does not say."""
    if want.one_of:
        return want.one_of[0]
    if want.includes:
        return want.includes
    if want.at_most is not None:
        return want.at_most
    value = want.at_least if want.at_least is not None else want.equals
    if not isinstance(value, Setting):
        if value is None:
            msg = "a want without a value"
            raise ValueError(msg)
        return value
    given = state.defaults.get(value.name, value.fallback)
    if given is None:
        raise UnprovenError(f"it needs a value that only you know: set `defaults: {{{value.name}: …}}` in iacfix.yaml")
    return given


def merged(want: Want, present: Value, state: State) -> str:
    """The HCL to write in the place of `present`. What a list already holds is kept."""
    if want.includes and isinstance(present, ListValue):
        kept = [item.value for item in present.items if isinstance(item, Known)]
        if len(kept) != len(present.items):
            raise UnprovenError("the list holds values that are not literal")
        return literal([*kept, *missing(want, present)])
    return literal(wanted(want, state))


def missing(want: Want, present: Value) -> tuple[Literal, ...]:
    """Which items a list that is there still lacks; none when something other than a list is wanted or there."""
    if not isinstance(present, ListValue):
        return ()
    return tuple(item for item in want.includes if not any(equal(each, item) is Holds.YES for each in present.items))


def holds(want: Want, value: Value, state: State) -> Holds:
    """`value` is resolved as far as it goes."""
    if want.one_of:
        return _any({equal(value, choice) for choice in want.one_of})
    if want.includes:
        return _includes(value, want.includes)
    if want.at_least is not None or want.at_most is not None:
        return _within(want, value, state)
    if isinstance(want.equals, Setting):
        # Which value the user has chosen is theirs: one that is set to anything is left alone.
        return Holds.NO if equal(value, "") is Holds.YES or value == Known(None) else Holds.YES
    return equal(value, wanted(want, state))


def equal(value: Value, literal_value: Literal) -> Holds:
    """Terraform converts `"true"` to true and `"7"` to 7, so both count; what is not literal is unknown."""
    if isinstance(literal_value, tuple):
        if not isinstance(value, ListValue) or not all(isinstance(item, Known) for item in value.items):
            return Holds.UNKNOWN
        same = len(value.items) == len(literal_value) and all(
            equal(item, other) is Holds.YES for item, other in zip(value.items, literal_value, strict=True)
        )
        return Holds.YES if same else Holds.NO
    if not isinstance(value, Known):
        return Holds.UNKNOWN
    found = value.value
    if isinstance(literal_value, bool):
        return Holds.YES if found is literal_value or found == str(literal_value).lower() else Holds.NO
    if isinstance(literal_value, int):
        return Holds.YES if _number(value) == literal_value else Holds.NO
    return Holds.YES if found == literal_value else Holds.NO


def _includes(value: Value, items: tuple[Literal, ...]) -> Holds:
    if not isinstance(value, ListValue):
        return Holds.UNKNOWN
    if all(any(equal(found, item) is Holds.YES for found in value.items) for item in items):
        return Holds.YES
    return Holds.NO if all(isinstance(found, Known) for found in value.items) else Holds.UNKNOWN


def _within(want: Want, value: Value, state: State) -> Holds:
    limit = wanted(want, state)
    number = _number(value)
    if number is None or not isinstance(limit, int):
        return Holds.NO if isinstance(value, Known) else Holds.UNKNOWN
    fits = number >= limit if want.at_most is None else 0 < number <= limit
    return Holds.YES if fits else Holds.NO


def _any(seen: set[Holds]) -> Holds:
    if Holds.YES in seen:
        return Holds.YES
    return Holds.UNKNOWN if Holds.UNKNOWN in seen else Holds.NO


def _number(value: Value) -> float | None:
    if not isinstance(value, Known) or isinstance(value.value, bool) or value.value is None:
        return None
    try:
        return float(value.value)
    except ValueError:
        return None
