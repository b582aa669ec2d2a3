import json

import pytest

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding, Severity
from iacfix.findings import read_findings


def bucket(**changes: object) -> dict[str, object]:
    return {"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::acme-logs", "Region": "eu-west-1"} | changes


def asff(**changes: object) -> dict[str, object]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": "finding-1",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "GeneratorId": "security-control/S3.8",
        "AwsAccountId": "123456789012",
        "UpdatedAt": "2024-05-01T10:00:00.000Z",
        "Severity": {"Label": "HIGH"},
        "Title": "Buckets block public access",
        "Resources": [bucket()],
        "Compliance": {"Status": "FAILED"},
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    } | changes


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode())


def one(**changes: object) -> Finding:
    (finding,) = read(asff(**changes))
    assert isinstance(finding, Finding)
    return finding


def wrong(**changes: object) -> InvalidFinding:
    (finding,) = read(asff(**changes))
    assert isinstance(finding, InvalidFinding)
    return finding


def test_an_entry_becomes_a_finding() -> None:
    url = "https://docs.example.com/S3.8/remediation"
    finding = one(
        Remediation={"Recommendation": {"Text": "Turn it on", "Url": url}},
        Resources=[bucket(Tags={"team": "logs", "env": "prod"})],
    )
    assert finding == Finding(
        source="security_hub",
        id="finding-1",
        check_id="S3.8",
        title="Buckets block public access",
        resource=CloudResource(
            type="AwsS3Bucket",
            identifier="arn:aws:s3:::acme-logs",
            name="acme-logs",
            account="123456789012",
            region="eu-west-1",
            tags=(("team", "logs"), ("env", "prod")),
        ),
        severity=Severity.HIGH,
        url=url,
        observed_at="2024-05-01T10:00:00.000Z",
    )


def event(*findings: object) -> dict[str, object]:
    return {
        "version": "0",
        "source": "aws.securityhub",
        "detail-type": "Security Hub Findings - Imported",
        "detail": {"findings": list(findings)},
    }


def test_every_envelope_gives_the_same_findings() -> None:
    pair = [asff(), asff(Id="finding-2")]
    plain = read(pair)
    assert [item.id for item in plain] == ["finding-1", "finding-2"]
    assert read({"Findings": pair, "NextToken": "x"}) == plain
    assert read(event(*pair)) == plain
    assert read([event(pair[0]), {"Findings": [pair[1]]}]) == plain
    assert read(asff()) == plain[:1]


@pytest.mark.parametrize(
    ("generator", "check_id"),
    [
        ("security-control/S3.8", "S3.8"),
        ("aws-foundational-security-best-practices/v/1.0.0/S3.8", "S3.8"),
        ("pci-dss/v/3.2.1/PCI.S3.4", "PCI.S3.4"),
        ("nist-800-53/v/5.0.0/EC2.10", "EC2.10"),
        ("arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/2.9", "CIS.1.2.0/2.9"),
        ("arn:aws-us-gov:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1", "CIS.1.2.0/4.1"),
        ("cis-aws-foundations-benchmark/v/1.4.0/2.1.1", "CIS.1.4.0/2.1.1"),
        ("prowler-s3_bucket_public_access", "prowler-s3_bucket_public_access"),
        ("acme/v/2/notes", "acme/v/2/notes"),
        ("security-control/", "security-control/"),
        (
            "arn:aws:guardduty:eu-west-1:123456789012:detector/abc",
            "arn:aws:guardduty:eu-west-1:123456789012:detector/abc",
        ),
    ],
)
def test_the_generator_gives_the_check(generator: str, check_id: str) -> None:
    assert one(GeneratorId=generator).check_id == check_id


def test_a_named_security_control_comes_first() -> None:
    finding = one(
        GeneratorId="cis-aws-foundations-benchmark/v/1.4.0/2.1.5",
        Compliance={"Status": "FAILED", "SecurityControlId": "S3.1"},
    )
    assert finding.check_id == "S3.1"


