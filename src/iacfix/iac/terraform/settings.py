"""Single values of a file, by the address of what holds them, and who reads a name."""

from collections.abc import Iterator
from dataclasses import dataclass

from iacfix.iac.terraform.compare import ASSIGNED
from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.overrides import LOCAL
from iacfix.iac.terraform.values import CallValue, Known, ListValue, Reference, Value, references, same


def setting(document: TerraformDocument, address: str, attribute: str) -> Attribute | None:
    """An attribute (a dotted path) of a block; of `local.<name>` and `tfvars.<name>` the assignment itself.

    None where it is not there, or more than once.
    """
    if address.startswith(LOCAL):
        items = [item for block in document.by_address.get("locals", ()) for item in block.attributes]
        return _only([item for item in items if item.name == address.removeprefix(LOCAL)])
    if address.startswith(ASSIGNED):
        return _only([item for item in document.assignments if item.name == address.removeprefix(ASSIGNED)])
    *outer, last = attribute.split(".")
    blocks = list(document.by_address.get(address, ()))
    for name in outer:
        blocks = [inner for block in blocks for inner in block.nested(name)]
    return _only([item for block in blocks for item in block.attributes if item.name == last])


def _only(found: list[Attribute]) -> Attribute | None:
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Reader:
    """An attribute in which a name stands: its dotted path in the block, and where it begins."""

    path: str
    address: str
    attribute: str
    start: int
    line: int

    def __str__(self) -> str:
        return f"{self.address}.{self.attribute} at {self.path}:{self.line}"


def readers(module: Module, name: str) -> Iterator[Reader]:
    """Of `var.<name>` or `local.<name>`, whole or in part, but for what the variable says of itself."""
    parts = tuple(name.split("."))
    for path in sorted(module.documents):
        for block in module.documents[path].blocks:
            if block.address != name and any(each[: len(parts)] == parts for each in block.references()):
                yield from _readers(path, block, parts)


def _readers(path: str, top: Block, parts: tuple[str, ...]) -> Iterator[Reader]:
    address = "local" if top.keyword == "locals" else top.address
    stack = [("", top)]
    while stack:
        prefix, block = stack.pop()
        for item in block.attributes:
            if any(each[: len(parts)] == parts for each in references(item.node)):
                yield Reader(path, address, prefix + item.name, item.start, item.start_line)
        stack += [(f"{prefix}{inner.keyword}.", inner) for inner in reversed(block.blocks)]


def refused(variable: Block, wanted: Value) -> str:
    """Why the variable's own validation may refuse the value, "" where it lets it through or there is none.

    Only a list of what it may be can be judged: `contains(["a", "b"], var.x)`.
    """
    for validation in variable.nested("validation"):
        condition = validation.attribute("condition")
        match condition.value if condition is not None else None:
            case CallValue("contains", (ListValue(items), Reference(("var", name)))) if name == variable.labels[0]:
                if all(isinstance(item, Known) for item in items) and any(same(item, wanted) for item in items):
                    continue
                return f"its validation at line {validation.start_line} does not list that value"
            case _:
                return f"its validation at line {validation.start_line} may refuse that value"
    return ""
