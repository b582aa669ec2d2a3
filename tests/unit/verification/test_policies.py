import json

import pytest

from iacfix.verification.policies import allows_everything, public_statement, refuses_without_tls
from iacfix.verification.target import UnclearError


def _policy(**more: object) -> dict[str, object]:
    statement = {"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "x:Y", "Resource": "*", **more}
    return {"Statement": [{name: value for name, value in statement.items() if value is not None}]}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}},
        {"Principal": {"Service": "*"}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Condition": {"StringEquals": {"aws:ResourceAccount": "123456789012"}}},
        {"Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}},
        {"Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}},
        {"Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "*"}}},
        {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": []}}},
        {"Condition": {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}},
        {"Condition": {"StringLike": {"aws:userid": ["AIDA1", "${aws:userid}"]}}},
    ],
)
def test_everybody_is_let_in(more: dict[str, object]) -> None:
    assert public_statement(_policy(**more)) == "s"


@pytest.mark.parametrize(
    "more",
    [
        {"Effect": "Deny"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Principal": {"Service": "s3.amazonaws.com"}},
        {"Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}},
        {
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": "o-1234567890"},
                "Bool": {"aws:SecureTransport": "true"},
            }
        },
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:*"}}},
        {"Condition": {"ArnEquals": {"aws:SourceArn": ["arn:aws:s3:::logs"]}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}},
    ],
)
def test_somebody_is_let_in(more: dict[str, object]) -> None:
    assert public_statement(_policy(**more)) == ""


@pytest.mark.parametrize("policy", [{}, {"Statement": None}, {"Statement": "x"}, {"Statement": [{"Effect": "Maybe"}]}])
def test_what_is_no_policy_proves_nothing(policy: dict[str, object]) -> None:
    with pytest.raises(UnclearError):
        public_statement(policy)


_DENIES = {"Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


@pytest.mark.parametrize(
    ("more", "refuses"),
    [
        ({}, True),
        ({"Principal": {"AWS": "*"}, "Action": ["s3:*"]}, True),
        ({"Condition": {"Bool": {"aws:securetransport": False}}}, True),
        ({"Effect": "Allow"}, False),
        ({"Action": "s3:GetObject"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
        ({"Condition": None}, False),
        ({"Resource": ["arn:aws:s3:::logs", "arn:aws-cn:s3:::logs/*"]}, True),
        ({"Resource": "arn:aws:s3:::logs*"}, True),
        ({"Resource": "arn:aws:s3:::logs"}, False),
        ({"Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/public/*"]}, False),
        ({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}, False),
        ({"Resource": None, "NotResource": "arn:aws:s3:::logs/public/*"}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:username": "x"}}}, False),
    ],
)
def test_plain_requests_are_denied_to_everybody(more: dict[str, object], *, refuses: bool) -> None:
    assert refuses_without_tls(_policy(**{**_DENIES, **more}), "logs") is refuses


@pytest.mark.parametrize(
    ("more", "everything"),
    [
        ({"Action": "*"}, True),
        ({"Action": "**", "Resource": "**"}, True),
        ({"Action": ["s3:*", "*:*"]}, True),
        ({"Action": None, "NotAction": "iam:*"}, True),
        ({"Action": "*", "Resource": "arn:aws:s3:::logs"}, False),
        ({"Action": "s3:*"}, False),
        ({"Action": "*", "Effect": "Deny"}, False),
    ],
)
def test_everything_is_allowed(more: dict[str, object], *, everything: bool) -> None:
    policy = _policy(**more)
    assert allows_everything(json.loads(json.dumps(policy))) is everything
