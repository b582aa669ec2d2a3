"""The exceptions of a whole organization as rows of a table: the fields of docs/exceptions.md, each a text."""

from collections.abc import Mapping
from datetime import date

from iacfix.triage.exceptions import MOST_DAYS, Exceptions, RiskException, Scope
from iacfix.triage.exceptions_file import MAX_TEXT, entry_of

PREFIX = "exception#"
Row = Mapping[str, str | tuple[str, ...] | None]


def exceptions_of(rows: Mapping[str, Row], *, most_days: int = MOST_DAYS) -> Exceptions:
    """By key. A row that is not well made is among them, with its `fault`: it holds for nothing."""
    return Exceptions(tuple(_entry(key, row, most_days) for key, row in rows.items()))


def key_of(entry: RiskException) -> str:
    return f"{PREFIX}{entry.id}"


def row_of(entry: RiskException) -> Mapping[str, str]:
    scope = entry.scope
    texts = {"finding": scope.finding, "control": scope.control, "resource": scope.resource, "path": scope.path}
    texts |= {"approver": entry.approver, "reason": entry.reason}
    texts |= {"created": entry.created.isoformat(), "until": entry.until.isoformat()}
    return {name: text for name, text in texts.items() if text}


def _entry(key: str, row: Row, most_days: int) -> RiskException:
    texts: dict[str, str] = {}
    for name, value in row.items():
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not isinstance(value, str) or len(text) > MAX_TEXT or not text.isprintable():
            fault = f"{_shown(key)}: {_shown(name)} is too long, or no text that can be shown"
            return RiskException(Scope(), "", "", date.min, date.min, fault)
        texts[name] = text
    return entry_of(texts, f"{_shown(key)}: ", most_days)


def _shown(text: str) -> str:
    return text[:64] if text.isprintable() else ascii(text[:64])
