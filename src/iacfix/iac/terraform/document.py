"""One Terraform file: its blocks with exact byte spans and addresses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import tree_sitter

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import files, values
from iacfix.iac.terraform.syntax import body_items, child, parse, text_of, tokens


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value`. Spans are byte offsets, end exclusive, without a trailing comment."""

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    node: tree_sitter.Node = field(repr=False, compare=False)

    @property
    def value(self) -> values.Value:
        expression = child(self.node, "expression")
        return values.Unknown("") if expression is None else values.read_value(expression)

    @property
    def start_line(self) -> int:
        return self.node.start_point[0] + 1

    @property
    def multiline(self) -> bool:
        return self.node.start_point[0] != self.node.end_point[0]


@dataclass(frozen=True)
class Block:
    """A block. `body_start` is just behind `{`, `body_end` just before `}`; what stands in it is read when asked for.

    `address` is Terraform's (`aws_s3_bucket.logs`, `data.aws_ami.web`, `module.logs`, `var.region`,
    `provider.aws.west`); `moved`, `removed` and `import` have that of what they are about (`moved.aws_s3_bucket.logs`).
    It is empty for nested blocks.
    """

    keyword: str
    labels: tuple[str, ...]
    address: str
    start: int
    end: int
    body_start: int
    body_end: int
    node: tree_sitter.Node = field(repr=False, compare=False)

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """Those that stand directly in it."""
        return tuple(_attribute(item) for item in body_items(self.node) if item.type == "attribute")

    @cached_property
    def blocks(self) -> tuple["Block", ...]:
        """Those that stand directly in it."""
        return tuple(_block(item) for item in body_items(self.node) if item.type == "block")

    def attribute(self, name: str) -> Attribute | None:
        return next((found for found in self.attributes if found.name == name), None)

    def nested(self, name: str) -> tuple["Block", ...]:
        """Nested blocks of this name, not those that a `dynamic` block makes."""
        return tuple(found for found in self.blocks if found.keyword == name)

    def dynamic(self, name: str) -> bool:
        """Whether a `dynamic` block makes blocks of this name."""
        return any(found.keyword == "dynamic" and found.labels == (name,) for found in self.blocks)

    @property
    def start_line(self) -> int:
        return self.node.start_point[0] + 1

    @property
    def end_line(self) -> int:
        return self.node.end_point[0] + 1

    @property
    def one_line(self) -> bool:
        return self.node.start_point[0] == self.node.end_point[0]

    def references(self) -> tuple[tuple[str, ...], ...]:
        return values.references(self.node)


@dataclass(frozen=True)
class TerraformDocument:
    """A file that parses. Build it with `read`."""

    path: str
    data: bytes
    root: tree_sitter.Node = field(repr=False, compare=False)
    blocks: tuple[Block, ...] = field(repr=False, compare=False)

    @classmethod
    def read(cls, path: str, data: bytes) -> "TerraformDocument":
        """Raises DocumentError, naming the file and the line, when the text is not HCL."""
        if files.is_json(path):
            raise DocumentError(f"{path} is JSON: a person edits it", remedy="make the change by hand")
        try:
            root = parse(data)
        except DocumentError as error:
            raise DocumentError(f"{path}:{error.line}: {error.what}", line=error.line, remedy=error.remedy) from None
        found = tuple(_block(node, top=True) for node in body_items(root) if node.type == "block")
        return cls(path, data, root, found)

    @cached_property
    def by_address(self) -> dict[str, tuple[Block, ...]]:
        """More than one block for an address is an error of the author's, kept visible here."""
        found: dict[str, list[Block]] = {}
        for block in self.blocks:
            found.setdefault(block.address, []).append(block)
        return {address: tuple(blocks) for address, blocks in found.items()}

    @property
    def assignments(self) -> tuple[Attribute, ...]:
        """Attributes outside any block, as variable files have them."""
        return tuple(_attribute(item) for item in body_items(self.root) if item.type == "attribute")

    @property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.data else "\n"

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode()

    def items(self, block: Block) -> Iterator[Attribute | Block]:
        """Attributes and nested blocks of a block in the order of the text."""
        found: list[Attribute | Block] = [*block.attributes, *block.blocks]
        return iter(sorted(found, key=lambda item: item.start))


def _block(node: tree_sitter.Node, *, top: bool = False) -> Block:
    head: list[str] = []
    opening = closing = None
    for part in node.named_children:
        if part.type in {"identifier", "string_lit"}:
            head.append(text_of(part).decode().strip('"'))
        elif part.type == "block_start":
            opening = part
        elif part.type == "block_end":
            closing = part
    if opening is None or closing is None or not head:
        raise DocumentError("a block has no braces", line=node.start_point[0] + 1)
    keyword, *labels = head
    address = address_of(keyword, labels, lambda name: _written(node, name)) if top else ""
    return Block(
        keyword, tuple(labels), address, node.start_byte, node.end_byte, opening.end_byte, closing.start_byte, node
    )


def _attribute(node: tree_sitter.Node) -> Attribute:
    name = node.named_children[0]
    value = child(node, "expression") or node
    return Attribute(text_of(name).decode(), node.start_byte, node.end_byte, value.start_byte, value.end_byte, node)


# Blocks without a label, which may stand any number of times: the attribute that tells them apart.
_ABOUT = {"moved": "from", "removed": "from", "import": "to"}


def address_of(keyword: str, labels: list[str], written: Callable[[str], str | None]) -> str:
    """`written` gives an attribute of the block: a string's content, else its text."""
    if keyword == "resource":
        return ".".join(labels)
    if keyword == "provider" and (alias := written("alias")) is not None:
        return ".".join(["provider", *labels, alias])
    if keyword in _ABOUT and (about := written(_ABOUT[keyword])) is not None:
        return f"{keyword}.{about}"
    return ".".join(["var" if keyword == "variable" else keyword, *labels])


def _written(node: tree_sitter.Node, name: str) -> str | None:
    for item in body_items(node):
        if item.type == "attribute" and text_of(item.named_children[0]) == name.encode():
            value = _attribute(item).value
            if isinstance(value, values.Known):
                return value.value if isinstance(value.value, str) else None
            return b"".join(tokens(item.named_children[-1])).decode()
    return None
