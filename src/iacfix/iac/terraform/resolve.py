"""What a value is worth where it stands, without a plan: variables, locals and the functions that only join text."""

from collections.abc import Callable, Mapping
from typing import Protocol

from iacfix.iac.terraform.values import (
    CallValue,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
)

MAX_HOPS = 20


class Scope(Protocol):
    """Where names have their values. Answers None for what it does not know."""

    def variable(self, name: str) -> Value | None: ...

    def local(self, name: str) -> Value | None: ...

    def each(self, name: str) -> Value | None:
        """`each.key`, `each.value`, `count.index` of the instance that is looked at."""


def resolve(value: Value, scope: Scope, hops: int = 0) -> Value:
    """Follow names as far as they can be known; what cannot stays as it is written."""
    if hops > MAX_HOPS:
        return Unknown("refers to itself")
    match value:
        case Reference(("var", name, *path)):
            return _followed(scope.variable(name), tuple(path), value, scope, hops)
        case Reference(("local", name, *path)):
            return _followed(scope.local(name), tuple(path), value, scope, hops)
        case Reference(("each" | "count", name, *path)):
            return _followed(scope.each(name), tuple(path), value, scope, hops)
        case Template(pieces):
            return joined(tuple(resolve(piece, scope, hops + 1) for piece in pieces))
        case ListValue(items):
            return ListValue(tuple(resolve(item, scope, hops + 1) for item in items))
        case CallValue(name, arguments) if name in _FUNCTIONS:
            known = _FUNCTIONS[name](tuple(resolve(argument, scope, hops + 1) for argument in arguments))
            return value if known is None else known
        case _:
            return value


def _followed(found: Value | None, path: tuple[str, ...], written: Value, scope: Scope, hops: int) -> Value:
    for part in path:
        found = resolve(found, scope, hops + 1) if found is not None else None
        found = _member(found, part)
    return resolve(found, scope, hops + 1) if found is not None else written


def _member(found: Value | None, part: str) -> Value | None:
    """`.name`, `["name"]` or `[0]`."""
    key = part.removeprefix("[").removesuffix("]").strip()
    if isinstance(found, ObjectValue):
        return found.get(key.strip('"'))
    if isinstance(found, ListValue) and key.isdigit() and int(key) < len(found.items):
        return found.items[int(key)]
    return None


def _merge(arguments: tuple[Value, ...]) -> Value:
    items: dict[str, Value] = {}
    complete = True
    for argument in arguments:
        if not isinstance(argument, ObjectValue):
            complete = False
            items = {}  # what is not known may overrule what came before it
            continue
        complete = complete and argument.complete
        items.update(argument.items)
    return ObjectValue(tuple(items.items()), complete)


def _join(arguments: tuple[Value, ...]) -> Value | None:
    match arguments:
        case (Known(str() as separator), ListValue(items)):
            pieces: list[Value] = []
            for item in items:
                pieces += [Known(separator), item] if pieces else [item]
            return joined(tuple(pieces)) if pieces else Known("")
    return None


def _format(arguments: tuple[Value, ...]) -> Value | None:
    """Only `%s` and `%d`; whatever else a format holds changes how a value looks."""
    match arguments:
        case (Known(str() as form), *values):
            parts = form.replace("%d", "%s").split("%s")
            if len(parts) != len(values) + 1 or any("%" in part for part in parts):
                return None
            pieces: list[Value] = [Known(parts[0])]
            for value, part in zip(values, parts[1:], strict=True):
                pieces += [value, Known(part)]
            return joined(tuple(pieces))
    return None


def _same(arguments: tuple[Value, ...]) -> Value | None:
    return arguments[0] if len(arguments) == 1 else None


def _cased(change: Callable[[str], str]) -> Callable[[tuple[Value, ...]], Value | None]:
    def function(arguments: tuple[Value, ...]) -> Value | None:
        match arguments:
            case (Known(str() as text),):
                return Known(change(text))
        return None

    return function


def _replace(arguments: tuple[Value, ...]) -> Value | None:
    """A text between slashes is a regular expression of another kind."""
    match arguments:
        case (Known(str() as text), Known(str() as old), Known(str() as new)) if old and old[0] + old[-1] != "//":
            return Known(text.replace(old, new))
    return None


_FUNCTIONS: Mapping[str, Callable[[tuple[Value, ...]], Value | None]] = {
    "merge": _merge,
    "join": _join,
    "format": _format,
    "tostring": _same,
    "toset": _same,
    "tolist": _same,
    "tomap": _same,
    "lower": _cased(str.lower),
    "upper": _cased(str.upper),
    "replace": _replace,
}


def joined(pieces: tuple[Value, ...]) -> Value:
    """Neighbouring literals of a template become one; nothing but literals becomes a string."""
    found: list[Value] = []
    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Template) else (piece,):
            last = found[-1] if found else None
            text = _text(part)
            if text is not None and isinstance(last, Known) and isinstance(last.value, str):
                found[-1] = Known(last.value + text)
            else:
                found.append(part if text is None else Known(text))
    return found[0] if len(found) == 1 and isinstance(found[0], Known) else Template(tuple(found))


def _text(value: Value) -> str | None:
    if not isinstance(value, Known) or value.value is None:
        return None
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
