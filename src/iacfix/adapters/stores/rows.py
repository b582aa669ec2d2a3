"""How an entry of the ledger is written down: JSON, read back with a look at every value."""

import json
from dataclasses import MISSING, asdict, fields

from iacfix.domain.errors import LedgerError
from iacfix.domain.ledger import LedgerEntry, State

_KINDS = {"version": int, "round": int, "sources": list}
_NAMES = frozenset(field.name for field in fields(LedgerEntry))
# An entry that an earlier version wrote lacks what came later.
_NEEDED = frozenset(field.name for field in fields(LedgerEntry) if field.default is MISSING)


def text_of(entry: LedgerEntry) -> str:
    return json.dumps(asdict(entry), sort_keys=True)


def entry_of(text: object) -> LedgerEntry:
    """Raises LedgerError where this is not what `text_of` made of an entry: a damaged file holds anything."""
    if not isinstance(text, str):
        raise _damaged("it is no text")
    try:
        loaded: object = json.loads(text)
        if not isinstance(loaded, dict) or not _NEEDED <= loaded.keys() <= _NAMES:
            raise _damaged("it has other fields")
        wrong = [name for name, value in loaded.items() if type(value) is not _KINDS.get(name, str)]
        sources: list[object] = loaded.get("sources", [])
        if wrong or not all(isinstance(each, str) for each in sources):
            raise _damaged(f"{', '.join(wrong) or 'sources'} is of another kind")
        return LedgerEntry(**{**loaded, "state": State(loaded["state"]), "sources": tuple(sources)})
    except (ValueError, RecursionError) as error:
        raise _damaged("it is not JSON of an entry") from error


def _damaged(why: str) -> LedgerError:
    return LedgerError(f"an entry of the ledger cannot be read: {why}", remedy="restore the ledger from its backup")
