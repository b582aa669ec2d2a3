import json
from pathlib import Path

import pytest
from tests.support.repositories import cloud, finding, repository

from iacfix.domain.finding import Finding
from iacfix.domain.location import Location, NotLocated
from iacfix.iac.terraform.state import State
from iacfix.locators.locate import NAMED, Sources, States, locate
from iacfix.locators.repository import Repository
from iacfix.locators.terraform_state import StateFile

BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "acme-logs"\n}\n'
S3 = "arn:aws:s3:::acme-logs"


def found(read: object, repo: Repository) -> Location:
    assert isinstance(read, Finding)
    result = locate(read, repo)
    assert isinstance(result, Location), result
    assert result.evidence
    return result


def missed(read: object, repo: Repository) -> NotLocated:
    assert isinstance(read, Finding)
    result = locate(read, repo)
    assert isinstance(result, NotLocated), result
    return result


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("aws_s3_bucket.logs", "aws_s3_bucket.logs"),
        ("aws_s3_bucket.logs[0]", "aws_s3_bucket.logs"),
        ('module.a["x"].module.b.aws_s3_bucket.logs', "aws_s3_bucket.logs"),
        ("aws_ami.web", "data.aws_ami.web"),
        ("data.aws_ami.web", "data.aws_ami.web"),
        ("aws.west", "provider.aws.west"),
    ],
)
def test_an_address_is_found_as_scanners_write_it(tmp_path: Path, written: str, address: str) -> None:
    text = BUCKET + 'data "aws_ami" "web" {\n}\nprovider "aws" {\n  alias = "west"\n}\n'
    assert found(finding("X", written), repository(tmp_path, {"main.tf": text})).address == address


def test_the_span_is_that_of_the_block(tmp_path: Path) -> None:
    location = found(finding("X", "aws_s3_bucket.logs"), repository(tmp_path, {"main.tf": "# head\n" + BUCKET}))
    assert (location.start_line, location.end_line, location.start) == (2, 4, 7)
    assert location.confidence == 1.0


@pytest.mark.parametrize(
    ("there", "hinted", "ok"),
    [
        ("infra/aws/s3.tf", "aws/s3.tf", True),
        ("s3.tf", "aws/s3.tf", True),
        ("aws/s3.tf", "gcp/s3.tf", False),
        ("s3.tf", "s4.tf", False),
    ],
)
def test_a_scan_of_another_folder_is_followed_by_the_end_of_the_path(
    tmp_path: Path, there: str, hinted: str, *, ok: bool
) -> None:
    repo = repository(tmp_path, {there: BUCKET})
    read = finding("X", "aws_s3_bucket.logs", hinted)
    if ok:
        location = found(read, repo)
        assert location.path == there
        assert location.confidence < 1.0
    else:
        assert hinted in missed(read, repo).reason


def test_two_files_that_may_be_meant_are_both_named(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"a/s3.tf": BUCKET, "b/s3.tf": BUCKET})
    result = missed(finding("X", "aws_s3_bucket.logs", "s3.tf"), repo)
    assert {candidate.path for candidate in result.candidates} == {"a/s3.tf", "b/s3.tf"}


