import json
from dataclasses import replace

from tests.support.messages import asff_finding, config_change, events, ocsf_finding, sqs, wiz_snapshot

from iacfix.controls import Catalogue
from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding, Severity
from iacfix.findings import read_findings
from iacfix.findings.merging import merged
from iacfix.workflows.merging import one_for_each_fact

ARN = "arn:aws:s3:::logs"
HUB = Finding(
    source="security_hub",
    id="hub-1",
    check_id="S3.14",
    title="Buckets keep versions",
    resource=CloudResource("AwsS3Bucket", ARN, "logs", "111122223333", "", (("Team", "shop"),)),
    severity=Severity.MEDIUM,
)
WIZ = replace(
    HUB,
    source="wiz",
    id="wiz-1",
    check_id="S3-1",
    title="Versioning",
    resource=CloudResource("bucket", ARN, "logs", "", "eu-west-1", (("Team", "shop"), ("Team", "pay"))),
    severity=Severity.CRITICAL,
    url="https://app.wiz.io/1",
)


def of(*reads: FindingRead) -> tuple[FindingRead, ...]:
    return merged(reads, lambda finding: finding.resource.identifier)


def test_two_tools_make_one_finding_that_keeps_both() -> None:
    (found,) = of(HUB, WIZ)
    assert found == replace(
        WIZ,
        resource=CloudResource("bucket", ARN, "logs", "111122223333", "eu-west-1", (("Team", "shop"), ("Team", "pay"))),
        also=(("security_hub", "hub-1"),),
    )
    assert isinstance(found, Finding)
    assert found.reports == (("wiz", "wiz-1"), ("security_hub", "hub-1"))


def test_who_names_the_place_in_code_speaks_for_all() -> None:
    scanned = replace(
        HUB, source="prowler", id="p", severity=Severity.LOW, hint=Hint("main.tf", "aws_s3_bucket.logs", 3, 9)
    )
    (found,) = of(HUB, scanned, WIZ)
    assert isinstance(found, Finding)
    assert (found.source, found.severity, found.hint) == ("prowler", Severity.CRITICAL, scanned.hint)
    assert found.also == (("security_hub", "hub-1"), ("wiz", "wiz-1"))


def test_what_one_tool_says_twice_stays_two() -> None:
    again = replace(HUB, id="hub-2")
    assert of(HUB, again) == (HUB, again)
    first, second = of(HUB, again, replace(WIZ, severity=Severity.LOW))
    assert (getattr(first, "also", ()), second) == ((("wiz", "wiz-1"),), again)


def test_the_same_report_delivered_twice_is_one() -> None:
    assert of(HUB, HUB) == (HUB,)
    (both,) = of(HUB, WIZ)
    assert of(both, WIZ) == (both,)


def test_others_keep_their_order_and_what_is_invalid_stays() -> None:
    bad = InvalidFinding("asff", 0, "Id", "is missing")
    other = replace(HUB, id="3", resource=replace(HUB.resource, identifier="arn:aws:s3:::other"))
    merged_, *rest = of(HUB, bad, other, bad, WIZ)
    assert getattr(merged_, "id", "") == "wiz-1"
    assert rest == [bad, other, bad]


def test_four_ways_to_say_one_thing(catalogue: Catalogue) -> None:
    """The bucket keeps no versions: Security Hub in both formats, AWS Config and Wiz."""
    prowler = {"metadata": {"event_code": "s3_bucket_object_versioning", "product": {"name": "Prowler"}}}
    bodies = (asff_finding(), config_change(), wiz_snapshot(), ocsf_finding(**prowler), events()["guardduty_finding"])
    reads = read_findings(json.dumps(sqs(*bodies)).encode())
    found = one_for_each_fact(reads, catalogue)
    assert [getattr(each, "source", "") for each in found] == ["wiz", "guardduty"]
    first = found[0]
    assert isinstance(first, Finding)
    assert [source for source, _ in first.reports] == ["wiz", "security_hub", "config", "prowler"]
    assert first.severity is Severity.CRITICAL
