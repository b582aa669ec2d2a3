"""Edits that change only the bytes they mean to."""

from dataclasses import dataclass

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import layout
from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.layout import INDENT, NewAttribute, NewBlock, NewItem
from iacfix.iac.terraform.syntax import walk


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the bytes from `start` to `end` (exclusive) by `text`."""

    start: int
    end: int
    text: str


def apply(document: TerraformDocument, *splices: Splice) -> TerraformDocument:
    """The document after the edits. Raises DocumentError when it would no longer parse, ValueError on overlap."""
    pieces: list[bytes] = []
    position = 0
    for splice in sorted(splices, key=lambda item: (item.start, item.end)):
        if splice.start < position:
            msg = "edits overlap"
            raise ValueError(msg)
        pieces += [document.data[position : splice.start], splice.text.encode()]
        position = splice.end
    pieces.append(document.data[position:])
    return TerraformDocument.read(document.path, b"".join(pieces))


def set_attribute(document: TerraformDocument, block: Block, name: str, text: str) -> Splice:
    """Give an attribute the value `text` (HCL): in its place when it is there, else on a new line."""
    if (found := block.attribute(name)) is not None:
        return Splice(found.value_start, found.value_end, text)
    return insert_attribute(document, block, NewAttribute(name, text))


def insert_attribute(document: TerraformDocument, block: Block, new: NewAttribute) -> Splice:
    if block.one_line or not list(document.items(block)):
        return _fill(document, block, (new,))
    newline, indent = document.newline, _body_indent(document, block)
    found = layout.chains(document, block)
    for chain in reversed(found):
        if (padded := layout.fits(document, chain, new.name)) is not None:
            end = layout.end_of_line(document, chain.last.end)
            return Splice(end, end, f"{newline}{indent}{padded}= {new.text}")
    line = f"{indent}{new.name} = {new.text}"
    if found:  # a paragraph of its own, so that no line of the chain has to be realigned
        end = layout.end_of_line(document, found[-1].last.end)
        gap = newline if found[-1].closed or _line_follows(document, end) else ""
        return Splice(end, end, f"{newline}{newline}{line}{gap}")
    return _insert_first(document, block, line)


def extend_list(document: TerraformDocument, attribute: Attribute, items: list[str]) -> Splice | None:
    """More items (HCL) behind the last one of a list, each on its own line; None when the list is not written so."""
    written = next((node for node in walk(attribute.node) if node.type == "tuple"), None)
    present = [node for node in written.named_children if node.type == "expression"] if written is not None else []
    if written is None or written.start_byte != attribute.value_start or not present:
        return None
    last = present[-1]
    end = layout.end_of_line(document, last.end_byte)
    indent = document.data[document.data.rfind(b"\n", 0, last.start_byte) + 1 : last.start_byte].decode()
    if indent.strip() or end >= written.end_byte:
        return None
    rest = document.text(last.end_byte, end)
    comma = "," if rest.lstrip().startswith(",") else ""
    if not comma:  # a comment behind it stays in its column
        rest = "," + (rest[1:] if rest.startswith("  ") else rest)
    lines = f",{document.newline}{indent}".join(items)
    return Splice(last.end_byte, end, f"{rest}{document.newline}{indent}{lines}{comma}")


def _line_follows(document: TerraformDocument, end: int) -> bool:
    """Whether an attribute that `terraform fmt` would align stands on the very next line."""
    rest = document.data[end:].split(b"\n", 2)
    following = rest[1].strip() if len(rest) > 1 else b""
    name, equals, value = following.partition(b"=")
    return (
        bool(equals) and name.strip().replace(b"_", b"a").isalnum() and not value.strip().endswith((b"{", b"[", b"("))
    )


def _insert_first(document: TerraformDocument, block: Block, line: str) -> Splice:
    """Before the first item when no plain attribute is there to stand with (only tags, meta-arguments, blocks)."""
    newline = document.newline
    items = list(document.items(block))
    meta = [item for item in items if isinstance(item, Attribute) and item.name in layout.APART - {"tags", "tags_all"}]
    if meta and meta[0] is items[0]:
        end = layout.end_of_line(document, meta[0].end)
        gap = newline if _line_follows(document, end) else ""
        return Splice(end, end, f"{newline}{newline}{line}{gap}")
    multiline = [i for i in items if isinstance(i, Attribute) and i.name not in layout.APART and i.multiline]
    if multiline:
        end = layout.end_of_line(document, multiline[-1].end)
        return Splice(end, end, f"{newline}{line}{newline if _line_follows(document, end) else ''}")
    start = document.data.rfind(b"\n", 0, items[0].start) + 1
    return Splice(start, start, f"{line}{newline}{newline}")


def insert_block(document: TerraformDocument, block: Block, new: NewBlock) -> Splice:
    """A nested block behind the last item of its parent, apart from it by a blank line, before `lifecycle` and such."""
    items = list(document.items(block))
    if block.one_line or not items:
        return _fill(document, block, (new,))
    newline, indent = document.newline, _body_indent(document, block)
    early = [item for item in items if isinstance(item, Attribute) or item.keyword not in layout.LAST_BLOCKS]
    text = newline.join(layout.render((new,), indent))
    if not early:
        start = document.data.rfind(b"\n", 0, items[0].start) + 1
        return Splice(start, start, f"{text}{newline}{newline}")
    end = layout.end_of_line(document, early[-1].end)
    return Splice(end, end, f"{newline}{newline}{text}")


def _fill(document: TerraformDocument, block: Block, new: tuple[NewItem, ...]) -> Splice:
    """The inside of `{}` or `{ a = 1 }`, opened over several lines."""
    newline, outer = document.newline, layout.indent_of(document, block.start)
    inside = document.text(block.body_start, block.body_end)
    if not block.one_line:  # nothing but comments and blanks: they stay
        start = document.data.rfind(b"\n", 0, block.body_end) + 1
        lines = layout.render(new, outer + INDENT)
        return Splice(start, start, "".join(line + newline for line in lines))
    kept = [f"{outer}{INDENT}{inside.strip()}"] if inside.strip() else []
    if kept and isinstance(new[0], NewAttribute) and (first := block.attributes) and len(first) == 1:
        width = max(len(first[0].name), len(new[0].name))
        value = document.text(first[0].value_start, first[0].value_end)
        kept = [f"{outer}{INDENT}{first[0].name:<{width}} = {value}"]
        lines = [*kept, f"{outer}{INDENT}{new[0].name:<{width}} = {new[0].text}"]
    else:
        lines = [*kept, *layout.render(new, outer + INDENT)]
    return Splice(block.body_start, block.body_end, newline + newline.join(lines) + newline + outer)


def remove(document: TerraformDocument, item: Attribute | Block) -> Splice:
    """A whole attribute or nested block with its line; a comment on a line of its own stays.

    Raises DocumentError when something else stands on the same line.
    """
    start = document.data.rfind(b"\n", 0, item.start) + 1
    end = layout.end_of_line(document, item.end)
    before, after = document.text(start, item.start).strip(), document.text(item.end, end).strip()
    if before or (after and not after.startswith(("#", "//"))):
        raise DocumentError("more than one thing stands on the line", remedy="put each attribute on its own line")
    following = document.data.find(b"\n", end)
    end = len(document.data) if following < 0 else following + 1
    # The blank line that set it apart would end the block, or stand beside another one.
    if document.data[end:].lstrip(b" \t").startswith((b"}", b"\n", b"\r\n")):
        above = document.data.rfind(b"\n", 0, max(start - 1, 0)) + 1
        start = above if start and not document.data[above:start].strip() else start
    return Splice(start, end, "")


def insert_resource(document: TerraformDocument, after: Block, new: NewBlock) -> Splice:
    """A top-level block right behind another one, a blank line between them."""
    end = layout.end_of_line(document, after.end)
    text = document.newline.join(layout.render((new,), ""))
    return Splice(end, end, f"{document.newline}{document.newline}{text}")


def _body_indent(document: TerraformDocument, block: Block) -> str:
    for item in document.items(block):
        indent = layout.indent_of(document, item.start)
        if not document.text(document.data.rfind(b"\n", 0, item.start) + 1, item.start).strip():
            return indent
    return layout.indent_of(document, block.start) + INDENT
