"""What an answer of AWS should say, as data. What is missing, null or of another type is never as it should be."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from iacfix.domain.secrets import redact
from iacfix.verification.target import UnclearError

Node = Mapping[str, object]
ABSENT: Final = object()
_LONGEST_SHOWN = 80


class Hold(Protocol):
    """Something that has to be so."""

    @property
    def told(self) -> str:
        """What has to be so: `StorageEncrypted is true`."""

    def wrong(self, item: Node) -> str:
        """What is seen instead, "" where it is so."""


def at(item: object, path: str) -> object:
    """What stands at a dotted path, ABSENT where nothing does or null."""
    found = item
    for name in path.split(".") if path else ():
        if not isinstance(found, Mapping):
            return ABSENT
        found = found.get(name)
    return ABSENT if found is None else found


def listed(item: object, path: str) -> list[Node]:
    """The objects of the list at a path. Raises UnclearError where there is no list, or something else in it."""
    found = at(item, path)
    if not isinstance(found, list):
        raise UnclearError(f"the answer has no list {path}")
    nodes = [each for each in found if isinstance(each, Mapping)]
    if len(nodes) != len(found):
        raise UnclearError(f"the answer has something else than objects in {path}")
    return nodes


def within(item: object, path: str) -> list[Node]:
    """The objects at a path that leads through lists too. Raises UnclearError where it leads nowhere."""
    found: list[object] = [item]
    for name in path.split(".") if path else ():
        values = [at(each, name) for each in found]
        if ABSENT in values:
            raise UnclearError(f"the answer has no {path}")
        found = [inner for value in values for inner in (value if isinstance(value, list) else [value])]
    nodes = [each for each in found if isinstance(each, Mapping)]
    if len(nodes) != len(found):
        raise UnclearError(f"the answer has something else than objects in {path}")
    return nodes


def text(item: object, path: str) -> str:
    """The text at a path, which may not be empty. Raises UnclearError."""
    found = at(item, path)
    if not isinstance(found, str) or not found:
        raise UnclearError(f"the answer does not say {path}")
    return found


def shown(value: object) -> str:
    if value is ABSENT:
        return "not there"
    if isinstance(value, (list, Mapping)):
        return f"a list of {len(value)}" if isinstance(value, list) else "an object"
    line = redact(value) if isinstance(value, str) else json.dumps(value, default=str)
    line = line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"
    return line if line.isprintable() else ascii(line)


def same(found: object, wanted: object) -> bool:
    """Of the same type too: 1 is not true."""
    return type(found) is type(wanted) and found == wanted


@dataclass(frozen=True, slots=True)
class Is:
    path: str
    value: str | int | bool

    @property
    def told(self) -> str:
        return f"{self.path} is {shown(self.value)}"

    def wrong(self, item: Node) -> str:
        found = at(item, self.path)
        return "" if same(found, self.value) else f"{self.path} is {shown(found)}, and has to be {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class OneOf:
    path: str
    values: tuple[str | int, ...]

    @property
    def told(self) -> str:
        return f"{self.path} is one of {', '.join(map(str, self.values))}"

    def wrong(self, item: Node) -> str:
        found = at(item, self.path)
        if any(same(found, value) for value in self.values):
            return ""
        return f"{self.path} is {shown(found)}, and has to be one of {', '.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number, `most` -1 where there is no upper end."""

    path: str
    least: int
    most: int = -1

    @property
    def told(self) -> str:
        return f"{self.path} is at least {self.least}" + (f" and at most {self.most}" if self.most >= 0 else "")

    def wrong(self, item: Node) -> str:
        found = at(item, self.path)
        if type(found) is int and found >= self.least and (self.most < 0 or found <= self.most):
            return ""
        return f"{self.path} is {shown(found)}, and has to be {self.told.partition(' is ')[2]}"


@dataclass(frozen=True, slots=True)
class Filled:
    """Something stands there; what, is its owner's."""

    path: str

    @property
    def told(self) -> str:
        return f"{self.path} is set"

    def wrong(self, item: Node) -> str:
        found = at(item, self.path)
        return "" if isinstance(found, (str, list, Mapping)) and found else f"{self.path} is not set"


@dataclass(frozen=True, slots=True)
class Has:
    """The list holds all of these."""

    path: str
    items: tuple[str, ...]

    @property
    def told(self) -> str:
        return f"{self.path} has {', '.join(self.items)}"

    def wrong(self, item: Node) -> str:
        found = at(item, self.path)
        lacking = [each for each in self.items if not isinstance(found, list) or each not in found]
        return f"{self.path} lacks {', '.join(lacking)}" if lacking else ""


@dataclass(frozen=True, slots=True)
class Each:
    """All of the holds are so in every item of the list, of which there has to be one."""

    path: str
    holds: tuple[Hold, ...]

    @property
    def told(self) -> str:
        return f"in each of {self.path}: {_told(self.holds)}"

    def wrong(self, item: Node) -> str:
        nodes = listed(item, self.path)
        if not nodes:
            return f"{self.path} is empty"
        return next((said for node in nodes if (said := wrong(node, self.holds))), "")


@dataclass(frozen=True, slots=True)
class Some:
    """All of the holds are so in one item of the list."""

    path: str
    holds: tuple[Hold, ...]

    @property
    def told(self) -> str:
        return f"in one of {self.path}: {_told(self.holds)}"

    def wrong(self, item: Node) -> str:
        found = at(item, self.path)
        nodes = [] if found is ABSENT else listed(item, self.path)
        return "" if any(not wrong(node, self.holds) for node in nodes) else f"none of {self.path} is as it should be"


@dataclass(frozen=True, slots=True)
class AnyOf:
    holds: tuple[Hold, ...]

    @property
    def told(self) -> str:
        return " or ".join(each.told for each in self.holds)

    def wrong(self, item: Node) -> str:
        said = [each.wrong(item) for each in self.holds]
        return "" if "" in said else "; ".join(said)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A list of keys and values, as attributes of load balancers and settings of clusters are told."""

    path: str
    name: str
    hold: Hold
    key: str = "Key"

    @property
    def told(self) -> str:
        return f"{self.name}: {self.hold.told}"

    def wrong(self, item: Node) -> str:
        nodes = [node for node in listed(item, self.path) if node.get(self.key) == self.name]
        if len(nodes) != 1:
            return f"{self.name} is {'not there' if not nodes else 'there more than once'}"
        said = self.hold.wrong(nodes[0])
        return f"{self.name}: {said}" if said else ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What data does not reach. `judge` answers as `wrong` does."""

    told: str
    judge: Callable[[Node], str]

    def wrong(self, item: Node) -> str:
        return self.judge(item)


def wrong(item: Node, holds: tuple[Hold, ...]) -> str:
    """Everything that is not as it should be, in one line."""
    return "; ".join(_wrong(item, holds))


def _wrong(item: Node, holds: tuple[Hold, ...]) -> Iterator[str]:
    for hold in holds:
        if said := hold.wrong(item):
            yield said


def _told(holds: tuple[Hold, ...]) -> str:
    return " and ".join(each.told for each in holds)
