"""What a value is worth without deploying: parameters by their defaults, mappings, conditions, joined texts.

What cannot be known stays as it is written: a Reference, a Template, a CallValue, an Unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, same

MAX_HOPS = 60
# Splits and joins of each other can double a text at every step.
MAX_TEXT = 100_000
NO_VALUE = Reference(("AWS::NoValue",))


def resolve(document: CloudFormationDocument, value: Value, given: Mapping[str, Value] | None = None) -> Value:
    """`given` are parameter values that are known from elsewhere; they go before the defaults."""
    return _Resolver(document, given or {}).value(value, 0)


def parameter_value(document: CloudFormationDocument, name: str) -> Value | None:
    """The default as the template receives it: text, or a list of texts. None where there is none to know."""
    section = document.parameters.get(name)
    default = section.get("Default") if section is not None else None
    kind = section.text("Type") if section is not None else ""
    if not isinstance(default, Known) or default.value is None or kind.startswith("AWS::SSM::Parameter::Value"):
        return None
    text = _text(default)
    if text is not None and (kind == "CommaDelimitedList" or kind.startswith("List<")):
        return ListValue(tuple(Known(item.strip()) for item in text.split(",")))
    if kind == "Number":
        return default
    return Known(text) if text is not None else None


@dataclass(slots=True)
class _Resolver:
    document: CloudFormationDocument
    given: Mapping[str, Value]
    # A condition may be asked for many times by others that ask for it many times.
    conditions: dict[str, Value] = field(default_factory=dict)

    def value(self, value: Value, hops: int) -> Value:
        if hops > MAX_HOPS:
            return Unknown("refers to itself")
        match value:
            case Reference((name,)):
                return self._parameter(name, value)
            case Template(pieces):
                return joined(tuple(self.value(piece, hops + 1) for piece in pieces))
            case ListValue(items):
                resolved = (self.value(item, hops + 1) for item in items)
                return ListValue(tuple(item for item in resolved if item != NO_VALUE))
            case ObjectValue(entries, complete):
                pairs = ((name, self.value(item, hops + 1)) for name, item in entries)
                return ObjectValue(tuple(pair for pair in pairs if pair[1] != NO_VALUE), complete)
            case CallValue():
                return self._call(value, hops)
            case _:
                return value

    def _parameter(self, name: str, value: Value) -> Value:
        if name in self.given:
            return self.given[name]
        default = parameter_value(self.document, name)
        return default if default is not None else value

    def _call(self, call: CallValue, hops: int) -> Value:
        if call.name == "Fn::If":
            return self._if(call, hops)
        if call.name == "Condition":
            return self._condition(call, hops)
        arguments = tuple(self.value(argument, hops + 1) for argument in call.arguments)
        found = _evaluate(self.document, call.name, arguments)
        return found if found is not None else CallValue(call.name, arguments)

    def _condition(self, call: CallValue, hops: int) -> Value:
        match call.arguments:
            case (Known(str() as name),):
                return self._named_condition(name, hops)
            case _:
                return call

    def _named_condition(self, name: str, hops: int) -> Value:
        unknown = CallValue("Condition", (Known(name),))
        if name not in self.conditions:
            section = self.document.conditions.get(name)
            self.conditions[name] = unknown  # also for one that asks for itself
            if section is not None:
                self.conditions[name] = self.value(section.value, hops + 1)
        found = self.conditions[name]
        return found if isinstance(found, Known) and isinstance(found.value, bool) else unknown

    def _if(self, call: CallValue, hops: int) -> Value:
        match call.arguments:
            case (Known(str() as name), then, otherwise):
                condition = self._named_condition(name, hops)
                if isinstance(condition, Known):
                    return self.value(then if condition.value else otherwise, hops + 1)
                left, right = self.value(then, hops + 1), self.value(otherwise, hops + 1)
                return left if same_deep(left, right) else CallValue("Fn::If", (Known(name), left, right))
            case _:
                return call


def _evaluate(document: CloudFormationDocument, name: str, arguments: tuple[Value, ...]) -> Value | None:
    match name, arguments:
        case "Fn::Join", (Known(str() as delimiter), ListValue(items)):
            return _join(delimiter, items)
        case "Fn::Split", (Known(str() as delimiter), Known(str() as text)) if delimiter:
            return ListValue(tuple(map(Known, text.split(delimiter))))
        case "Fn::Select", (Known(index), ListValue(items)):
            at = int(str(index)) if str(index).isascii() and str(index).isdigit() and len(str(index)) < 6 else -1  # noqa: PLR2004 - no list is longer
            return items[at] if 0 <= at < len(items) else None
        case "Fn::FindInMap", (Known() as table, Known() as first, Known() as second, *_):
            return _find_in_map(document, (table, first, second))
        case "Fn::Equals", (left, right):
            return _equals(left, right)
        case "Fn::Not", (Known(bool() as truth),):
            return Known(value=not truth)
        case "Fn::And", _:
            return _all(arguments, until=False)
        case "Fn::Or", _:
            return _all(arguments, until=True)
        case "Fn::Length", (ListValue(items),):
            return Known(len(items))
        case _:
            return None


def _join(delimiter: str, items: tuple[Value, ...]) -> Value | None:
    pieces: list[Value] = []
    for item in items:
        if isinstance(item, CallValue | ListValue | ObjectValue | Unknown):
            return None  # it may stand for more than one item, or for none
        pieces += [Known(delimiter), item] if pieces else [item]
    return joined(tuple(pieces)) if pieces else Known("")


def _find_in_map(document: CloudFormationDocument, keys: tuple[Known, Known, Known]) -> Value | None:
    table, first, second = (_text(key) or "" for key in keys)
    section = document.mappings.get(table)
    row = section.get(first) if section is not None else None
    return row.get(second) if isinstance(row, ObjectValue) else None


def _equals(left: Value, right: Value) -> Value | None:
    """CloudFormation compares texts, so that `true` equals `"true"` here."""
    texts = _text(left), _text(right)
    return Known(texts[0] == texts[1]) if None not in texts else None


def _all(arguments: tuple[Value, ...], *, until: bool) -> Value | None:
    """`Or` is true as soon as one is, `And` is false as soon as one is, unknown others notwithstanding."""
    if any(same(argument, Known(until)) for argument in arguments):
        return Known(until)
    return Known(not until) if arguments and all(same(argument, Known(not until)) for argument in arguments) else None


def joined(pieces: tuple[Value, ...]) -> Value:
    """Neighbouring literals of a template become one; nothing but literals becomes a string."""
    parts: list[Value] = []
    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Template) else (piece,):
            last = parts[-1] if parts else None
            text = _text(part)
            if text is not None and isinstance(last, Known) and isinstance(last.value, str):
                parts[-1] = Known(last.value + text)
            else:
                parts.append(part if text is None else Known(text))
    if sum(len(part.value) for part in parts if isinstance(part, Known) and isinstance(part.value, str)) > MAX_TEXT:
        return Unknown("a text of more than 100,000 characters")
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Known) else Template(tuple(parts))


def same_deep(left: Value, right: Value) -> bool:
    """Equality all the way down that tells `true` from `1`."""
    match left, right:
        case ObjectValue(), ObjectValue():
            return (
                left.complete
                and right.complete
                and [name for name, _ in left.items] == [name for name, _ in right.items]
                and all(same_deep(one, other) for (_, one), (_, other) in zip(left.items, right.items, strict=True))
            )
        case ListValue(), ListValue():
            return len(left.items) == len(right.items) and all(map(same_deep, left.items, right.items))
        case Known(), Known():
            return same(left, right)
        case (CallValue(), CallValue()) | (Template(), Template()) | (Reference(), Reference()):
            return repr(left) == repr(right)
        case _:
            return False


def _text(value: Value) -> str | None:
    """How CloudFormation writes a literal as text."""
    if not isinstance(value, Known) or value.value is None:
        return None
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
