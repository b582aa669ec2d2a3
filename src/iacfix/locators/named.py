"""Who is called what: the resources of one type by the names that the code gives them, in every use of their module."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname

from iacfix.domain.location import CallSite
from iacfix.iac.entry import CLOUDFORMATION, Entry
from iacfix.iac.terraform import files
from iacfix.iac.terraform.resolve import joined
from iacfix.iac.terraform.values import Known, ObjectValue, Template, Unknown, Value
from iacfix.iac.terraform.written import read_expression
from iacfix.locators import template_entries
from iacfix.locators.entries import PREFIXES
from iacfix.locators.index import Index
from iacfix.locators.instances import META, Instance, Instances, local_source, module_source
from iacfix.locators.names import name_attributes
from iacfix.locators.patterns import MAX_NAME, MIN_LITERAL, fits


@dataclass(frozen=True, slots=True)
class Named:
    """A block, or a call of a foreign module, and the attribute by which it has a name."""

    path: str
    entry: Entry
    attribute: str
    value: Value
    calls: tuple[CallSite, ...] = ()
    applied: str = ""

    @property
    def text(self) -> str:
        return str(self.value.value) if isinstance(self.value, Known) else ""


class NameTable:
    """Names that are known, and patterns of those that are known in part."""

    def __init__(self, items: Iterator[Named]) -> None:
        self._exact: dict[str, list[Named]] = {}
        self._patterns: dict[str, list[Named]] = {}
        for item in items:
            if isinstance(item.value, Known) and isinstance(item.value.value, str) and item.value.value:
                self._exact.setdefault(item.value.value, []).append(item)
            elif isinstance(item.value, Template) and len(literal := _longest(item.value)) >= MIN_LITERAL:
                self._patterns.setdefault(literal, []).append(item)
        self._lengths = sorted({len(literal) for literal in self._patterns})

    def exactly(self, name: str) -> list[Named]:
        return self._exact.get(name, [])

    def by_pattern(self, name: str) -> list[Named]:
        """Looks only at patterns whose longest literal part stands in the name."""
        if len(name) > MAX_NAME:
            return []
        parts = {name[at : at + length] for length in self._lengths for at in range(len(name) - length + 1)}
        return [
            item
            for part in sorted(parts & self._patterns.keys())
            for item in self._patterns[part]
            if isinstance(item.value, Template) and fits(item.value, name)
        ]


def _longest(value: Template) -> str:
    literals = [piece.value for piece in value.pieces if isinstance(piece, Known) and isinstance(piece.value, str)]
    return max(literals, key=len, default="")


class NamedBlocks:
    """The tables of one repository, each made when it is first asked for."""

    def __init__(self, index: Index, instances: Instances) -> None:
        self._index = index
        self._instances = instances
        self._names: dict[str, NameTable] = {}
        self._tags: dict[str, NameTable] = {}

    def generated(self, resource_type: str, logical_id: str) -> Iterator[Named]:
        """Resources of templates that leave their name to CloudFormation, which makes it of stack and logical id."""
        for path, entry in self._index.blocks(CLOUDFORMATION, resource_type):
            if entry.labels[1].lower() == logical_id.lower() and template_entries.NAME not in entry.texts:
                yield Named(path, entry, "logical id", Known(entry.labels[1]))

    def names(self, resource_type: str) -> NameTable:
        if resource_type not in self._names:
            self._names[resource_type] = NameTable(self._named(resource_type))
        return self._names[resource_type]

    def tags(self, resource_type: str) -> NameTable:
        """By the `Name` tag."""
        if resource_type not in self._tags:
            self._tags[resource_type] = NameTable(self._tagged(resource_type))
        return self._tags[resource_type]

    @cached_property
    def foreign(self) -> NameTable:
        """Calls of modules that are not in the repository, by whatever text they are given."""
        return NameTable(self._given())

    def _uses(self, resource_type: str) -> Iterator[tuple[str, Entry, Instance]]:
        for path, written in self._index.blocks("resource", resource_type):
            if files.is_override(path):
                continue
            entry = self._overridden(path, written)
            for instance in self._instances.of(dirname(path)):
                if "count" not in entry.texts or instance.value(entry.texts["count"]) != Known(0):
                    for each in instance.repeated(entry):
                        yield path, entry, each

    def _overridden(self, path: str, entry: Entry) -> Entry:
        """The block with what override files replace in it."""
        texts = dict(entry.texts)
        for _, other in self._index.overrides(dirname(path), entry.keyword, entry.labels):
            texts |= other.texts
        return entry if texts == entry.texts else entry._replace(texts=texts)

    def _named(self, resource_type: str) -> Iterator[Named]:
        if "::" in resource_type:
            yield from self._of_templates(resource_type, template_entries.NAME)
            return
        attributes = name_attributes(resource_type)
        for path, entry, instance in self._uses(resource_type):
            for name, text in entry.texts.items():
                if name in attributes:
                    value = instance.value(text)
                elif name in PREFIXES:
                    value = joined((instance.value(text), Unknown("")))
                else:
                    continue
                yield Named(path, entry, name, value, instance.calls, instance.applied)

    def _of_templates(self, resource_type: str, key: str) -> Iterator[Named]:
        for path, entry in self._index.blocks(CLOUDFORMATION, resource_type):
            if key in entry.texts:
                yield Named(path, entry, key, template_entries.value_of(entry.texts[key]))

    def _tagged(self, resource_type: str) -> Iterator[Named]:
        if "::" in resource_type:
            yield from self._of_templates(resource_type, template_entries.NAME_TAG)
            return
        for path, entry, instance in self._uses(resource_type):
            tags = instance.value(entry.texts.get("tags", ""))
            value = tags.get("Name") if isinstance(tags, ObjectValue) else None
            if value is not None:
                yield Named(path, entry, "tags", instance.resolved(value), instance.calls, instance.applied)

    def _given(self) -> Iterator[Named]:
        for path, entry in self._index.blocks("module"):
            if module_source(entry) and local_source(path, entry) is None:
                for instance in self._instances.of(dirname(path)):
                    yield from _arguments(path, entry, instance)


def _arguments(path: str, entry: Entry, instance: Instance) -> Iterator[Named]:
    for each in instance.repeated(entry):
        for name, text in entry.texts.items():
            if name not in META and (text[:1] == '"' or read_expression(text) != each.value(text)):
                yield Named(path, entry, name, each.value(text), each.calls, each.applied)
