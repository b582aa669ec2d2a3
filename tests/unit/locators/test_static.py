import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.code import block, bucket, call, local, template, variable
from tests.support.repositories import cloud, repository

from iacfix.domain.finding import Finding
from iacfix.domain.location import Location, LocationResult, NotLocated
from iacfix.locators.static import locate

ARN = "arn:aws:s3:::acme-logs"
LOGS = cloud("AwsS3Bucket", ARN)
NAME = variable("name")
INNER = {"m/main.tf": NAME + bucket("inner", bucket="var.name")}


def search(folder: Path, files: dict[str, str], finding: Finding = LOGS) -> LocationResult:
    return locate(finding, repository(folder, files))


def found(folder: Path, files: dict[str, str], finding: Finding = LOGS) -> Location:
    result = search(folder, files, finding)
    assert isinstance(result, Location), result
    return result


def missed(folder: Path, files: dict[str, str], finding: Finding = LOGS) -> NotLocated:
    result = search(folder, files, finding)
    assert isinstance(result, NotLocated), result
    return result


def words(location: Location) -> list[str]:
    return [each.detail for each in location.evidence]


@pytest.mark.parametrize(
    ("root", "confidence"),
    [
        (bucket(bucket='"acme-logs"'), 0.95),
        (bucket(bucket="var.n") + variable("n", '"acme-logs"'), 0.95),
        (bucket(bucket='"${var.n}"') + variable("n", '"acme-logs"'), 0.95),
        (bucket(bucket="local.n") + local(n='"acme-logs"'), 0.95),
        (bucket(bucket="local.n") + local(n='"${local.m}-logs"', m="var.m") + variable("m", '"acme"'), 0.95),
        (bucket(bucket="local.c.logs.name") + local(c='{ logs = { name = "acme-logs" } }'), 0.95),
        (bucket(bucket='join("-", [var.m, "logs"])') + variable("m", '"acme"'), 0.95),
        (bucket(bucket='format("%s-logs", lower(var.m))') + variable("m", '"ACME"'), 0.95),
        (bucket(bucket="each.value", for_each='toset(["acme-logs", "acme-data"])'), 0.95),
        (bucket(bucket='"acme-${each.key}"', for_each="local.c") + local(c="{ logs = {}, data = {} }"), 0.95),
        (bucket(bucket='"${data.x.y.z}-logs"'), 0.6),
        (bucket(bucket_prefix='"acme-"'), 0.6),
        (call("c", "terraform-aws-modules/s3-bucket/aws", bucket='"acme-logs"'), 0.7),
        (call("c", "terraform-aws-modules/s3-bucket/aws", bucket='"${var.x}-logs"'), 0.5),
    ],
)
def test_a_name_is_found_in_each_way_of_writing_it(tmp_path: Path, root: str, confidence: float) -> None:
    other = bucket("other", bucket='"acme-logs-2"') + block('resource "aws_sqs_queue" "q"', name='"acme-logs"')
    location = found(tmp_path, {"main.tf": other + root})
    assert location.address in {"aws_s3_bucket.logs", "module.c"}
    assert location.confidence == confidence


def test_the_evidence_says_what_was_seen_and_where(tmp_path: Path) -> None:
    location = found(tmp_path, {"a/main.tf": "\n" + bucket(bucket="var.n"), "a/v.tf": variable("n", '"acme-logs"')})
    assert words(location) == ["aws_s3_bucket.logs at a/main.tf:2: bucket is 'acme-logs'"]
    assert {each.strategy for each in location.evidence} == {"static match"}
    assert location.module is None


def test_an_argument_of_the_call_leads_into_the_module(tmp_path: Path) -> None:
    location = found(tmp_path, {"main.tf": call("c", "./m", name='"acme-logs"'), **INNER})
    assert (location.path, location.address, location.confidence) == ("m/main.tf", "aws_s3_bucket.inner", 0.95)
    assert words(location)[1:] == ["called by module.c at main.tf:1"]


def test_the_default_of_a_module_that_is_called_with_another_name_does_not_count(tmp_path: Path) -> None:
    module = {"m/main.tf": variable("name", '"acme-logs"') + bucket("inner", bucket="var.name")}
    missed(tmp_path, {"main.tf": call("c", "./m", name='"acme-data"'), **module})


def test_two_calls_that_give_one_name_are_both_evidence(tmp_path: Path) -> None:
    root = call("a", "./m", name='"acme-logs"') + call("b", "./m", name='"acme-logs"')
    location = found(tmp_path, {"main.tf": root, **INNER})
    assert [text for text in words(location) if text.startswith("called by")] == [
        "called by module.a at main.tf:1",
        "called by module.b at main.tf:5",
    ]


