"""What a node is worth, as far as its own text says.

`Ref` and `Fn::GetAtt` become a Reference, `Fn::Sub` a Template, every other function a CallValue by its long name.
Plain scalars are read as YAML 1.1 does it, which CloudFormation follows; what YAML versions read differently (octal,
base 60, exponents) is Unknown; dates are strings, because CloudFormation has no timestamps.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from iacfix.iac.cloudformation.nodes import Alias, Mapping, Node, Scalar, Sequence, target, walk
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value, same

__all__ = [
    "CallValue",
    "Function",
    "Known",
    "ListValue",
    "ObjectValue",
    "Reference",
    "Template",
    "Unknown",
    "Value",
    "function_of",
    "read_value",
    "references",
    "same",
    "scalar_value",
]  # fmt: skip

CONDITION = "Condition"
# Of the short tags only these two have a long form without `Fn::`.
BARE = frozenset({"Ref", CONDITION})
FUNCTIONS = frozenset({
    "And", "Base64", "Cidr", "Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length", "Not",
    "Or", "Select", "Split", "Sub", "ToJsonString", "Transform",
})  # fmt: skip
_SPECIAL = re.compile(r"\$\{(!?)([^{}]*)\}")
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
# What one loader or another makes a number of, in a form that not all of them agree on.
_DOUBTFUL = re.compile(
    r"[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|[-+]?[0-9][0-9_]*|[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


def read_value(node: Node) -> Value:
    match node:
        case Alias():
            return read_value(target(node))
        case _ if (function := function_of(node)) is not None:
            return _call(function)
        case Scalar():
            return scalar_value(node)
        case Sequence() | Mapping():
            return _plain(node)


def _plain(node: Sequence | Mapping) -> Value:
    """A collection that is no function, whatever its tag."""
    if isinstance(node, Sequence):
        return ListValue(tuple(map(read_value, node.items)))
    items = tuple((entry.name, read_value(entry.value)) for entry in node.effective())
    return ObjectValue(items, complete=node.tag in {"", "!!map"})


def scalar_value(node: Scalar) -> Value:
    """A scalar without regard to functions."""
    if node.tag == "!!str" or (node.style and not node.tag):
        return Known(node.text)
    if node.tag:
        return Unknown(f"{node.tag} {node.text}")
    return _typed(node.text)


def _typed(text: str) -> Value:
    if text in _TRUE:
        return Known(value=True)
    if text in _FALSE:
        return Known(value=False)
    if text in _NULL:
        return Known(None)
    if _INTEGER.fullmatch(text):
        return Known(int(text))
    if _FLOAT.fullmatch(text):
        return Known(float(text))
    if text not in {"", ".", "+", "-"} and _DOUBTFUL.fullmatch(text):
        return Unknown(text)
    return Known(text)


@dataclass(frozen=True, slots=True)
class Function:
    """A call by its long name: `Ref`, `Condition`, `Fn::Join`. Of a short form the argument is the tagged node."""

    name: str
    argument: Node
    short: bool

    @property
    def value(self) -> Value:
        """The argument; the tag of a short form is not read again, a long form below it is: `!Base64 {Fn::Sub: x}`."""
        if not self.short or isinstance(self.argument, Alias):
            return read_value(self.argument)
        return Known(self.argument.text) if isinstance(self.argument, Scalar) else read_value(untagged(self.argument))


def untagged(node: Mapping | Sequence) -> Mapping | Sequence:
    return replace(node, tag="")


def function_of(node: Node) -> Function | None:
    """The function that a node calls, where it calls one."""
    if isinstance(node, Alias):
        return None
    name = node.tag.removeprefix("!")
    if node.tag.startswith("!") and (name in FUNCTIONS or name in BARE):
        return Function(name if name in BARE else f"Fn::{name}", node, short=True)
    if isinstance(node, Mapping) and len(node.entries) == 1 and node.tag == "":
        entry = node.entries[0]
        # A policy's statement may hold nothing but a `Condition` too, which is a mapping.
        if entry.name in BARE and isinstance(target(entry.value), Scalar):
            return Function(entry.name, entry.value, short=False)
        if entry.name.startswith("Fn::"):
            return Function(entry.name, entry.value, short=False)
    return None


def _call(function: Function) -> Value:
    argument = function.value
    match function.name, argument:
        case "Ref", Known(str() as name):
            return Reference((name,))
        case "Fn::GetAtt", Known(str() as text) if "." in text:
            name, _, attribute = text.partition(".")
            return Reference((name, attribute))
        case "Fn::GetAtt", ListValue((Known(str() as name), Known(str() as attribute))):
            return Reference((name, attribute))
        case "Fn::Sub", Known(str() as text):
            return substituted(text, ObjectValue(()))
        case "Fn::Sub", ListValue((Known(str() as text), ObjectValue() as variables)):
            return substituted(text, variables)
        case (("Fn::Length" | "Fn::ToJsonString"), _):
            return CallValue(function.name, (argument,))
        case _, ListValue(items):
            return CallValue(function.name, items)
        case _:
            return CallValue(function.name, (argument,))


def substituted(text: str, variables: ObjectValue) -> Value:
    """The pieces of a `Fn::Sub` text; `${!x}` is the text `${x}`."""
    pieces: list[Value] = []
    literal = ""
    at = 0
    for match in _SPECIAL.finditer(text):
        literal += text[at : match.start()]
        at = match.end()
        if match[1]:
            literal += "${" + match[2] + "}"
            continue
        if literal:
            pieces.append(Known(literal))
        literal = ""
        name = match[2].strip()
        given = variables.get(name)
        resource, dot, attribute = name.partition(".")
        pieces.append(given if given is not None else Reference((resource, attribute) if dot else (name,)))
    literal += text[at:]
    if literal or not pieces:
        pieces.append(Known(literal))
    return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], Known) else Template(tuple(pieces))


def references(node: Node) -> tuple[tuple[str, ...], ...]:
    """Every `Ref` and `Fn::GetAtt` below a node, those inside `Fn::Sub` texts and behind aliases too."""
    return tuple(_references(node))


def _references(node: Node) -> Iterator[tuple[str, ...]]:
    for current in walk(node):
        if isinstance(current, Alias):
            yield from _references(current.target)
            continue
        yield from _called(current)
        if isinstance(current, Mapping) and current.tag:
            yield from _called(untagged(current))


def _called(node: Node) -> Iterator[tuple[str, ...]]:
    function = function_of(node)
    if function is None or function.name not in {"Ref", "Fn::GetAtt", "Fn::Sub"}:
        return
    match _call(function):
        case Reference(parts):
            yield parts
        case Template(pieces):
            yield from (piece.parts for piece in pieces if isinstance(piece, Reference))
        case CallValue("Fn::GetAtt", (Known(str() as name), *_)):
            yield (name,)
        case _:
            pass
