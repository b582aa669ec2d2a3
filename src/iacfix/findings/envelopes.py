"""What findings arrive wrapped in: a list, a page of an API's answer, an EventBridge event."""

from collections.abc import Callable, Iterator
from itertools import islice

from iacfix.findings.fields import MAX_ENTRIES

# Keys to follow, in this order, to the list inside.
_ENVELOPES = (
    ("Findings",),  # the answer of Security Hub's GetFindings
    ("detail", "findings"),  # EventBridge: "Security Hub Findings - Imported" and custom actions
)
# Of an event that is the finding itself, as AWS Config and GuardDuty send them.
_DETAIL = "detail"

Entry = tuple[str, object]
"""The dotted path to a value, "" for the whole file, and the value."""


def some(entries: Iterator[Entry], looks_right: Callable[[object], bool]) -> bool:
    """Whether any entry looks right, or there is none at all: `[]` is what a tool writes that found nothing."""
    empty = True
    # Whatever stands behind the limit cannot save the file: it is refused for its length.
    for _, entry in islice(entries, MAX_ENTRIES):
        if looks_right(entry):
            return True
        empty = False
    return empty


def elements(value: object) -> Iterator[Entry]:
    """The items of a list, or the one value that is no list."""
    if isinstance(value, list):
        items: list[object] = value
        yield from ((f"[{index}]", item) for index, item in enumerate(items))
    else:
        yield "", value


def unwrap(value: object) -> Iterator[Entry]:
    """The entries themselves, out of a list, an envelope, or a list of envelopes. Envelopes in envelopes stay shut."""
    for path, item in elements(value):
        yield from _opened(path, item)


def _opened(path: str, value: object) -> Iterator[Entry]:
    for keys in _ENVELOPES:
        inner = value
        for key in keys:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if inner is not None:
            name = ".".join((path, *keys) if path else keys)
            yield from ((f"{name}{index}", item) for index, item in elements(inner))
            return
    if isinstance(value, dict) and "detail-type" in value and isinstance(value.get(_DETAIL), dict):
        yield f"{path}.{_DETAIL}" if path else _DETAIL, value[_DETAIL]
    else:
        yield path, value
