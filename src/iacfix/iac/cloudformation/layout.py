"""How new values are written, so that they look like the rest of the file."""

import re
from collections import Counter
from dataclasses import dataclass

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.nodes import Mapping, Scalar, Sequence, walk
from iacfix.iac.cloudformation.splices import before_on_line, indent_of
from iacfix.iac.cloudformation.values import BARE, FUNCTIONS, scalar_value
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Value

# Functions whose argument is a list, however many it holds.
_LISTS = frozenset({
    "Fn::And", "Fn::Cidr", "Fn::Equals", "Fn::FindInMap", "Fn::GetAtt", "Fn::If", "Fn::Join", "Fn::Not", "Fn::Or",
    "Fn::Select", "Fn::Split", "Fn::Sub",
})  # fmt: skip
# Text that every reader of YAML takes for itself without quotes, in flow collections too.
_SAFE = re.compile(r"[A-Za-z_/](?:[A-Za-z0-9_./+@%=*()^$-]|:(?=[^ ,])| (?=[A-Za-z0-9_/(]))*")
_ONE_LETTER = frozenset("yYnN")
_SUBSTITUTION = re.compile(r"\$\{(?=[^{}]*\})")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Style:
    """`dash`: how far a list is indented from its key. `quote`: empty for text that needs none, else always.

    `colon` and `comma` are those of flow collections; `tight`: what holds one single value stays on one line in JSON.
    """

    json: bool
    newline: str
    step: str
    dash: int
    quotes: str
    colon: str
    comma: str
    tight: bool
    always: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """A collection to be written; `keys` is None for a list. Keys and single values are text already."""

    tag: str
    keys: tuple[str, ...] | None
    items: tuple["Shape", ...]


Shape = str | Many


def style_of(document: CloudFormationDocument) -> Style:
    seen = [node for node in walk(document.root) if isinstance(node, Mapping | Sequence)]
    steps: Counter[str] = Counter()
    dashes: Counter[int] = Counter()
    colons: Counter[str] = Counter()
    lines: Counter[bool] = Counter()
    quotes = Counter(
        node.style for node in walk(document.root) if isinstance(node, Scalar) and node.style in {"'", '"'}
    )
    for node in seen:
        if node.flow:
            lines += _single(document, node)
            steps += _flow_step(document, node)
            colons += _colons(document, node)
        elif isinstance(node, Mapping):
            _block_steps(document, node, steps, dashes)
    json = document.is_json
    step = steps.most_common(1)[0][0] if steps else "  "
    dash = dashes.most_common(1)[0][0] if dashes else len(step)
    colon = colons.most_common(1)[0][0] if json and colons else ": "
    comma = "," if colon == ":" and b"\n" not in document.data.strip() else ", "
    quote = quotes.most_common(1)[0][0] if quotes and not json else '"'
    return Style(json, document.newline, step, dash, quote, colon, comma, lines[True] >= lines[False], always=json)


def _single(document: CloudFormationDocument, node: Mapping | Sequence) -> Counter[bool]:
    """Whether a collection of one single value stands on one line."""
    parts = [entry.value for entry in node.entries] if isinstance(node, Mapping) else node.items
    if len(parts) != 1 or not isinstance(parts[0], Scalar):
        return Counter()
    return Counter([b"\n" not in document.data[node.start : node.end]])


def _flow_step(document: CloudFormationDocument, node: Mapping | Sequence) -> Counter[str]:
    parts = node.entries if isinstance(node, Mapping) else node.items
    if not document.root.flow or not parts or before_on_line(document, parts[0].start).strip():
        return Counter()
    inner, outer = indent_of(document, parts[0].start), indent_of(document, node.start)
    return Counter([inner.removeprefix(outer)] if inner != outer and inner.startswith(outer) else [])


def _colons(document: CloudFormationDocument, node: Mapping | Sequence) -> Counter[str]:
    entries = node.entries if isinstance(node, Mapping) else ()
    between = (
        document.text(entry.key.end, entry.value.start) for entry in entries if entry.key.end < entry.value.start
    )
    return Counter(text for text in between if "\n" not in text and text.strip() == ":" and len(text) <= len(" : "))


def _block_steps(document: CloudFormationDocument, node: Mapping, steps: Counter[str], dashes: Counter[int]) -> None:
    for entry in node.entries:
        value = entry.value
        if not isinstance(value, Mapping | Sequence) or value.flow or value.tag or value.anchor:
            continue
        width = len(before_on_line(document, value.content)) - len(before_on_line(document, entry.start))
        if isinstance(value, Sequence) and width >= 0:
            dashes[width] += 1
        elif isinstance(value, Mapping) and width > 0:
            steps[" " * width] += 1


def quoted(text: str) -> str:
    """A string in double quotes, the same in YAML and JSON."""
    return f'"{"".join(_ESCAPED.get(character) or _plain(character) for character in text)}"'


def _plain(character: str) -> str:
    """A control character would not survive in the text of a file."""
    code = ord(character)
    return character if character.isprintable() or code > 0xFFFF else f"\\u{code:04x}"  # noqa: PLR2004 - four digits


def text_of(style: Style, text: str) -> str:
    if not style.always and _SAFE.fullmatch(text) and text not in _ONE_LETTER:
        node = Scalar(0, 0, 0, "", "", text, "")
        if scalar_value(node) == Known(text):
            return text
    return f"'{text.replace(chr(39), chr(39) * 2)}'" if style.quotes == "'" and text.isprintable() else quoted(text)


