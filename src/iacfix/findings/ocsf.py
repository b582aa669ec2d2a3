"""OCSF findings: what Prowler writes (`prowler aws -M json-ocsf`), and Security Hub V2 by schema and public examples.

Security Hub V2 names a resource by its id (`uid`) and puts the ARN beside it (`uid_alt`). No finding of its own was at
hand.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.findings.certain_arns import completed
from iacfix.findings.envelopes import Entry, unwrap
from iacfix.findings.fields import MAX_ENTRIES, FieldError, Fields, fields, https_url, one_line, severity, string
from iacfix.findings.reader import Reader
from iacfix.findings.resources import GUARDDUTY, by_resource, closed, listed, name_of, place_of, threat_of

SOURCE = "ocsf"
SECURITY_HUB = "security_hub"

_MARKS = frozenset({"class_uid", "category_uid", "finding_info", "metadata", "activity_id"})
_MARKS_NEEDED = 3
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
        if reason := closed(finding, _CLOSED):
            return [InvalidFinding(source, position, reason.field, reason.reason, identity)]
        common, resources = _common(finding, info, source), listed(finding, "resources")
    except FieldError as error:
        return [InvalidFinding(source, position, error.field, error.reason, identity)]
    return by_resource(common, resources, partial(_resource, finding), position)


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
    """Prowler's check is the event's code, Security Hub's the control of its compliance, GuardDuty's the type of the
    threat (its analytic is the detector); others name an analytic.
    """
    known = (
        threat_of(info.values.get("types")) if _source(finding) == GUARDDUTY else "",
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


def _resource(finding: Fields, resource: Fields) -> CloudResource:
    identifier = resource.text("uid")
    if not identifier.startswith("arn:") and (other := resource.text("uid_alt", "")).startswith("arn:"):
        identifier = other
    region, account = place_of(identifier)
    cloud = finding.mapping("cloud")
    owner = resource.mapping("owner").mapping("account").text("uid", account)
    return completed(
        CloudResource(
            type=resource.text("type", ""),
            identifier=identifier,
            name=resource.text("name", "") or name_of(identifier),
            account=cloud.mapping("account").text("uid", owner),
            region=resource.text("region", cloud.text("region", region)),
            tags=_tags(resource),
        )
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
