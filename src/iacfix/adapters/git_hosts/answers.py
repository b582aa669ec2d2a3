"""What a host's JSON holds, looked at before it is believed."""

import json
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from iacfix.domain.errors import HostRefusedError, HostUnavailableError

Record = Mapping[str, object]


def broken(what: str) -> HostUnavailableError:
    return HostUnavailableError(f"the host's answer cannot be read ({what})", remedy="try again later")


def loaded(data: bytes) -> object:
    try:
        return cast("object", json.loads(data))
    except (ValueError, RecursionError):
        raise broken("it is no JSON") from None


def record(value: object) -> Record:
    if not isinstance(value, dict):
        raise broken("it is no object")
    return cast("Record", value)


def text(data: Record, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise broken(f"{name} is no text")
    return value


def text_or_nothing(data: Record, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def number(data: Record, name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int):
        raise broken(f"{name} is no number")
    return value


def texts(data: Record, name: str) -> tuple[str, ...]:
    value = data.get(name)
    if not isinstance(value, list):
        raise broken(f"{name} is no list")
    return tuple(str(each) for each in value)


def items(data: Record, name: str) -> tuple[Record, ...]:
    value = data.get(name)
    if not isinstance(value, list):
        raise broken(f"{name} is no list")
    return tuple(record(each) for each in value)


def records(data: Record, name: str) -> tuple[Record, ...]:
    """None where it is no list: hosts leave out what is empty."""
    return items(data, name) if isinstance(data.get(name), list) else ()


def segment(name: str) -> str:
    """One part of a path. Raises HostRefusedError for dots alone, which would lead elsewhere."""
    if not name.strip("."):
        raise HostRefusedError(f"{name!r} is no name")
    return quote(name, safe="")


def is_same(there: object, wanted: str) -> bool:
    """Hosts may drop carriage returns and blanks at the end."""
    return isinstance(there, str) and there.replace("\r", "").rstrip() == wanted.replace("\r", "").rstrip()
