"""One CloudFormation template: its entries with exact byte spans and addresses, and what its text does not show."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation import nodes, outside, values
from iacfix.iac.cloudformation.detect import is_template
from iacfix.iac.cloudformation.nodes import Entry, Node, mapping_of
from iacfix.iac.cloudformation.outside import NestedStack, NotFollowed
from iacfix.iac.cloudformation.syntax import parse
from iacfix.iac.values import Known, ListValue, ObjectValue, Unknown, Value

__all__ = ["CloudFormationDocument", "NestedStack", "NotFollowed", "Resource", "Section", "is_template"]


@dataclass(frozen=True, slots=True)
class Section:
    """An entry below a top-level section. Spans are byte offsets, end exclusive; `start` is its key's."""

    name: str
    address: str
    start: int
    key_end: int
    end: int
    start_line: int
    end_line: int
    entry: Entry = field(repr=False, compare=False)

    @property
    def node(self) -> nodes.Mapping | None:
        """What is written for it; None where that is no mapping."""
        return mapping_of(self.entry.value)

    @property
    def value(self) -> Value:
        return values.read_value(self.entry.value)

    def text(self, key: str) -> str:
        """A plain text under a key, empty where there is none."""
        found = self.node.get(key) if self.node is not None else None
        value = values.read_value(found) if found is not None else None
        return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""

    def get(self, key: str) -> Value | None:
        found = self.node.get(key) if self.node is not None else None
        return values.read_value(found) if found is not None else None

    def references(self) -> tuple[tuple[str, ...], ...]:
        return values.references(self.entry.value)


@dataclass(frozen=True, slots=True)
class Resource(Section):
    """`name` is the logical id, `address` is `Resources.LogsBucket`."""

    @property
    def type(self) -> str:
        return self.text("Type")

    @property
    def condition(self) -> str:
        return self.text("Condition")

    @property
    def properties(self) -> Node | None:
        """The node of `Properties`, aliases followed."""
        return self.node.get("Properties") if self.node is not None else None

    @property
    def metadata(self) -> Node | None:
        return self.node.get("Metadata") if self.node is not None else None

    def property(self, *path: str | int) -> Value | None:
        """The value at a path below `Properties`; None when it is not there or inside a function."""
        found = self.get("Properties")
        for part in path:
            if isinstance(found, ObjectValue) and isinstance(part, str):
                found = found.get(part)
            elif isinstance(found, ListValue) and isinstance(part, int) and 0 <= part < len(found.items):
                found = found.items[part]
            else:
                return None
        return found


@dataclass(frozen=True)
class CloudFormationDocument:
    """A template that parses. Build it with `read`."""

    path: str
    data: bytes
    root: nodes.Mapping = field(repr=False, compare=False)

    @classmethod
    def read(cls, path: str, data: bytes) -> "CloudFormationDocument":
        """Raises DocumentError, naming the file and the line, when the text is no template."""
        try:
            root = _root(parse(data))
        except DocumentError as error:
            raise DocumentError(f"{path}:{error.line}: {error.what}", line=error.line, remedy=error.remedy) from None
        return cls(path, data, root)

    @property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.data else "\n"

    @property
    def is_json(self) -> bool:
        """Written as JSON: braces and double quotes from the first key on."""
        return self.root.flow and all(entry.key.style == '"' for entry in self.root.entries)

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode()

    def line_of(self, offset: int) -> int:
        return bisect_right(self._line_starts, offset)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(rb"\n", self.data))]

    @cached_property
    def resources(self) -> Mapping[str, Resource]:
        """By logical id, in the order of the text. A loop (`Fn::ForEach`) is none: see `not_followed`."""
        return {
            entry.name: Resource(*self._place("Resources", entry), entry)
            for entry in self._entries("Resources")
            if not entry.name.startswith(outside.FOR_EACH) and mapping_of(entry.value) is not None
        }

    @cached_property
    def parameters(self) -> Mapping[str, Section]:
        return self._sections("Parameters")

    @cached_property
    def mappings(self) -> Mapping[str, Section]:
        return self._sections("Mappings")

    @cached_property
    def conditions(self) -> Mapping[str, Section]:
        return self._sections("Conditions")

    @cached_property
    def outputs(self) -> Mapping[str, Section]:
        return self._sections("Outputs")

    def of_type(self, resource_type: str) -> tuple[Resource, ...]:
        return tuple(found for found in self.resources.values() if found.type == resource_type)

    def _entries(self, section: str) -> Iterator[Entry]:
        found = mapping_of(self.root.get(section))
        return found.effective() if found is not None else iter(())

    def _sections(self, section: str) -> Mapping[str, Section]:
        return {entry.name: Section(*self._place(section, entry), entry) for entry in self._entries(section)}

    def _place(self, section: str, entry: Entry) -> tuple[str, str, int, int, int, int, int]:
        first, last = self.line_of(entry.start), self.line_of(max(entry.end - 1, entry.start))
        return entry.name, f"{section}.{entry.name}", entry.start, entry.key.end, entry.end, first, last

    @cached_property
    def transforms(self) -> tuple[str, ...]:
        """The macros that the whole template goes through, in their order."""
        found = self.root.get("Transform")
        value = values.read_value(found) if found is not None else None
        items = value.items if isinstance(value, ListValue) else (value,) if value is not None else ()
        return tuple(outside.transform_name(item) for item in items)

    @property
    def is_sam(self) -> bool:
        return outside.SAM in self.transforms

    @cached_property
    def not_followed(self) -> tuple[NotFollowed, ...]:
        """In the order of the text: macros, includes, loops, modules and nested stacks."""
        found = [*_macros(self), *outside.within(self.root, self.line_of)]
        found += [NotFollowed(stack.line, f"nested stack {stack.address}") for stack in self.nested_stacks]
        modules = (item for item in self.resources.values() if item.type.endswith("::MODULE"))
        found += [NotFollowed(item.start_line, f"module {item.address}") for item in modules]
        return tuple(sorted(found, key=lambda each: (each.line, each.what)))

    @cached_property
    def nested_stacks(self) -> tuple[NestedStack, ...]:
        found = []
        for resource in self.resources.values():
            if (key := outside.STACKS.get(resource.type)) is not None:
                url = resource.property(key) or Unknown("")
                local = outside.local_path(self.path, url)
                found.append(NestedStack(resource.address, resource.start_line, url, local))
        return tuple(found)


def _macros(document: CloudFormationDocument) -> Iterator[NotFollowed]:
    entry = document.root.entry("Transform")
    for name in document.transforms if entry is not None else ():
        if name not in outside.KNOWN_TRANSFORMS:
            yield NotFollowed(document.line_of(entry.start) if entry else 0, f"Transform {name}")


def _root(node: Node) -> nodes.Mapping:
    if not isinstance(node, nodes.Mapping):
        raise DocumentError("the file is not a mapping of sections", line=node.line)
    resources = node.get("Resources")
    if resources is None:
        raise DocumentError("the template has no Resources", line=node.line)
    if not isinstance(resources, nodes.Mapping):
        raise DocumentError("Resources is not a mapping", line=resources.line)
    return node
