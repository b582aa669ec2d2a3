"""The ownership table as people write it: YAML, checked against owners.schema.json. See docs/triage.md."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import cast

import jsonschema

from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.triage.ownership import Entry, Ownership, TagRule, Unit
from iacfix.triage.strict_yaml import checked, loaded_texts
from iacfix.triage.tags import pattern

MAX_BYTES = 2 * 1024 * 1024
_REMEDY = "see docs/triage.md"

Node = Mapping[str, object]


def read_ownership(data: bytes, name: str) -> Ownership:
    """`name` is what messages call the file. Raises ConfigurationError naming file, entry and field."""
    try:
        return _ownership(_loaded(data))
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error.what}", remedy=error.remedy) from None


def _loaded(data: bytes) -> Node:
    return _checked(loaded_texts(data, MAX_BYTES))


def checked_ownership(loaded: object) -> Ownership:
    """From what a file or a table holds. Raises ConfigurationError naming entry and field."""
    return _ownership(_checked(loaded))


def _checked(loaded: object) -> Node:
    return checked(loaded, _schema(), _told, _REMEDY)


def _told(wrong: jsonschema.ValidationError) -> str:
    match wrong.validator:
        case "oneOf":
            return "must be the name of a team, or team and contact"
        case "pattern" if "propertyNames" in wrong.absolute_schema_path:
            return f"{str(wrong.instance)[:64]!r} is no such id"
        case "pattern" if "accounts" in wrong.absolute_path:
            return "must be an account number of 12 digits"
        case "maxItems":
            return f"has more than {wrong.validator_value} entries"
        case _:
            return "must be one line of text, not empty and not longer than 256 characters"


@cache
def _schema() -> Node:
    text = (resources.files("iacfix.triage") / "owners.schema.json").read_text(encoding="utf-8")
    return cast("Node", json.loads(text))


def _ownership(entry: Node) -> Ownership:
    units = {key: _unit(key, each) for key, each in cast("Mapping[str, Node]", entry.get("units", {})).items()}
    _check_units(units)
    accounts = cast("Node", entry.get("accounts", {}))
    return Ownership(
        default=_entry(entry["default"]),
        rules=tuple(_rules(cast("list[Mapping[str, str]]", entry.get("rules", [])))),
        accounts={key: _entry(each) for key, each in accounts.items()},
        units=units,
    )


def _rules(entries: Sequence[Mapping[str, str]]) -> Iterator[TagRule]:
    seen: dict[str, int] = {}
    for number, each in enumerate(entries, 1):
        name = each["name"].strip()
        if name in seen:
            what = f"rules[{number}].name: {name!r} is the name of rules[{seen[name]}] too"
            raise ConfigurationError(what, remedy="give each its own: of equal rules the name decides")
        seen[name] = number
        try:
            conditions = pattern(each["tags"])
        except InputError as error:
            raise ConfigurationError(f"rules[{number}].tags: {error.what}", remedy=error.remedy) from None
        yield TagRule(name, conditions, each["team"].strip(), each.get("contact", "").strip())


def _entry(value: object) -> Entry:
    if isinstance(value, str):
        return Entry(value.strip())
    node = cast("Mapping[str, str]", value)
    return Entry(node["team"].strip(), node.get("contact", "").strip())


def _unit(key: str, node: Node) -> Unit:
    owner = _entry(node) if "team" in node else None
    return Unit(key, owner, tuple(cast("list[str]", node.get("accounts", []))), str(node.get("within", "")))


def _check_units(units: Mapping[str, Unit]) -> None:
    """An account is in one unit, and no unit is within itself."""
    home: dict[str, str] = {}
    for unit in units.values():
        for account in unit.accounts:
            if home.setdefault(account, unit.id) != unit.id:
                what = f"units.{unit.id}.accounts: {account} is in {home[account]} too"
                raise ConfigurationError(what, remedy="an account is in one unit: keep one of them")
        if unit.within and unit.within not in units:
            raise ConfigurationError(f"units.{unit.id}.within: there is no unit {unit.within}", remedy="add it")
    for unit in units.values():
        seen, around = {unit.id}, units.get(unit.within)
        while around is not None:
            if around.id in seen:
                raise ConfigurationError(f"units.{unit.id}.within: it is within itself", remedy="correct `within`")
            seen.add(around.id)
            around = units.get(around.within)
