"""Edits in YAML's block collections, line by line."""

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.flow_edits import Pairs
from iacfix.iac.cloudformation.layout import Style, block, entry_lines, item_lines, shaped, text_of
from iacfix.iac.cloudformation.nodes import Mapping, Sequence
from iacfix.iac.cloudformation.places import Slot, children, dash_of, refusal
from iacfix.iac.cloudformation.splices import Splice, before_on_line, end_of_line
from iacfix.iac.values import ListValue, ObjectValue, Value


def write(document: CloudFormationDocument, style: Style, slot: Slot, value: Value) -> Splice:
    """Another value in the place of one that is there, or behind a colon or dash that has none."""
    old = slot.value
    head, *rest = block(style, shaped(style, value), slot.column, item=isinstance(slot.holder, Sequence))
    behind = f" {head}" if head else ""
    lines = "".join(f"{style.newline}{line}" for line in rest)
    gap = document.text(slot.mark, old.start) if old.end > old.start else ""
    if "\n" in gap:  # its comments stay
        return Splice(slot.mark, old.end, f"{behind}{gap.rstrip()}{lines}")
    if not rest and gap:
        return Splice(old.start, old.end, head)
    if not rest:
        return Splice(slot.mark, slot.mark, behind)
    end = end_of_line(document, old.end if gap else slot.mark)
    return Splice(slot.mark, end, f"{behind}{document.text(old.end if gap else slot.mark, end)}{lines}")


def insert(
    document: CloudFormationDocument, style: Style, holder: Mapping | Sequence, after: int, new: Pairs
) -> Splice:
    """New entries, or new items, behind the one that `after` counts."""
    end = end_of_line(document, children(holder)[after][1])
    lines: list[str] = []
    for key, value in new:
        shape = shaped(style, value)
        if isinstance(holder, Mapping):
            column = len(before_on_line(document, holder.entries[after].start))
            lines += entry_lines(style, text_of(style, key), shape, column)
        else:
            lines += item_lines(style, shape, len(before_on_line(document, dash_of(document, holder, after))))
    return Splice(end, end, "".join(f"{style.newline}{line}" for line in lines))


def empty(document: CloudFormationDocument, style: Style, outer: Slot, slot: Slot) -> Splice:
    """`{}` or `[]` in the place of a collection that holds `slot` alone."""
    holder = slot.holder
    if holder.tag or holder.anchor:
        raise refusal(document, holder.line, "a collection with a tag or an anchor would be left empty")
    return write(document, style, outer, ObjectValue(()) if isinstance(holder, Mapping) else ListValue(()))


def remove(document: CloudFormationDocument, slot: Slot) -> Splice:
    """The lines of an entry or item that is not the only one; comments on lines of their own stay.

    Raises DocumentError when something else stands on them.
    """
    parts = children(slot.holder)
    line_start = document.data.rfind(b"\n", 0, slot.start) + 1
    if before_on_line(document, slot.start).strip():  # behind the dash of the item that it begins
        if slot.index + 1 == len(parts):
            raise refusal(document, slot.value.line, "more than one thing stands on the line")
        return _move_up(document, slot)
    end = end_of_line(document, max(slot.mark, slot.value.end))
    following = document.data.find(b"\n", end)
    if following < 0:  # the file still ends without a line end
        start = line_start - len(b"\r\n" if document.data[:line_start].endswith(b"\r\n") else b"\n")
        return Splice(max(start, 0), len(document.data), "")
    end = following + 1
    # The blank line that set it apart would stand beside another one, or at the end.
    blank = document.data.rfind(b"\n", 0, max(line_start - 1, 0)) + 1
    own = slot.index > 0 and blank >= parts[slot.index - 1][1] and not document.data[blank:line_start].strip()
    if own and line_start and (slot.index + 1 == len(parts) or document.data[end:].startswith((b"\n", b"\r\n"))):
        line_start = blank
    return Splice(line_start, end, "")


def _move_up(document: CloudFormationDocument, slot: Slot) -> Splice:
    """The next entry, or the comments above it, take the place behind the dash."""
    parts = children(slot.holder)
    end = parts[slot.index + 1][0]
    if isinstance(slot.holder, Sequence):
        end = dash_of(document, slot.holder, slot.index + 1)
    own_lines = document.data.find(b"#", end_of_line(document, parts[slot.index][1]), end)
    return Splice(slot.start, own_lines if own_lines >= 0 else end, "")
