"""What a template is worth: its text between the marks, and what is put into it.

The literal parts are cut from the text itself, because the grammar drops blanks there.
"""

import re
from collections.abc import Callable, Iterator

import tree_sitter

from iacfix.iac.terraform.syntax import child, text_of
from iacfix.iac.values import Known, Template, Unknown, Value

Read = Callable[[tree_sitter.Node], Value]
Part = str | tree_sitter.Node

_HEREDOC = re.compile(rb"<<(-?)[^\s#/]+\r?\n")
_SEQUENCES = frozenset({"template_interpolation", "template_directive"})
_BLANKS = " \t"


def quoted(node: tree_sitter.Node, unescape: Callable[[str], str], read: Read) -> Value:
    """`"…"`. What stands alone in it is itself: `"${x}"` is x."""
    return _value(_parts(node, node.start_byte + 1, node.end_byte - 1, unescape), node, read)


def heredoc(node: tree_sitter.Node, read: Read, *, last_line_end: bool = True) -> Value:
    """`<<EOF`, with `<<-EOF` moved to the left. `last_line_end`: whether the text has the one before the marker."""
    raw = text_of(node)
    opening = _HEREDOC.match(raw)
    if opening is None:
        return Unknown(raw.decode())
    end = max(raw.rindex(b"\n") + last_line_end, opening.end())
    parts = _parts(node, node.start_byte + opening.end(), node.start_byte + end, _plain)
    if opening[1]:
        moved = _moved(parts)
        if moved is None:
            return Unknown(raw.decode())
        parts = moved
    return _value(parts, node, read)


def _plain(text: str) -> str:
    return text.replace("$${", "${").replace("%%{", "%{")


def _parts(node: tree_sitter.Node, start: int, end: int, literal: Callable[[str], str]) -> list[Part]:
    """Literal text and sequences in turn, a text at both ends, each as it means."""
    raw, base = text_of(node), node.start_byte
    found: list[Part] = []
    at = start
    for sequence in node.named_children:
        if sequence.type in _SEQUENCES:
            found += [literal(raw[at - base : sequence.start_byte - base].decode()), sequence]
            at = sequence.end_byte
    return [*found, literal(raw[at - base : max(end, at) - base].decode())]


def _value(parts: list[Part], node: tree_sitter.Node, read: Read) -> Value:
    if _in_doubt(node):
        return Unknown(text_of(node).decode())
    pieces: list[Value] = []
    for index, part in enumerate(parts):
        if not isinstance(part, str):
            expression = child(part, "expression") if part.type == "template_interpolation" else None
            pieces.append(Unknown(text_of(part).decode()) if expression is None else read(expression))
            continue
        left = index > 0 and _marked(parts[index - 1], -2)
        right = index + 1 < len(parts) and _marked(parts[index + 1], 2)
        if (left or right) and not part.isprintable() and part.strip(_BLANKS):
            return Unknown(text_of(node).decode())  # how far `~` reaches over line breaks is not modelled
        text = part.lstrip(_BLANKS) if left else part
        text = text.rstrip(_BLANKS) if right else text
        if text:
            pieces.append(Known(text))
    if not pieces:
        return Known("")
    return pieces[0] if len(pieces) == 1 else Template(tuple(pieces))


def _in_doubt(node: tree_sitter.Node) -> bool:
    """`$$${x}` is text to Terraform and a sequence to the grammar."""
    raw, base = text_of(node), node.start_byte
    sequences = (each.start_byte - base for each in node.named_children if each.type in _SEQUENCES)
    return any(raw[at - 1] == raw[at] for at in sequences)


def _marked(part: Part, at: int) -> bool:
    """Whether `~` stands at the sequence's end (-2) or beginning (2)."""
    return not isinstance(part, str) and text_of(part)[at : at + 1] == b"~"


def _moved(parts: list[Part]) -> list[Part] | None:
    """Without the blanks that every line begins with; a line of nothing but blanks stays. None where it is in doubt."""
    if any(_marked(part, 2) or _marked(part, -2) for part in parts):
        return None
    widths: list[int] = []
    for line, follows in _line_starts(parts):
        bare = line.lstrip(_BLANKS)
        if bare and bare[0].isspace() and bare != "\r":
            return None
        if follows or line.strip():
            widths.append(len(line) - len(bare))
    width = min(widths, default=0)
    found: list[Part] = []
    for index, part in enumerate(parts):
        if not isinstance(part, str):
            found.append(part)
            continue
        lines = part.split("\n")
        for number, line in enumerate(lines):
            follows = number == len(lines) - 1 and index + 1 < len(parts)
            if (number or not index) and (follows or line.strip()):
                lines[number] = line[width:]
        found.append("\n".join(lines))
    return found


def _line_starts(parts: list[Part]) -> Iterator[tuple[str, bool]]:
    """The text that begins each line, and whether a sequence follows it there."""
    for index, part in enumerate(parts):
        if isinstance(part, str):
            lines = part.split("\n")
            for number, line in enumerate(lines):
                if number or not index:
                    yield line, number == len(lines) - 1 and index + 1 < len(parts)
