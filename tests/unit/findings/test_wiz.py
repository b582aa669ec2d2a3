import json

import pytest
from tests.support.messages import ACCOUNT, REGION, wiz_issue, wiz_snapshot

from iacfix.controls import Catalogue
from iacfix.domain.finding import CloudResource, Finding, FindingRead, InvalidFinding, Severity
from iacfix.findings import read_findings
from iacfix.workflows.fix import identify

Json = dict[str, object]


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode(), format="wiz")


def one(document: object) -> Finding:
    (found,) = read(document)
    assert isinstance(found, Finding), found
    return found


def wrong(document: object) -> InvalidFinding:
    (found,) = read(document)
    assert isinstance(found, InvalidFinding), found
    return found


def part(name: str, **changes: object) -> Json:
    """An issue with other fields in one of its objects; None takes a field out."""
    whole = wiz_issue()
    inner = whole[name]
    assert isinstance(inner, dict)
    return whole | {name: {key: value for key, value in (inner | changes).items() if value is not None}}


def test_the_default_body() -> None:
    assert one(wiz_issue()) == Finding(
        source="wiz",
        id="b1f6c0f2-7c55-4f0e-8f31-2f1d3a9a5b10",
        check_id="S3-011",
        title="S3 bucket should have all 'Block public access' settings enabled",
        resource=CloudResource("AWS::S3::Bucket", "arn:aws:s3:::acme-logs", "acme-logs", ACCOUNT, REGION),
        severity=Severity.HIGH,
        observed_at="2026-10-02T08:15:30.123456Z",
    )


def test_the_rule_leads_to_the_control(catalogue: Catalogue) -> None:
    assert identify(one(wiz_issue()), catalogue)[0].control == "s3-block-public-access"
    assert identify(one(wiz_snapshot()), catalogue)[0].control == "s3-versioning"


def test_an_older_body_has_a_snapshot() -> None:
    """Its own id is a node of Wiz's graph; a bucket's name is as good as its ARN."""
    found = one(wiz_snapshot())
    tags = (("Team", "shop"), ("Environment", "production"))
    assert found.resource == CloudResource(
        "AWS::S3::Bucket", "arn:aws:s3:::acme-logs", "acme-logs", ACCOUNT, REGION, tags
    )
    assert (found.id, found.severity, found.check_id) == ("issue-2", Severity.CRITICAL, "wc-id-9")


def test_pages_of_the_api_are_read() -> None:
    nodes = [wiz_snapshot(), wiz_snapshot() | {"id": "issue-3"}, 5]
    found = read({"data": {"issuesV2": {"nodes": nodes, "pageInfo": {"hasNextPage": False}}}})
    assert [getattr(each, "id", "") for each in found] == ["issue-2", "issue-3", ""]
    assert getattr(found[2], "field", "") == "data.issuesV2.nodes[2]"


@pytest.mark.parametrize(
    "document",
    [
        part("issue", status="RESOLVED"),
        part("issue", status="resolved"),
        part("issue", status="REJECTED"),
        part("trigger", type="Resolved"),
        wiz_snapshot() | {"status": "RESOLVED"},
    ],
)
def test_what_is_resolved_is_closed_and_says_so(document: Json) -> None:
    found = wrong(document)
    assert "is not open" in found.reason
    assert found.id


@pytest.mark.parametrize("state", ["OPEN", "IN_PROGRESS", "ACTIVE", ""])
def test_every_other_state_is_open(state: str) -> None:
    assert one(part("issue", status=state)).severity is Severity.HIGH


@pytest.mark.parametrize(
    "document",
    [
        part("resource", id="", providerId="arn:aws:s3:::acme-logs"),
        part("resource", id="{{issue.entitySnapshot.id}}", externalId="arn:aws:s3:::acme-logs"),
        part("resource", id="graph-node", providerUniqueId="arn:aws:s3:::acme-logs"),
        part("resource", id=7, arn="arn:aws:s3:::acme-logs"),
        wiz_issue(resource=None, entitySnapshot={"id": "node", "providerId": "arn:aws:s3:::acme-logs"}),
        wiz_issue(resource={}, resourceArn="arn:aws:s3:::acme-logs"),
        {
            "issueId": "b1",
            "resourceId": "arn:aws:s3:::acme-logs",
            "controlName": "S3 bucket should have all 'Block public access' settings enabled",
        },
        part("resource", id="acme-logs"),
    ],
)
def test_the_resource_is_found_wherever_a_template_has_put_it(document: Json, catalogue: Catalogue) -> None:
    found = one(document)
    assert found.resource.identifier == "arn:aws:s3:::acme-logs"
    assert identify(found, catalogue)[0].control == "s3-block-public-access"


@pytest.mark.parametrize("name", ["trigger", "issue", "control", "resource"])
@pytest.mark.parametrize("value", [None, {}, [], "", "text", 5])
def test_a_part_that_is_missing_or_odd_costs_no_more_than_what_it_held(name: str, value: object) -> None:
    (found,) = read(wiz_issue(**{name: value}))
    if name == "control":
        assert getattr(found, "reason", "").startswith("has neither a name nor an id")
    elif name == "resource":
        assert getattr(found, "reason", "").startswith("is missing")
    else:
        assert isinstance(found, Finding)
        assert found.id


def test_a_control_without_its_rule_speaks_for_itself() -> None:
    found = one(part("control", sourceCloudConfigurationRuleId="", sourceCloudConfigurationRuleName=""))
    assert (found.check_id, found.title) == ("wc-id-1234", "Buckets of payments are closed")


def test_other_clouds_are_none_of_ours() -> None:
    assert "is GCP, and only AWS is read" in wrong(part("resource", cloudPlatform="GCP")).reason
    assert one(part("resource", cloudPlatform="aws")).resource.account == ACCOUNT


def test_only_a_number_of_an_account_is_one() -> None:
    resource = one(part("resource", subscriptionId="6d1f-uuid", id="arn:aws:sqs:eu-west-1:444455556666:jobs")).resource
    assert resource.account == "444455556666"


def test_tags_come_as_an_object_or_as_a_list() -> None:
    tags = [{"key": "Team", "value": "shop"}, {"name": "Tier", "value": ""}]
    assert one(part("resource", tags=tags)).resource.tags == (("Team", "shop"), ("Tier", ""))
    assert wrong(part("resource", tags=[{"value": "x"}])).field == "resource.tags[0].name"
    assert wrong(part("resource", tags="x")).reason == "should be an object or a list, is a string"
