"""One Terraform module: the files of a directory, and what its names are worth without a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.values import (
    CallValue,
    Known,
    ListValue,
    ObjectValue,
    Reference,
    Template,
    Unknown,
    Value,
)

MAX_HOPS = 20


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

    def resolve(self, value: Value, hops: int = 0) -> Value:
        """Follow variables and locals as far as they can be known; what cannot stays as it is written."""
        if hops > MAX_HOPS:
            return Unknown("refers to itself")
        match value:
            case Reference(("var", name)):
                return self._variable(name, value, hops)
            case Reference(("local", name, *path)):
                return self._local(name, tuple(path), value, hops)
            case Template(pieces):
                return _joined(tuple(self.resolve(piece, hops + 1) for piece in pieces))
            case ListValue(items):
                return ListValue(tuple(self.resolve(item, hops + 1) for item in items))
            case CallValue("merge", arguments):
                return self._merged(arguments, hops)
            case _:
                return value

    def _variable(self, name: str, value: Value, hops: int) -> Value:
        if name in self.tfvars:
            return self.resolve(self.tfvars[name], hops + 1)
        blocks = self.blocks.get(f"var.{name}", ())
        default = blocks[0][1].attribute("default") if len(blocks) == 1 else None
        return self.resolve(default.value, hops + 1) if default is not None else value

    def _local(self, name: str, path: tuple[str, ...], value: Value, hops: int) -> Value:
        found: Value | None = self.locals.get(name)
        for part in path:
            found = self.resolve(found, hops + 1) if found is not None else None
            found = found.get(part) if isinstance(found, ObjectValue) else None
        return self.resolve(found, hops + 1) if found is not None else value

    def _merged(self, arguments: tuple[Value, ...], hops: int) -> Value:
        items: dict[str, Value] = {}
        complete = True
        for argument in arguments:
            resolved = self.resolve(argument, hops + 1)
            if not isinstance(resolved, ObjectValue):
                complete = False
                continue
            complete = complete and resolved.complete
            items.update(resolved.items)
        return ObjectValue(tuple(items.items()), complete)

    def referring(self, address: str) -> tuple[tuple[TerraformDocument, Block], ...]:
        """Blocks other than itself in which a reference to this address stands."""
        parts = tuple(address.split("."))
        return tuple(
            (document, block)
            for found in self.blocks.values()
            for document, block in found
            if block.address != address and any(each[: len(parts)] == parts for each in block.references())
        )


def _joined(pieces: tuple[Value, ...]) -> Value:
    """Neighbouring literals of a template become one; nothing but literals becomes a string."""
    joined: list[Value] = []
    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Template) else (piece,):
            last = joined[-1] if joined else None
            text = _text(part)
            if text is not None and isinstance(last, Known) and isinstance(last.value, str):
                joined[-1] = Known(last.value + text)
            else:
                joined.append(part if text is None else Known(text))
    return joined[0] if len(joined) == 1 else Template(tuple(joined))


def _text(value: Value) -> str | None:
    if not isinstance(value, Known) or value.value is None:
        return None
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
