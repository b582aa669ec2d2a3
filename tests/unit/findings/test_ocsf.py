import json

import pytest

from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding, Severity
from iacfix.findings import read_findings

Json = dict[str, object]
BUCKET: Json = {"uid": "arn:aws:s3:::logs", "type": "AwsS3Bucket", "name": "logs", "region": "eu-west-1", "labels": ["Team=shop", "x"]}  # fmt: skip


def finding(**changes: object) -> Json:
    """As Prowler writes it."""
    whole: Json = {
        "class_uid": 2004,
        "category_uid": 2,
        "activity_id": 1,
        "metadata": {"event_code": "s3_bucket_object_versioning", "product": {"name": "Prowler", "uid": "prowler"}},
        "finding_info": {"uid": "prowler-1", "title": "Buckets keep versions"},
        "severity": "Medium",
        "status": "New",
        "status_code": "FAIL",
        "time_dt": "2026-01-01T00:00:00",
        "cloud": {"account": {"uid": "111122223333"}, "region": "eu-west-1"},
        "resources": [BUCKET],
        "remediation": {"references": ["aws s3api put-bucket-versioning", "https://docs.example.com/s3"]},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def of_security_hub(**changes: object) -> Json:
    product = {"name": "Security Hub", "uid": "arn:aws:securityhub:eu-west-1::product/aws/securityhub"}
    return finding(
        class_uid=2003,
        metadata={"product": product},
        compliance={"control": "S3.14", "status": "Fail"},
        status_code=None,
        **changes,
    )


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode())


def test_a_finding_of_prowler() -> None:
    assert read([finding()]) == (
        Finding(
            source="prowler",
            id="prowler-1",
            check_id="s3_bucket_object_versioning",
            title="Buckets keep versions",
            resource=CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", "logs", "111122223333", "eu-west-1", (("Team", "shop"),)),
            severity=Severity.MEDIUM,
            url="https://docs.example.com/s3",
            observed_at="2026-01-01T00:00:00",
        ),
    )  # fmt: skip


def test_a_finding_of_security_hub_in_its_event() -> None:
    bucket = BUCKET | {"tags": [{"name": "Team", "value": "shop"}]}
    event = {"detail-type": "Findings Imported V2", "detail": {"findings": [of_security_hub(resources=[bucket])]}}
    (found,) = read(event)
    assert isinstance(found, Finding)
    assert (found.source, found.check_id, found.resource.tags) == ("security_hub", "S3.14", (("Team", "shop"),))


def test_an_arn_tells_what_is_not_said_beside_it() -> None:
    queue = {"uid": "arn:aws:sqs:eu-west-1:111122223333:jobs"}
    (found,) = read([finding(resources=[queue], cloud=None)])
    assert isinstance(found, Finding)
    assert found.resource == CloudResource("", queue["uid"], "jobs", "111122223333", "eu-west-1")


def test_each_resource_is_a_finding() -> None:
    first, broken, third = read([finding(resources=[BUCKET, {"uid": 4}, BUCKET])])
    assert isinstance(broken, InvalidFinding)
    assert [getattr(each, "id", "") for each in (first, third)] == ["prowler-1", "prowler-1#3"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "Resolved"}, "status"),
        ({"status": "Suppressed"}, "status"),
        ({"status_code": "PASS"}, "status_code"),
        ({"status_code": "MUTED"}, "status_code"),
        ({"compliance": {"status": "Pass"}}, "compliance.status"),
    ],
)
def test_what_is_closed_is_not_worked_on(change: Json, field: str) -> None:
    (closed,) = read([finding(**change)])
    assert isinstance(closed, InvalidFinding)
    assert (closed.field, closed.id) == (field, "prowler-1")
    assert "is not open" in closed.reason


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metadata": {}}, "[0].metadata.event_code"),
        ({"finding_info": {}}, "[0].finding_info.uid"),
        ({"resources": []}, "[0].resources"),
        ({"resources": None}, "[0].resources"),
        ({"severity": 3}, "[0].severity"),
        ({"cloud": "aws"}, "[0].cloud"),
        ({"resources": [BUCKET | {"tags": [{"value": "x"}]}]}, "[0].resources[0].tags[0].name"),
    ],
)
def test_what_is_malformed_is_named_and_costs_no_other_its_turn(change: Json, field: str) -> None:
    broken, whole = read([finding(**change), finding()])
    assert isinstance(broken, InvalidFinding)
    assert isinstance(whole, Finding)
    assert broken.field == field
