"""SARIF 2.1.0, in which most scanners can write: a rule, a message and lines of a file, without the name of a block."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding, Severity
from iacfix.findings.envelopes import Entry, elements, some
from iacfix.findings.fields import FieldError, Fields, fields, https_url, integer, one_line
from iacfix.findings.reader import Reader

SOURCE = "sarif"
VERSION = "2.1.0"

# SARIF's levels say less than the score that GitHub has rules carry: https://docs.github.com (security-severity).
_LEVELS: Mapping[str, Severity] = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW}
_SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
_DEFAULT_LEVEL = "warning"
_NO_FINDING = frozenset({"pass", "notApplicable", "informational", "open", "review"})


def recognises(value: object) -> bool:
    return some(elements(value), _is_log)


def read(value: object) -> Iterator[FindingRead]:
    seen: Counter[str] = Counter()
    for position, result in enumerate(_results(value)):
        if isinstance(result, Finding):
            seen[result.id] += 1
            count = seen[result.id]
            yield replace(result, id=f"{result.id}#{count}") if count > 1 else result
        else:
            yield InvalidFinding(SOURCE, position, result.field, result.reason)


READER = Reader(SOURCE, "SARIF 2.1.0 of any scanner", recognises, read)


def _is_log(value: object) -> bool:
    return isinstance(value, dict) and "runs" in value and value.get("version") == VERSION


def _results(value: object) -> Iterator[Finding | FieldError]:
    """A run that is malformed as a whole is one entry, and costs the others nothing."""
    for log in elements(value):
        try:
            runs = fields(*log).listing("runs")
        except FieldError as error:
            yield error
            continue
        for run in runs:
            try:
                yield from _of_run(fields(*run))
            except FieldError as error:
                yield error


def _of_run(run: Fields) -> Iterator[Finding | FieldError]:
    driver = run.mapping("tool").mapping("driver")
    tool = driver.text("name").split()[0].lower()
    rules = _rules(driver)
    results = run.listing("results") if run.values.get("results") is not None else []
    for entry in results:
        try:
            found = _finding(entry, tool, rules)
        except FieldError as error:
            yield error
            continue
        if found is not None:
            yield found


def _rules(driver: Fields) -> Mapping[str, Fields]:
    """By id, and by `#` and number: a result may name its rule either way."""
    found: dict[str, Fields] = {}
    listed = driver.listing("rules") if driver.values.get("rules") is not None else []
    for number, entry in enumerate(listed):
        rule = fields(*entry)
        found[f"#{number}"] = found[rule.text("id")] = rule
    return found


def _finding(entry: Entry, tool: str, rules: Mapping[str, Fields]) -> Finding | None:
    """None for what is suppressed, or says that all is well."""
    result = fields(*entry)
    if result.text("kind", "fail") in _NO_FINDING or result.values.get("suppressions"):
        return None
    number = result.values.get("ruleIndex")
    rule = rules.get(result.text("ruleId", "")) or rules.get(f"#{number}") or Fields(result.at("rule"), {})
    check_id = result.text("ruleId", rule.text("id", ""))
    if not check_id:
        raise FieldError(result.at("ruleId"), "is missing")
    path, start, end = _place(result)
    place = f"{one_line(path)}:{start}"
    return Finding(
        source=tool,
        id=f"{tool}:{check_id}:{place}",
        check_id=check_id,
        title=rule.mapping("shortDescription").title("text", result.mapping("message").title("text", check_id)),
        resource=CloudResource("", place),
        severity=_severity(result, rule),
        hint=Hint(path, "", start, end),
        url=https_url(rule.values.get("helpUri")),
    )


def _place(result: Fields) -> tuple[str, int, int]:
    locations = result.listing("locations")
    if not locations:
        raise FieldError(result.at("locations"), "is empty: nothing says where it is")
    physical = fields(*locations[0]).mapping("physicalLocation")
    artifact, region = physical.mapping("artifactLocation"), physical.mapping("region")
    path = _path(artifact)
    start = integer(region.at("startLine"), region.values.get("startLine", 0))
    end = integer(region.at("endLine"), region.values.get("endLine", start))
    if not 0 <= start <= end:
        raise FieldError(region.path, "should be a first and a last line, counted from 1")
    return path, start, end


def _path(artifact: Fields) -> str:
    """A URI relative to the sources, percent signs taken out; an absolute one is no place in a repository."""
    uri = artifact.verbatim("uri")
    if not uri:
        raise FieldError(artifact.at("uri"), "is missing")
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise FieldError(artifact.at("uri"), "is no URI") from None
    if parts.scheme or parts.netloc:
        raise FieldError(artifact.at("uri"), "is absolute: scan the repository's folder, so that paths begin there")
    return unquote(parts.path)


def _severity(result: Fields, rule: Fields) -> Severity:
    try:
        score = float(rule.mapping("properties").text("security-severity", "nan"))
    except (FieldError, ValueError):
        score = float("nan")
    if score == score:  # noqa: PLR0124 - nan is what is not itself
        return next((level for least, level in _SCORES if score >= least), Severity.INFORMATIONAL)
    level = result.text("level", rule.mapping("defaultConfiguration").text("level", _DEFAULT_LEVEL))
    return _LEVELS.get(level, Severity.UNKNOWN)
