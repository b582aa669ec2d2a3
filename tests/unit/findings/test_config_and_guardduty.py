import json

import pytest
from tests.support.messages import ACCOUNT, REGION, asff_finding, config_change, event, ocsf_finding, threat

from iacfix.controls import Catalogue
from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding, Severity
from iacfix.findings import read_findings
from iacfix.findings.certain_arns import KINDS, completed
from iacfix.locators.arn import named_by
from iacfix.locators.resource_types import table
from iacfix.workflows.fix import identify

Json = dict[str, object]


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode())


def one(document: object) -> Finding:
    (found,) = read(document)
    assert isinstance(found, Finding), found
    return found


def wrong(document: object) -> InvalidFinding:
    (found,) = read(document)
    assert isinstance(found, InvalidFinding), found
    return found


def test_a_rule_that_is_broken_is_a_finding_of_its_control(catalogue: Catalogue) -> None:
    found = one(config_change())
    assert found.resource == CloudResource("AWS::S3::Bucket", "arn:aws:s3:::acme-logs", "acme-logs", ACCOUNT, REGION)
    assert (found.source, found.observed_at) == ("config", "2026-09-27T19:48:41.405Z")
    assert identify(found, catalogue)[0].control == "s3-versioning"
    assert one(event("Config Rules Compliance Change", "aws.config", config_change())) == found


@pytest.mark.parametrize("state", ["COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA"])
def test_a_rule_that_is_kept_is_closed(state: str) -> None:
    found = wrong(config_change(newEvaluationResult={"complianceType": state}))
    assert found.reason == f"the finding is not open: newEvaluationResult.complianceType is {state}"
    assert found.id.endswith("AWS::S3::Bucket:acme-logs")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"newEvaluationResult": {"complianceType": "MAYBE"}}, "newEvaluationResult.complianceType"),
        ({"newEvaluationResult": None}, "newEvaluationResult.complianceType"),
        ({"newEvaluationResult": []}, "newEvaluationResult"),
        ({"resourceId": 5}, "resourceId"),
    ],
)
def test_a_change_that_is_malformed_is_told(change: Json, field: str) -> None:
    assert wrong(config_change(**change)).field == field


def test_names_may_stand_in_the_result_alone() -> None:
    assert one(config_change(configRuleName=None, resourceId="", resourceType=None)) == one(config_change())


def test_the_account_itself_is_named_as_others_name_it() -> None:
    account = one(config_change(resourceType="AWS::::Account", resourceId=ACCOUNT)).resource
    assert account.identifier == f"AWS::::Account:{ACCOUNT}"


@pytest.mark.parametrize(
    ("kind", "identifier"),
    [
        ("AWS::RDS::DBInstance", "db-ABCDEFGH"),  # AWS's own id, which no ARN holds
        ("AWS::IAM::Role", "AROAEXAMPLE"),
        ("AWS::EC2::SecurityGroup", "web"),
        ("AWS::S3::Bucket", "Not A Bucket"),
        ("AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"),
    ],
)
def test_what_is_not_certain_stays_as_it_is(kind: str, identifier: str) -> None:
    assert one(config_change(resourceType=kind, resourceId=identifier)).resource.identifier == identifier


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_arns_that_are_made_name_what_they_should(kind: str) -> None:
    form = KINDS[kind][1]
    ids = (f"{each}-0123456789abcdef0" for each in ("i", "vol", "vpc", "subnet", "sg", "acl", "eni"))
    shown = (*ids, "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f", "acme-logs")
    identifier = next(each for each in shown if form.fullmatch(each))
    made = completed(CloudResource(kind, identifier, "", ACCOUNT, REGION)).identifier
    assert made.startswith("arn:aws:")
    assert {each.kind for each in named_by(made)} & set(table().spelled(kind))


def test_an_arn_is_made_for_the_right_partition_or_not_at_all() -> None:
    volume = "vol-0123456789abcdef0"
    made = completed(CloudResource("AwsEc2Volume", volume, "", ACCOUNT, "cn-north-1")).identifier
    assert made == f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:volume/{volume}"
    for account, region in (("", REGION), (ACCOUNT, ""), ("x", REGION), (ACCOUNT, "eu west")):
        assert completed(CloudResource("AwsEc2Volume", volume, "", account, region)).identifier == volume


