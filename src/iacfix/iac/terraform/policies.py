"""Policies in Terraform: `jsonencode({…})`, JSON in a heredoc, and the blocks of aws_iam_policy_document."""

import re
from collections.abc import Iterator

import tree_sitter

from iacfix.domain.errors import DocumentError
from iacfix.iac.policies import Path
from iacfix.iac.terraform import json_syntax
from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.edits import Splice, remove
from iacfix.iac.terraform.syntax import child, text_of, tokens
from iacfix.iac.terraform.values import read_value
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value

DOCUMENT = "aws_iam_policy_document"

_HEREDOC = re.compile(rb"<<-?([A-Za-z_]\w*)[ \t]*\r?\n(?P<body>.*\n)[ \t]*\1\s*\Z", re.DOTALL)
_PIECE = re.compile(r"\$\{\s*([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+)\s*\}")
_COMMENT = (b"#", b"//", b"/*")

Span = tuple[int, int]


def read(attribute: Attribute) -> Value:
    """The policy that an attribute holds. Raises DocumentError where it is written in another way."""
    value = attribute.value
    if isinstance(value, CallValue) and value.name == "jsonencode" and len(value.arguments) == 1:
        return value.arguments[0]
    if isinstance(value, Reference) and value.parts[:2] == ("data", DOCUMENT):
        raise DocumentError(f"the policy is written in {'.'.join(value.parts[:3])}", remedy="change it there")
    return _json(_body(attribute)[1])


def taken_out(document: TerraformDocument, attribute: Attribute, path: Path) -> Splice:
    """The text without the item or key at this path of the policy. Raises DocumentError."""
    if isinstance(attribute.value, CallValue):
        spans, index = _in_hcl(attribute, path)
    else:
        start, body = _body(attribute)
        spans, index = _in_json(body, path)
        spans = [(first + start, last + start) for first, last in spans]
    return _cut(document, spans, index)


def of_block(block: Block) -> Value:
    """What aws_iam_policy_document says; everything of a statement that is not about principals as it is written."""
    if block.dynamic("statement"):
        raise DocumentError("its statements are made by a dynamic block", remedy="change them by hand")
    return ObjectValue((("Statement", ListValue(tuple(map(_statement, block.nested("statement"))))),))


def taken_out_of_block(document: TerraformDocument, block: Block, path: Path) -> Splice:
    """As taken_out; a block of principals that is left without any goes."""
    _, index, _, kind, *item = path
    statement = block.nested("statement")[int(index)]
    principals = next(each for each in statement.nested("principals") if _type(each) == kind)
    if not item:
        return remove(document, principals)
    identifiers = principals.attribute("identifiers")
    if identifiers is None:
        raise DocumentError("it has no identifiers", remedy="change it by hand")
    return taken_out_of_list(document, identifiers, int(item[0]))


def taken_out_of_list(document: TerraformDocument, attribute: Attribute, index: int) -> Splice:
    written = child(attribute.node, "expression")
    spans = [(node.start_byte, node.end_byte) for node in _items(_unwrapped(written))] if written is not None else []
    return _cut(document, spans, index)


def _cut(document: TerraformDocument, spans: list[Span], index: int) -> Splice:
    """One of several that commas or line ends part, with what parts it."""
    if len(spans) < 2:  # noqa: PLR2004 - something has to be left
        raise DocumentError("nothing would be left", remedy="change it by hand")
    if index + 1 < len(spans):
        gap, cut = (spans[index][1], spans[index + 1][0]), (spans[index][0], spans[index + 1][0])
    else:
        gap, cut = (spans[index - 1][1], spans[index][0]), (spans[index - 1][1], spans[index][1])
    if any(mark in document.data[slice(*gap)] for mark in _COMMENT):
        raise DocumentError("a comment stands beside it", remedy="change it by hand")
    return Splice(*cut, "")


def _statement(block: Block) -> Value:
    effect = block.attribute("effect")
    items: list[tuple[str, Value]] = [("Effect", effect.value if effect is not None else Known("Allow"))]
    if block.nested("not_principals"):
        items.append(("NotPrincipal", Known("*")))
    if block.dynamic("principals") or block.dynamic("not_principals"):
        raise DocumentError("its principals are made by a dynamic block", remedy="change them by hand")
    kinds = [(_type(each), _identifiers(each)) for each in block.nested("principals")]
    if any(kind == "*" for kind, _ in kinds) and len(kinds) == 1:
        items.append(("Principal", Known("*")))
    elif kinds:
        items.append(("Principal", ObjectValue(tuple(kinds), complete=len({kind for kind, _ in kinds}) == len(kinds))))
    if conditions := tuple(_condition(each) for each in block.nested("condition")):
        items.append(("Condition", ObjectValue(conditions)))
    elif block.dynamic("condition"):
        items.append(("Condition", Unknown("dynamic")))
    others = (each for each in block.blocks if each.keyword != "principals")
    rest: list[Attribute | Block] = [*block.attributes, *others]
    text = b"\n".join(b" ".join(each for each in tokens(item.node) if not each.startswith(_COMMENT)) for item in rest)
    items.append(("As it is written", Unknown(text.decode())))
    return ObjectValue(tuple(items))


