"""Where a new line goes and how it is laid out, so that `terraform fmt` has nothing to say about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from iacfix.iac.terraform.document import Attribute, Block, TerraformDocument
from iacfix.iac.terraform.values import Known, Value

INDENT = "  "

# Attributes that stand apart by custom: new ones go before `tags` and never among the meta-arguments.
APART = frozenset({"tags", "tags_all", "count", "for_each", "provider", "depends_on"})
REPEATS = frozenset({"count", "for_each"})
LAST_BLOCKS = frozenset({"lifecycle", "timeouts", "provisioner", "connection"})


@dataclass(frozen=True, slots=True)
class NewAttribute:
    """`text` is the value as HCL."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class NewBlock:
    """`header` is what stands before `{`: `versioning`, or `resource "aws_x" "y"`."""

    header: str
    items: tuple["NewAttribute | NewBlock", ...]


NewItem = NewAttribute | NewBlock


def render(items: Sequence[NewItem], indent: str) -> list[str]:
    """Lines without line ends; attributes keep their order, aligned on `=`; `for_each` and blocks stand apart."""
    lines: list[str] = []
    run: list[NewAttribute] = []

    def flush() -> None:
        width = max((len(item.name) for item in run), default=0)
        lines.extend(f"{indent}{item.name:<{width}} = {item.text}" for item in run)
        run.clear()

    for item in items:
        if isinstance(item, NewAttribute):
            if run and run[-1].name in REPEATS:
                flush()
                lines.append("")
            run.append(item)
            continue
        flush()
        if lines:
            lines.append("")
        inner = render(item.items, indent + INDENT)
        lines += [f"{indent}{item.header} {{", *inner, f"{indent}}}"] if inner else [f"{indent}{item.header} {{}}"]
    flush()
    return lines


def indent_of(document: TerraformDocument, offset: int) -> str:
    """The white space at the start of the line on which `offset` stands."""
    start = document.data.rfind(b"\n", 0, offset) + 1
    line = document.data[start:offset].decode()
    return line[: len(line) - len(line.lstrip(" \t"))]


def end_of_line(document: TerraformDocument, offset: int) -> int:
    """The offset of the line's end (its CR or LF) at or after `offset`; a trailing comment is included."""
    end = document.data.find(b"\n", offset)
    end = len(document.data) if end < 0 else end
    return end - 1 if end > offset and document.data[end - 1 : end] == b"\r" else end


@dataclass(frozen=True, slots=True)
class Chain:
    """Attributes on consecutive lines, which `terraform fmt` aligns. `closed`: a heredoc's first line ends it."""

    attributes: tuple[Attribute, ...]
    closed: bool

    @property
    def last(self) -> Attribute:
        return self.attributes[-2] if self.closed else self.attributes[-1]


def chains(document: TerraformDocument, block: Block) -> list[Chain]:
    """The runs of single-line attributes of a block into which one more may go."""
    found: list[Chain] = []
    run: list[Attribute] = []

    def close(heredoc: Attribute | None = None) -> None:
        if run:
            found.append(Chain((*run, heredoc) if heredoc else tuple(run), closed=heredoc is not None))
        run.clear()

    line = -1
    for item in document.items(block):
        first = item.node.start_point[0]
        if not isinstance(item, Attribute) or first != line + 1:
            close()
        line = item.node.end_point[0]
        if not isinstance(item, Attribute) or item.name in APART:
            close()
        elif not item.multiline:
            run.append(item)
        elif document.data[item.value_start : item.value_start + 2] == b"<<":
            close(item if run and first == run[-1].node.end_point[0] + 1 else None)
        else:
            close()
    close()
    return found


def column(document: TerraformDocument, attribute: Attribute) -> int:
    """Where the `=` stands, in characters from the attribute's name."""
    return document.text(attribute.start, attribute.value_start).index("=")


def fits(document: TerraformDocument, chain: Chain, name: str) -> str | None:
    """The padded name if the new line keeps the chain aligned without touching it, else None."""
    columns = {column(document, attribute) for attribute in chain.attributes}
    widest = max(len(attribute.name) for attribute in chain.attributes)
    if len(columns) > 1:  # nobody aligns here
        return name + " "
    width = columns.pop()
    if width == widest + 1 and len(name) < width:
        return name.ljust(width)
    return None


_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _plain(character: str) -> str:
    """A control character would not survive in the text of a file."""
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - what four digits hold


def quoted(text: str) -> str:
    """A string as an HCL literal, with nothing in it read as a template."""
    escaped = "".join(_ESCAPED.get(character) or _plain(character) for character in text)
    escaped = escaped.replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'


def literal(value: object) -> str:
    """A Python literal as HCL. Raises TypeError for what is none."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quoted(value)
        case tuple() | list():
            return f"[{', '.join(literal(item) for item in value)}]"
        case _:
            msg = f"not a literal: {type(value).__name__}"
            raise TypeError(msg)


def shown(value: Value, text: str) -> str:
    """How a value is named in a reason: itself when it is short and literal, else its text cut to fit a line."""
    if isinstance(value, Known):
        return text if value.value is None or not isinstance(value.value, str) else f'"{value.value}"'
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."  # noqa: PLR2004 - what fits on a line beside its sentence
