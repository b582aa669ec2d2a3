"""What an expression is worth, as far as its own text says."""

import re
from math import isfinite

import tree_sitter

from iacfix.iac.terraform import templates
from iacfix.iac.terraform.syntax import child, text_of
from iacfix.iac.values import (
    CallValue,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Scalar,
    Template,
    Unknown,
    Value,
    same,
)

__all__ = [
    "CallValue", "Known", "ListValue", "ObjectValue", "Reference", "Scalar", "Template", "Unknown", "Value",
    "read_value", "references", "same", "unescape",
]  # fmt: skip

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|(\$\$|%%)(?=\{)", re.DOTALL)
_NUMBER = re.compile(rb"(-[ \t]*)?([0-9]+)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SPACED_SPLAT = re.compile(r"\[\s*\*\s*\]")
_NAMED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


MAX_DEPTH = 60
MAX_NODES = 50_000  # of the tree of one value: larger ones are data, and nothing is decided by them
LONGEST_NUMBER = 400  # characters: Python refuses to read an integer of more than 4,300
EXACT = 2**53  # up to here a float holds every integer


def unescape(text: str) -> str:
    """The content of a quoted string from its source text."""

    def replace(match: re.Match[str]) -> str:
        escape, doubled = match.group(1), match.group(2)
        if doubled:
            return doubled[0]
        if escape[0] in "uU" and len(escape) > 1:
            code = int(escape[1:], 16)
            return chr(code) if code <= 0x10FFFF else match.group(0)  # noqa: PLR2004 - the last code point of Unicode
        return _NAMED.get(escape, match.group(0))

    return _ESCAPE.sub(replace, text)


def read_value(node: tree_sitter.Node, depth: int = 0) -> Value:  # noqa: C901, PLR0912 - one case for each form of HCL
    """The value of an `expression` node or of anything below one."""
    if depth > MAX_DEPTH or (not depth and node.descendant_count > MAX_NODES):
        return _unknown(node)
    inner = [found for found in node.named_children if found.type != "comment"]
    match node.type:
        case "expression" if inner and inner[0].type == "variable_expr":
            return _reference(node, inner)
        case "expression" | "literal_value" | "collection_value" | "template_expr" if len(inner) == 1:
            return read_value(inner[0], depth + 1)
        case "variable_expr":
            return Reference((text_of(node).decode(),))
        case "string_lit" | "quoted_template":
            return templates.quoted(node, unescape, lambda each: read_value(each, depth + 1))
        case "heredoc_template":
            return templates.heredoc(node, lambda each: read_value(each, depth + 1))
        case "bool_lit":
            return Known(text_of(node) == b"true")
        case "null_lit":
            return Known(None)
        case "numeric_lit" | "operation":
            return number(text_of(node))
        case "tuple":
            return ListValue(tuple(read_value(item, depth + 1) for item in inner if item.type == "expression"))
        case "object":
            return _object(inner, depth)
        case "function_call":
            return _call(node, inner, depth)
        case _:
            return _unknown(node)


def _unknown(node: tree_sitter.Node) -> Unknown:
    return Unknown(text_of(node).decode())


def number(text: bytes) -> Value:
    """Whole numbers become int, also those with an exponent; what Python cannot hold stays as it is written."""
    found = _NUMBER.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if found is None:
        return Unknown(text.decode())
    minus, digits, fraction, exponent = found.groups()
    sign = -1 if minus else 1
    if not fraction and not exponent:
        return Known(sign * int(digits))
    real = sign * float(digits + (fraction or b"") + (exponent or b""))
    if not isfinite(real):
        return Unknown(text.decode())
    return Known(int(real) if exponent and real.is_integer() and abs(real) <= EXACT else real)


def _reference(node: tree_sitter.Node, inner: list[tree_sitter.Node]) -> Value:
    parts = [text_of(inner[0]).decode()]
    for step in inner[1:]:
        if step.type == "get_attr" and (name := child(step, "identifier")) is not None:
            parts.append(text_of(name).decode())
        elif step.type in {"index", "splat"}:
            parts.append(_index(step))
        else:
            return _unknown(node)
    return Reference(tuple(parts))


def _object(inner: list[tree_sitter.Node], depth: int) -> Value:
    items: list[tuple[str, Value]] = []
    complete = True
    for element in inner:
        if element.type != "object_elem":
            continue
        sides = [found for found in element.named_children if found.type == "expression"]
        if len(sides) != 2:  # noqa: PLR2004 - a key and a value
            complete = False
            continue
        key = read_value(sides[0], depth + 1)
        if isinstance(key, Reference) and len(key.parts) == 1:
            items.append((key.parts[0], read_value(sides[1], depth + 1)))
        elif isinstance(key, Known) and isinstance(key.value, str):
            items.append((key.value, read_value(sides[1], depth + 1)))
        else:
            complete = False
    return ObjectValue(tuple(items), complete)


def _call(node: tree_sitter.Node, inner: list[tree_sitter.Node], depth: int) -> Value:
    if not inner or inner[0].type != "identifier":
        return _unknown(node)
    arguments = next((found.named_children for found in inner if found.type == "function_arguments"), [])
    values = tuple(read_value(item, depth + 1) for item in arguments if item.type != "comment")
    return CallValue("".join(text_of(inner[0]).decode().split()), values)


def references(node: tree_sitter.Node) -> tuple[tuple[str, ...], ...]:
    """Every reference below a node, in the order of the text, those inside strings and heredocs too."""
    found: list[tuple[str, ...]] = []
    stack = [node]
    while stack:
        inner = stack.pop().named_children
        for index, current in enumerate(inner):
            if current.type == "variable_expr":
                found.append(_steps(current, inner, index + 1))
        stack.extend(reversed(inner))
    return tuple(found)


def _steps(variable: tree_sitter.Node, siblings: list[tree_sitter.Node], following: int) -> tuple[str, ...]:
    parts = [text_of(variable).decode()]
    for position in range(following, len(siblings)):
        step = siblings[position]
        name = child(step, "identifier") if step.type == "get_attr" else None
        if name is None and step.type not in {"index", "splat"}:
            break
        parts.append(text_of(name).decode() if name is not None else _index(step))
    return tuple(parts)


def _index(step: tree_sitter.Node) -> str:
    text = text_of(step).decode()
    return "[*]" if _SPACED_SPLAT.fullmatch(text) else text
