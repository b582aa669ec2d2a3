"""Whether a value is as a recipe wants it, and which value is wanted. The same in every language."""

from collections.abc import Iterable, Mapping
from enum import Enum, auto

from iacfix.domain.control import Entries, Literal, Setting, Want
from iacfix.generation.recipes.declined import UnprovenError
from iacfix.iac.values import Known, ListValue, ObjectValue, Value

Defaults = Mapping[str, Literal]


class Holds(Enum):
    YES = auto()
    NO = auto()
    UNKNOWN = auto()


def wanted(want: Want, defaults: Defaults) -> Literal:
    """The value to write. Raises DeclinedError when only the user can know it and the configuration does not say."""
    if want.one_of:
        return want.one_of[0]
    if want.includes:
        return want.includes
    if want.at_most is not None:
        return want.at_most
    if want.unused is not None:
        return want.unused
    value = want.at_least if want.at_least is not None else want.equals
    if not isinstance(value, Setting):
        if value is None:
            msg = "a want without a value"
            raise ValueError(msg)
        return value
    given = defaults.get(value.name, value.fallback)
    if given is None:
        raise UnprovenError(f"it needs a value that only you know: set `defaults: {{{value.name}: …}}` in iacfix.yaml")
    return given


def missing(want: Want, present: Value) -> tuple[Literal, ...]:
    """Which items a list that is there still lacks; none when something other than a list is wanted or there."""
    if not isinstance(present, ListValue):
        return ()
    return tuple(item for item in want.includes if not any(equal(each, item) is Holds.YES for each in present.items))


def holds(want: Want, value: Value, defaults: Defaults) -> Holds:
    """`value` is resolved as far as it goes."""
    if want.one_of:
        return any_of(equal(value, choice) for choice in want.one_of)
    if want.includes:
        return _includes(value, want.includes)
    if want.unused is not None:  # among others any number will do
        return Holds.YES if _number(value) is not None else Holds.UNKNOWN
    if want.at_least is not None or want.at_most is not None:
        return _within(want, value, defaults)
    if isinstance(want.equals, Setting):
        return _chosen(want.equals, value)
    return equal(value, wanted(want, defaults))


def _chosen(setting: Setting, value: Value) -> Holds:
    """Which value the user has chosen is theirs: what is set is left alone, unless it is named as wrong."""
    if value in (Known(""), Known(None), ListValue(())):
        return Holds.NO
    if not setting.instead_of:
        return Holds.YES
    items = value.items if isinstance(value, ListValue) else (value,)
    wrong = {any_of(equal(item, each) for each in setting.instead_of) for item in items}
    if len(wrong) > 1:  # what else is in the list would be lost
        return Holds.UNKNOWN
    return {Holds.YES: Holds.NO, Holds.NO: Holds.YES}.get(wrong.pop(), Holds.UNKNOWN)


def equal(value: Value, literal_value: Literal) -> Holds:
    """Both languages convert `"true"` to true and `"7"` to 7, so both count; what is not literal is unknown."""
    match literal_value:
        case tuple():
            return _equal_list(value, literal_value)
        case Entries():
            return _has_entries(value, literal_value)
    if not isinstance(value, Known):
        return Holds.UNKNOWN
    found = value.value
    if isinstance(literal_value, bool):
        return Holds.YES if found is literal_value or found == str(literal_value).lower() else Holds.NO
    if isinstance(literal_value, int):
        return Holds.YES if _number(value) == literal_value else Holds.NO
    return Holds.YES if found == literal_value else Holds.NO


def any_of(each: Iterable[Holds]) -> Holds:
    seen = set(each)
    if Holds.YES in seen:
        return Holds.YES
    return Holds.UNKNOWN if Holds.UNKNOWN in seen else Holds.NO


def all_of(each: Iterable[Holds]) -> Holds:
    seen = set(each)
    if Holds.NO in seen:
        return Holds.NO
    return Holds.UNKNOWN if Holds.UNKNOWN in seen else Holds.YES


def _equal_list(value: Value, items: tuple[Literal, ...]) -> Holds:
    if not isinstance(value, ListValue):
        return Holds.NO if isinstance(value, Known) else Holds.UNKNOWN
    if len(value.items) != len(items):
        written = (Known, ListValue, ObjectValue)
        return Holds.NO if all(isinstance(item, written) for item in value.items) else Holds.UNKNOWN
    return all_of(equal(item, other) for item, other in zip(value.items, items, strict=True))


def _has_entries(value: Value, wanted_entries: Entries) -> Holds:
    if not isinstance(value, ObjectValue):
        return Holds.NO if isinstance(value, Known) else Holds.UNKNOWN
    found = (value.get(name) for name, _ in wanted_entries.items)
    absent = Holds.NO if value.complete else Holds.UNKNOWN
    pairs = zip(found, wanted_entries.items, strict=True)
    return all_of(absent if each is None else equal(each, item) for each, (_, item) in pairs)


def _includes(value: Value, items: tuple[Literal, ...]) -> Holds:
    if not isinstance(value, ListValue):
        return Holds.UNKNOWN
    if all(any(equal(found, item) is Holds.YES for found in value.items) for item in items):
        return Holds.YES
    return (
        Holds.UNKNOWN
        if any(equal(found, item) is Holds.UNKNOWN for found in value.items for item in items)
        else Holds.NO
    )


def _within(want: Want, value: Value, defaults: Defaults) -> Holds:
    limit = wanted(want, defaults)
    number = _number(value)
    if number is None or not isinstance(limit, int):
        return Holds.NO if isinstance(value, Known) else Holds.UNKNOWN
    fits = number >= limit if want.at_most is None else 0 < number <= limit
    return Holds.YES if fits else Holds.NO


def _number(value: Value) -> float | None:
    if not isinstance(value, Known) or isinstance(value.value, bool) or value.value is None:
        return None
    try:
        return float(value.value)
    except ValueError:
        return None