@pytest.mark.parametrize(
    ("arn", "name", "source"),
    [
        ("arn:aws:securityhub:eu-west-1::product/aws/securityhub", None, "security_hub"),
        ("arn:aws:securityhub:eu-west-1::product/aws/securityhub", "Custom", "security_hub"),
        (None, "Security Hub", "security_hub"),
        ("arn:aws:securityhub:eu-west-1::product/prowler/prowler", "Prowler", "prowler"),
        ("arn:aws:securityhub:eu-west-1::product/aws/guardduty", None, "guardduty"),
        (None, None, "asff"),
    ],
)
def test_the_source_is_the_product(arn: str | None, name: str | None, source: str) -> None:
    assert one(ProductArn=arn, ProductName=name).source == source


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("arn:aws:s3:::acme-logs", "acme-logs"),
        ("arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0a1b", "sg-0a1b"),
        ("arn:aws:rds:eu-west-1:123456789012:db:orders", "orders"),
        ("arn:aws:logs:eu-west-1:123456789012:log-group:audit:*", "audit"),
        ("AWS::::Account:123456789012", "123456789012"),
        ("i-0123456789", "i-0123456789"),
        ("/", "/"),
    ],
)
def test_the_name_is_the_last_part_of_the_identifier(identifier: str, name: str) -> None:
    assert one(Resources=[bucket(Id=identifier)]).resource.name == name


def test_account_and_region_come_from_the_nearest_that_says() -> None:
    arn = "arn:aws:rds:ap-south-1:999999999999:db:orders"
    told = one(Region="us-east-1", Resources=[bucket(Id=arn)]).resource
    assert (told.account, told.region) == ("123456789012", "eu-west-1")
    finding = one(Region="us-east-1", Resources=[bucket(Id=arn, Region=None)]).resource
    assert (finding.account, finding.region) == ("123456789012", "us-east-1")
    own = one(AwsAccountId=None, Resources=[bucket(Id=arn, Region=None)]).resource
    assert (own.account, own.region) == ("999999999999", "ap-south-1")
    neither = one(AwsAccountId=None, Resources=[bucket(Id="orders", Region=None)]).resource
    assert (neither.account, neither.region) == ("", "")


def test_each_resource_is_a_finding_of_its_own() -> None:
    other = bucket(Id="arn:aws:s3:::acme-data")
    reads = read([asff(Resources=[bucket(), {"Type": "AwsS3Bucket"}, other]), asff(Id="finding-2")])
    assert [item.id for item in reads] == ["finding-1", "finding-1#2", "finding-1#3", "finding-2"]
    assert reads[1] == InvalidFinding("security_hub", 0, "[0].Resources[1].Id", "is missing", "finding-1#2")
    assert isinstance(reads[2], Finding)
    assert reads[2].resource.name == "acme-data"


@pytest.mark.parametrize(
    ("changes", "field", "state"),
    [
        ({"RecordState": "ARCHIVED"}, "RecordState", "ARCHIVED"),
        ({"Workflow": {"Status": "RESOLVED"}}, "Workflow.Status", "RESOLVED"),
        ({"Workflow": {"Status": "SUPPRESSED"}}, "Workflow.Status", "SUPPRESSED"),
        ({"Compliance": {"Status": "PASSED"}}, "Compliance.Status", "PASSED"),
        ({"Compliance": {"Status": "NOT_AVAILABLE"}}, "Compliance.Status", "NOT_AVAILABLE"),
    ],
)
def test_what_is_closed_is_told_and_not_returned_as_open(changes: dict[str, object], field: str, state: str) -> None:
    closed, still_open = read({"Findings": [asff(**changes), asff(Id="finding-2")]})
    reason = f"the finding is not open: {field} is {state}"
    assert closed == InvalidFinding("security_hub", 0, field, reason, "finding-1")
    assert isinstance(still_open, Finding)


@pytest.mark.parametrize(
    "changes",
    [
        {"Severity": {"Label": "INFORMATIONAL"}},
        {"Compliance": {"Status": "WARNING"}},
        {"Workflow": {"Status": "NOTIFIED"}, "WorkflowState": "RESOLVED"},
        {"Compliance": None, "Workflow": None, "RecordState": None},
    ],
)
def test_what_is_open_stays_open(changes: dict[str, object]) -> None:
    assert one(**changes).check_id == "S3.8"


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ({"Label": "CRITICAL"}, Severity.CRITICAL),
        ({"Label": "INFORMATIONAL"}, Severity.INFORMATIONAL),
        ({"Label": "LOW", "Normalized": 90}, Severity.LOW),
        ({"Label": "?"}, Severity.UNKNOWN),
        ({"Normalized": 90}, Severity.CRITICAL),
        ({"Normalized": 89}, Severity.HIGH),
        ({"Normalized": 69}, Severity.MEDIUM),
        ({"Normalized": 39}, Severity.LOW),
        ({"Normalized": 0}, Severity.INFORMATIONAL),
        ({}, Severity.UNKNOWN),
        (None, Severity.UNKNOWN),
    ],
)
def test_severities(value: object, severity: Severity) -> None:
    assert one(Severity=value).severity is severity


