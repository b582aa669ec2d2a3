"""AWS Security Finding Format: what Security Hub keeps and sends, whichever product found it."""

from collections.abc import Iterator
from functools import partial

from iacfix.domain.automation import LABEL
from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding, Severity
from iacfix.domain.standards import rule_of
from iacfix.findings.envelopes import Entry, some, unwrap
from iacfix.findings.fields import FieldError, Fields, fields, https_url, integer, one_line, severity, string
from iacfix.findings.reader import Reader
from iacfix.findings.resources import GUARDDUTY, by_resource, closed, listed, name_of, place_of, threat_of

SOURCE = "asff"
SECURITY_HUB = "security_hub"

_MARKS = frozenset({"SchemaVersion", "ProductArn", "GeneratorId", "AwsAccountId", "RecordState", "Resources"})
_MARKS_NEEDED = 3

_CLOSED = (
    ("", "RecordState", frozenset({"archived"})),
    ("Workflow", "Status", frozenset({"resolved", "suppressed"})),
    ("Compliance", "Status", frozenset({"passed", "not_available"})),
)

# AWS Config's own findings: the generator is an ARN that names nothing, the rule's name stands beside.
_CONFIG = "config"
_CONFIG_RULE = "aws/config/ConfigRuleName"

# ASFF's own scale for `Severity.Normalized`, for products that give no label.
_NORMALIZED = ((90, Severity.CRITICAL), (70, Severity.HIGH), (40, Severity.MEDIUM), (1, Severity.LOW))


def recognises(value: object) -> bool:
    return some(unwrap(value), _is_finding)


def read(value: object) -> Iterator[FindingRead]:
    """One Finding for each resource of an entry. An entry that is closed comes back as invalid, and says so."""
    for position, entry in enumerate(unwrap(value)):
        yield from _entry(entry, position)


READER = Reader(
    SOURCE, "AWS Security Hub: a finding, a list, `get-findings` output, an EventBridge event", recognises, read
)


def _is_finding(value: object) -> bool:
    return isinstance(value, dict) and len(_MARKS & value.keys()) >= _MARKS_NEEDED


def _entry(entry: Entry, position: int) -> list[FindingRead]:
    try:
        finding = fields(*entry)
    except FieldError as error:
        return [InvalidFinding(SOURCE, position, error.field, error.reason)]
    try:
        if reason := closed(finding, _CLOSED):
            return [_invalid(finding, position, reason)]
        common, resources = _common(finding), listed(finding, "Resources")
    except FieldError as error:
        return [_invalid(finding, position, error)]
    return by_resource(common, resources, partial(_resource, finding), position)


def _invalid(finding: Fields, position: int, error: FieldError) -> InvalidFinding:
    try:
        source = _source(finding)
    except FieldError:
        source = SOURCE
    return InvalidFinding(source, position, error.field, error.reason, finding.known("Id"))


def _common(finding: Fields) -> Finding:
    """The finding without its resource."""
    check_id = _check_id(finding)
    observed = (finding.text(name, "") for name in ("LastObservedAt", "UpdatedAt", "CreatedAt"))
    return Finding(
        source=_source(finding),
        id=finding.text("Id"),
        check_id=check_id,
        title=finding.title("Title", check_id),
        resource=CloudResource("", ""),
        severity=_severity(finding.mapping("Severity")),
        url=https_url(finding.mapping("Remediation").mapping("Recommendation").values.get("Url")),
        observed_at=next(filter(None, observed), ""),
    )


def _resource(finding: Fields, resource: Fields) -> CloudResource:
    identifier = resource.text("Id")
    region, account = place_of(identifier)
    return CloudResource(
        type=resource.text("Type"),
        identifier=identifier,
        name=name_of(identifier),
        account=finding.text("AwsAccountId", account),
        region=resource.text("Region", finding.text("Region", region)),
        tags=(*_tags(resource), *_labels(finding)),
    )


def _labels(finding: Fields) -> tuple[tuple[str, str], ...]:
    """User-defined fields, which automation rules give."""
    given = finding.mapping("UserDefinedFields")
    return tuple(
        (LABEL + one_line(string(given.path, key)), one_line(string(given.path, given.values[key])))
        for key in given.values
    )


def _tags(resource: Fields) -> tuple[tuple[str, str], ...]:
    tags = resource.mapping("Tags")
    # The key is theirs, so it is not made part of the field's name.
    return tuple(
        (one_line(string(tags.path, key)), one_line(string(tags.path, tags.values[key]))) for key in tags.values
    )


def _source(finding: Fields) -> str:
    """The product as a word (`security_hub`, `guardduty`); the ARN's last part where there is no name."""
    arn, name = finding.text("ProductArn", ""), finding.text("ProductName", "")
    if arn.endswith("/aws/securityhub"):
        return SECURITY_HUB
    return (name or arn.rpartition("/")[2]).lower().replace(" ", "_") or SOURCE


def _check_id(finding: Fields) -> str:
    """The consolidated id where there is one, else what the generator says in its canonical form, else as it is."""
    control = finding.mapping("Compliance").text("SecurityControlId", "")
    if control:
        return control
    if _source(finding) == GUARDDUTY and (threat := threat_of(finding.values.get("Types"))):
        return threat  # its generator is the detector, the same for every threat of an account
    generator = finding.text("GeneratorId")
    if _source(finding) == _CONFIG and (name := finding.mapping("ProductFields").text(_CONFIG_RULE, "")):
        return name
    rule = rule_of(generator)
    return generator if rule is None else rule.check_id


def _severity(value: Fields) -> Severity:
    label = value.text("Label", "")
    normalized = value.values.get("Normalized")
    if label or normalized is None:
        return severity(label)
    score = integer(value.at("Normalized"), normalized)
    return next((level for least, level in _NORMALIZED if score >= least), Severity.INFORMATIONAL)
