"""The tree of a YAML or JSON text. Offsets are bytes, ends exclusive, lines count from 1."""

from collections.abc import Iterator
from dataclasses import dataclass

MERGE = "<<"


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """`style` is empty for plain text, else the quote or block indicator. `tag` is empty when none is written."""

    start: int
    end: int
    line: int
    tag: str
    anchor: str
    text: str
    style: str


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """`content` is behind tag and anchor: the bracket, the first dash."""

    start: int
    end: int
    line: int
    tag: str
    anchor: str
    content: int
    flow: bool
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One key with its value; `colon` is just behind the colon, or behind the key where none is written."""

    key: Scalar
    value: "Node"
    colon: int

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def start(self) -> int:
        return self.key.start

    @property
    def end(self) -> int:
        return max(self.colon, self.value.end)


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """`content` is behind tag and anchor: the brace, the first key."""

    start: int
    end: int
    line: int
    tag: str
    anchor: str
    content: int
    flow: bool
    entries: tuple[Entry, ...]

    def entry(self, name: str) -> Entry | None:
        """The entry that is written here itself, not one that comes by a merge key."""
        return next((found for found in self.entries if found.name == name), None)

    def get(self, name: str) -> "Node | None":
        """The value of a key, through aliases and merge keys."""
        return next((target(found.value) for found in self.effective() if found.name == name), None)

    def effective(self) -> Iterator[Entry]:
        """Entries as a loader sees them: those that a merge key brings in come after, unless written here too."""
        seen = {found.name for found in self.entries}
        merged = [found.value for found in self.entries if found.name == MERGE and found.key.style == ""]
        yield from (found for found in self.entries if found.name != MERGE or found.key.style)
        for value in merged:
            source = target(value)
            for part in source.items if isinstance(source, Sequence) else (source,):
                inner = target(part)
                for found in inner.effective() if isinstance(inner, Mapping) else ():
                    if found.name not in seen:
                        seen.add(found.name)
                        yield found


@dataclass(frozen=True, slots=True, eq=False)
class Alias:
    """`*name`; what it stands for is elsewhere, at the target's own span."""

    start: int
    end: int
    line: int
    name: str
    target: "Node"


Node = Scalar | Sequence | Mapping | Alias


def target(node: Node) -> Node:
    """What an alias stands for; any other node itself."""
    while isinstance(node, Alias):
        node = node.target
    return node


def walk(node: Node) -> Iterator[Node]:
    """Every node written below and including this one, keys too, in the order of the text, not through aliases."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Sequence):
            stack.extend(reversed(current.items))
        elif isinstance(current, Mapping):
            for entry in reversed(current.entries):
                stack += (entry.value, entry.key)


def mapping_of(node: Node | None) -> Mapping | None:
    """The mapping that a node is or stands for."""
    found = target(node) if node is not None else None
    return found if isinstance(found, Mapping) else None
