"""Override files: what Terraform lays over the blocks of a folder's other files, and what no longer counts there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from iacfix.iac.terraform import files
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.json_document import AnyDocument, JsonAttribute, JsonBlock

AnyBlock = Block | JsonBlock
AnyAttribute = Attribute | JsonAttribute
Written = tuple[AnyDocument, AnyBlock]

# Terraform refuses an override of any other block.
_KINDS = frozenset({"resource", "data", "ephemeral", "module", "variable", "output", "provider", "locals", "terraform"})
# Their members are replaced one by one; of any other kind of nested block all are replaced together.
_BY_MEMBER = frozenset({"lifecycle", "required_providers"})
LOCAL = "local."


@dataclass(frozen=True, slots=True)
class Override:
    """`attributes` and kinds of nested `blocks` that it replaces; of a lifecycle its members (`lifecycle.x`).

    In JSON the two look alike: there all are among the attributes.
    """

    path: str
    line: int
    attributes: tuple[str, ...]
    blocks: tuple[str, ...]
    document: AnyDocument = field(repr=False, compare=False)
    block: AnyBlock = field(repr=False, compare=False)

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"

    def replaces(self, name: str) -> bool:
        """Of an attribute, a kind of nested block, or `lifecycle.<member>`."""
        return name in self.attributes or name in self.blocks


def overrides(documents: Iterable[AnyDocument], address: str) -> tuple[Override, ...]:
    """What lies over the block, or over `local.<name>`, in the order of Terraform: the last one wins."""
    written_at = "locals" if address.startswith(LOCAL) else address
    found = (
        _override(document, block, address)
        for document in in_order(files_of(documents))
        for block in document.by_address.get(written_at, ())
        if block.keyword in _KINDS
    )
    return tuple(each for each in found if each is not None)


def files_of(documents: Iterable[AnyDocument]) -> tuple[AnyDocument, ...]:
    return tuple(document for document in documents if files.is_override(document.path))


def in_order(documents: Iterable[AnyDocument]) -> list[AnyDocument]:
    """Main files, then override files, each by their names."""
    return sorted(documents, key=lambda document: (files.is_override(document.path), document.path))


def by_address(documents: Iterable[AnyDocument]) -> Mapping[str, tuple[Written, ...]]:
    """The blocks of main files."""
    found: dict[str, list[Written]] = {}
    for document in in_order(documents):
        if not files.is_override(document.path):
            for block in document.blocks:
                found.setdefault(block.address, []).append((document, block))
    return {address: tuple(written) for address, written in found.items()}


def attribute_of(base: AnyBlock, over: tuple[Override, ...], name: str) -> AnyAttribute | None:
    """The one that counts. An attribute cannot be taken away by an override."""
    for each in reversed(over):
        if (found := each.block.attribute(name)) is not None:
            return found
    return base.attribute(name)


def nested_of(base: AnyBlock, over: tuple[Override, ...], name: str) -> tuple[AnyBlock, ...]:
    """The nested blocks that count, not those that a `dynamic` block makes; of a lifecycle every one, the last wins."""
    if name in _BY_MEMBER:
        return tuple(block for each in (base, *(one.block for one in over)) for block in each.nested(name))
    for each in reversed(over):
        if each.replaces(name):
            return each.block.nested(name)
    return base.nested(name)


def _override(document: AnyDocument, block: AnyBlock, address: str) -> Override | None:
    attributes = [item.name for item in block.attributes if item.name not in {"dynamic", *_BY_MEMBER}]
    for name in sorted(_BY_MEMBER):
        attributes += [f"{name}.{item.name}" for each in block.nested(name) for item in each.attributes]
    kinds = [each.keyword for each in block.blocks if each.keyword not in {"dynamic", *_BY_MEMBER}]
    kinds += _dynamic(block)
    line = block.start_line
    if address.startswith(LOCAL):
        local = block.attribute(address.removeprefix(LOCAL))
        if local is None:
            return None
        attributes, line = [local.name], local.start_line
    return Override(document.path, line, tuple(dict.fromkeys(attributes)), tuple(dict.fromkeys(kinds)), document, block)


def _dynamic(block: AnyBlock) -> list[str]:
    if isinstance(block, Block):
        return [each.labels[0] for each in block.blocks if each.keyword == "dynamic" and each.labels]
    return [item.name for each in block.nested("dynamic") for item in each.attributes]