def test_an_address_written_twice_is_told_apart_by_its_line(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": BUCKET + BUCKET})
    assert found(finding("X", "aws_s3_bucket.logs", lines=(4, 6)), repo).start_line == 4
    assert missed(finding("X", "aws_s3_bucket.logs", lines=(2, 6)), repo).candidates


def test_an_address_that_is_not_there_is_not_replaced_by_a_guess(tmp_path: Path) -> None:
    assert "not written" in missed(finding("X", "aws_s3_bucket.gone"), repository(tmp_path, {"main.tf": BUCKET})).reason


@pytest.mark.parametrize(
    ("kind", "arn", "block"),
    [
        ("AwsS3Bucket", S3, BUCKET),
        ("AwsRdsDbInstance", "arn:aws:rds:eu-west-1:1:db:orders", 'resource "aws_db_instance" "x" {\n  identifier = "orders"\n}\n'),
        ("AwsLambdaFunction", "arn:aws:lambda:eu-west-1:1:function:f:live", 'resource "aws_lambda_function" "x" {\n  function_name = "f"\n}\n'),
        ("AwsSqsQueue", "arn:aws:sqs:eu-west-1:1:jobs", 'resource "aws_sqs_queue" "x" {\n  name = "jobs"\n}\n'),
        ("AwsSnsTopic", "arn:aws:sns:eu-west-1:1:news", 'resource "aws_sns_topic" "x" {\n  name = "news"\n}\n'),
        ("AwsEcrRepository", "arn:aws:ecr:eu-west-1:1:repository/team/app", 'resource "aws_ecr_repository" "x" {\n  name = "team/app"\n}\n'),
        ("AwsIamUser", "arn:aws:iam::1:user/ops/ann", 'resource "aws_iam_user" "x" {\n  name = "ann"\n}\n'),
        ("AwsCloudTrailTrail", "arn:aws:cloudtrail:eu-west-1:1:trail/main", 'resource "aws_cloudtrail" "x" {\n  name = "main"\n}\n'),
    ],
)  # fmt: skip
def test_an_arn_finds_the_block_of_that_name(tmp_path: Path, kind: str, arn: str, block: str) -> None:
    other = block.replace('"x"', '"y"').replace('= "', '= "other-')
    location = found(cloud(kind, arn), repository(tmp_path, {"a/main.tf": other, "b/main.tf": block}))
    assert location.path == "b/main.tf"


@pytest.mark.parametrize(
    ("files", "confidence"),
    [
        ({"main.tf": BUCKET}, 0.95),
        (
            {"main.tf": BUCKET.replace('"acme-logs"', "var.n"), "v.tf": 'variable "n" {\n  default = "acme-logs"\n}\n'},
            0.95,
        ),
        ({"main.tf": BUCKET.replace('"acme-logs"', "local.n"), "v.tf": 'locals {\n  n = "acme-logs"\n}\n'}, 0.95),
        (
            {"main.tf": BUCKET.replace('"acme-logs"', "local.n.m"), "v.tf": 'locals {\n  n = { m = "acme-logs" }\n}\n'},
            0.95,
        ),
        (
            {
                "main.tf": BUCKET.replace('"acme-logs"', '"${var.n}-logs"'),
                "v.tf": 'variable "n" {\n  default = "x"\n}\n',
                "terraform.tfvars": 'n = "y"\n',
                "z.auto.tfvars": 'n = "acme"\n',
            },
            0.95,
        ),
        ({"main.tf": BUCKET.replace('"acme-logs"', '"${data.x.y.z}-logs"')}, 0.6),
    ],
)
def test_a_name_is_followed_to_where_it_is_set(tmp_path: Path, files: dict[str, str], confidence: float) -> None:
    assert found(cloud("AwsS3Bucket", S3), repository(tmp_path, files)).confidence == confidence


def test_a_literal_name_beats_a_pattern(tmp_path: Path) -> None:
    pattern = BUCKET.replace('"acme-logs"', '"${var.n}-logs"').replace('"logs"', '"p"')
    assert (
        found(cloud("AwsS3Bucket", S3), repository(tmp_path, {"main.tf": pattern + BUCKET})).address
        == "aws_s3_bucket.logs"
    )


@pytest.mark.parametrize("tags", ['{ Name = "web" }', 'merge(local.t, { Name = "web" })', "local.all"])
def test_the_name_tag_finds_what_has_no_name(tmp_path: Path, tags: str) -> None:
    text = f'locals {{\n  t   = {{}}\n  all = {{ Name = "web" }}\n}}\nresource "aws_instance" "w" {{\n  tags = {tags}\n}}\n'
    read = cloud("AwsEc2Instance", "arn:aws:ec2:eu-west-1:1:instance/i-1", tags=(("Name", "web"),))
    assert found(read, repository(tmp_path, {"main.tf": text})).address == "aws_instance.w"


@pytest.mark.parametrize("order", [("a.tf", "b.tf"), ("b.tf", "a.tf")])
def test_two_equal_candidates_are_left_to_a_person(tmp_path: Path, order: tuple[str, str]) -> None:
    files = {order[0]: BUCKET, order[1]: BUCKET.replace('"logs"', '"also"')}
    result = missed(cloud("AwsS3Bucket", S3), repository(tmp_path, files))
    assert "ambiguous" in result.reason
    assert {candidate.address for candidate in result.candidates} == {"aws_s3_bucket.logs", "aws_s3_bucket.also"}


@pytest.mark.parametrize(
    ("kind", "said"), [("AwsFooBar", "AwsFooBar"), ("", "without a type"), ("AwsAccount", "whole account")]
)
def test_what_cannot_be_searched_for_says_why(tmp_path: Path, kind: str, said: str) -> None:
    assert said in missed(cloud(kind, "x"), repository(tmp_path, {"main.tf": BUCKET})).reason


def test_a_file_that_was_not_read_is_named(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": BUCKET, "broken.tf": "resource {"})
    assert "broken.tf" in missed(cloud("AwsS3Bucket", "arn:aws:s3:::gone"), repo).reason
    assert found(cloud("AwsS3Bucket", S3), repo).path == "main.tf"


def test_a_change_laid_over_the_tree_is_what_is_read(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": BUCKET})
    assert found(cloud("AwsS3Bucket", S3), repo).path == "main.tf"
    repo.replace("main.tf", BUCKET.replace("acme-logs", "acme-other").encode())
    assert "acme-logs" in missed(cloud("AwsS3Bucket", S3), repo).reason
    assert b"acme-logs" in (tmp_path / "main.tf").read_bytes()


# Whom to believe

RANKED = {
    "main.tf": "".join(
        f'resource "aws_s3_bucket" "{label}" {{\n  bucket = {name}\n}}\n'
        for label, name in (("tagged", "null"), ("in_state", "null"), ("named", '"acme-logs"'))
    ),
    "stack.yaml": "Resources:\n  InStack:\n    Type: AWS::S3::Bucket\n",
}
OWN_TAG = ("iacfix:address", "aws_s3_bucket.tagged")
STACK_TAGS = (("aws:cloudformation:stack-name", "s"), ("aws:cloudformation:logical-id", "InStack"))


def in_state(name: str = "in_state") -> States:
    instance = {"attributes": {"arn": S3, "id": "acme-logs"}}
    resource = {"mode": "managed", "type": "aws_s3_bucket", "name": name, "instances": [instance]}
    return States((StateFile("s", "", State.read(json.dumps({"version": 4, "resources": [resource]}).encode())),))


@pytest.mark.parametrize(
    ("tags", "states", "address"),
    [
        ((OWN_TAG, *STACK_TAGS), in_state(), "aws_s3_bucket.tagged"),
        (STACK_TAGS, in_state(), "Resources.InStack"),
        ((), in_state(), "aws_s3_bucket.in_state"),
        ((), States(), "aws_s3_bucket.named"),
    ],
)
def test_who_knows_best_is_believed(
    tmp_path: Path, tags: tuple[tuple[str, str], ...], states: States, address: str
) -> None:
    result = locate(cloud("AwsS3Bucket", S3, tags=tags), repository(tmp_path, RANKED), Sources(lambda: states))
    assert isinstance(result, Location)
    assert result.address == address


def test_what_a_better_source_cannot_find_is_not_guessed_by_the_next(tmp_path: Path) -> None:
    repo = repository(tmp_path, RANKED)
    gone = (("aws:cloudformation:stack-name", "s"), ("aws:cloudformation:logical-id", "Gone"))
    for tags, states in ((gone, States()), ((), in_state("gone"))):
        result = locate(cloud("AwsS3Bucket", S3, tags=tags), repo, Sources(lambda known=states: known))  # type: ignore[misc] # binds it now
        assert isinstance(result, NotLocated)
        assert "one" in result.reason


def test_states_are_not_asked_for_what_better_sources_know(tmp_path: Path) -> None:
    def asked() -> States:
        raise AssertionError

    repo = repository(tmp_path, RANKED)
    for read in (cloud("AwsS3Bucket", S3, tags=(OWN_TAG,)), finding("X", "aws_s3_bucket.named")):
        assert isinstance(read, Finding)
        assert isinstance(locate(read, repo, Sources(asked)), Location)


def test_states_that_could_not_be_read_are_named_when_nobody_knows(tmp_path: Path) -> None:
    repo, unread = repository(tmp_path, RANKED), States(unread=("s3://states/eu is not there",))
    result = locate(cloud("AwsS3Bucket", "arn:aws:s3:::gone"), repo, Sources(lambda: unread))
    assert isinstance(result, NotLocated)
    assert result.reason.endswith("is named gone; s3://states/eu is not there")
    assert isinstance(locate(cloud("AwsS3Bucket", S3), repo, Sources(lambda: unread)), Location)


def test_of_many_candidates_some_are_named_and_the_others_counted(tmp_path: Path) -> None:
    files = {f"m{number}/main.tf": BUCKET for number in range(NAMED + 2)}
    result = missed(cloud("AwsS3Bucket", S3), repository(tmp_path, files))
    assert result.reason.count("aws_s3_bucket.logs at ") == NAMED
    assert result.reason.endswith(" and 2 more)")
    assert len(result.candidates) == NAMED + 2


def test_what_cdk_wrote_leads_to_the_construct(tmp_path: Path) -> None:
    text = "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Metadata: { 'aws:cdk:path': App/Logs/Resource }\n"
    repo = repository(tmp_path, {"out.yaml": text})
    assert "construct App/Logs/Resource" in missed(finding("X", "AWS::S3::Bucket.Logs", "out.yaml"), repo).reason


def test_a_file_that_was_broken_since_it_was_read_is_named(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": BUCKET})
    assert repo.named.names("aws_s3_bucket").exactly("acme-logs")
    (tmp_path / "main.tf").write_text("resource {")
    assert "main.tf:1" in missed(cloud("AwsS3Bucket", S3), repo).reason


def test_a_file_that_has_gone_since_it_was_read_is_named(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"main.tf": BUCKET})
    assert repo.named.names("aws_s3_bucket").exactly("acme-logs")
    (tmp_path / "main.tf").unlink()
    assert "main.tf" in missed(cloud("AwsS3Bucket", S3), repo).reason
