"""What filters of Security Hub select, as its documentation says it.

Positive comparisons of one field are joined by OR, negative ones by AND, fields by AND. Case counts. What a finding
does not have fits every negative comparison.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

JsonObject = Mapping[str, object]

MOST_VALUES = 20
MOST_FIELDS = 10
"""Of GetFindings."""
_EQUALS, _PREFIX, _CONTAINS = "EQUALS", "PREFIX", "CONTAINS"
_NOT_EQUALS, _PREFIX_NOT_EQUALS, _NOT_CONTAINS = "NOT_EQUALS", "PREFIX_NOT_EQUALS", "NOT_CONTAINS"
_NEGATIVE = frozenset({_NOT_EQUALS, _PREFIX_NOT_EQUALS, _NOT_CONTAINS})

_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    _EQUALS: lambda value, wanted: value == wanted,
    _PREFIX: lambda value, wanted: value.startswith(wanted),
    _CONTAINS: lambda value, wanted: wanted in value,
    _NOT_EQUALS: lambda value, wanted: value != wanted,
    _PREFIX_NOT_EQUALS: lambda value, wanted: not value.startswith(wanted),
    _NOT_CONTAINS: lambda value, wanted: wanted not in value,
}
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "Id": ("Id",),
    "ProductArn": ("ProductArn",),
    "ProductName": ("ProductName",),
    "CompanyName": ("CompanyName",),
    "AwsAccountId": ("AwsAccountId",),
    "GeneratorId": ("GeneratorId",),
    "Region": ("Region",),
    "Title": ("Title",),
    "Description": ("Description",),
    "SeverityLabel": ("Severity", "Label"),
    "ResourceType": ("Resources", "Type"),
    "ResourceId": ("Resources", "Id"),
    "ResourceRegion": ("Resources", "Region"),
    "ComplianceStatus": ("Compliance", "Status"),
    "ComplianceSecurityControlId": ("Compliance", "SecurityControlId"),
    "VerificationState": ("VerificationState",),
    "WorkflowStatus": ("Workflow", "Status"),
    "RecordState": ("RecordState",),
    "NoteText": ("Note", "Text"),
}
_MAPS: Mapping[str, tuple[str, ...]] = {
    "ResourceTags": ("Resources", "Tags"),
    "UserDefinedFields": ("UserDefinedFields",),
}
_DATES = ("CreatedAt", "UpdatedAt")


class BadFilterError(Exception):
    """Why the service would not take it."""


def check(filters: JsonObject, *, most_fields: int = 0) -> None:
    """`most_fields` is of GetFindings, and 0 of an automation rule. Raises BadFilterError."""
    if most_fields and len(filters) > most_fields:
        raise BadFilterError(f"at most {most_fields} fields may be filtered")
    for name, given in filters.items():
        entries = _entries(given)
        if name not in _TEXTS and name not in _MAPS and name not in _DATES:
            raise BadFilterError(f"{name} is not among the fields that this server filters")
        if not 1 <= len(entries) <= MOST_VALUES:
            raise BadFilterError(f"{name} takes 1 to {MOST_VALUES} values")
        if name not in _DATES:
            used = {str(each.get("Comparison")) for each in entries}
            _check_together(name, used)
            if most_fields and used & {_CONTAINS, _NOT_CONTAINS}:
                raise BadFilterError(f"{name}: only automation rules take {_CONTAINS} and {_NOT_CONTAINS}")


def _check_together(name: str, used: set[str]) -> None:
    unknown = used - _TESTS.keys()
    apart = (
        (_EQUALS in used and used & {_NOT_EQUALS, _PREFIX_NOT_EQUALS})
        or (_CONTAINS in used and used != {_CONTAINS})
        or (_NOT_CONTAINS in used and used != {_NOT_CONTAINS})
    )
    if unknown or apart:
        raise BadFilterError(f"{name}: {', '.join(sorted(used))} cannot be used together")


def matches(finding: JsonObject, filters: JsonObject) -> bool:
    """The filters have been checked."""
    return all(_field_matches(finding, name, _entries(given)) for name, given in filters.items())


def _field_matches(finding: JsonObject, name: str, entries: list[JsonObject]) -> bool:
    if name in _DATES:
        return any(_within(str(finding.get(name, "")), each) for each in entries)
    if name in _MAPS:
        pairs = [pair for each in _at(finding, _MAPS[name]) if isinstance(each, dict) for pair in each.items()]
        values = {key: [str(value) for found, value in pairs if found == key] for key, _ in pairs}
        return _fits(
            (str(each["Comparison"]), str(each["Value"]), values.get(str(each["Key"]), [])) for each in entries
        )
    texts = [str(each) for each in _at(finding, _TEXTS[name])]
    return _fits((str(each["Comparison"]), str(each["Value"]), texts) for each in entries)


def _fits(asked: Iterable[tuple[str, str, list[str]]]) -> bool:
    positive: list[bool] = []
    for comparison, wanted, values in asked:
        test = _TESTS[comparison]
        if comparison in _NEGATIVE:
            if not all(test(value, wanted) for value in values):
                return False
        else:
            positive.append(any(test(value, wanted) for value in values))
    return not positive or any(positive)


def _within(text: str, date: JsonObject) -> bool:
    moment = _moment(text)
    start, end = (_moment(str(date[name])) for name in ("Start", "End"))
    return start <= moment <= end


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadFilterError(f"{text!r} is no moment") from None


def _at(value: object, path: tuple[str, ...]) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])


def _entries(given: object) -> list[JsonObject]:
    return given if isinstance(given, list) else []
