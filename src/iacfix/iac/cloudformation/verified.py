"""Whether an edit did what it meant to and nothing else: by values that are computed, not by the text."""

import json

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.compare import Change, changed_entries
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.places import Path
from iacfix.iac.cloudformation.splices import Splice, apply
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.values import Known, ListValue, ObjectValue, Value


def verified(document: CloudFormationDocument, splice: Splice, change: tuple[str, Change], expected: Value) -> Splice:
    """The splice itself. Raises DocumentError unless, of all entries, it changes one alone, to what is expected."""
    address, _ = change
    try:
        after = apply(document, splice)
        changed = {(each.address, each.change) for each in changed_entries(document, after)}
    except DocumentError as error:
        raise _refusal(document, splice, address, error.what) from None
    if not changed <= {change}:
        others = ", ".join(sorted(other for other, _ in changed - {change}))
        raise _refusal(document, splice, address, f"it would change {others}")
    found = after.root.get("Resources")
    value = read_value(found) if found is not None else None
    value = value.get(address.partition(".")[2]) if isinstance(value, ObjectValue) else None
    if value is None or canonical(value) != canonical(expected):
        raise _refusal(document, splice, address, "the result does not read as it should")
    if _is_json(document.data) and not _is_json(after.data):
        raise _refusal(document, splice, address, "the result is no JSON")
    return splice


def _refusal(document: CloudFormationDocument, splice: Splice, address: str, why: str) -> DocumentError:
    line = document.line_of(splice.start)
    what = f"{document.path}:{line}: {address} cannot be edited safely here: {why}"
    return DocumentError(what, line=line, remedy="edit it by hand")


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def canonical(value: Value) -> str:
    """The same for two values that mean the same: types count, the order of keys does not."""
    match value:
        case ObjectValue(items, complete):
            pairs = sorted((json.dumps(name), canonical(item)) for name, item in items)
            return f"{{{complete} {pairs}}}"
        case ListValue(items):
            return f"[{', '.join(map(canonical, items))}]"
        case _:
            return repr(value)


def wrapped(path: Path, value: Value) -> Value:
    """The value with what a path needs above it."""
    for part in reversed(path):
        if isinstance(part, str):
            value = ObjectValue(((part, value),))
        elif part == 0:
            value = ListValue((value,))
        else:
            raise DocumentError(f"there is no list that has an item {part}", remedy="begin it with item 0")
    return value


def with_value(old: Value, path: Path, value: Value) -> Value:
    match old, path:
        case _, ():
            return value
        case ObjectValue(items, complete), (str() as name, *rest):
            if (inner := old.get(name)) is None:
                return ObjectValue((*items, (name, wrapped(tuple(rest), value))), complete)
            new = with_value(inner, tuple(rest), value)
            return ObjectValue(tuple((key, new if key == name else item) for key, item in items), complete)
        case ListValue(items), (int() as at, *rest) if at < len(items):
            return ListValue((*items[:at], with_value(items[at], tuple(rest), value), *items[at + 1 :]))
        case (Known(None) | ListValue(()), _):
            return wrapped(path, value)
        case _:
            raise _no_place(path)


def without_value(old: Value, path: Path) -> Value:
    match old, path:
        case ObjectValue(items, complete), (str() as name,):
            return ObjectValue(tuple((key, item) for key, item in items if key != name), complete)
        case ListValue(items), (int() as at,):
            return ListValue((*items[:at], *items[at + 1 :]))
        case ObjectValue(items, complete), (str() as name, *rest):
            new = tuple((key, without_value(item, tuple(rest)) if key == name else item) for key, item in items)
            return ObjectValue(new, complete)
        case ListValue(items), (int() as at, *rest) if at < len(items):
            return ListValue((*items[:at], without_value(items[at], tuple(rest)), *items[at + 1 :]))
        case _:
            raise _no_place(path)


def extended(old: Value, path: Path, more: tuple[Value, ...]) -> Value:
    match old, path:
        case ListValue(items), ():
            return ListValue((*items, *more))
        case ObjectValue(), (str() as name, *rest) if (inner := old.get(name)) is not None:
            return with_value(old, (name,), extended(inner, tuple(rest), more))
        case ListValue(items), (int() as at, *rest) if at < len(items):
            return with_value(old, (at,), extended(items[at], tuple(rest), more))
        case _:
            raise _no_place(path)


def _no_place(path: Path) -> DocumentError:
    return DocumentError(f"there is nothing at {'.'.join(map(str, path))}", remedy="edit it by hand")
