"""What a JSON value is worth in Terraform: each string is a template."""

from collections.abc import Iterator

import tree_sitter

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import syntax, templates, values
from iacfix.iac.terraform.json_syntax import Array, Node, Number, Object, Text, Word
from iacfix.iac.terraform.values import Known, ListValue, ObjectValue, Unknown, Value

# Their strings are references as they stand, not templates.
REFERENCES = frozenset({"depends_on", "provider", "providers", "replace_triggered_by"})


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


def references(name: str, node: Node, plain: frozenset[str] = REFERENCES) -> Iterator[tuple[str, ...]]:
    """Every reference in what stands under a key, in the order of the text. `plain`: keys of references as such."""
    match node:
        case Text(text) if name in plain and not _may_be_template(text):
            yield from _expression(text)
        case Text(text) if _may_be_template(text):
            root = _parsed(text)
            yield from values.references(root) if root is not None else ()
        case Array(items):
            for item in items:
                yield from references(name, item, plain)
        case Object(members):
            for key, value in members:
                yield from references("", key, plain)
                yield from references(name if name == "providers" else key.value, value, plain)


def strings(node: Node, *, but: frozenset[str] = frozenset()) -> Iterator[Text]:
    """Every string below a node, keys among them; what stands under the keys `but` is left out."""
    match node:
        case Text():
            yield node
        case Array(items):
            for item in items:
                yield from strings(item, but=but)
        case Object(members):
            for key, value in members:
                yield key
                if key.value not in but:
                    yield from strings(value, but=but)


def is_template(text: str) -> bool:
    """Whether Terraform reads it: as plain text, or with what stands in `${ }`."""
    return not _may_be_template(text) or _parsed(text) is not None


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
    return Unknown(text) if root is None else templates.heredoc(root, values.read_value, last_line_end=False)
