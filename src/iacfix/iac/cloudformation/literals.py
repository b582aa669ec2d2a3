"""Plain data as values, for those who write edits."""

from iacfix.iac.cloudformation.layout import Style, inline, shaped
from iacfix.iac.cloudformation.syntax import parse
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.values import Known, ListValue, ObjectValue, Value


def literal(data: object) -> Value:
    """Python data as a value: a dict of `Ref` or `Fn::…` is a function. Raises TypeError for what is none."""
    style = Style(json=True, newline="\n", step="", dash=0, quotes='"', colon=": ", comma=", ", tight=True, always=True)
    return read_value(parse(inline(style, shaped(style, _plain_value(data))).encode()))


def _plain_value(data: object) -> Value:
    match data:
        case bool() | int() | float() | str() | None:
            return Known(data)
        case list() | tuple():
            return ListValue(tuple(map(_plain_value, data)))
        case dict():
            return ObjectValue(tuple((str(key), _plain_value(item)) for key, item in data.items()))
        case _:
            msg = f"not a literal: {type(data).__name__}"
            raise TypeError(msg)
