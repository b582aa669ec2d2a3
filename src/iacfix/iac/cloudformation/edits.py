"""Edits that change only the bytes they mean to, checked by reading the result.

Paths begin at the resource: `("Properties", "Tags", 0, "Value")`, `("DeletionPolicy",)`. An edit that is not sure to
change that place alone raises DocumentError: behind an alias, a merge key, a function, a loop, a macro.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation import block_edits, flow_edits, nodes
from iacfix.iac.cloudformation.compare import Change
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.cloudformation.layout import Style, style_of
from iacfix.iac.cloudformation.literals import literal
from iacfix.iac.cloudformation.places import Path, Slot, check_own, children, follow, refusal
from iacfix.iac.cloudformation.splices import Splice, apply
from iacfix.iac.cloudformation.verified import extended, verified, with_value, without_value, wrapped
from iacfix.iac.values import Known, ListValue, ObjectValue, Value

__all__ = [
    "NewResource",
    "Path",
    "Splice",
    "apply",
    "extend_list",
    "insert_resource",
    "literal",
    "remove",
    "set_attribute",
]

_COMMENT_LINE = re.compile(rb"\r?\n([ \t]*)#[^\r\n]*")
_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}")


@dataclass(frozen=True, slots=True)
class NewResource:
    """`body` is all that stands below the logical id: `Type`, `Properties` and so on."""

    name: str
    body: ObjectValue


def set_attribute(document: CloudFormationDocument, resource: Resource, path: Path, value: Value) -> Splice:
    """Give a place the value: instead of the one that is there, else behind its siblings, with what is missing above.

    Functions are written short in YAML and long in JSON.
    """
    slots, missing = _follow(document, resource, path)
    style, slot = style_of(document), slots[-1]
    if not missing:
        splice = _write(document, style, slot, value)
    else:
        new = wrapped(missing[1:], value)
        splice = _add(document, style, slot, missing[0], new)
    return _checked(document, splice, resource, with_value(resource.value, path, value))


def remove(document: CloudFormationDocument, resource: Resource, path: Path) -> Splice:
    """A place with its lines; a comment on a line of its own stays. What held nothing else is left empty."""
    slots, missing = _follow(document, resource, path)
    slot, holder = slots[-1], slots[-1].holder
    if missing or not path:
        raise refusal(document, resource.start_line, f"{resource.address} has no {_shown(path)}")
    check_own(document, slot.start, slot.value.end)
    if holder.flow:
        splice = flow_edits.remove(document, slot)
    elif slot.siblings > 1:
        splice = block_edits.remove(document, slot)
    else:
        splice = block_edits.empty(document, style_of(document), slots[-2], slot)
    return _checked(document, splice, resource, without_value(resource.value, path))


def extend_list(document: CloudFormationDocument, resource: Resource, path: Path, items: Sequence[Value]) -> Splice:
    """More items behind the last one of a list that is there."""
    slots, missing = _follow(document, resource, (*path, 0))
    slot = slots[-1] if missing else slots[-2]
    written = slot.value
    if len(missing) > 1 or not isinstance(written, nodes.Sequence):
        raise refusal(document, resource.start_line, f"{resource.address} has no list {_shown(path)}")
    if not written.items:
        splice = _write(document, style_of(document), slot, ListValue(tuple(items)))
    else:
        insert = flow_edits.insert if written.flow else block_edits.insert
        splice = insert(document, style_of(document), written, len(written.items) - 1, [("", item) for item in items])
    return _checked(document, splice, resource, extended(resource.value, path, tuple(items)))


def insert_resource(document: CloudFormationDocument, after: Resource, new: NewResource) -> Splice:
    """A resource right behind another one, with a blank line between where the file has them."""
    if not _LOGICAL_ID.fullmatch(new.name):
        raise DocumentError(f"{new.name} is no logical id", remedy="use letters and digits")
    slot = _follow(document, after, ())[0][-1]
    if new.name in document.resources or new.name in document.parameters or _written(document, new.name):
        raise DocumentError(f"the template has {new.name} already", remedy="use another name")
    insert = flow_edits.insert if slot.holder.flow else block_edits.insert
    splice = insert(document, style_of(document), slot.holder, slot.index, [(new.name, new.body)])
    if not slot.holder.flow:
        splice = _behind_comments(document, splice, slot.column)
    if _apart(document, slot.holder):
        splice = replace(splice, text=splice.text.replace(document.newline, document.newline * 2, 1))
    return verified(document, splice, (f"Resources.{new.name}", Change.ADDED), new.body)


def _follow(document: CloudFormationDocument, resource: Resource, path: Path) -> tuple[list[Slot], Path]:
    """Slots from `Resources` on; the resource's own is there."""
    slots, missing = follow(document, ("Resources", resource.name, *path))
    if len(slots) < 2:  # noqa: PLR2004 - the section and the resource
        raise refusal(document, resource.start_line, f"{resource.address} is not written in Resources")
    return slots, missing


def _write(document: CloudFormationDocument, style: Style, slot: Slot, value: Value) -> Splice:
    """Another value for the one that is there; a text keeps its quotes."""
    old = slot.value
    check_own(document, old.start, old.end)
    if slot.holder.flow:
        return flow_edits.write(document, style, slot, value)
    if isinstance(old, nodes.Scalar) and old.style in {"'", '"'} and isinstance(value, Known):
        style = replace(style, quotes=old.style, always=True)
    return block_edits.write(document, style, slot, value)


def _add(document: CloudFormationDocument, style: Style, slot: Slot, part: str | int, value: Value) -> Splice:
    """Something new in a collection, behind the last thing it holds."""
    holder = slot.value
    if not isinstance(holder, nodes.Mapping | nodes.Sequence) or not children(holder):
        if isinstance(holder, nodes.Mapping | nodes.Sequence) and b"#" in document.data[holder.start : holder.end]:
            raise refusal(document, holder.line, "a comment stands where there is nothing else")
        return _write(document, style, slot, wrapped((part,), value))
    if isinstance(holder, nodes.Sequence) or isinstance(part, int):
        raise refusal(document, holder.line, f"the list has no item {part}")
    insert = flow_edits.insert if holder.flow else block_edits.insert
    return insert(document, style, holder, len(holder.entries) - 1, [(part, value)])


def _written(document: CloudFormationDocument, name: str) -> bool:
    return not follow(document, ("Resources", name))[1]


def _behind_comments(document: CloudFormationDocument, splice: Splice, column: int) -> Splice:
    """Comments right below a resource that are indented deeper than its name belong to it."""
    end = splice.end
    while (line := _COMMENT_LINE.match(document.data, end)) is not None and len(line[1]) > column:
        end = line.end()
    return Splice(end, end, splice.text)


def _apart(document: CloudFormationDocument, holder: nodes.Mapping | nodes.Sequence) -> bool:
    """Whether most resources, or where there is one alone most sections, stand a blank line apart."""
    spans = children(holder) if len(children(holder)) > 1 else children(document.root)
    gaps = [document.data[left[1] : right[0]] for left, right in pairwise(spans)]
    blank = [gap for gap in gaps if _BLANK_LINE.search(gap)]
    return bool(gaps) and len(blank) * 2 > len(gaps)


def _checked(document: CloudFormationDocument, splice: Splice, resource: Resource, expected: Value) -> Splice:
    return verified(document, splice, (resource.address, Change.CHANGED), expected)


def _shown(path: Path) -> str:
    return ".".join(map(str, path))
