"""One Terraform file in JSON syntax, with what users of TerraformDocument ask for. It is read, not edited."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import files, json_values
from iacfix.iac.terraform.document import TerraformDocument, address_of
from iacfix.iac.terraform.json_syntax import Array, Node, Object, Text, Typed, Word, parse, typed
from iacfix.iac.terraform.values import Value

# A string in them is what it says, though it looks like a template; so it is in variable files.
LITERAL = frozenset({("variable", name) for name in ("default", "description", "type")})
ABOUT_ADDRESSES = frozenset({"moved", "removed", "import"})
# How many labels a block has; what is not named here has none.
LABELS = {"resource": 2, "data": 2, "ephemeral": 2}
LABELS |= dict.fromkeys(("variable", "output", "module", "provider", "check"), 1)
COMMENT = "//"


@dataclass(frozen=True, slots=True)
class Lines:
    """Line numbers from byte offsets. `starts` are the offsets behind each line end."""

    starts: tuple[int, ...]

    def of(self, offset: int) -> int:
        return bisect_right(self.starts, offset) + 1


@dataclass(frozen=True, slots=True)
class JsonAttribute:
    """`"name": value`; whether it is a nested block in truth only the provider's schema knows."""

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    node: Node = field(repr=False, compare=False)
    lines: Lines = field(repr=False, compare=False)
    literal: bool = False

    @property
    def value(self) -> Value:
        return json_values.read_value(self.node, literal=self.literal)

    @property
    def start_line(self) -> int:
        return self.lines.of(self.start)

    @property
    def multiline(self) -> bool:
        return self.lines.of(self.start) != self.lines.of(self.end)


@dataclass(frozen=True)
class JsonBlock:
    """As Block. It begins with its last label's key, or with its brace where several stand in one list."""

    keyword: str
    labels: tuple[str, ...]
    address: str
    start: int
    end: int
    node: Object = field(repr=False, compare=False)
    lines: Lines = field(repr=False, compare=False)

    @property
    def body_start(self) -> int:
        return self.node.start + 1

    @property
    def body_end(self) -> int:
        return self.node.end - 1

    @property
    def start_line(self) -> int:
        return self.lines.of(self.start)

    @property
    def end_line(self) -> int:
        return self.lines.of(self.end - 1)

    @property
    def one_line(self) -> bool:
        return self.start_line == self.end_line

    @cached_property
    def attributes(self) -> tuple[JsonAttribute, ...]:
        """Every key but comments."""
        return tuple(
            JsonAttribute(
                key.value,
                key.start,
                value.end,
                value.start,
                value.end,
                value,
                self.lines,
                (self.keyword, key.value) in LITERAL,
            )
            for key, value in self.node.members
            if key.value != COMMENT
        )

    @property
    def comments(self) -> tuple[tuple[Text, Node], ...]:
        return tuple(member for member in self.node.members if member[0].value == COMMENT)

    @property
    def blocks(self) -> tuple["JsonBlock", ...]:
        """None: they cannot be told from attributes without the provider's schema; ask `nested` by name."""
        return ()

    def attribute(self, name: str) -> JsonAttribute | None:
        return next((found for found in self.attributes if found.name == name), None)

    def nested(self, name: str) -> tuple["JsonBlock", ...]:
        """The object under this key, or the objects of its list."""
        found = next(((key, value) for key, value in self.node.members if key.value == name), None)
        if found is None:
            return ()
        key, value = found
        bodies = value.items if isinstance(value, Array) else (value,)
        return tuple(
            JsonBlock(name, (), "", key.start if body is value else body.start, body.end, body, self.lines)
            for body in bodies
            if isinstance(body, Object)
        )

    def dynamic(self, name: str) -> bool:
        """Whether a `dynamic` block makes blocks of this name."""
        return any(name in {key.value for key, _ in found.node.members} for found in self.nested("dynamic"))

    def references(self) -> tuple[tuple[str, ...], ...]:
        addresses = json_values.REFERENCES | ({"from", "to"} if self.keyword in ABOUT_ADDRESSES else frozenset())
        return tuple(json_values.references("", self.node, addresses))


