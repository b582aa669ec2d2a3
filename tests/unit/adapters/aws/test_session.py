"""Every exception that botocore has, walked one by one, as the readers of AWS tell it."""

import inspect

import botocore.exceptions
import pytest

from iacfix.adapters.aws.bedrock_errors import NO_CREDENTIALS
from iacfix.adapters.aws.session import BAD_CREDENTIALS, BUSY, DENIED, read_error, shown

EXCEPTIONS = [
    kind
    for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(kind, botocore.exceptions.BotoCoreError)
]
TRANSPORT = (
    botocore.exceptions.ConnectionError,
    botocore.exceptions.HTTPClientError,
    botocore.exceptions.IncompleteReadError,
)


def made(kind: type[botocore.exceptions.BotoCoreError]) -> botocore.exceptions.BotoCoreError:
    """Without its own arguments: each class asks for others."""
    error = kind.__new__(kind)
    Exception.__init__(error, "hunter2")
    return error


def of_service(code: str, message: str = "hunter2", status: int = 400) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest is left out
        "GetObject",
    )


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_only_transport_may_be_mended_by_waiting(kind: type[botocore.exceptions.BotoCoreError]) -> None:
    error = read_error(made(kind), "the state s3://b/k")
    assert error.again is issubclass(kind, TRANSPORT)
    assert "the state s3://b/k" in error.what
    assert error.remedy
    assert "hunter2" not in str(error)
    if NO_CREDENTIALS & {base.__name__ for base in kind.__mro__}:
        assert "no usable AWS credentials" in error.what


@pytest.mark.parametrize("code", sorted(BAD_CREDENTIALS | BUSY))
def test_what_the_service_says_is_not_quoted(code: str) -> None:
    error = read_error(of_service(code), "x", ("s3:GetObject",))
    assert error.again is (code in BUSY)
    assert code in error.what
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("code", sorted(DENIED))
def test_who_is_denied_is_told_what_to_allow(code: str) -> None:
    error = read_error(of_service(code, "User: ann is not authorized\nAKIAIOSFODNN7EXAMPLE", 403), "x", ("a:B", "c:D"))
    assert "User: ann is not authorized [redacted]" in error.what
    assert error.remedy == "allow a:B and c:D there"


@pytest.mark.parametrize(("status", "again"), [(400, False), (404, False), (408, True), (429, True), (502, True)])
def test_a_code_that_nobody_knows_is_judged_by_its_status(status: int, *, again: bool) -> None:
    assert read_error(of_service("New", status=status), "x").again is again


def test_what_is_shown_is_one_plain_line() -> None:
    assert shown("a\n\x1b[2J") == "'a \\x1b[2J'"
    assert len(shown("x" * 1000)) == 300
