"""The client for tables of DynamoDB, and what its errors say. Imports boto3 when it is asked, which costs 0.7 s."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from iacfix.domain.errors import ConfigurationError, IacfixError
from iacfix.ports import CloudReadError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONNECT_TIMEOUT: Final = 5.0  # seconds, both
_READ_TIMEOUT: Final = 20.0
_MAX_ATTEMPTS: Final = 5


def dynamodb(region: str = "") -> "DynamoDBClient":
    """`region` "" is the environment's. Raises ConfigurationError where no client can be made."""
    from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

    clients = Clients(connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT, max_attempts=_MAX_ATTEMPTS)
    try:
        return clients.dynamodb(region)
    except CloudReadError as error:
        raise ConfigurationError(error.what, remedy=error.remedy) from None


@contextmanager
def telling_of(what: str, permissions: tuple[str, ...], kind: Callable[..., IacfixError]) -> Iterator[None]:
    """Errors of boto3 within leave as `kind`. `what` is read or written, `permissions` are what it takes."""
    from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

    try:
        with telling(what, permissions):
            yield
    except CloudReadError as error:
        raise kind(error.what, remedy=error.remedy) from None
