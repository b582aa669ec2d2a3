"""HCL text to a syntax tree. Offsets are bytes everywhere."""

from collections.abc import Iterator
from functools import cache

import tree_sitter
import tree_sitter_hcl

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.mend import may_be_misread, mended

BOM = b"\xef\xbb\xbf"

# Compared as one token, byte for byte: inside them white space is content, or the grammar drops a part (`.0`).
VERBATIM = frozenset({"string_lit", "quoted_template", "heredoc_template", "comment", "legacy_index"})


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def parse(data: bytes) -> tree_sitter.Node:
    """The root of the tree. Raises DocumentError, with its line, when the text is not UTF-8 or not HCL."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("the file is not UTF-8", line=line, remedy="save it as UTF-8, as Terraform wants") from None
    # A byte order mark is legal in front of HCL, but not in this grammar; blanks of the same length keep the offsets.
    text = b"   " + data[3:] if data.startswith(BOM) else data
    root = _parser().parse(text).root_node
    if (root.has_error or may_be_misread(text)) and (readable := mended(text)) != text:
        # A node cuts its text out of the buffer that was parsed: with the original back in it, it says what the
        # file says. The offsets are the same.
        buffer = bytearray(readable)
        root = _parser().parse(buffer).root_node
        buffer[:] = text
    if root.has_error:
        line = next((node.start_point[0] + 1 for node in walk(root) if node.is_error or node.is_missing), 0)
        raise DocumentError("the file does not parse as HCL", line=line, remedy="mend its syntax (terraform fmt)")
    return root


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Every node below and including this one, in the order of the text, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def tokens(node: tree_sitter.Node) -> Iterator[bytes]:
    """The tokens of a node without layout; strings, heredocs and comments whole."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "comment":
            yield text_of(current).rstrip(b"\r\n")  # a line comment ends with its line, in the grammar too
        elif current.child_count == 0 or current.type in VERBATIM:
            yield text_of(current)
        else:
            stack.extend(reversed(current.children))


def text_of(node: tree_sitter.Node) -> bytes:
    return node.text or b""


def child(node: tree_sitter.Node, *types: str) -> tree_sitter.Node | None:
    """The first named child of one of these types."""
    return next((found for found in node.named_children if found.type in types), None)


def body_items(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """What stands in a block or a file: attributes, blocks and comments."""
    body = child(node, "body")
    return body.named_children if body is not None else []
