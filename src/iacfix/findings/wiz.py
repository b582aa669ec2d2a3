"""Wiz issues: the body of an automation rule, as it is by default or as an owner has edited it, and issues of its API.

An edited body may have moved, dropped or emptied any field, so that each is looked for in every place that Wiz's own
templates have had it. What nobody filled in (`{{issue.id}}`) counts as missing.
"""

import re
from collections.abc import Iterator, Sequence

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding
from iacfix.findings.certain_arns import completed
from iacfix.findings.envelopes import Entry, unwrap
from iacfix.findings.fields import FieldError, Fields, cut, fields, https_url, kind, one_line, severity, string
from iacfix.findings.reader import Reader
from iacfix.findings.resources import name_of, place_of

SOURCE = "wiz"

_OBJECTS = ("trigger", "issue", "resource", "control", "entitySnapshot", "sourceRule")
_FLAT = frozenset({"issueId", "issue_id", "resourceId", "resource_id", "resourceArn", "controlId", "controlName"})
_MARKS_NEEDED = 2
_FLAT_NEEDED = 3
_PAGES = ("issuesV2", "issues")
_PLACEHOLDER = re.compile(r"\{\{.*\}\}")
_ACCOUNT = re.compile("[0-9]{12}")
_AWS = frozenset({"aws", "amazon web services", "amazon"})
_CLOSED = frozenset({"resolved", "rejected"})
# Words for kinds that Wiz shares among clouds; what an account calls them.
_KINDS = {
    "bucket": "AWS::S3::Bucket",
    "virtualmachine": "AWS::EC2::Instance",
    "securitygroup": "AWS::EC2::SecurityGroup",
    "volume": "AWS::EC2::Volume",
    "virtualnetwork": "AWS::EC2::VPC",
}

_ID = ("issue.id", "issueId", "issue_id", "id")
_STATUS = ("issue.status", "issueStatus", "status")
_TRIGGER = ("trigger.type", "triggerType")
_SEVERITY = ("issue.severity", "severity", "control.severity", "issue.control.severity")
_TIME = ("issue.updatedAt", "issue.created", "issue.createdAt", "updatedAt", "createdAt", "created")
_RULES = ("control", "issue.control", "issue.sourceRule", "sourceRule", "issue.sourceRules", "sourceRules")
# The rule that was broken says more than the control that an owner has made of it.
_BROKEN = "sourceCloudConfigurationRule"
_RULE_NAME = (
    *(f"{rule}.{_BROKEN}{name}" for rule in _RULES for name in ("Name", ".name")),
    *(f"{rule}.name" for rule in _RULES),
    "controlName",
)
_RULE_ID = (
    *(f"{rule}.{_BROKEN}{name}" for rule in _RULES for name in ("Id", ".shortId")),
    *(f"{rule}.{name}" for rule in _RULES for name in ("shortId", "id")),
    "controlId",
)
_OF_PROVIDER = ("providerUniqueId", "providerId", "externalId", "arn")
_SNAPSHOTS = ("entitySnapshot", "issue.entitySnapshot", "issue.resource")
_RESOURCES = ("resource", *_SNAPSHOTS)
# A snapshot's own `id` is a node of Wiz's graph, and no name that AWS knows.
_RESOURCE_ID = (
    *(f"{each}.{name}" for each in _RESOURCES for name in _OF_PROVIDER),
    "resource.id",
    "resourceArn",
    "resourceId",
    "resource_id",
)


def _in_resource(*names: str) -> tuple[str, ...]:
    return tuple(f"{each}.{name}" for name in names for each in _RESOURCES)


def recognises(value: object) -> bool:
    return value == [] or any(_is_issue(entry) for _, entry in _entries(value))


def read(value: object) -> Iterator[FindingRead]:
    """A finding for each issue. One that Wiz holds for resolved or rejected is closed, and says so."""
    for position, entry in enumerate(_entries(value)):
        yield _entry(entry, position)


READER = Reader(SOURCE, "Wiz: the body of an automation rule, or issues of its API", recognises, read)


def _entries(value: object) -> Iterator[Entry]:
    """Out of an event, a list, or a page of the API's answer."""
    for path, entry in unwrap(value):
        pages = Fields(path, entry) if isinstance(entry, dict) else Fields(path, {})
        for name in (f"{start}{page}.nodes" for start in ("data.", "") for page in _PAGES):
            found = _at(pages, name)
            if found is not None and isinstance(found[1], list):
                items: list[object] = found[1]
                yield from ((f"{found[0]}[{index}]", item) for index, item in enumerate(items))
                break
        else:
            yield path, entry