def shaped(style: Style, value: Value) -> Shape:
    """Raises DocumentError for what cannot be written, such as a value that is not known."""
    match value:
        case Known(str() as text):
            return text_of(style, text)
        case Known():
            return _scalar(value)
        case ListValue(items):
            return Many("", None, tuple(shaped(style, item) for item in items))
        case ObjectValue(pairs, complete=True):
            keys = tuple(text_of(style, name) for name, _ in pairs)
            return Many("", keys, tuple(shaped(style, item) for _, item in pairs))
        case Reference((name,)):
            return _call(style, "Ref", Known(name))
        case Reference((name, attribute)) if style.json or "." in name:
            return _call(style, "Fn::GetAtt", ListValue((Known(name), Known(attribute))))
        case Reference((name, attribute)):
            return _call(style, "Fn::GetAtt", Known(f"{name}.{attribute}"))
        case Template(pieces):
            return _call(style, "Fn::Sub", Known("".join(map(_piece, pieces))))
        case CallValue(name, arguments):
            single = len(arguments) == 1 and name not in _LISTS
            return _call(style, name, arguments[0] if single else ListValue(arguments))
        case _:
            raise _unwritable(value)


def _scalar(value: Known) -> str:
    if value.value is None:
        return "null"
    text = str(value.value).lower() if isinstance(value.value, bool) else repr(value.value)
    found = scalar_value(Scalar(0, 0, 0, "", "", text, ""))
    if repr(found) != repr(value):
        raise _unwritable(value)
    return text


def _piece(piece: Value) -> str:
    match piece:
        case Known(str() as text):
            return _SUBSTITUTION.sub("${!", text)
        case Reference(parts):
            return f"${{{'.'.join(parts)}}}"
        case _:
            raise _unwritable(piece)


def _call(style: Style, name: str, argument: Value) -> Shape:
    """The short form where YAML can write it: one node has one tag, and what is tagged is text."""
    shape = shaped(style, argument)
    short = name.removeprefix("Fn::")
    bare = name in BARE or (name.startswith("Fn::") and short in FUNCTIONS)
    if bare and not style.json:
        if isinstance(shape, Many) and not shape.tag:
            return Many(f"!{short}", shape.keys, shape.items)
        if isinstance(shape, str) and isinstance(argument, Known) and isinstance(argument.value, str):
            return f"!{short} {shape}"
    return Many("", (text_of(style, name),), (shape,))


def _unwritable(value: Value) -> DocumentError:
    return DocumentError(
        f"a value cannot be written: {value!r:.200}", remedy="give a literal or a function of literals"
    )


def inline(style: Style, shape: Shape) -> str:
    if isinstance(shape, str):
        return shape
    tag = f"{shape.tag} " if shape.tag else ""
    items = [inline(style, item) for item in shape.items]
    if shape.keys is None:
        return f"{tag}[{style.comma.join(items)}]"
    pairs = (f"{key}{style.colon}{item}" for key, item in zip(shape.keys, items, strict=True))
    return f"{tag}{{{style.comma.join(pairs)}}}"


def pretty(style: Style, shape: Shape, indent: str) -> str:
    """JSON over several lines; `indent` is that of the line it begins on."""
    if isinstance(shape, str) or not shape.items or _stays_tight(style, shape):
        return inline(style, shape)
    deeper = indent + style.step
    items = [pretty(style, item, deeper) for item in shape.items]
    if shape.keys is not None:
        items = [f"{key}{style.colon}{item}" for key, item in zip(shape.keys, items, strict=True)]
    opening, closing = "[]" if shape.keys is None else "{}"
    body = f",{style.newline}{deeper}".join(items)
    return f"{opening}{style.newline}{deeper}{body}{style.newline}{indent}{closing}"


def _stays_tight(style: Style, shape: Many) -> bool:
    if not style.tight or len(shape.items) != 1 or not isinstance(shape.items[0], str):
        return False
    return shape.keys is None or shape.keys[0].startswith(('"Ref"', '"Fn::'))


def block(style: Style, shape: Shape, column: int, *, item: bool) -> list[str]:
    """Lines without line ends. The first goes behind the key or dash at `column`, the others are whole."""
    if isinstance(shape, str) or not shape.items or (shape.tag and _flat(shape)):
        return [inline(style, shape)]
    inner = column + (2 if item else style.dash if shape.keys is None else len(style.step))
    if shape.keys is None:
        lines = [line for part in shape.items for line in item_lines(style, part, inner)]
    else:
        pairs = zip(shape.keys, shape.items, strict=True)
        lines = [line for key, part in pairs for line in entry_lines(style, key, part, inner)]
    if item and not shape.tag:
        return [lines[0].strip(), *lines[1:]]
    return [shape.tag, *lines]


def _flat(shape: Many) -> bool:
    """Lists of functions are written on one line unless there is a mapping in them."""
    return shape.keys is None and all(isinstance(item, str) or not item.items or _flat(item) for item in shape.items)


def entry_lines(style: Style, key: str, shape: Shape, column: int) -> list[str]:
    head, *rest = block(style, shape, column, item=False)
    return [f"{' ' * column}{key}:{' ' * bool(head)}{head}", *rest]


def item_lines(style: Style, shape: Shape, column: int) -> list[str]:
    head, *rest = block(style, shape, column, item=True)
    return [f"{' ' * column}- {head}".rstrip(), *rest]
