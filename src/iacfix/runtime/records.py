"""How remediations and approvals are written down: JSON, read back with a look at every value."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from enum import StrEnum
from types import UnionType
from typing import TypeVar, cast, get_args, get_origin, get_type_hints

from iacfix.domain.errors import LedgerError
from iacfix.domain.remediation import Approval, Remediation

Record = TypeVar("Record", Approval, Remediation)


def written(record: Approval | Remediation) -> str:
    return json.dumps(asdict(record), sort_keys=True)


def read(kind: type[Record], text: str) -> Record:
    """Raises LedgerError where this is not what `written` made of one."""
    try:
        return cast("Record", _value(kind, json.loads(text)))
    except (ValueError, TypeError, KeyError, RecursionError):
        what = kind.__name__.lower()
        raise LedgerError(f"a kept {what} cannot be read", remedy="restore the ledger from its backup") from None


def _value(kind: object, value: object) -> object:
    if isinstance(kind, type) and is_dataclass(kind):
        # One that an earlier version wrote lacks what has a default.
        if not isinstance(value, dict) or not value.keys() <= {each.name for each in fields(kind)}:
            raise TypeError
        hints = get_type_hints(kind)
        return kind(**{name: _value(hints[name], each) for name, each in value.items()})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(str(value))
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _items(arguments, value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise TypeError
        return {str(name): _value(arguments[1], each) for name, each in value.items()}
    if origin is UnionType or type(value) is not kind:
        raise TypeError
    return value


def _items(kinds: tuple[object, ...], value: object) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise TypeError
    if Ellipsis in kinds:
        return tuple(_value(kinds[0], item) for item in value)
    return tuple(_value(kind, item) for kind, item in zip(kinds, value, strict=True))
