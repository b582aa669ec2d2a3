"""Every exception that botocore has, walked one by one."""

import inspect

import botocore.exceptions
import pytest

from iacfix.adapters.aws.bedrock_errors import NO_CREDENTIALS, model_error
from iacfix.domain.errors import ModelRejectedError, ModelUnavailableError

EXCEPTIONS = [
    kind
    for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(kind, botocore.exceptions.BotoCoreError)
]
TRANSPORT = (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)


def made(kind: type[botocore.exceptions.BotoCoreError]) -> botocore.exceptions.BotoCoreError:
    """Without its own arguments: each class asks for others."""
    error = kind.__new__(kind)
    Exception.__init__(error, "hunter2")
    return error


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_transport_is_unavailable_everything_else_is_rejected(kind: type[botocore.exceptions.BotoCoreError]) -> None:
    error = model_error(made(kind))

    assert type(error) is (ModelUnavailableError if issubclass(kind, TRANSPORT) else ModelRejectedError)
    assert error.remedy
    assert "hunter2" not in str(error)


def test_every_error_of_credentials_is_one_of_botocore() -> None:
    assert {kind.__name__ for kind in EXCEPTIONS} >= NO_CREDENTIALS


@pytest.mark.parametrize("kind", [k for k in EXCEPTIONS if "Credential" in k.__name__ or "Token" in k.__name__])
def test_an_error_that_speaks_of_credentials_says_so(kind: type[botocore.exceptions.BotoCoreError]) -> None:
    assert "credentials" in str(model_error(made(kind)))
