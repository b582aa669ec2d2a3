"""What the grammar lets pass and Terraform refuses, about blocks and lines; `expressions` looks into the values."""

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.expressions import check_expression, check_text
from iacfix.iac.terraform.json_document import COMMENT, LITERAL, AnyDocument, JsonTerraformDocument
from iacfix.iac.terraform.json_values import is_template, strings
from iacfix.iac.terraform.syntax import child, text_of

UNIQUE = frozenset({"resource", "data", "ephemeral", "variable", "output", "module", "provider", "check"})


def check_strict(document: AnyDocument) -> None:
    """Raises DocumentError with the line.

    Two things on one line, a block's brace on the line below its header, an attribute or a local set twice, a resource
    written twice, a value that goes on over the end of its line. In JSON: what is written twice, and strings that are
    no templates.
    """
    _check_unique(document)
    if isinstance(document, JsonTerraformDocument):
        _check_templates(document)
    else:
        _check_lines(document)


def _check_templates(document: JsonTerraformDocument) -> None:
    for block in document.blocks:
        for key, value in block.node.members:
            if key.value == COMMENT or (block.keyword, key.value) in LITERAL:
                continue
            for text in strings(value, but=frozenset({COMMENT})):
                if not is_template(text.value):
                    line = document.lines.of(text.start)
                    remedy = "mend what stands in ${ }, or write $${ for the text"
                    raise DocumentError("a string is no template", line=line, remedy=remedy)


def _check_lines(document: TerraformDocument) -> None:
    check_text(document.root, document.data)
    last_line = -1
    for block in document.blocks:
        if block.node.start_point[0] == last_line:
            raise DocumentError("two blocks stand on one line", line=block.start_line)
        last_line = block.node.end_point[0]
    _check_items(document.assignments, -1)
    stack: list[Block] = list(document.blocks)
    while stack:
        block = stack.pop()
        _check_block(document, block)
        stack.extend(block.blocks)


def _check_unique(document: AnyDocument) -> None:
    """`moved`, `import`, `terraform` and such may stand any number of times."""
    seen: set[str] = set()
    locals_: set[str] = set()
    for block in document.blocks:
        if block.address in seen and block.keyword in UNIQUE:
            raise DocumentError(f"{block.address} is written twice", line=block.start_line)
        seen.add(block.address)
        for item in block.attributes if block.keyword == "locals" else ():
            if item.name in locals_:
                raise DocumentError(f"local.{item.name} is set twice", line=item.start_line)
            locals_.add(item.name)


def _check_block(document: TerraformDocument, block: Block) -> None:
    opening = child(block.node, "block_start")
    if opening is not None and opening.start_point[0] != block.node.start_point[0]:
        raise DocumentError("the brace of a block stands on the line of its header", line=block.start_line)
    head = (part for part in block.node.named_children if part.type == "string_lit")
    if any(b"${" in text_of(part) or b"%{" in text_of(part) for part in head):
        raise DocumentError("the label of a block is plain text", line=block.start_line)
    items = tuple(document.items(block))
    line = _check_items(items, -1 if block.one_line else block.node.start_point[0])
    if block.one_line and (block.blocks or len(block.attributes) > 1):
        raise DocumentError("a block on one line holds one attribute at most", line=block.start_line)
    if not block.one_line and line == block.node.end_point[0]:
        raise DocumentError("the closing brace stands on a line of its own", line=block.end_line)


def _check_items(items: tuple[Attribute | Block, ...], line: int) -> int:
    """The line on which the last one ends. `line` is the one that is taken already."""
    names: set[str] = set()
    for item in items:
        first = item.node.start_point[0]
        if first == line:
            raise DocumentError("more than one thing stands on the line", line=first + 1)
        line = item.node.end_point[0]
        if isinstance(item, Attribute):
            if item.name in names:
                raise DocumentError(f"{item.name} is set twice", line=first + 1)
            names.add(item.name)
            check_expression(item.node)
    return line