def test_the_variable_file_that_a_person_picks_takes_a_little_away_and_is_named(tmp_path: Path) -> None:
    files = {
        "main.tf": NAME + bucket(bucket="var.name"),
        "a.tfvars": 'name = "acme-logs"\n',
        "b.tfvars": 'name = "acme-logs"\n',
        "c.tfvars": 'name = "acme-data"\n',
    }
    location = found(tmp_path, files)
    assert location.confidence == 0.9
    assert "with the variables of a.tfvars or b.tfvars" in words(location)


def test_what_loads_itself_is_as_good_as_a_default(tmp_path: Path) -> None:
    files = {"main.tf": NAME + bucket(bucket="var.name"), "terraform.tfvars": 'name = "acme-logs"\n'}
    assert found(tmp_path, files).confidence == 0.95


@pytest.mark.parametrize(
    ("kind", "identifier", "text"),
    [
        ("AwsS3Bucket", "arn:aws-cn:s3:::acme-logs", bucket("x", bucket='"acme-logs"')),
        ("AwsS3Bucket", "arn:aws-us-gov:s3:::acme-logs", bucket("x", bucket='"acme-logs"')),
        ("AwsS3Bucket", "arn:aws:s3:::acme-logs/some/key", bucket("x", bucket='"acme-logs"')),
        ("AwsS3Bucket", "acme-logs", bucket("x", bucket='"acme-logs"')),
        ("aws_s3_bucket", "acme-logs", bucket("x", bucket='"acme-logs"')),
        ("AWS::S3::Bucket", ARN, bucket("x", bucket='"acme-logs"')),
        ("Unheard", ARN, bucket("x", bucket='"acme-logs"')),
        ("AwsSqsQueue", "arn:aws:sqs:eu-west-1:111111111111:jobs", block('resource "aws_sqs_queue" "x"', name='"jobs"')),
        ("AwsSqsQueue", "arn:aws-cn:sqs:cn-north-1:222222222222:jobs", block('resource "aws_sqs_queue" "x"', name='"jobs"')),
        ("AwsSqsQueue", "https://sqs.eu-west-1.amazonaws.com/111111111111/jobs", block('resource "aws_sqs_queue" "x"', name='"jobs"')),
        ("AwsDynamoDbTable", "arn:aws:dynamodb:eu-west-1:1:table/orders/index/by-day", block('resource "aws_dynamodb_table" "x"', name='"orders"')),
        ("AwsIamRole", "arn:aws:iam::1:role/service-role/deploy", block('resource "aws_iam_role" "x"', name='"deploy"')),
        ("AwsLogsLogGroup", "arn:aws:logs:eu-west-1:1:log-group:/app/web:*", block('resource "aws_cloudwatch_log_group" "x"', name='"/app/web"')),
    ],
)  # fmt: skip
def test_the_name_counts_whatever_account_region_and_partition(
    tmp_path: Path, kind: str, identifier: str, text: str
) -> None:
    assert found(tmp_path, {"main.tf": text}, cloud(kind, identifier)).address.endswith(".x")


@pytest.mark.parametrize(
    "identifier",
    ["arn:aws:sns:eu-west-1:1:acme-logs", "arn:aws:sqs:eu-west-1:1:acme-logs", "arn:aws:iam::1:role/acme-logs"],
)
def test_an_arn_of_another_service_is_another_thing_whatever_the_label(tmp_path: Path, identifier: str) -> None:
    missed(tmp_path, {"main.tf": bucket(bucket='"acme-logs"')}, cloud("AwsS3Bucket", identifier))


def test_a_name_tag_finds_what_aws_gave_an_id(tmp_path: Path) -> None:
    web = cloud("AwsEc2Instance", "arn:aws:ec2:eu-west-1:1:instance/i-0123456789abcdef0", tags=(("Name", "web"),))
    text = block('resource "aws_instance" "w"', tags='{ Name = "web" }')
    location = found(tmp_path, {"main.tf": text}, web)
    assert (location.address, location.confidence) == ("aws_instance.w", 0.85)
    assert "the Name tag is 'web'" in words(location)[0]


def test_a_name_tag_known_in_part_is_a_pattern(tmp_path: Path) -> None:
    web = cloud("AwsEc2Instance", "i-0123456789abcdef0", tags=(("Name", "prod-web"),))
    location = found(tmp_path, {"main.tf": block('resource "aws_instance" "w"', tags='{ Name = "${var.e}-web" }')}, web)
    assert location.confidence == 0.6
    assert "fits 'prod-web' as a pattern" in words(location)[0]