@dataclass(frozen=True)
class JsonTerraformDocument:
    """A file that parses. Build it with `read`. `comments` are the values of `//` outside any block."""

    path: str
    data: bytes
    roots: tuple[Object, ...] = field(repr=False, compare=False)
    lines: Lines = field(repr=False, compare=False)
    blocks: tuple[JsonBlock, ...] = field(repr=False, compare=False)
    comments: tuple[Typed, ...] = field(repr=False, compare=False)

    @classmethod
    def read(cls, path: str, data: bytes) -> "JsonTerraformDocument":
        """Raises DocumentError, naming the file and the line. A variable file has assignments and no blocks."""
        lines = _lines(data)
        comments: list[Typed] = []
        try:
            roots = _roots(parse(data), lines)
            if files.is_variables(path):
                _check_once(roots, lines)
                blocks: tuple[JsonBlock, ...] = ()
            else:
                blocks = tuple(block for root in roots for block in _blocks(root, lines, comments))
        except DocumentError as error:
            raise DocumentError(f"{path}:{error.line}: {error.what}", line=error.line, remedy=error.remedy) from None
        return cls(path, data, roots, lines, blocks, tuple(comments))

    @cached_property
    def by_address(self) -> dict[str, tuple[JsonBlock, ...]]:
        """More than one block for an address is an error of the author's, kept visible here."""
        found: dict[str, list[JsonBlock]] = {}
        for block in self.blocks:
            found.setdefault(block.address, []).append(block)
        return {address: tuple(blocks) for address, blocks in found.items()}

    @property
    def assignments(self) -> tuple[JsonAttribute, ...]:
        """What a variable file sets; nothing of any other file."""
        if not files.is_variables(self.path):
            return ()
        return tuple(
            JsonAttribute(key.value, key.start, value.end, value.start, value.end, value, self.lines, literal=True)
            for root in self.roots
            for key, value in root.members
            if key.value != COMMENT
        )

    @property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.data else "\n"

    def text(self, start: int, end: int) -> str:
        return self.data[start:end].decode()

    def items(self, block: JsonBlock) -> Iterator[JsonAttribute]:
        return iter(block.attributes)


AnyDocument = TerraformDocument | JsonTerraformDocument


def read_document(path: str, data: bytes) -> AnyDocument:
    """By the name of the file. Raises DocumentError."""
    return (JsonTerraformDocument if files.is_json(path) else TerraformDocument).read(path, data)


def _lines(data: bytes) -> Lines:
    starts: list[int] = []
    at = data.find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = data.find(b"\n", at + 1)
    return Lines(tuple(starts))


def _roots(root: Node, lines: Lines) -> tuple[Object, ...]:
    """An object, or a list of objects that are read as one."""
    found = root.items if isinstance(root, Array) else (root,)
    roots = tuple(each for each in found if isinstance(each, Object))
    if len(roots) != len(found):
        raise DocumentError("the file is no JSON object", line=lines.of(root.start), remedy="put it into { }")
    return roots


def _check_once(roots: tuple[Object, ...], lines: Lines) -> None:
    seen: set[str] = set()
    for key in (key for root in roots for key, _ in root.members):
        if key.value in seen and key.value != COMMENT:
            raise DocumentError(f"{key.value} is set twice", line=lines.of(key.start))
        seen.add(key.value)


def _blocks(root: Object, lines: Lines, comments: list[Typed]) -> Iterator[JsonBlock]:
    for key, value in root.members:
        if key.value == COMMENT:
            comments.append(typed(value))
        else:
            yield from _labelled(key, value, (key.value,), lines, comments)


def _labelled(
    key: Text, value: Node, head: tuple[str, ...], lines: Lines, comments: list[Typed]
) -> Iterator[JsonBlock]:
    """At most two labels deep. A list stands for several of what it holds."""
    if isinstance(value, Word) and value.value is None:
        return
    for body in value.items if isinstance(value, Array) else (value,):
        if not isinstance(body, Object):
            raise DocumentError(
                f"{'.'.join(head)} is no JSON object", line=lines.of(body.start), remedy="put it into { }"
            )
        if len(head) - 1 < LABELS.get(head[0], 0):
            for label, inner in body.members:
                if label.value == COMMENT:
                    comments.append(typed(inner))
                else:
                    yield from _labelled(label, inner, (*head, label.value), lines, comments)
            continue
        keyword, *labels = head
        start = key.start if body is value else body.start
        told = {name.value: text.value for name, text in body.members if isinstance(text, Text)}
        yield JsonBlock(keyword, tuple(labels), address_of(keyword, labels, told.get), start, body.end, body, lines)
