"""GuardDuty's own findings: threats seen, not settings amiss. Nothing in code mends them, so that people get them."""

from collections.abc import Iterator, Mapping
from math import isfinite

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding, Severity
from iacfix.findings.certain_arns import completed
from iacfix.findings.envelopes import Entry, unwrap
from iacfix.findings.fields import FieldError, Fields, fields, kind, one_line
from iacfix.findings.reader import Reader
from iacfix.findings.resources import GUARDDUTY, name_of, place_of

SOURCE = GUARDDUTY

_MARKS = frozenset({"schemaVersion", "accountId", "type", "resource", "service", "severity"})
_MARKS_NEEDED = 5
# GuardDuty's own bands: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (1.0, Severity.LOW))

# Where a kind of resource says who it is: the object, its fields by how sure they are, and what AWS calls the kind.
_DETAILS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "Instance": ("instanceDetails", ("instanceId",), "AWS::EC2::Instance"),
    "AccessKey": ("accessKeyDetails", ("principalId", "userName"), "AWS::IAM::AccessKey"),
    "S3Bucket": ("s3BucketDetails", ("arn", "name"), "AWS::S3::Bucket"),
    "S3Object": ("s3BucketDetails", ("arn", "name"), "AWS::S3::Bucket"),
    "EKSCluster": ("eksClusterDetails", ("arn", "name"), "AWS::EKS::Cluster"),
    "KubernetesCluster": ("eksClusterDetails", ("arn", "name"), "AWS::EKS::Cluster"),
    "ECSCluster": ("ecsClusterDetails", ("arn", "name"), "AWS::ECS::Cluster"),
    "Container": ("containerDetails", ("id", "name"), "Container"),
    "RDSDBInstance": ("rdsDbInstanceDetails", ("dbInstanceArn", "dbInstanceIdentifier"), "AWS::RDS::DBInstance"),
    "RDSLimitlessDB": (
        "rdsLimitlessDbDetails",
        ("dbShardGroupArn", "dbShardGroupIdentifier"),
        "AWS::RDS::DBShardGroup",
    ),
    "Lambda": ("lambdaDetails", ("functionArn", "functionName"), "AWS::Lambda::Function"),
    "EBSVolume": ("ebsVolumeDetails", ("volumeArn", "volumeId"), "AWS::EC2::Volume"),
}


def recognises(value: object) -> bool:
    return value == [] or any(_is_finding(entry) for _, entry in unwrap(value))


def read(value: object) -> Iterator[FindingRead]:
    """One finding for each entry; one that is archived is closed, and says so."""
    for position, entry in enumerate(unwrap(value)):
        yield _entry(entry, position)


READER = Reader(SOURCE, "GuardDuty: a finding as EventBridge sends it", recognises, read)


def _is_finding(value: object) -> bool:
    return isinstance(value, dict) and len(_MARKS & value.keys()) >= _MARKS_NEEDED


def _entry(entry: Entry, position: int) -> FindingRead:
    identity = ""
    try:
        finding = fields(*entry)
        identity = finding.known("arn") or finding.known("id")
        service = finding.mapping("service")
        if service.values.get("archived") is True:
            said = "the finding is not open: it is archived"
            return InvalidFinding(SOURCE, position, service.at("archived"), said, identity)
        check_id = finding.text("type")
        return Finding(
            source=SOURCE,
            id=finding.text("arn", "") or finding.text("id"),
            check_id=check_id,
            title=finding.title("title", check_id),
            resource=_resource(finding),
            severity=_severity(finding),
            observed_at=finding.text("updatedAt", finding.text("createdAt", "")),
        )
    except FieldError as error:
        return InvalidFinding(SOURCE, position, error.field, error.reason, identity)


def _resource(finding: Fields) -> CloudResource:
    resource = finding.mapping("resource")
    said = resource.text("resourceType")
    holder, names, type_ = _DETAILS.get(said, ("", (), said))
    details = _first(resource, holder) if holder else resource
    account, region = finding.text("accountId"), finding.text("region", "")
    identifier = next(filter(None, (details.text(name, "") for name in names)), "")
    if not identifier:  # an attack over several resources, or a kind that is new: the account's
        type_, identifier = (said, account) if said not in _DETAILS else (type_, "")
    if not identifier:
        raise FieldError(details.at(names[0]), "is missing: nothing says which resource it is")
    in_arn = place_of(identifier)
    found = CloudResource(
        type_, identifier, name_of(identifier), account or in_arn[1], region or in_arn[0], _tags(details)
    )
    return completed(found)


def _first(resource: Fields, name: str) -> Fields:
    """The details; of buckets there is a list, and the first is the one that it is about."""
    value = resource.values.get(name)
    if isinstance(value, list):
        items = resource.listing(name)
        return fields(*items[0]) if items else Fields(resource.at(name), {})
    return resource.mapping(name)


def _tags(details: Fields) -> tuple[tuple[str, str], ...]:
    if details.values.get("tags") is None:
        return ()
    pairs = (fields(*each) for each in details.listing("tags"))
    return tuple((each.text("key"), one_line(each.verbatim("value"))) for each in pairs)


def _severity(finding: Fields) -> Severity:
    value = finding.values.get("severity")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(finding.at("severity"), f"should be a number, is {kind(value)}")
    if isinstance(value, float) and not isfinite(value):
        raise FieldError(finding.at("severity"), "should be a number with an end")
    return next((level for least, level in _BANDS if value >= least), Severity.INFORMATIONAL)
