"""What a JSON value is worth in Terraform: each string is a template."""

from collections.abc import Iterator

import tree_sitter

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import syntax, values
from iacfix.iac.terraform.json_syntax import Array, Node, Number, Object, Text, Word
from iacfix.iac.terraform.values import Known, ListValue, ObjectValue, Template, Unknown, Value

# Their strings are references as they stand, not templates.
REFERENCES = frozenset({"depends_on", "provider", "providers", "replace_triggered_by", "from", "to"})


def read_value(node: Node, *, literal: bool = False) -> Value:
    """`literal`: strings are what they say, as in variable files."""
    match node:
        case Text(text):
            return Known(text) if literal or not _may_be_template(text) else _template(text)
        case Number(text):
            return values.number(text.encode())
        case Word(word):
            return Known(word)
        case Array(items):
            return ListValue(tuple(read_value(item, literal=literal) for item in items))
        case Object(members):
            return ObjectValue(tuple((key.value, read_value(value, literal=literal)) for key, value in members))


def references(name: str, node: Node) -> Iterator[tuple[str, ...]]:
    """Every reference in what stands under a key, in the order of the text."""
    match node:
        case Text(text) if name in REFERENCES and not _may_be_template(text):
            yield from _expression(text)
        case Text(text) if _may_be_template(text):
            root = _parsed(text)
            yield from values.references(root) if root is not None else ()
        case Array(items):
            for item in items:
                yield from references(name, item)
        case Object(members):
            for key, value in members:
                yield from references(key.value, key)
                yield from references(name if name == "providers" else key.value, value)


def check_template(text: str) -> None:
    """Raises DocumentError when the string is no template that Terraform reads."""
    if _may_be_template(text) and _parsed(text) is None:
        raise DocumentError("a string is no template", remedy="mend what stands in ${ }, or write $${ for the text")


def _may_be_template(text: str) -> bool:
    return "${" in text or "%{" in text


def _expression(text: str) -> Iterator[tuple[str, ...]]:
    try:
        yield from values.references(syntax.parse(f"x = {text}\n".encode()))
    except DocumentError:
        return


def _parsed(text: str) -> tree_sitter.Node | None:
    """As a heredoc: the one form of HCL in which backslashes and quotes mean themselves, as they do here."""
    marker = "EOF"
    while marker in text:
        marker += "F"
    try:
        root = syntax.parse(f"x = <<{marker}\n{text}\n{marker}\n".encode())
    except DocumentError:
        return None
    return next((node for node in syntax.walk(root) if node.type == "heredoc_template"), None)


def _template(text: str) -> Value:
    root = _parsed(text)
    if root is None:
        return Unknown(text)
    raw = syntax.text_of(root)
    at = base = raw.index(b"\n") + 1
    end = base + len(text.encode())
    pieces: list[Value] = []

    def literally(until: int) -> None:
        if until > at:
            pieces.append(Known(raw[at:until].decode().replace("$${", "${").replace("%%{", "%{")))

    for piece in root.named_children:
        if piece.type not in {"template_interpolation", "template_directive"}:
            continue
        literally(piece.start_byte - root.start_byte)
        expression = syntax.child(piece, "expression") if piece.type == "template_interpolation" else None
        shown = Unknown(syntax.text_of(piece).decode())
        pieces.append(shown if expression is None else values.read_value(expression))
        at = piece.end_byte - root.start_byte
    literally(end)
    return pieces[0] if len(pieces) == 1 else Template(tuple(pieces))
