"""Edits inside braces and brackets: JSON, and YAML's flow collections."""

from collections.abc import Collection
from dataclasses import replace

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.layout import Shape, Style, inline, pretty, shaped, text_of
from iacfix.iac.cloudformation.nodes import Mapping, Sequence
from iacfix.iac.cloudformation.places import Slot, children, refusal
from iacfix.iac.cloudformation.splices import Splice, before_on_line, end_of_line, indent_of
from iacfix.iac.values import Value

# A key is empty where the holder is a list.
Pairs = Collection[tuple[str, Value]]


def style_in(style: Style, holder: Mapping | Sequence) -> Style:
    """Where every key is quoted, as in JSON inside YAML, texts are quoted too."""
    if isinstance(holder, Mapping) and holder.entries and all(entry.key.style == '"' for entry in holder.entries):
        return replace(style, always=True, quotes='"')
    return style


def write(document: CloudFormationDocument, style: Style, slot: Slot, value: Value) -> Splice:
    """Another value in the place of one that is there."""
    shape = shaped(style_in(style, slot.holder), value)
    text = _written(document, style, slot.holder, shape, indent_of(document, slot.start))
    if slot.value.end > slot.value.start:
        return Splice(slot.value.start, slot.value.end, text)
    if document.data[slot.mark - 1 : slot.mark] != b":":
        raise refusal(document, slot.value.line, "a key without a colon has no place for a value")
    return Splice(slot.mark, slot.mark, f" {text}")


def _written(
    document: CloudFormationDocument, style: Style, holder: Mapping | Sequence, shape: Shape, indent: str
) -> str:
    if style.json and b"\n" in document.data[holder.start : holder.end]:
        return pretty(style, shape, indent)
    return inline(style, shape)


def insert(
    document: CloudFormationDocument, style: Style, holder: Mapping | Sequence, after: int, new: Pairs
) -> Splice:
    """New entries, or new items, behind the one that `after` counts."""
    style = style_in(style, holder)
    _check_braces(document, holder)
    parts = children(holder)
    start, end = parts[after]
    before, indent = before_on_line(document, start), indent_of(document, start)
    broken = not before.strip(" \t,") and b"\n" in document.data[holder.content : start]
    texts = []
    for key, value in new:
        shape = shaped(style, value)
        text = _written(document, style, holder, shape, indent) if broken else inline(style, shape)
        texts.append(f"{text_of(style, key)}{style.colon}{text}" if isinstance(holder, Mapping) else text)
    if not broken:
        return Splice(end, end, "".join(style.comma + text for text in texts))
    if before.strip():  # the comma stands at the start of the line
        return Splice(end, end, "".join(style.newline + before + text for text in texts))
    line_end = min(end_of_line(document, end), holder.end - 1)
    rest = document.text(end, line_end)
    added = style.newline + indent + f",{style.newline}{indent}".join(texts)
    if after + 1 < len(parts) or not rest.lstrip(" \t,").startswith("#"):
        return Splice(end, end, f",{added}")
    if rest.lstrip().startswith(","):
        return Splice(line_end, line_end, f"{added},")
    return Splice(end, line_end, f",{rest}{added}")


def remove(document: CloudFormationDocument, slot: Slot) -> Splice:
    """One entry or item with its comma. Raises DocumentError when a comment would go with it."""
    holder = slot.holder
    _check_braces(document, holder)
    parts = children(holder)
    start, end = parts[slot.index]
    if len(parts) == 1:
        start, end = holder.content + 1, holder.end - 1
    elif slot.index + 1 < len(parts):
        end = parts[slot.index + 1][0]
    else:
        start = parts[slot.index - 1][1]
    if _has_comment(document, holder, start, end):
        raise refusal(document, slot.value.line, "a comment stands beside what would be removed")
    return Splice(start, end, "")


def _has_comment(document: CloudFormationDocument, holder: Mapping | Sequence, start: int, end: int) -> bool:
    """Between the entries; what stands in one goes with it."""
    edges = [holder.content, *(offset for part in children(holder) for offset in part), holder.end]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return any(b"#" in document.data[max(left, start) : min(right, end)] for left, right in gaps)


def _check_braces(document: CloudFormationDocument, holder: Mapping | Sequence) -> None:
    if document.data[holder.content : holder.content + 1] not in {b"{", b"["}:
        raise refusal(document, holder.line, "a mapping in a list is written without braces")
