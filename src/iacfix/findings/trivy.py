"""Trivy's JSON (`trivy config --format json`). Only misconfigurations: what else Trivy finds is in no block of code."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding
from iacfix.findings.envelopes import Entry, elements, some
from iacfix.findings.fields import FieldError, Fields, fields, https_url, integer, one_line, severity
from iacfix.findings.reader import Reader

SOURCE = "trivy"
_FAILED = "FAIL"


def recognises(value: object) -> bool:
    return some(elements(value), _is_report)


def read(value: object) -> Iterator[FindingRead]:
    seen: Counter[str] = Counter()
    for position, entry in enumerate(_entries(value)):
        result = _result(entry, position)
        if result.id:
            seen[result.id] += 1
        count = seen[result.id]
        yield replace(result, id=f"{result.id}#{count}") if result.id and count > 1 else result


READER = Reader(SOURCE, "the output of `trivy config --format json`", recognises, read)


def _is_report(value: object) -> bool:
    return isinstance(value, dict) and "SchemaVersion" in value and ("ArtifactName" in value or "Results" in value)


def _entries(value: object) -> Iterator[tuple[str, Entry] | FieldError]:
    """The file of a result and a misconfiguration in it. A result that is malformed costs the others nothing."""
    for path, report in elements(value):
        try:
            listed = fields(path, report)
            results = listed.listing("Results") if listed.values.get("Results") is not None else []
        except FieldError as error:
            yield error
            continue
        yield from _misconfigurations(results)


def _misconfigurations(results: list[Entry]) -> Iterator[tuple[str, Entry] | FieldError]:
    for each in results:
        try:
            result = fields(*each)
            if result.values.get("Misconfigurations") is None:
                continue
            target = result.verbatim("Target")
            found = result.listing("Misconfigurations")
        except FieldError as error:
            yield error
            continue
        yield from ((target, entry) for entry in found if not _passed(entry[1]))


def _passed(value: object) -> bool:
    """With `--include-non-failures` Trivy tells what is right too."""
    return isinstance(value, dict) and isinstance(status := value.get("Status", _FAILED), str) and status != _FAILED


def _result(entry: tuple[str, Entry] | FieldError, position: int) -> FindingRead:
    if isinstance(entry, FieldError):
        return InvalidFinding(SOURCE, position, entry.field, entry.reason)
    path, identity = entry[0], ""
    try:
        check = fields(*entry[1])
        cause = check.mapping("CauseMetadata")
        check_id, address = check.text("ID"), cause.text("Resource", "")
        start, end = _line(cause, "StartLine"), _line(cause, "EndLine")
        identity = f"{SOURCE}:{check_id}:{one_line(path)}:{address or start}"
        return Finding(
            source=SOURCE,
            id=identity,
            check_id=check_id,
            title=check.title("Title", check_id),
            resource=_resource(address or f"{one_line(path)}:{start}"),
            severity=severity(check.text("Severity", "")),
            hint=Hint(path, address, start, max(start, end)),
            url=https_url(check.values.get("PrimaryURL")),
        )
    except FieldError as error:
        return InvalidFinding(SOURCE, position, error.field, error.reason, identity)


def _resource(address: str) -> CloudResource:
    parts = address.split(".")
    is_terraform = len(parts) > 1 and parts[-2].startswith("aws_")
    return CloudResource(parts[-2] if is_terraform else "", address, parts[-1] if is_terraform else address)


def _line(cause: Fields, name: str) -> int:
    value = cause.values.get(name)
    if value is None:
        return 0
    number = integer(cause.at(name), value)
    if number < 0:
        raise FieldError(cause.at(name), "should be a line, counted from 1")
    return number
