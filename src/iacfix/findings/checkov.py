"""Checkov's JSON (`checkov -o json`): one report for a framework, or a list of them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding
from iacfix.findings.envelopes import Entry, elements, some
from iacfix.findings.fields import FieldError, Fields, fields, https_url, integer, one_line, severity
from iacfix.findings.reader import Reader

SOURCE = "checkov"

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\["\]]*)\]')


def recognises(value: object) -> bool:
    return some(elements(value), _is_report)


def read(value: object) -> Iterator[FindingRead]:
    seen: Counter[str] = Counter()
    for position, entry in enumerate(_failed_checks(value)):
        result = _result(entry, position)
        if result.id:
            # Checkov can report the same check of the same resource twice (a secret on two lines of a file).
            seen[result.id] += 1
        yield _numbered(result, seen[result.id])


READER = Reader(SOURCE, "the output of `checkov -o json`", recognises, read)


def _is_report(value: object) -> bool:
    return isinstance(value, dict) and (
        "checkov_version" in value or ("results" in value and ("check_type" in value or "summary" in value))
    )


def _failed_checks(value: object) -> Iterator[Entry | FieldError]:
    """A report that is malformed as a whole is one entry, and costs the other reports nothing."""
    for path, report in elements(value):
        try:
            yield from _checks_of(fields(path, report))
        except FieldError as error:
            yield error


def _checks_of(report: Fields) -> list[Entry]:
    if "results" not in report.values and "checkov_version" in report.values:
        # All that Checkov writes when it found no file to scan: the summary alone.
        if report.values.get("failed") in (0, None):
            return []
        raise FieldError(report.at("failed"), "counts failed checks, but the report lists none")
    return report.mapping("results").listing("failed_checks")


def _result(entry: Entry | FieldError, position: int) -> FindingRead:
    if isinstance(entry, FieldError):
        return InvalidFinding(SOURCE, position, entry.field, entry.reason)
    identity = ""
    try:
        check = fields(*entry)
        identity = f"{SOURCE}:{check.text('check_id')}:{one_line(_path(check))}:{check.text('resource')}"
        return _finding(check, identity)
    except FieldError as error:
        return InvalidFinding(SOURCE, position, error.field, error.reason, identity)


def _finding(check: Fields, identity: str) -> Finding:
    check_id = check.text("check_id")
    start, end = _lines(check)
    identifier = check.text("resource")
    return Finding(
        source=SOURCE,
        id=identity,
        check_id=check_id,
        title=check.title("check_name", check_id),
        resource=_resource(identifier),
        severity=severity(check.text("severity", "")),
        hint=Hint(_path(check), _INDEX.sub("", identifier), start, end),
        url=https_url(check.values.get("guideline")),
    )


def _path(check: Fields) -> str:
    """As Checkov wrote it, less the one slash that it puts before paths relative to the scanned folder."""
    return (check.verbatim("file_path") or check.verbatim("repo_file_path")).removeprefix("/")


def _resource(identifier: str) -> CloudResource:
    """`module.a.data.aws_iam_policy_document.x` is of type `aws_iam_policy_document` and has the name `x`."""
    parts = _INDEX.sub("", identifier).split(".")
    while len(parts) > len(("module", "name")) and parts[0] == "module":
        parts = parts[2:]
    if len(parts) > len(("data", "type")) and parts[0] == "data":
        parts = parts[1:]
    kind = parts[0] if len(parts) > 1 else ""
    return CloudResource(kind, identifier, parts[-1] or identifier)


def _lines(check: Fields) -> tuple[int, int]:
    if check.values.get("file_line_range") is None:
        return 0, 0
    where = check.at("file_line_range")
    numbers = [integer(path, value) for path, value in check.listing("file_line_range")]
    if len(numbers) != len(("first", "last")):
        raise FieldError(where, f"should hold two numbers, holds {len(numbers)}")
    start, end = numbers
    if not 0 <= start <= end:
        raise FieldError(where, "should be a first and a last line, counted from 1")
    return start, end


def _numbered(result: FindingRead, count: int) -> FindingRead:
    return result if count <= 1 else replace(result, id=f"{result.id}#{count}")