def test_the_latest_observation_is_kept_as_it_arrived() -> None:
    assert one(LastObservedAt="2025-01-01", CreatedAt="2020-01-01").observed_at == "2025-01-01"
    assert one(UpdatedAt=None, CreatedAt="2020-01-01").observed_at == "2020-01-01"
    assert one(UpdatedAt=None).observed_at == ""


def test_text_is_one_printable_line() -> None:
    finding = one(Id="a\nb", Title="t\0" + "x" * 600, Resources=[bucket(Id="x\ny", Tags={"k\n": "v\r"})])
    assert (finding.id, finding.resource.identifier, finding.resource.tags) == ("a b", "x y", (("k", "v"),))
    assert (finding.title[:3], len(finding.title)) == ("t x", 500)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"Id": None}, "Id", "is missing"),
        ({"Id": 7}, "Id", "should be a string, is a number"),
        ({"GeneratorId": None}, "GeneratorId", "is missing"),
        ({"GeneratorId": []}, "GeneratorId", "should be a string, is a list"),
        ({"ProductName": 7}, "ProductName", "should be a string, is a number"),
        ({"AwsAccountId": 123456789012}, "AwsAccountId", "should be a string, is a number"),
        ({"RecordState": False}, "RecordState", "should be a string, is a boolean"),
        ({"Workflow": "NEW"}, "Workflow", "should be an object, is a string"),
        ({"Compliance": {"Status": 1}}, "Compliance.Status", "should be a string, is a number"),
        ({"Severity": "HIGH"}, "Severity", "should be an object, is a string"),
        ({"Severity": {"Normalized": "70"}}, "Severity.Normalized", "should be a whole number, is a string"),
        ({"Remediation": {"Recommendation": 1}}, "Remediation.Recommendation", "should be an object, is a number"),
        ({"Resources": None}, "Resources", "is missing"),
        ({"Resources": []}, "Resources", "is empty"),
        ({"Resources": {}}, "Resources", "should be a list, is an object"),
        ({"Resources": ["arn"]}, "Resources[0]", "should be an object, is a string"),
        ({"Resources": [bucket(Type=None)]}, "Resources[0].Type", "is missing"),
        ({"Resources": [bucket(Tags=["a"])]}, "Resources[0].Tags", "should be an object, is a list"),
        ({"Resources": [bucket(Tags={"secret": 1})]}, "Resources[0].Tags", "should be a string, is a number"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, object], field: str, reason: str) -> None:
    item = wrong(**changes)
    assert (item.field, item.reason) == (field, reason)


def test_wrong_entries_keep_their_place_and_their_neighbours() -> None:
    first, second, third = read(event("junk", asff(Title=1), asff()))
    assert first == InvalidFinding("asff", 0, "detail.findings[0]", "should be an object, is a string")
    assert second == InvalidFinding(
        "security_hub", 1, "detail.findings[1].Title", "should be a string, is a number", "finding-1"
    )
    assert isinstance(third, Finding)


def test_an_envelope_that_holds_no_list_costs_the_others_nothing() -> None:
    first, second = read([{"Findings": "none"}, asff()])
    assert first == InvalidFinding("asff", 0, "[0].Findings", "should be an object, is a string")
    assert isinstance(second, Finding)


def test_a_finding_of_config_names_its_rule() -> None:
    arn = "arn:aws:config:eu-west-1:123456789012:config-rule/config-rule-mburzq"
    named = {"aws/config/ConfigRuleName": "s3-bucket-versioning-enabled"}
    assert (
        one(ProductName="Config", ProductArn=None, GeneratorId=arn, ProductFields=named).check_id == named.popitem()[1]
    )
    assert one(ProductName="Config", ProductArn=None, GeneratorId=arn).check_id == arn
    assert one(GeneratorId=arn, ProductFields={"aws/config/ConfigRuleName": "x"}).check_id == arn