def _type(principals: Block) -> str:
    kind = principals.attribute("type")
    value = kind.value if kind is not None else None
    if not isinstance(value, Known) or not isinstance(value.value, str):
        raise DocumentError("the type of its principals is not written out", remedy="change it by hand")
    return value.value


def _identifiers(principals: Block) -> Value:
    found = principals.attribute("identifiers")
    return found.value if found is not None else Unknown("")


def _condition(block: Block) -> tuple[str, Value]:
    named = [block.attribute(name) for name in ("test", "variable", "values")]
    values = [each.value if each is not None else Unknown("") for each in named]
    test, variable = (str(each.value) if isinstance(each, Known) else "" for each in values[:2])
    return test, ObjectValue(((variable, values[2]),))


def _body(attribute: Attribute) -> tuple[int, bytes]:
    """Where the text of a heredoc begins, and the text."""
    expression = child(attribute.node, "expression")
    raw = text_of(expression) if expression is not None else b""
    match = _HEREDOC.match(raw)
    if match is None:
        raise DocumentError("the policy is not written out here", remedy="change it where it is written")
    return attribute.value_start + match.start("body"), match["body"]


def _json(body: bytes) -> Value:
    return _value(json_syntax.parse(body))


def _value(node: json_syntax.Node) -> Value:
    match node:
        case json_syntax.Object(members):
            return ObjectValue(tuple((key.value, _value(each)) for key, each in members))
        case json_syntax.Array(items):
            return ListValue(tuple(map(_value, items)))
        case json_syntax.Text(text):
            return _text(text)
        case json_syntax.Number(number):
            return Unknown(number)
        case json_syntax.Word(word):
            return Known(word)


def _text(text: str) -> Value:
    """What a heredoc puts into a string."""
    if "${" not in text and "%{" not in text:
        return Known(text)
    pieces: list[Value] = []
    at = 0
    for match in _PIECE.finditer(text):
        pieces += [Known(text[at : match.start()])] if match.start() > at else []
        pieces.append(Reference(tuple(match[1].split("."))))
        at = match.end()
    rest = text[at:]
    if "${" in "".join(str(each.value) for each in pieces if isinstance(each, Known)) + rest or "%{" in text:
        return Unknown(text)
    pieces += [Known(rest)] if rest else []
    return pieces[0] if len(pieces) == 1 else Template(tuple(pieces))


def _in_json(body: bytes, path: Path) -> tuple[list[Span], int]:
    node: json_syntax.Node | None = json_syntax.parse(body)
    spans: list[Span] = []
    index = 0
    for part in path:
        if isinstance(node, json_syntax.Object):
            names = [key.value for key, _ in node.members]
            index = names.index(str(part))
            spans = [(key.start, each.end) for key, each in node.members]
            node = node.members[index][1]
        elif isinstance(node, json_syntax.Array):
            index = int(part)
            spans = [(each.start, each.end) for each in node.items]
            node = node.items[index]
    return spans, index


def _in_hcl(attribute: Attribute, path: Path) -> tuple[list[Span], int]:
    expression = child(attribute.node, "expression")
    call = child(expression, "function_call") if expression is not None else None
    arguments = child(call, "function_arguments") if call is not None else None
    node = child(arguments, "expression") if arguments is not None else None
    spans: list[Span] = []
    index = 0
    for part in path:
        if node is None:
            break
        inner = list(_items(_unwrapped(node)))
        spans = [(each.start_byte, each.end_byte) for each in inner]
        if isinstance(part, int):
            index = part
            node = inner[index]
        else:
            sides = [[side for side in each.named_children if side.type == "expression"] for each in inner]
            index = next(place for place, (key, _) in enumerate(sides) if _key(key) == part)
            node = sides[index][1]
    return spans, index


def _key(node: tree_sitter.Node) -> str:
    value = read_value(node)
    match value:
        case Reference((name,)):
            return name
        case Known(str(name)):
            return name
        case _:
            return ""


def _unwrapped(node: tree_sitter.Node) -> tree_sitter.Node:
    while node.type in {"expression", "collection_value"}:
        (node,) = (each for each in node.named_children if each.type != "comment")
    return node


def _items(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    return (each for each in node.named_children if each.type in {"expression", "object_elem"})
