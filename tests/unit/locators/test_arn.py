import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.locators.arn import MAX_LENGTH, Arn, arn_for, named_by, parse
from iacfix.locators.resource_types import table

HERE = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("identifier", "arn"),
    [
        ("arn:aws:s3:::logs", Arn("aws", "s3", "", "", "logs")),
        (f"arn:aws-cn:sns:{HERE}:news:a:b", Arn("aws-cn", "sns", "eu-west-1", "123456789012", "news:a:b")),
        (
            "https://sqs.us-gov-west-1.amazonaws.com/123456789012/jobs.fifo",
            Arn("aws-us-gov", "sqs", "us-gov-west-1", "123456789012", "jobs.fifo"),
        ),
        (
            "https://eu-west-1.queue.amazonaws.com/123456789012/jobs",
            Arn("aws", "sqs", "eu-west-1", "123456789012", "jobs"),
        ),
        ("", None),
        ("arn:aws:s3", None),
        ("arn:aws::::logs", None),
        ("arn:aws:s3:::", None),
        ("Arn:aws:s3:::logs", None),
        ("https://sqs.eu-west-1.evil.example/123456789012/jobs", None),
        ("arn:aws:s3:::" + "x" * MAX_LENGTH, None),
    ],
)
def test_what_is_an_arn(identifier: str, arn: Arn | None) -> None:
    assert parse(identifier) == arn


@pytest.mark.parametrize(
    ("identifier", "kind", "name", "own"),
    [
        ("arn:aws:s3:::logs", "aws_s3_bucket", "logs", ""),
        ("arn:aws:s3:::logs/a/key", "aws_s3_bucket", "logs", ""),
        (f"arn:aws:dynamodb:{HERE}:table/orders/index/by-day", "aws_dynamodb_table", "orders", ""),
        (f"arn:aws:lambda:{HERE}:function:jobs:live", "aws_lambda_function", "jobs", ""),
        ("arn:aws:iam::123456789012:role/services/eu/worker", "aws_iam_role", "worker", ""),
        (f"arn:aws:ecr:{HERE}:repository/team/app", "aws_ecr_repository", "team/app", ""),
        (f"arn:aws:ssm:{HERE}:parameter/acme/mode", "aws_ssm_parameter", "/acme/mode", ""),
        (f"arn:aws:kms:{HERE}:alias/data", "aws_kms_alias", "alias/data", ""),
        (f"arn:aws:secretsmanager:{HERE}:secret:acme/db-a1B2c3", "aws_secretsmanager_secret", "acme/db", ""),
        (f"arn:aws:ec2:{HERE}:vpc/vpc-1", "aws_vpc", "", "vpc-1"),
        ("sg-0123456789abcdef0", "aws_security_group", "", "sg-0123456789abcdef0"),
        ("vol-01234567", "aws_ebs_volume", "", "vol-01234567"),
    ],
)
def test_which_kind_under_which_name(identifier: str, kind: str, name: str, own: str) -> None:
    first = named_by(identifier)[0]
    assert kind in first.kind.terraform
    assert (first.name, first.id) == (name, own)


@pytest.mark.parametrize(
    "identifier",
    [
        "logs", "sg-xyz", "sg-0123", "zz-0123456789abcdef0", "arn:aws:nosuch:::x", "arn:aws:s3:eu-west-1::logs",
        f"arn:aws:iam:{HERE}:role/worker",
    ],
)  # fmt: skip
def test_what_names_no_known_kind(identifier: str) -> None:
    assert named_by(identifier) == ()


@pytest.mark.parametrize(
    ("kind", "name", "region", "arn"),
    [
        ("aws_s3_bucket", "logs", "cn-north-1", "arn:aws-cn:s3:::logs"),
        ("aws_sqs_queue", "jobs", "eu-west-1", f"arn:aws:sqs:{HERE}:jobs"),
        ("aws_iam_role", "worker", "eu-west-1", "arn:aws:iam::123456789012:role/worker"),
        ("aws_vpc", "main", "eu-west-1", ""),
        ("aws_secretsmanager_secret", "db", "eu-west-1", ""),
        ("aws_nothing", "x", "eu-west-1", ""),
    ],
)
def test_the_arn_of_a_name(kind: str, name: str, region: str, arn: str) -> None:
    assert arn_for(kind, name, "123456789012", region) == arn


TYPES = sorted({kind for row in table().rows for kind in row.terraform})


@given(st.sampled_from(TYPES), st.from_regex(r"[a-z][a-z0-9]{3,20}", fullmatch=True))
def test_an_arn_that_was_made_leads_back(kind: str, name: str) -> None:
    if arn := arn_for(kind, name, "123456789012", "eu-west-1"):
        found = named_by(arn)
        assert name in {each.name.removeprefix("/").removeprefix("alias/") for each in found}
        kinds = {each for found_kind in found for each in found_kind.kind.terraform}
        assert kind in kinds or kind == "aws_dynamodb_global_table"  # whose ARN is that of a table


SERVICES = sorted(table().by_service)
PIECES = st.text(alphabet="abz09-_/:.{}*\n\x00é", max_size=30)


@given(
    st.text(max_size=200)
    | st.builds(
        lambda service, region, account, resource: f"arn:aws:{service}:{region}:{account}:{resource}",
        st.sampled_from(SERVICES), st.sampled_from(["", "eu-west-1"]), st.sampled_from(["", "123456789012"]), PIECES,
    )
)  # fmt: skip
def test_whatever_is_handed_over_is_read_or_not(identifier: str) -> None:
    parse(identifier)
    for found in named_by(identifier):
        assert (found.name or found.id or "x") in (identifier + "x")


@pytest.mark.parametrize("service", SERVICES)
def test_long_resources_are_read_too(service: str) -> None:
    for part in ("a/", "a:", ":", "/", "a-"):
        for middle in ("", "eu-west-1:123456789012", ":123456789012"):
            named_by(f"arn:aws:{service}:{middle or ':'}:{part * 900}"[:MAX_LENGTH])
