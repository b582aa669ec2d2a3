"""One Terraform module: the files of a directory, and what its names are worth without a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.resolve import resolve
from iacfix.iac.terraform.values import Value


@dataclass(frozen=True)
class Module:
    """`documents` are the files that parse, by path. `tfvars` holds what variable files set, last one wins.

    `unread` names the files that do not parse, with the reason: what they hold is not known.
    """

    documents: Mapping[str, TerraformDocument]
    tfvars: Mapping[str, Value]
    unread: tuple[str, ...] = ()

    @cached_property
    def blocks(self) -> Mapping[str, tuple[tuple[TerraformDocument, Block], ...]]:
        """Every top-level block by address, with the document it stands in."""
        found: dict[str, tuple[tuple[TerraformDocument, Block], ...]] = {}
        for path in sorted(self.documents):
            for block in self.documents[path].blocks:
                found[block.address] = (*found.get(block.address, ()), (self.documents[path], block))
        return found

    @cached_property
    def locals(self) -> Mapping[str, Value]:
        return {item.name: item.value for _, block in self.blocks.get("locals", ()) for item in block.attributes}

    def with_document(self, document: TerraformDocument) -> "Module":
        return Module({**self.documents, document.path: document}, self.tfvars, self.unread)

    def of_type(self, resource_type: str) -> tuple[tuple[TerraformDocument, Block], ...]:
        return self._by_type.get(resource_type, ())

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[tuple[TerraformDocument, Block], ...]]:
        found: dict[str, tuple[tuple[TerraformDocument, Block], ...]] = {}
        for written in self.blocks.values():
            for document, block in written:
                if block.keyword == "resource" and block.labels:
                    found[block.labels[0]] = (*found.get(block.labels[0], ()), (document, block))
        return found

    def resolve(self, value: Value) -> Value:
        """Follow variables and locals as far as they can be known; what cannot stays as it is written."""
        return resolve(value, self)

    def variable(self, name: str) -> Value | None:
        if name in self.tfvars:
            return self.tfvars[name]
        blocks = self.blocks.get(f"var.{name}", ())
        default = blocks[0][1].attribute("default") if len(blocks) == 1 else None
        return default.value if default is not None else None

    def local(self, name: str) -> Value | None:
        return self.locals.get(name)

    def each(self, name: str) -> Value | None:  # noqa: ARG002 - a module is looked at for all instances at once
        return None

    def referring(self, address: str) -> tuple[tuple[TerraformDocument, Block], ...]:
        """Blocks other than itself in which a reference to this address stands."""
        parts = tuple(address.split("."))
        return tuple(
            (document, block)
            for found in self.blocks.values()
            for document, block in found
            if block.address != address and any(each[: len(parts)] == parts for each in block.references())
        )
