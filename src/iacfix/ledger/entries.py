"""What the record says of each entry, held against the entry: one that was changed beside the record is found."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from iacfix.domain.audit import read
from iacfix.domain.ledger import LedgerEntry

Said = Mapping[str, object]
"""Fields of an entry, by the last record that tells its version; empty where no record of the key tells one."""


def told_of(entry: LedgerEntry, **more: object) -> str:
    """What a record says of an entry, as JSON: whoever changes an entry says at least this. `more` is of the thing that
    was done; none of its names is a field of an entry.
    """
    facts = {
        name: getattr(entry, name) for name in ("state", "version", "round", "owner", "pull_request", "verification")
    }
    return json.dumps({**more, **facts, "sources": entry.sources}, sort_keys=True)


def said_of_entries(lines: Iterable[str]) -> Mapping[str, Said]:
    """By key. Raises LedgerError for a line that is no record."""
    found: dict[str, Said] = {}
    for line in lines:
        event = read(line).event
        if not event.key:
            continue
        said = _fields(event.after)
        if _version(said) >= _version(found.setdefault(event.key, {})):
            found[event.key] = said or found[event.key]
    return found


def contradiction(entry: LedgerEntry | None, said: Said) -> str:
    """What is wrong with an entry that was read after its record, "" where nothing is."""
    if not said:
        return ""
    if entry is None:
        return "it is gone"
    known = {**asdict(entry), "sources": list(entry.sources)}
    wrong = [name for name, value in said.items() if name in known and known[name] != value]
    if entry.version > _version(said):
        return f"it is at version {entry.version}, and the record at {_version(said)}"
    return f"its {' and '.join(sorted(wrong))} is not what the record says" if wrong else ""


def is_behind(entry: LedgerEntry | None, said: Said) -> bool:
    """It may have been read before the last record of it was written."""
    return entry is None or entry.version < _version(said)


def is_ahead(entry: LedgerEntry | None, said: Said) -> bool:
    return entry is not None and entry.version > _version(said)


def _fields(text: str) -> Said:
    try:
        loaded: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    is_entry = isinstance(loaded, dict) and type(loaded.get("version")) is int and isinstance(loaded.get("state"), str)
    return loaded if isinstance(loaded, dict) and is_entry else {}


def _version(said: Said) -> int:
    version = said.get("version")
    return version if isinstance(version, int) else 0
