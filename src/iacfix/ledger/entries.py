"""What the record says of each entry, held against the entry: one that was changed beside the record is found."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from iacfix.domain.audit import read
from iacfix.domain.ledger import LedgerEntry
from iacfix.domain.secrets import redact

_TOLD = ("state", "version", "round", "sources", "owner", "pull_request", "verification")

Said = Mapping[str, object]
"""Fields of an entry, by the last record that tells its version; empty where no record of the key tells one."""


def told(entry: LedgerEntry, more: Mapping[str, object] | None = None) -> str:
    """What a record says of an entry, as JSON text, with `more` beside it. Every record that changes one has to."""
    facts = _facts(entry)
    if not _fields(redact(text := _text({**_cleaned(more or {}), **facts}))):
        # taking secrets out of the whole of it would leave no JSON: then it tells as much as keeps its place
        text = _text({name: facts[name] for name in ("state", "version", "round")})
    return text


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
    known = _facts(entry)
    wrong = [name for name, value in known.items() if name in said and value != _clean(said[name])]
    if entry.version > _version(said):
        return f"it is at version {entry.version}, and the record at {_version(said)}"
    return f"its {' and '.join(sorted(wrong))} is not what the record says" if wrong else ""


def is_behind(entry: LedgerEntry | None, said: Said) -> bool:
    """It may have been read before the last record of it was written."""
    return entry is None or entry.version < _version(said)


def is_ahead(entry: LedgerEntry | None, said: Said) -> bool:
    return entry is not None and entry.version > _version(said)


def _facts(entry: LedgerEntry) -> Mapping[str, object]:
    known = asdict(entry)
    return _cleaned({name: known[name] for name in _TOLD})


def _cleaned(facts: Mapping[str, object]) -> Mapping[str, object]:
    return {name: _clean(value) for name, value in facts.items()}


def _clean(value: object) -> object:
    """Records hold no secrets, whatever a finding is called by its tool: text by text, so that what is left is JSON."""
    if isinstance(value, Mapping):
        return _cleaned(value)
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return redact(value) if isinstance(value, str) else value


def _text(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, sort_keys=True)


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
