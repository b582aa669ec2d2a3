"""One Terraform module: the files of a directory, and what its names are worth without a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from iacfix.iac.terraform import overrides
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.json_document import AnyDocument, JsonTerraformDocument
from iacfix.iac.terraform.overrides import AnyAttribute, AnyBlock, Override
from iacfix.iac.terraform.resolve import resolve
from iacfix.iac.terraform.values import Value


@dataclass(frozen=True)
class Module:
    """`documents` are the files that parse, by path. `tfvars` holds what variable files set, last one wins.

    `unread` names the files that do not parse, with the reason: what they hold is not known. `json` are files in JSON
    syntax: names are resolved through them, but none of the methods that give blocks with documents speaks of them.
    """

    documents: Mapping[str, TerraformDocument]
    tfvars: Mapping[str, Value]
    unread: tuple[str, ...] = ()
    json: Mapping[str, JsonTerraformDocument] = field(default_factory=dict)

    @cached_property
    def blocks(self) -> Mapping[str, tuple[tuple[TerraformDocument, Block], ...]]:
        """Every top-level block by address, with the document it stands in; those of override files too."""
        found: dict[str, list[tuple[TerraformDocument, Block]]] = {}
        for path in sorted(self.documents):
            for block in self.documents[path].blocks:
                found.setdefault(block.address, []).append((self.documents[path], block))
        return {address: tuple(written) for address, written in found.items()}

    @property
    def every(self) -> tuple[AnyDocument, ...]:
        """The documents in either syntax."""
        return (*self.documents.values(), *self.json.values())

    @cached_property
    def main(self) -> Mapping[str, tuple[tuple[AnyDocument, AnyBlock], ...]]:
        """By address the blocks, in either syntax, over which override files lay theirs. More than one is an error."""
        return overrides.by_address(self.every)

    @cached_property
    def locals(self) -> Mapping[str, Value]:
        """As override files leave them; what is written twice is not known."""
        found: dict[str, Value] = {}
        twice: set[str] = set()
        for item in (item for _, block in self.main.get("locals", ()) for item in block.attributes):
            twice |= {item.name} & found.keys()
            found[item.name] = item.value
        for over in self.overrides("locals"):
            found |= {item.name: item.value for item in over.block.attributes}
            twice -= {item.name for item in over.block.attributes}
        return {name: value for name, value in found.items() if name not in twice}

    def overrides(self, address: str) -> tuple[Override, ...]:
        """What override files lay over the block or over `local.<name>`; the last one wins."""
        over = self._override_files
        return overrides.overrides(over, address) if over else ()

    @cached_property
    def _override_files(self) -> tuple[AnyDocument, ...]:
        return overrides.files_of(self.every)

    def attribute(self, address: str, name: str) -> AnyAttribute | None:
        """The one that counts, of a block that is written once: the last override file's, else its own."""
        base = self._once(address)
        return overrides.attribute_of(base, self.overrides(address), name) if base is not None else None

    def nested(self, address: str, name: str) -> tuple[AnyBlock, ...]:
        """The nested blocks that count, of a block that is written once."""
        base = self._once(address)
        return overrides.nested_of(base, self.overrides(address), name) if base is not None else ()

    def _once(self, address: str) -> AnyBlock | None:
        written = self.main.get(address, ())
        return written[0][1] if len(written) == 1 else None

    def with_document(self, document: TerraformDocument) -> "Module":
        return replace(self, documents={**self.documents, document.path: document})

    def of_type(self, resource_type: str) -> tuple[tuple[TerraformDocument, Block], ...]:
        return self._by_type.get(resource_type, ())

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[tuple[TerraformDocument, Block], ...]]:
        found: dict[str, list[tuple[TerraformDocument, Block]]] = {}
        for written in self.blocks.values():
            for document, block in written:
                if block.keyword == "resource" and block.labels:
                    found.setdefault(block.labels[0], []).append((document, block))
        return {name: tuple(written) for name, written in found.items()}

    def resolve(self, value: Value) -> Value:
        """Follow variables and locals as far as they can be known; what cannot stays as it is written."""
        return resolve(value, self)

    def variable(self, name: str) -> Value | None:
        if name in self.tfvars:
            return self.tfvars[name]
        default = self.attribute(f"var.{name}", "default")
        return default.value if default is not None else None

    def local(self, name: str) -> Value | None:
        return self.locals.get(name)

    def each(self, name: str) -> Value | None:  # noqa: ARG002 - a module is looked at for all instances at once
        return None

    def written(self, address: str, name: str, *, repeated: bool) -> Value | None:
        """As resolve.Resources."""
        found = self.attribute(address, name)
        several = any(self.attribute(address, each) is not None for each in ("count", "for_each"))
        return found.value if found is not None and several == repeated else None

    def referring(self, address: str) -> tuple[tuple[TerraformDocument, Block], ...]:
        """Blocks other than itself in which a reference to this address stands."""
        parts = tuple(address.split("."))
        return tuple(
            (document, block)
            for found in self.blocks.values()
            for document, block in found
            if block.address != address and any(each[: len(parts)] == parts for each in block.references())
        )
