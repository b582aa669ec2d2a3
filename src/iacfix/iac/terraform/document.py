"""One Terraform file: its blocks with exact byte spans and addresses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import tree_sitter

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import values
from iacfix.iac.terraform.syntax import child, parse, text_of


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
    def multiline(self) -> bool:
        return self.node.start_point[0] != self.node.end_point[0]


@dataclass(frozen=True, slots=True)
class Block:
    """A block and what stands directly in it. `body_start` is just behind `{`, `body_end` just before `}`.

    `address` is Terraform's (`aws_s3_bucket.logs`, `data.aws_ami.web`, `module.logs`, `var.region`,
    `provider.aws.west`); it is empty for nested blocks.
    """

    keyword: str
    labels: tuple[str, ...]
    address: str
    start: int
    end: int
    body_start: int
    body_end: int
    attributes: tuple[Attribute, ...]
    blocks: tuple["Block", ...]
    node: tree_sitter.Node = field(repr=False, compare=False)

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
        try:
            root = parse(data)
        except DocumentError as error:
            raise DocumentError(f"{path}:{error.line}: {error.what}", line=error.line, remedy=error.remedy) from None
        body = child(root, "body")
        found = tuple(_block(node, top=True) for node in body.named_children if node.type == "block") if body else ()
        return cls(path, data, root, found)

    @cached_property
    def by_address(self) -> dict[str, tuple[Block, ...]]:
        """More than one block for an address is an error of the author's, kept visible here."""
        found: dict[str, tuple[Block, ...]] = {}
        for block in self.blocks:
            found[block.address] = (*found.get(block.address, ()), block)
        return found

    @property
    def assignments(self) -> tuple[Attribute, ...]:
        """Attributes outside any block, as variable files have them."""
        body = child(self.root, "body")
        inner = body.named_children if body is not None else []
        return tuple(_attribute(item) for item in inner if item.type == "attribute")

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
    head = [found for found in node.named_children if found.type in {"identifier", "string_lit"}]
    keyword, *labels = (text_of(part).decode().strip('"') for part in head)
    opening, closing = child(node, "block_start"), child(node, "block_end")
    if opening is None or closing is None:
        raise DocumentError("a block has no braces", line=node.start_point[0] + 1)
    body = child(node, "body")
    inner = body.named_children if body is not None else []
    attributes = tuple(_attribute(item) for item in inner if item.type == "attribute")
    return Block(
        keyword,
        tuple(labels),
        _address(keyword, labels, attributes) if top else "",
        node.start_byte,
        node.end_byte,
        opening.end_byte,
        closing.start_byte,
        attributes,
        tuple(_block(item) for item in inner if item.type == "block"),
        node,
    )


def _attribute(node: tree_sitter.Node) -> Attribute:
    name = node.named_children[0]
    value = child(node, "expression") or node
    return Attribute(text_of(name).decode(), node.start_byte, node.end_byte, value.start_byte, value.end_byte, node)


def _address(keyword: str, labels: list[str], attributes: tuple[Attribute, ...]) -> str:
    if keyword == "resource":
        return ".".join(labels)
    if keyword == "provider":
        alias = next((item.value for item in attributes if item.name == "alias"), None)
        if isinstance(alias, values.Known) and isinstance(alias.value, str):
            return ".".join(["provider", *labels, alias.value])
    return ".".join(["var" if keyword == "variable" else keyword, *labels])
