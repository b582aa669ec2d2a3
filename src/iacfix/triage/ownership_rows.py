"""The ownership table as rows: `default`, `rule#NAME`, `account#NUMBER` and `unit#ID`, with the fields of the file.

| key | fields |
|---|---|
| `owner#default` | `team`, `contact` |
| `owner#rule#NAME` | `tags`, `team`, `contact` |
| `owner#account#NUMBER` | `team`, `contact` |
| `owner#unit#ID` | `team`, `contact`, `accounts` (a list), `within` |
"""

from collections.abc import Mapping

from iacfix.domain.errors import ConfigurationError
from iacfix.triage.ownership import Entry, Ownership
from iacfix.triage.ownership_file import checked_ownership

PREFIX = "owner#"
_DEFAULT, _RULE, _ACCOUNT, _UNIT = (f"{PREFIX}{kind}" for kind in ("default", "rule#", "account#", "unit#"))
Row = Mapping[str, str | tuple[str, ...] | None]


def ownership_of(rows: Mapping[str, Row], name: str) -> Ownership:
    """`name` is what messages call the table. Raises ConfigurationError naming the row."""
    try:
        return checked_ownership(_node(rows))
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error.what}", remedy=error.remedy) from None


def rows_of(table: Ownership) -> Mapping[str, Row]:
    rows: dict[str, Row] = {_DEFAULT: _owner(table.default)}
    for rule in table.rules:
        tags = ",".join(map(str, rule.conditions))
        rows[f"{_RULE}{rule.name}"] = {"tags": tags, **_owner(Entry(rule.team, rule.contact))}
    for account, entry in table.accounts.items():
        rows[f"{_ACCOUNT}{account}"] = _owner(entry)
    for unit in table.units.values():
        row: dict[str, str | tuple[str, ...] | None] = dict(_owner(unit.owner)) if unit.owner is not None else {}
        row |= {"accounts": unit.accounts} if unit.accounts else {}
        row |= {"within": unit.within} if unit.within else {}
        rows[f"{_UNIT}{unit.id}"] = row
    return rows


def _owner(entry: Entry) -> Row:
    return {"team": entry.team, **({"contact": entry.contact} if entry.contact else {})}


def _node(rows: Mapping[str, Row]) -> dict[str, object]:
    """As the file would have it."""
    node: dict[str, object] = {}
    rules: list[object] = []
    accounts: dict[str, object] = {}
    units: dict[str, object] = {}
    for key, row in rows.items():
        if wrong := [field for field, value in row.items() if value is None]:
            raise ConfigurationError(f"{key[:80]!r}: {wrong[0][:64]!r} is no text", remedy="see docs/triage.md")
        fields: dict[str, object] = {
            field: list(each) if isinstance(each, tuple) else each for field, each in row.items()
        }
        if key == _DEFAULT:
            node["default"] = fields
        elif key.startswith(_RULE):
            rules.append({"name": key.removeprefix(_RULE), **fields})
        elif key.startswith(_ACCOUNT):
            accounts[key.removeprefix(_ACCOUNT)] = fields
        elif key.startswith(_UNIT):
            units[key.removeprefix(_UNIT)] = fields
        else:
            raise ConfigurationError(f"{key[:80]!r} is no key of an owner", remedy="see docs/triage.md")
    more = {"rules": rules, "accounts": accounts, "units": units}
    return node | {name: value for name, value in more.items() if value}