def _is_issue(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    marks = sum(isinstance(value.get(name), dict) for name in _OBJECTS) + isinstance(value.get("sourceRules"), list)
    return marks >= _MARKS_NEEDED or marks + len(_FLAT & value.keys()) >= _FLAT_NEEDED


def _entry(entry: Entry, position: int) -> FindingRead:
    identity = ""
    try:
        issue = fields(*entry)
        identity = _text(issue, _ID, "")
        if reason := _closed(issue):
            return InvalidFinding(SOURCE, position, reason.field, reason.reason, identity)
        check_id, name = _rule(issue)
        resource = _resource(issue)
        return Finding(
            source=SOURCE,
            id=identity or f"{SOURCE}:{check_id}:{resource.identifier}",
            check_id=check_id,
            title=name,
            resource=resource,
            severity=severity(_text(issue, _SEVERITY, "")),
            url=https_url(_text(issue, ("issue.url", "url"), "")),
            observed_at=_text(issue, _TIME, ""),
        )
    except FieldError as error:
        return InvalidFinding(SOURCE, position, error.field, error.reason, identity)


def _closed(issue: Fields) -> FieldError | None:
    for names in (_STATUS, _TRIGGER):
        said = _text(issue, names, "")
        if said.lower() in _CLOSED:
            return FieldError(issue.at(names[0]), f"the finding is not open: {names[0]} is {said}")
    return None


def _rule(issue: Fields) -> tuple[str, str]:
    """What it is known by, and what it is called: the catalogue finds rules of Wiz by the latter."""
    name = _text(issue, _RULE_NAME, "")
    check_id = _text(issue, _RULE_ID, name)
    if not check_id:
        raise FieldError(issue.at("control"), "has neither a name nor an id: nothing says what is wrong")
    return check_id, cut(name or check_id)


def _resource(issue: Fields) -> CloudResource:
    """An ARN where any of the ids is one, else the first id that the provider gave."""
    platform = _text(issue, _in_resource("cloudPlatform"), "aws")
    if platform.lower() not in _AWS:
        raise FieldError(issue.at("resource.cloudPlatform"), f"is {platform[:40]}, and only AWS is read")
    ids = list(_texts(issue, _RESOURCE_ID))
    identifier = next((each for each in ids if each.startswith("arn:")), ids[0] if ids else "")
    if not identifier:
        raise FieldError(issue.at("resource.id"), "is missing: nothing says which resource it is")
    region, account = place_of(identifier)
    accounts = _texts(issue, _in_resource("subscriptionExternalId", "subscriptionId"))
    said = _text(issue, _in_resource("nativeType", "type"), "")
    return completed(
        CloudResource(
            type=_KINDS.get(said.replace("_", "").lower(), said),
            identifier=identifier,
            name=_text(issue, _in_resource("name"), name_of(identifier)),
            account=next((each for each in accounts if _ACCOUNT.fullmatch(each)), account),
            region=_text(issue, _in_resource("region"), region),
            tags=_tags(issue),
        )
    )


def _tags(issue: Fields) -> tuple[tuple[str, str], ...]:
    """An object of names and values, or a list of objects that hold them."""
    found = next(filter(None, (_at(issue, name) for name in _in_resource("tags"))), None)
    if found is None or found[1] is None or not found[1]:
        return ()
    path, value = found
    if isinstance(value, dict):
        return tuple((one_line(string(path, key)), one_line(string(path, value[key]))) for key in value)
    if not isinstance(value, list):
        raise FieldError(path, f"should be an object or a list, is {kind(value)}")
    pairs = (fields(f"{path}[{index}]", item) for index, item in enumerate(value))
    return tuple((each.text("key", "") or each.text("name"), one_line(each.verbatim("value"))) for each in pairs)


def _text(issue: Fields, names: Sequence[str], default: str) -> str:
    return next(_texts(issue, names), default)


def _texts(issue: Fields, names: Sequence[str]) -> Iterator[str]:
    """What can be used, in the order of the names. What cannot is passed over: another field may say it."""
    for name in names:
        found = _at(issue, name)
        if found is None:
            continue
        try:
            text = one_line(string(*found))
        except FieldError:
            continue
        if text and not _PLACEHOLDER.fullmatch(text):
            yield text


def _at(issue: Fields, name: str) -> Entry | None:
    """The value at a dotted path, through the first item of a list; None where the path ends before."""
    value: object = issue.values
    for key in name.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return issue.at(name), value
