"""What the grammar lets pass and Terraform refuses within a value: line breaks, numbers, heredocs, white space."""

import re

import tree_sitter

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.syntax import text_of

_NUMBER = re.compile(rb"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NUMBER_IN_PLACE_OF_STAR = b"*"  # see mend.py
_HEREDOC = re.compile(rb"<<-?[^\s#/]+\r?\n")
_ODD_BLANK = re.compile(rb"\r(?!\n)|[\v\f]")

OPENING = frozenset(
    {"(", "[", "tuple_start", "object_start", "template_interpolation_start", "template_directive_start"}
)
CLOSING = frozenset({")", "]", "tuple_end", "object_end", "template_interpolation_end", "template_directive_end"})
QUOTED = frozenset({"string_lit", "quoted_template"})
TEXT = frozenset({"heredoc_template", "template_if", "template_for", "template_directive"})


def check_text(root: tree_sitter.Node, data: bytes) -> None:
    """A carriage return alone, and white space that is none in HCL. Raises DocumentError with the line."""
    position = 0
    while (found := _ODD_BLANK.search(data, position)) is not None:
        at = found.start()
        node = root.descendant_for_byte_range(at, at + 1)
        while node is not None and node.type not in {"comment", "heredoc_template", *QUOTED}:
            node = node.parent
        if node is None or (node.type in QUOTED and found[0] == b"\r"):
            line = data.count(b"\n", 0, at) + 1
            raise DocumentError(f"the character U+{data[at]:04X} stands alone", line=line, remedy="remove it")
        position = max(node.end_byte, at + 1)


def check_expression(top: tree_sitter.Node) -> None:
    """Raises DocumentError with the line. `top` is an attribute; `free` is said of what stands within brackets."""
    stack = [(top, False)]
    while stack:
        node, free = stack.pop()
        inner = node.children
        if not inner:
            if node.type == "numeric_lit" and not _NUMBER.fullmatch(text := text_of(node)):
                _check_star(node, text)
            continue
        if node.type == "object":
            _check_object(inner)
            stack += [(each, False) for each in inner]
            continue
        if node.type in QUOTED:
            _check_quoted(inner)
        elif node.type == "heredoc_template" and not _HEREDOC.match(text_of(node)):
            raise _refused(node, "nothing may follow a heredoc's marker on its line")
        else:
            _check_indexes(inner)
        free = free or node.type in TEXT or node.type in QUOTED
        within = 0
        row = inner[0].start_point[0]
        for each in inner:
            if each.start_point[0] != row and not free and not within:
                raise _refused(each, "a value goes on over a line break only within brackets")
            within -= each.type in CLOSING
            stack.append((each, free or within > 0))
            within += each.type in OPENING
            row = each.end_point[0]


def _check_star(node: tree_sitter.Node, text: bytes) -> None:
    if text.strip() != _NUMBER_IN_PLACE_OF_STAR:
        raise _refused(node, "not a number")


def _check_object(inner: list[tree_sitter.Node]) -> None:
    before: tree_sitter.Node | None = None
    for each in inner:
        if each.type == "comment":
            continue
        both = before is not None and before.type == each.type == "object_elem"
        if both and before is not None and before.end_point[0] == each.start_point[0]:
            raise _refused(each, "a comma or a line break stands between two entries")
        before = each


def _check_quoted(inner: list[tree_sitter.Node]) -> None:
    row = inner[0].start_point[0]
    for each in inner:
        literal = each.type in {"template_literal", "quoted_template_end"}
        if each.start_point[0] != row or (literal and each.end_point[0] != row):
            raise _refused(each, "a quoted string ends on its line")
        row = each.end_point[0]


def _check_indexes(inner: list[tree_sitter.Node]) -> None:
    """`1.5.3` and `a.0.1`: Terraform reads a number with a point in it."""
    before = b""
    for each in inner:
        text = text_of(each) if each.type in {"index", "literal_value"} else b""
        if text.startswith(b".") and (before.startswith(b".") or before[:1].isdigit()):
            raise _refused(each, "two numbers follow one another")
        before = text


def _refused(node: tree_sitter.Node, what: str) -> DocumentError:
    return DocumentError(what, line=node.start_point[0] + 1)
