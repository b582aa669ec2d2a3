"""Whether a value is one that is wanted. Written apart from the recipes, which are judged by it."""

from collections.abc import Iterable, Mapping

from iacfix.domain.control import Entries, Literal, Setting, Want
from iacfix.iac.values import Known, ListValue, ObjectValue, Value
from iacfix.validators.assertions.truth import Truth

Defaults = Mapping[str, Literal]
_EMPTY = (Known(None), Known(""), ListValue(()))


def meets(want: Want, value: Value | None, defaults: Defaults) -> Truth:
    if value is None:
        return Truth.NO
    if want.one_of:
        return max(equals(value, choice) for choice in want.one_of)
    if want.includes:
        return min(_among(value, item) for item in want.includes)
    if want.at_most is not None:
        return _in_range(value, 1, want.at_most)  # to AWS 0 means "never"
    if want.at_least is not None:
        least = _amount(want.at_least, defaults)
        return Truth.UNKNOWN if least is None else _in_range(value, least, None)
    if isinstance(want.equals, Setting):
        return is_set(value)
    return equals(value, want.equals) if want.equals is not None else Truth.UNKNOWN


def is_set(value: Value | None) -> Truth:
    """What a reference leads to is for its owner."""
    return Truth.NO if value is None or value in _EMPTY else Truth.YES


def is_absent(value: Value | None) -> Truth:
    return _truth(value is None or value in (Known(None), ListValue(())))


def is_without(items: Iterable[Literal], value: Value | None) -> Truth:
    if value is None or value == Known(None):
        return Truth.YES
    return _not(max(max(equals(value, item), _among(value, item)) for item in items))


def equals(value: Value, wanted: Literal) -> Truth:
    """Both languages take a number or a truth that is written as text for what it says; the tools do not take a number
    for a text.
    """
    match wanted:
        case Entries(items):
            return _holds_entries(value, items)
        case tuple():
            return _is_list(value, wanted)
    if isinstance(value, ListValue | ObjectValue):
        return Truth.NO
    if not isinstance(value, Known):
        return Truth.UNKNOWN
    if isinstance(wanted, str) or value.value is None:
        return _truth(value.value == wanted)
    return _truth(_text(value.value) == _text(wanted))


def number(value: Value | None) -> float | None:
    if not isinstance(value, Known) or value.value is None or isinstance(value.value, bool):
        return None
    try:
        return float(value.value)
    except ValueError:
        return None


def _text(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _among(value: Value, item: Literal) -> Truth:
    """Whether a list holds the item."""
    if not isinstance(value, ListValue):
        return Truth.NO if isinstance(value, Known | ObjectValue) else Truth.UNKNOWN
    return max((equals(each, item) for each in value.items), default=Truth.NO)


def _is_list(value: Value, wanted: tuple[Literal, ...]) -> Truth:
    if not isinstance(value, ListValue):
        return Truth.NO if isinstance(value, Known | ObjectValue) else Truth.UNKNOWN
    if len(value.items) != len(wanted):
        return Truth.NO if all(isinstance(each, Known) for each in value.items) else Truth.UNKNOWN
    return min((equals(each, item) for each, item in zip(value.items, wanted, strict=True)), default=Truth.YES)


def _holds_entries(value: Value, wanted: Iterable[tuple[str, Literal]]) -> Truth:
    if not isinstance(value, ObjectValue):
        return Truth.NO if isinstance(value, Known | ListValue) else Truth.UNKNOWN
    missing = Truth.NO if value.complete else Truth.UNKNOWN
    return min(
        (missing if (found := value.get(name)) is None else equals(found, item) for name, item in wanted),
        default=Truth.YES,
    )


def _in_range(value: Value, least: int, most: int | None) -> Truth:
    found = number(value)
    if found is None:
        return Truth.NO if isinstance(value, Known | ListValue | ObjectValue) else Truth.UNKNOWN
    return _truth(found >= least and (most is None or found <= most))


def _amount(amount: int | Setting, defaults: Defaults) -> int | None:
    given = defaults.get(amount.name, amount.fallback) if isinstance(amount, Setting) else amount
    return given if isinstance(given, int) else None


def _not(truth: Truth) -> Truth:
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(truth, truth)


def _truth(value: bool) -> Truth:  # noqa: FBT001 - it is the value itself
    return Truth.YES if value else Truth.NO