def test_the_name_itself_goes_before_the_tag(tmp_path: Path) -> None:
    read = cloud("AwsS3Bucket", ARN, tags=(("Name", "logs"),))
    files = {"main.tf": bucket("tagged", tags='{ Name = "logs" }') + bucket("named", bucket='"acme-logs"')}
    assert found(tmp_path, files, read).address == "aws_s3_bucket.named"


@pytest.mark.parametrize(
    "root",
    [
        bucket(bucket='"acme-log"'),
        bucket(bucket='"acme-logs-"'),
        bucket(bucket='"Acme-logs"'),
        bucket(bucket='"acme_logs"'),
        bucket(bucket='"${var.n}s"') + variable("n", '"acme-logs"'),
        bucket(bucket='"acme-logs${var.n}"'),
        bucket(bucket='"x-${var.n}-logs"'),
        bucket(bucket='"${var.a}"'),
        bucket(bucket="aws_s3_bucket.other.bucket"),
        bucket(bucket='"acme-logs"', count="0"),
        bucket("acme-logs"),
        bucket("acme_logs", tags='{ Name = "acme-logs" }'),
        '# resource "aws_s3_bucket" "x" { bucket = "acme-logs" }\n',
        bucket(bucket="<<-EOT\n    acme-logs\n  EOT"),
        block('data "aws_s3_bucket" "x"', bucket='"acme-logs"'),
        block('resource "aws_s3_bucket_policy" "x"', bucket='"acme-logs"'),
        block('resource "aws_sqs_queue" "x"', name='"acme-logs"'),
        call("c", "terraform-aws-modules/sqs/aws", name='"acme-logs"'),
        call("c", "terraform-aws-modules/s3-bucket/aws", version='"acme-logs"'),
        call("c", "./gone", bucket='"acme-logs"'),
    ],
)  # fmt: skip
def test_nothing_is_better_than_what_is_merely_near(tmp_path: Path, root: str) -> None:
    assert (
        "no aws_s3_bucket or AWS::S3::Bucket in the repository is named acme-logs"
        in missed(tmp_path, {"main.tf": root}).reason
    )


def test_a_pattern_that_leaves_most_of_the_name_open_is_shown_and_not_taken(tmp_path: Path) -> None:
    read = cloud("AwsS3Bucket", "arn:aws:s3:::acme-something-quite-long")
    result = missed(tmp_path, {"main.tf": bucket(bucket='"acme-${var.x}"')}, read)
    assert "most of the name is left open" in result.reason
    assert [candidate.address for candidate in result.candidates] == ["aws_s3_bucket.logs"]


def test_an_attribute_written_twice_names_nothing(tmp_path: Path) -> None:
    missed(tmp_path, {"main.tf": 'resource "aws_s3_bucket" "x" {\n  bucket = "acme-logs"\n  bucket = "b"\n}\n'})


def test_a_finding_without_a_name_says_so(tmp_path: Path) -> None:
    read = cloud("AwsS3Bucket", "")
    assert missed(tmp_path, {"main.tf": bucket(bucket='""')}, read).reason == "the finding names no resource"


def test_files_that_were_not_read_are_named_but_not_all_of_them(tmp_path: Path) -> None:
    files = {f"{letter}.tf": "resource {" for letter in "abcd"}
    reason = missed(tmp_path, files).reason
    assert [f"{letter}.tf" in reason for letter in "abcd"] == [True, True, True, False]


def test_two_blocks_of_one_name_are_left_to_a_person(tmp_path: Path) -> None:
    result = missed(tmp_path, {"a/x.tf": bucket(bucket='"acme-logs"'), "b/x.tf": bucket(bucket='"acme-logs"')})
    assert result.reason == "2 blocks match acme-logs equally well"
    assert {candidate.path for candidate in result.candidates} == {"a/x.tf", "b/x.tf"}


STACK = "aws:cloudformation:stack-name"


@pytest.mark.parametrize(
    ("properties", "identifier", "confidence"),
    [
        ("{ BucketName: acme-logs }", ARN, 0.95),
        ("{ BucketName: !Sub 'acme-${Kind}' }", ARN, 0.6),
        ("{}", "arn:aws:s3:::prod-logs-1a2b3c4d5e6f", 0.8),
        ("{}", "arn:aws:s3:::my-prod-stack-logs-1a2b3c4d5e6fg", 0.8),
        ("{ BucketName: acme }", "arn:aws:s3:::prod-logs-1a2b3c4d5e6f", None),
        ("{}", "arn:aws:s3:::prod-log-1a2b3c4d5e6f", None),
        ("{}", "arn:aws:s3:::prod-logs-1a2b3c4d5e6", None),
        ("{}", "arn:aws:s3:::logs-1a2b3c4d5e6f", None),
        ("{}", "arn:aws:sqs:eu-west-1:1:prod-Logs-1a2b3c4d5e6f", None),
    ],
)  # fmt: skip
def test_a_resource_of_a_template_is_found_by_its_name_or_its_logical_id(
    tmp_path: Path, properties: str, identifier: str, confidence: float | None
) -> None:
    result = search(tmp_path, {"stack.yaml": template({"Logs": properties})}, cloud("AwsS3Bucket", identifier))
    assert (result.confidence if isinstance(result, Location) else None) == confidence