def test_a_threat_is_about_its_resource() -> None:
    found = one(threat())
    instance = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0"
    assert found.resource == CloudResource(
        "AWS::EC2::Instance", instance, "i-0123456789abcdef0", ACCOUNT, REGION, (("Team", "shop"),)
    )
    assert (found.source, found.check_id) == ("guardduty", "UnauthorizedAccess:EC2/SSHBruteForce")
    assert one(event("GuardDuty Finding", "aws.guardduty", threat())) == found


@pytest.mark.parametrize(
    ("resource", "identifier"),
    [
        ({"resourceType": "S3Bucket", "s3BucketDetails": [{"arn": "arn:aws:s3:::b", "name": "b"}]}, "arn:aws:s3:::b"),
        ({"resourceType": "AccessKey", "accessKeyDetails": {"principalId": "AIDA", "userName": "ci"}}, "AIDA"),
        ({"resourceType": "Lambda", "lambdaDetails": {"functionName": "f"}}, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"),
        ({"resourceType": "AttackSequence"}, ACCOUNT),
    ],
)  # fmt: skip
def test_each_kind_of_resource_names_itself(resource: Json, identifier: str) -> None:
    assert one(threat(resource=resource)).resource.identifier == identifier


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (9, "critical"),
        (8.9, "high"),
        (7.0, "high"),
        (6.9, "medium"),
        (4, "medium"),
        (3.9, "low"),
        (0.5, "informational"),
    ],
)
def test_scores_are_read_by_guardduty_s_own_bands(score: float, level: str) -> None:
    assert one(threat(severity=score)).severity is Severity(level)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": {"archived": True}}, "service.archived"),
        ({"severity": "8"}, "severity"),
        ({"severity": True}, "severity"),
        ({"severity": float("nan")}, "severity"),
        ({"severity": float("inf")}, "severity"),
        ({"resource": {"resourceType": "Instance"}}, "resource.instanceDetails.instanceId"),
        ({"resource": {"resourceType": "S3Bucket", "s3BucketDetails": []}}, "resource.s3BucketDetails.arn"),
        ({"resource": {"resourceType": "S3Bucket", "s3BucketDetails": ["b"]}}, "resource.s3BucketDetails[0]"),
        ({"type": ""}, "type"),
    ],
)
def test_a_threat_that_is_archived_or_malformed_is_told(change: Json, field: str) -> None:
    assert wrong(threat(**change)).field == field


def test_a_threat_is_the_same_by_every_way() -> None:
    """Security Hub names the detector as the generator, the same for all threats of an account."""
    detector = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/12cc51e1"
    product = f"arn:aws:securityhub:{REGION}::product/aws/guardduty"
    types = ["TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce"]
    imported = asff_finding(
        ProductArn=product, ProductName="GuardDuty", GeneratorId=detector, Types=types, Compliance=None
    )
    in_ocsf = ocsf_finding(
        metadata={"product": {"name": "GuardDuty", "uid": product}},
        compliance=None,
        finding_info={"uid": "x", "analytic": {"uid": "12cc51e1"}, "types": ["Threats", "UnauthorizedAccess:EC2/SSHBruteForce"]},
    )  # fmt: skip
    assert {one(each).check_id for each in (threat(), imported, in_ocsf)} == {"UnauthorizedAccess:EC2/SSHBruteForce"}
    untyped = imported | {"Types": None}
    assert one(untyped).check_id == detector


def test_security_hub_v2_puts_the_arn_beside_the_id() -> None:
    found = one(ocsf_finding())
    assert (found.source, found.check_id, found.resource.identifier) == (
        "security_hub",
        "S3.14",
        "arn:aws:s3:::acme-logs",
    )
    bare = [{"type": "AWS::S3::Bucket", "uid": "acme-logs"}]
    assert one(ocsf_finding(resources=bare)).resource.identifier == "arn:aws:s3:::acme-logs"
    owned = one(ocsf_finding(cloud=None)).resource
    assert (owned.account, owned.region) == (ACCOUNT, REGION)
