"""YAML or JSON text to a tree of nodes with exact byte spans. One pass over the events, no recursion."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

import yaml

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence

BOM = b"\xef\xbb\xbf"
# CloudFormation itself nests far less; below this no reader of the tree runs out of stack.
MAX_DEPTH = 100
# What aliases may add to a document when they are followed; a few lines of YAML can stand for billions of nodes.
MAX_ALIASED = 100_000

_YAML_TAG = "tag:yaml.org,2002:"


def parse(data: bytes) -> Node:
    """The root node. Raises DocumentError, with its line, when the text is not one UTF-8 document of YAML or JSON."""
    text = decode(data)
    builder = _Builder(data, _offsets(text, 3 if data.startswith(BOM) else 0))
    for event in events(text):
        builder.take(event)
    if builder.root is None:
        raise DocumentError("the file is empty", line=1)
    return builder.root


def decode(data: bytes) -> str:
    try:
        return data.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("the file is not UTF-8", line=line, remedy="save it as UTF-8") from None


def events(text: str) -> Iterator[yaml.Event]:
    """The parser's events down to MAX_DEPTH. Raises DocumentError for what is no YAML, or nested deeper."""
    depth = 0
    stream = yaml.parse(text, Loader=yaml.CSafeLoader)
    try:
        for event in stream:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise DocumentError(f"the file is nested deeper than {MAX_DEPTH} levels", line=_line(event))
            yield event
    except yaml.YAMLError as error:
        raise _refusal(error) from None


def _refusal(error: yaml.YAMLError) -> DocumentError:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "it is malformed"
        if "Unicode character escape" in problem:
            remedy = "write the character itself instead of two \\u escapes"
        else:
            remedy = "mend its syntax"
        return DocumentError(
            f"the file does not parse as YAML or JSON ({problem})", line=mark.line + 1 if mark else 0, remedy=remedy
        )
    return DocumentError("the file holds characters that YAML does not allow", remedy="remove control characters")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _offsets(text: str, base: int) -> list[int] | range:
    """For each character index, the byte offset in the file."""
    if text.isascii():
        return range(base, base + len(text) + 1)
    return list(accumulate((len(character.encode()) for character in text), initial=base))


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; `nodes` holds keys and values in turn for a mapping."""

    event: yaml.CollectionStartEvent
    nodes: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class _Builder:
    data: bytes
    offsets: list[int] | range
    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)
    # By anchor: the node, how many nodes it is when aliases are followed, and how deep.
    anchors: dict[str, tuple[Node, int, int]] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    aliased: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent() if self.root is not None:
                raise DocumentError(
                    "the file holds more than one YAML document",
                    line=_line(event),
                    remedy="a CloudFormation template is one document: split the file at `---`",
                )
            case yaml.CollectionStartEvent():
                if event.anchor:
                    self.unfinished.add(event.anchor)
                self.stack.append(_Open(event))
            case yaml.CollectionEndEvent():
                self._close(event)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.ScalarEvent():
                self._add(self._scalar(event), event.anchor, 1, 0)

    def _span(self, event: yaml.Event) -> tuple[int, int]:
        start, end = event.start_mark, event.end_mark
        return (self.offsets[start.index], self.offsets[end.index]) if start and end else (0, 0)

    def _add(self, node: Node, anchor: str | None, size: int, height: int) -> None:
        if anchor:
            self.unfinished.discard(anchor)
            self.anchors[anchor] = (node, size, height)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent.event, yaml.MappingStartEvent) and len(parent.nodes) % 2 == 0:
            _check_key(node)
        parent.nodes.append(node)
        parent.size += size
        parent.height = max(parent.height, height + 1)

    def _alias(self, event: yaml.AliasEvent) -> None:
        line = _line(event)
        if event.anchor in self.unfinished:
            raise DocumentError(f"*{event.anchor} refers to what it stands in", line=line)
        if event.anchor not in self.anchors:
            raise DocumentError(
                f"*{event.anchor} has no anchor above it", line=line, remedy="define it, or fix its name"
            )
        node, size, height = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MAX_ALIASED or len(self.stack) + height > MAX_DEPTH:
            raise DocumentError("aliases make the file too large", line=line, remedy="write fewer or smaller aliases")
        self._add(Alias(*self._span(event), line, event.anchor, node), None, size, height)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        start, end = self._span(event)
        style = event.style or ""
        if style and style in "|>":
            end = self._end_of_block(start, end)
        tag = _tag(event.tag)
        if tag == "!":  # the non-specific tag makes a string of anything
            tag = "!!str"
        return Scalar(start, end, _line(event), tag, event.anchor or "", event.value, style)

    def _end_of_block(self, start: int, end: int) -> int:
        """A block scalar's span runs on over blank lines, which are content only where its header says `+`."""
        written = self.data[start:end]
        header = written.split(b"\n", 1)[0].split(b"#", 1)[0]
        if b"+" in header.split()[-1]:
            return start + len(written.removesuffix(b"\n").removesuffix(b"\r"))
        return start + len(written.rstrip())

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        done = self.stack.pop()
        begin = done.event
        start, behind = self._span(begin)
        closed = self._span(event)[1]
        flow = bool(begin.flow_style)
        line, tag, anchor = _line(begin), _tag(begin.tag), begin.anchor or ""
        content = behind - 1 if flow else behind if tag or anchor else start
        node: Node
        # The end of a block collection is only seen where the next thing begins: its last item ends it.
        if isinstance(begin, yaml.SequenceStartEvent):
            items = tuple(done.nodes)
            end = closed if flow else max((item.end for item in items), default=content)
            node = Sequence(start, end, line, tag, anchor, content, flow, items)
        else:
            entries = tuple(self._entries(done.nodes))
            end = closed if flow else max((entry.end for entry in entries), default=content)
            node = Mapping(start, end, line, tag, anchor, content, flow, entries)
        self._add(node, begin.anchor, done.size, done.height)

    def _entries(self, nodes: list[Node]) -> Iterator[Entry]:
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if isinstance(key, Scalar):
                between = self.data[key.end : value.start]
                at = between.find(b":")
                yield Entry(key, value, key.end + at + 1 if at >= 0 else key.end)


def _check_key(node: Node) -> None:
    if not isinstance(node, Scalar):
        raise DocumentError("a key is not plain text", line=node.line, remedy="CloudFormation's keys are strings")


def _tag(tag: str | None) -> str:
    """Short, as it is written: `!Ref`, `!!str`."""
    return "" if tag is None else tag.replace(_YAML_TAG, "!!", 1) if tag.startswith(_YAML_TAG) else tag
