"""OCSF findings: what Prowler writes (`prowler aws -M json-ocsf`) and what Security Hub V2 sends."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.findings.envelopes import Entry, unwrap
from iacfix.findings.fields import MAX_ENTRIES, FieldError, Fields, fields, https_url, one_line, severity, string
from iacfix.findings.reader import Reader

SOURCE = "ocsf"
SECURITY_HUB = "security_hub"

_MARKS = frozenset({"class_uid", "category_uid", "finding_info", "metadata", "activity_id"})
_MARKS_NEEDED = 3
_ARN_PARTS = 6
# `status` of the finding, `status_code` of what a scanner looked at, `status` of the compliance check.
_CLOSED = (
    ("", "status", frozenset({"resolved", "suppressed", "deleted", "archived"})),
    ("", "status_code", frozenset({"pass", "muted"})),
    ("compliance", "status", frozenset({"pass", "passed"})),
)


def recognises(value: object) -> bool:
    """An empty list of findings is ASFF's, where it is in an envelope."""
    return value == [] or any(_is_finding(entry) for _, entry in islice(unwrap(value), MAX_ENTRIES))


def read(value: object) -> Iterator[FindingRead]:
    """One Finding for each resource of an entry. An entry that is closed comes back as invalid, and says so."""
    for position, entry in enumerate(unwrap(value)):
        yield from _entry(entry, position)


READER = Reader(
    SOURCE, "OCSF findings: Prowler's `json-ocsf`, Security Hub V2, a list, an EventBridge event", recognises, read
)


def _is_finding(value: object) -> bool:
    return isinstance(value, dict) and len(_MARKS & value.keys()) >= _MARKS_NEEDED


def _entry(entry: Entry, position: int) -> list[FindingRead]:
    source, identity = SOURCE, ""
    try:
        finding = fields(*entry)
        info = finding.mapping("finding_info")
        source, identity = _source(finding), info.known("uid")
        if reason := _closed(finding):
            return [InvalidFinding(source, position, *reason, identity)]
        common = _common(finding, info, source)
        resources = _resources(finding)
    except FieldError as error:
        return [InvalidFinding(source, position, error.field, error.reason, identity)]
    return [_for_resource(common, finding, resource, position, number) for number, resource in enumerate(resources, 1)]


def _resources(finding: Fields) -> list[Entry]:
    if resources := finding.listing("resources"):
        return resources
    raise FieldError(finding.at("resources"), "is empty")


def _closed(finding: Fields) -> tuple[str, str] | None:
    for parent, name, states in _CLOSED:
        state = (finding.mapping(parent) if parent else finding).text(name, "")
        if state.lower() in states:
            field = f"{parent}.{name}" if parent else name
            return field, f"the finding is not open: {field} is {state}"
    return None


def _common(finding: Fields, info: Fields, source: str) -> Finding:
    check_id = _check_id(finding, info)
    return Finding(
        source=source,
        id=info.text("uid"),
        check_id=check_id,
        title=info.title("title", check_id),
        resource=CloudResource("", ""),
        severity=severity(finding.text("severity", "")),
        url=_url(finding),
        observed_at=finding.text("time_dt", info.text("created_time_dt", "")),
    )


def _source(finding: Fields) -> str:
    """The product as a word: `prowler`, `security_hub`."""
    product = finding.mapping("metadata").mapping("product")
    if product.text("uid", "").endswith("/aws/securityhub"):
        return SECURITY_HUB
    return product.text("name", "").lower().replace(" ", "_") or SOURCE


def _check_id(finding: Fields, info: Fields) -> str:
    """Prowler's check is the event's code, Security Hub's the control of its compliance; others name an analytic."""
    known = (
        finding.mapping("metadata").text("event_code", ""),
        finding.mapping("compliance").text("control", ""),
        info.mapping("analytic").text("uid", ""),
    )
    if found := next(filter(None, known), ""):
        return found
    raise FieldError(finding.at("metadata.event_code"), "is missing, and so is compliance.control")


def _url(finding: Fields) -> str:
    references = finding.mapping("remediation").values.get("references")
    listed: list[object] = references if isinstance(references, list) else []
    return next(filter(None, map(https_url, listed)), "")


def _for_resource(common: Finding, finding: Fields, entry: Entry, position: int, number: int) -> FindingRead:
    identity = common.id if number == 1 else f"{common.id}#{number}"
    try:
        return replace(common, id=identity, resource=_resource(finding, fields(*entry)))
    except FieldError as error:
        return InvalidFinding(common.source, position, error.field, error.reason, identity)


def _resource(finding: Fields, resource: Fields) -> CloudResource:
    identifier = resource.text("uid")
    arn = identifier.split(":", _ARN_PARTS - 1)
    region, account = (arn[3], arn[4]) if len(arn) == _ARN_PARTS and arn[0] == "arn" else ("", "")
    cloud = finding.mapping("cloud")
    return CloudResource(
        type=resource.text("type", ""),
        identifier=identifier,
        name=resource.text("name", "") or re.split("[/:]", identifier.rstrip("/:*"))[-1] or identifier,
        account=cloud.mapping("account").text("uid", account),
        region=resource.text("region", cloud.text("region", region)),
        tags=_tags(resource),
    )


def _tags(resource: Fields) -> tuple[tuple[str, str], ...]:
    """Newer OCSF has objects with a name and a value, older labels that read `name:value` or `name=value`."""
    tags = resource.listing("tags") if isinstance(resource.values.get("tags"), list) else []
    if tags:
        pairs = (fields(*tag) for tag in tags)
        return tuple((each.text("name"), one_line(each.verbatim("value"))) for each in pairs)
    labels = resource.listing("labels") if isinstance(resource.values.get("labels"), list) else []
    parted = (re.split("[:=]", one_line(string(*label)), maxsplit=1) for label in labels)
    return tuple((pair[0], pair[1]) for pair in parted if len(pair) > 1)
