from dataclasses import replace

import pytest

from iacfix.domain.finding import CloudResource, Finding, Hint
from iacfix.ledger.identity import ledger_key

CLOUD = Finding(
    source="security_hub",
    id="arn:aws:securityhub:eu-west-1:111122223333:finding/1",
    check_id="S3.14",
    title="S3 buckets should have versioning enabled",
    resource=CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", account="111122223333", region="eu-west-1"),
    control="s3-versioning",
)
CODE = Finding(
    source="checkov",
    id="CKV_AWS_21:main.tf",
    check_id="CKV_AWS_21",
    title="",
    resource=CloudResource("aws_s3_bucket", "aws_s3_bucket.logs"),
    control="s3-versioning",
    hint=Hint("main.tf", "aws_s3_bucket.logs", 1, 9),
)


def test_two_tools_say_one_thing() -> None:
    other = replace(CLOUD, source="prowler", id="other", check_id="s3_bucket_object_versioning", title="Versioning")
    assert ledger_key(CLOUD) == ledger_key(other)
    assert ledger_key(CODE, "infra") == ledger_key(replace(CODE, source="trivy", check_id="AWS-0090"), "infra")


@pytest.mark.parametrize("region", ["", "us-east-1"])
def test_a_region_beside_an_arn_tells_nothing(region: str) -> None:
    assert ledger_key(CLOUD) == ledger_key(replace(CLOUD, resource=replace(CLOUD.resource, region=region)))
    bare = replace(CLOUD, resource=replace(CLOUD.resource, identifier="sg-1"))
    assert ledger_key(bare) != ledger_key(replace(bare, resource=replace(bare.resource, region=region)))


def test_an_arn_of_a_log_group_is_one_in_either_form() -> None:
    arn = "arn:aws:logs:eu-west-1:111122223333:log-group:audit"
    one, other = (replace(CLOUD, resource=replace(CLOUD.resource, identifier=each)) for each in (arn, f"{arn}:*"))
    assert ledger_key(one) == ledger_key(other)


@pytest.mark.parametrize(
    "other",
    [
        replace(CLOUD, control="s3-logging"),
        replace(CLOUD, control="", check_id="S3.14"),
        replace(CLOUD, resource=replace(CLOUD.resource, identifier="arn:aws:s3:::logs2")),
        replace(CLOUD, resource=replace(CLOUD.resource, account="444455556666")),
    ],
)
def test_another_thing_has_another_key(other: Finding) -> None:
    assert ledger_key(CLOUD) != ledger_key(other)


def test_a_block_of_code_is_told_by_its_repository_and_path() -> None:
    elsewhere = replace(CODE, hint=replace(CODE.hint, path="modules/a/main.tf"))
    assert len({ledger_key(CODE, "a"), ledger_key(CODE, "b"), ledger_key(elsewhere, "a")}) == 3


def test_an_unknown_check_is_only_the_same_as_itself() -> None:
    unknown = replace(CLOUD, control="")
    assert ledger_key(unknown) != ledger_key(replace(unknown, source="prowler"))
