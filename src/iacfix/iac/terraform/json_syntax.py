"""JSON text to values that know where they stand. Offsets are bytes everywhere; stricter than JSON: no key twice."""

import json
import re
from dataclasses import dataclass, field

from iacfix.domain.errors import DocumentError

BOM = b"\xef\xbb\xbf"
MAX_DEPTH = 100

_BLANK = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.+-])")
_WORD = re.compile(rb"(true|false|null)(?!\w)")
_WORDS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}


@dataclass(frozen=True, slots=True)
class Text:
    """A string, its escapes read. The span includes the quotes."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    """As it is written: `1` and `1.0` differ."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    value: bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple["Node", ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Object:
    """Members in the order of the text."""

    members: tuple[tuple[Text, "Node"], ...] = field(repr=False)
    start: int
    end: int


Node = Text | Number | Word | Array | Object
# A value without its place: what two texts are compared by. Equal only when every type is.
Typed = tuple[str, object]


def parse(data: bytes) -> Node:
    """The one value of the text. Raises DocumentError with its line."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("the file is not UTF-8", line=line, remedy="save it as UTF-8, as Terraform wants") from None
    scanner = _Scanner(data, len(BOM) if data.startswith(BOM) else 0)
    root = scanner.value(0)
    scanner.blank()
    if scanner.at != len(data):
        raise scanner.error("something follows the end of the JSON")
    return root


def typed(node: Node) -> Typed:
    """Keys sorted: their order means nothing."""
    match node:
        case Object(members):
            return "object", tuple(sorted(((key.value, typed(value)) for key, value in members), key=lambda it: it[0]))
        case Array(items):
            return "array", tuple(typed(item) for item in items)
        case Text(value):
            return "string", value
        case Number(value):
            return "number", value
        case Word(value):
            return "null" if value is None else "bool", value


class _Scanner:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def error(self, what: str) -> DocumentError:
        line = self._data.count(b"\n", 0, self.at) + 1
        return DocumentError(what, line=line, remedy="mend its JSON")

    def blank(self) -> None:
        found = _BLANK.match(self._data, self.at)
        self.at = found.end() if found else self.at

    def value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error(f"the JSON is nested more than {MAX_DEPTH} deep")
        self.blank()
        start = self.at
        match self._data[start : start + 1]:
            case b"{":
                return self._object(depth)
            case b"[":
                return self._array(depth)
            case b'"':
                return self._text()
        if (number := _NUMBER.match(self._data, start)) is not None:
            self.at = number.end()
            return Number(number[0].decode(), start, self.at)
        if (word := _WORD.match(self._data, start)) is not None:
            self.at = word.end()
            return Word(_WORDS[word[1]], start, self.at)
        raise self.error("the file does not parse as JSON")

    def _text(self) -> Text:
        start = self.at
        found = _STRING.match(self._data, start)
        if found is None:
            raise self.error("a string in the JSON does not end on its line, or holds an unknown escape")
        value = json.loads(found[0])
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.error("a string in the JSON is not Unicode: half of a surrogate pair") from None
        self.at = found.end()
        return Text(value, start, self.at)

    def _array(self, depth: int) -> Array:
        start = self.at
        items: list[Node] = []
        while self._more(b"[", b"]", first=not items):
            items.append(self.value(depth + 1))
        return Array(tuple(items), start, self.at)

    def _object(self, depth: int) -> Object:
        start = self.at
        members: list[tuple[Text, Node]] = []
        seen: set[str] = set()
        while self._more(b"{", b"}", first=not members):
            self.blank()
            if self._data[self.at : self.at + 1] != b'"':
                raise self.error("a key of a JSON object is a string")
            key = self._text()
            if key.value in seen:
                raise self.error(f"the key {key.value!r} is written twice")
            seen.add(key.value)
            self.blank()
            if self._data[self.at : self.at + 1] != b":":
                raise self.error("a colon stands between a key and its value")
            self.at += 1
            members.append((key, self.value(depth + 1)))
        return Object(tuple(members), start, self.at)

    def _more(self, opening: bytes, closing: bytes, *, first: bool) -> bool:
        """Steps over the bracket or comma that stands here; False behind the closing one."""
        self.blank()
        found = self._data[self.at : self.at + 1]
        if first and found == opening:
            self.at += 1
            self.blank()
            if self._data[self.at : self.at + 1] != closing:
                return True
            found = closing
        if found not in ({closing} if first else {closing, b","}):
            raise self.error("a comma or a closing bracket is missing")
        self.at += 1
        return found != closing
