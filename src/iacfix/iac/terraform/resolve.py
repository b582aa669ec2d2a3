"""What a value is worth where it stands, without a plan: variables, locals and the functions that only join text."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

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
from iacfix.iac.terraform.written import read_expression

MAX_HOPS = 20  # from name to name
MAX_DEPTH = 80  # of values within values, names followed
MAX_STEPS = 10_000  # values looked at for one answer: names that multiply what they name come to an end
LONGEST_INDEX = 9  # digits
MAX_TEXT = 100_000  # characters of a text that is put together

# What an attribute of a type is called that has the same value as one that is written.
_SAME_AS = {("aws_s3_bucket", "id"): "bucket"}


class Scope(Protocol):
    """Where names have their values. Answers None for what it does not know."""

    def variable(self, name: str) -> Value | None: ...

    def local(self, name: str) -> Value | None: ...

    def each(self, name: str) -> Value | None:
        """`each.key`, `each.value`, `count.index` of the instance that is looked at."""


@runtime_checkable
class Resources(Protocol):
    """A scope that knows the resources too."""

    def written(self, address: str, name: str, *, repeated: bool) -> Value | None:
        """The attribute as it is written, of a resource that exists once or, if `repeated`, by `count`, `for_each`."""


def resolve(value: Value, scope: Scope) -> Value:
    """Follow names as far as they can be known; what cannot stays as it is written."""
    return _Resolver(scope).resolved(value, 0, 0)


class _Resolver:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._left = MAX_STEPS

    def resolved(self, value: Value, hops: int, depth: int) -> Value:  # noqa: C901 - one case for each form of value
        if isinstance(value, Known):
            return value
        if hops > MAX_HOPS or depth > MAX_DEPTH:
            return Unknown("refers to itself")
        match value:
            case Reference(("var", name, *path)):
                return self._followed(self._scope.variable(name), path, value, hops, depth)
            case Reference(("local", name, *path)):
                return self._followed(self._scope.local(name), path, value, hops, depth)
            case Reference(("each" | "count", name, *path)):
                return self._followed(self._scope.each(name), path, value, hops, depth)
            case Reference(parts) if isinstance(self._scope, Resources):
                return self._of_resource(self._scope, parts, hops, depth) or value
            case Template(pieces):
                return joined(self._each(pieces, hops, depth))
            case ListValue(items):
                return ListValue(self._each(items, hops, depth))
            case ObjectValue(items, complete):
                members = self._each(tuple(item for _, item in items), hops, depth)
                return ObjectValue(tuple(zip((key for key, _ in items), members, strict=True)), complete)
            case CallValue(name, arguments) if name in _FUNCTIONS:
                known = _FUNCTIONS[name](self._each(arguments, hops, depth))
                return value if known is None else known
            case _:
                return value

    def _each(self, values: Sequence[Value], hops: int, depth: int) -> tuple[Value, ...]:
        self._left -= len(values) + 1
        if self._left < 0:
            return (Unknown("more than is looked at"),) * len(values)
        return tuple(self.resolved(value, hops, depth + 1) for value in values)

    def _followed(self, found: Value | None, path: Sequence[str], written: Value, hops: int, depth: int) -> Value:
        self._left -= 1
        if self._left < 0:
            return written
        for part in path:
            found = self.resolved(found, hops + 1, depth + 1) if found is not None else None
            found = _member(found, self._key(part, hops, depth))
        return self.resolved(found, hops + 1, depth + 1) if found is not None else written

    def _key(self, part: str, hops: int, depth: int) -> str:
        """What stands in brackets is an expression of its own; "" where it is not known."""
        if not part.startswith("["):
            return part.removeprefix(".")
        match self.resolved(read_expression(part[1:-1].strip()), hops + 1, depth + 1):
            case Known(str() | int() as key) if not isinstance(key, bool):
                return str(key)
        return ""

    def _of_resource(self, scope: Resources, parts: tuple[str, ...], hops: int, depth: int) -> Value | None:
        """A literal that another resource is given. A bare name says less than the reference, which then stays."""
        length = 3 if parts[0] == "data" else 2
        address, rest = ".".join(parts[:length]), parts[length:]
        repeated = rest[:1] != () and rest[0].startswith("[")
        name, *path = rest[repeated:] or ("",)
        found = scope.written(address, _SAME_AS.get((parts[0], name), name), repeated=repeated) if name else None
        if found is None:
            return None
        value = self._followed(_foreign(found), path, Unknown(""), hops, depth)
        return None if value == Known(None) or isinstance(value, Reference | CallValue | Unknown) else value


def _foreign(value: Value) -> Value:
    """`each.key` of another resource is not the one that is looked at."""
    match value:
        case Reference(("each" | "count" | "self", *_)):
            return Unknown(".".join(value.parts))
        case Template(pieces):
            return Template(tuple(map(_foreign, pieces)))
        case ListValue(items):
            return ListValue(tuple(map(_foreign, items)))
        case ObjectValue(items, complete):
            return ObjectValue(tuple((key, _foreign(item)) for key, item in items), complete)
        case CallValue(name, arguments):
            return CallValue(name, tuple(map(_foreign, arguments)))
        case _:
            return value


def _member(found: Value | None, key: str) -> Value | None:
    if isinstance(found, ObjectValue):
        return found.get(key)
    if isinstance(found, ListValue) and key.isdecimal() and len(key) <= LONGEST_INDEX and int(key) < len(found.items):
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
            length = len(text) + text.count(old) * (len(new) - len(old))
            return Known(text.replace(old, new)) if length <= MAX_TEXT else None
    return None


def _concat(arguments: tuple[Value, ...]) -> Value | None:
    items: list[Value] = []
    for argument in arguments:
        if not isinstance(argument, ListValue):
            return None
        items += argument.items
    return ListValue(tuple(items))


def _lookup(arguments: tuple[Value, ...]) -> Value | None:
    match arguments:
        case (ObjectValue() as among, Known(str() as key), *default):
            found = among.get(key) if among.complete else None
            return found if found is not None or not among.complete else next(iter(default), None)
    return None


def _coalesce(arguments: tuple[Value, ...]) -> Value | None:
    for argument in arguments:
        if not isinstance(argument, Known):
            return None
        if argument.value not in {None, ""}:
            return argument
    return None


def _length(arguments: tuple[Value, ...]) -> Value | None:
    match arguments:
        case (ListValue(items),):
            return Known(len(items))
        case (ObjectValue(items, True),):
            return Known(len(dict(items)))
    return None


def _element(arguments: tuple[Value, ...]) -> Value | None:
    """Past the end it starts again."""
    match arguments:
        case (ListValue(items), Known(int() as index)) if items and not isinstance(index, bool) and index >= 0:
            return items[index % len(items)]
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
    "concat": _concat,
    "length": _length,
    "element": _element,
    "lookup": _lookup,
    "coalesce": _coalesce,
    "trimspace": _cased(str.strip),
}


def joined(pieces: tuple[Value, ...]) -> Value:
    """Neighbouring literals of a template become one; nothing but literals becomes a string."""
    found: list[Value] = []
    run: list[str] = []
    length = 0

    def flush() -> None:
        if run:
            found.append(Known("".join(run)))
        run.clear()

    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Template) else (piece,):
            text = _text(part)
            length += 1 if text is None else len(text)
            if length > MAX_TEXT:
                return Unknown("more than is looked at")
            if text is not None:
                run.append(text)
                continue
            flush()
            found.append(part)
    flush()
    return found[0] if len(found) == 1 and isinstance(found[0], Known) else Template(tuple(found))


def _text(value: Value) -> str | None:
    if not isinstance(value, Known) or value.value is None:
        return None
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