@pytest.mark.parametrize(("stack", "fits"), [("prod", True), ("PROD", True), ("test", False), ("pro", False)])
def test_the_stack_that_the_tags_name_has_made_the_name(tmp_path: Path, stack: str, *, fits: bool) -> None:
    read = cloud("AwsS3Bucket", "arn:aws:s3:::prod-logs-1a2b3c4d5e6f", tags=((STACK, stack),))
    assert isinstance(search(tmp_path, {"stack.yaml": template({"Logs": "{}"})}, read), Location) is fits


def test_a_template_and_terraform_with_one_name_leave_it_to_a_person(tmp_path: Path) -> None:
    files = {"s.yaml": template({"Logs": "{ BucketName: acme-logs }"}), "main.tf": bucket(bucket='"acme-logs"')}
    assert len(missed(tmp_path, files).candidates) == 2


# Folders and what may stand in them.
PIECES = (
    ("", bucket("literal", bucket='"acme-logs"')),
    ("", bucket("variable", bucket="var.n")),
    ("", bucket("local", bucket="local.n")),
    ("", bucket("pattern", bucket='"${var.open}-logs"')),
    ("", bucket("near", bucket='"acme-logs-2"')),
    ("", bucket("other", bucket='"${var.other}-logs"') + variable("other", '"xyz"')),
    ("", bucket("each", for_each='toset(["logs"])', bucket='"acme-${each.key}"')),
    ("", bucket("none", count="0", bucket='"acme-logs"')),
    ("", bucket("literal2", bucket='"acme-logs"')),
    ("", variable("n", '"acme-logs"')),
    ("", variable("n", '"acme-data"')),
    ("", variable("open")),
    ("", local(n='"acme-logs"')),
    ("", call("one", "./m", name='"acme-logs"')),
    ("", call("two", "./m", name='"acme-data"')),
    ("", call("foreign", "terraform-aws-modules/s3-bucket/aws", bucket='"acme-logs"')),
    ("m", bucket("inner", bucket="var.name")),
    ("m", variable("name", '"unused"')),
)
NEVER_RIGHT = {"aws_s3_bucket.near", "aws_s3_bucket.other", "aws_s3_bucket.none"}


def laid_out(pieces: list[tuple[str, str]], files: list[int]) -> dict[str, str]:
    """Each piece in one of the files of its folder, in the order given."""
    texts: dict[str, str] = {}
    for (folder, text), number in zip(pieces, files, strict=True):
        path = f"{folder}/{number}.tf".lstrip("/")
        texts[path] = texts.get(path, "") + text
    return texts


def answer(files: dict[str, str]) -> tuple[str, frozenset[tuple[str, float]]]:
    """Without places, which are what the layout changes."""
    with tempfile.TemporaryDirectory() as folder:
        result = search(Path(folder), files)
    locations = (result,) if isinstance(result, Location) else result.candidates
    return type(result).__name__, frozenset((each.address, each.confidence) for each in locations)


@settings(max_examples=100)
@given(st.data())
def test_the_answer_is_the_same_whatever_the_order_of_files_and_blocks(data: st.DataObject) -> None:
    pieces = data.draw(st.lists(st.sampled_from(PIECES), unique=True, max_size=9), label="pieces")
    shuffled = data.draw(st.permutations(pieces), label="shuffled")
    files = data.draw(st.lists(st.integers(0, 3), min_size=len(pieces), max_size=len(pieces)), label="files")
    first = answer(laid_out(pieces, [0] * len(pieces)))
    assert answer(laid_out(shuffled, files)) == first
    assert not {address for address, _ in first[1]} & NEVER_RIGHT


@settings(max_examples=60)
@given(st.integers(0, 9), st.sampled_from(["", "a", "-", "2", "L"]), st.integers(0, 2))
def test_a_name_one_letter_away_never_matches(at: int, put: str, cut: int) -> None:
    near = "acme-logs"[:at] + put + "acme-logs"[at + cut :]
    with tempfile.TemporaryDirectory() as folder:
        result = search(Path(folder), {"main.tf": bucket(bucket=f'"{near}"')})
    assert isinstance(result, Location) == (near == "acme-logs")
