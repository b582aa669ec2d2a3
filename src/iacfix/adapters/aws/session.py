"""Clients of AWS for reading: how they are made, and what their errors say. Imports boto3: only who asks pays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Final, Protocol, cast

import botocore.exceptions as boto
import botocore.session
from boto3.session import Session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.loaders import Loader, create_loader
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from iacfix.adapters.aws.bedrock_errors import NO_CREDENTIALS
from iacfix.adapters.aws.role import Role
from iacfix.domain.secrets import redact
from iacfix.ports import CloudReadError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_codecommit import CodeCommitClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_securityhub import SecurityHubClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

    from iacfix.adapters.aws.cloudtrail import Trail

SESSION_NAME: Final = "iacfix"

BAD_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
DENIED: Final = frozenset(
    {"403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "UnauthorizedOperation"}
)
BUSY: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_RETRYABLE_STATUS = frozenset({408, 429})
_FIRST_SERVER_ERROR = 500
_LONGEST_QUOTE = 300

_CREDENTIALS = (
    "give credentials that boto3 can find and that have not expired (`aws sts get-caller-identity` shows them)"
)
_LATER = "try again later"
_REACH = "check the region, and the network and proxy between here and AWS"


class SecretsManager(Protocol):
    """What is used of the client."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, str]: ...  # noqa: N803 - AWS's name


class Clients:
    """Makes clients, each anew. Credentials come from boto3's usual places, so does the region where it is ""."""

    def __init__(self, *, connect_timeout: float, read_timeout: float, max_attempts: int) -> None:
        self._config = Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"total_max_attempts": max_attempts, "mode": "standard"},
            user_agent_extra="iacfix",
        )

    def s3(self, region: str, role: Role | None) -> "S3Client":
        """Raises CloudReadError when the client cannot be made or the role not be taken on."""
        session = self._session(region, role)
        with telling("S3", ()):
            return session.client("s3", config=self._config)

    def cloudformation(self, region: str) -> "CloudFormationClient":
        """Raises CloudReadError when it cannot be made."""
        session = self._session(region, None)
        with telling("CloudFormation", ()):
            return session.client("cloudformation", config=self._config)

    def codecommit(self, region: str, role: Role | None) -> "tuple[Session, CodeCommitClient]":
        """The session too: its keys sign what is pushed. Raises CloudReadError as `s3` does."""
        session = self._session(region, role)
        with telling("CodeCommit", ()):
            return session, session.client("codecommit", config=self._config)

    def secrets_manager(self, region: str) -> SecretsManager:
        """Raises CloudReadError when it cannot be made."""
        session = self._session(region, None)
        with telling("Secrets Manager", ()):
            made: SecretsManager = session.client("secretsmanager", config=self._config)
            return made

    def sns(self, region: str, role: Role | None) -> "SNSClient":
        """Raises CloudReadError as `s3` does."""
        session = self._session(region, role)
        with telling("SNS", ()):
            return session.client("sns", config=self._config)

    def ssm(self, region: str) -> "SSMClient":
        """Raises CloudReadError when it cannot be made."""
        session = self._session(region, None)
        with telling("Systems Manager", ()):
            return session.client("ssm", config=self._config)

    def sqs(self, region: str) -> "SQSClient":
        """Raises CloudReadError when it cannot be made."""
        session = self._session(region, None)
        with telling("SQS", ()):
            return session.client("sqs", config=self._config)

    def dynamodb(self, region: str) -> "DynamoDBClient":
        """Raises CloudReadError when it cannot be made."""
        session = self._session(region, None)
        with telling("DynamoDB", ()):
            return session.client("dynamodb", config=self._config)

    def securityhub(self, region: str, role: Role | None) -> "SecurityHubClient":
        """Raises CloudReadError as `s3` does."""
        session = self._session(region, role)
        with telling("Security Hub", ()):
            return session.client("securityhub", config=self._config)

    def cloudtrail(self, region: str) -> "Trail":
        """Raises CloudReadError when it cannot be made."""
        session = self._session(region, None)
        with telling("CloudTrail", ()):
            return cast("Trail", session.client("cloudtrail", config=self._config))

    def sts(self, session: Session) -> "STSClient":
        """Raises CloudReadError when it cannot be made."""
        with telling("STS", ()):
            return session.client("sts", config=self._config)

    def _session(self, region: str, role: Role | None) -> Session:
        with telling("AWS", ()):
            own = _new_session(region_name=region or None)
        if role is None:
            return own
        with telling(f"the role {shown(role.arn)}", ("sts:AssumeRole",)):
            sts = own.client("sts", config=self._config)
            name = role.session_name or SESSION_NAME
            if role.external_id:
                taken = sts.assume_role(RoleArn=role.arn, RoleSessionName=name, ExternalId=role.external_id)
            else:
                taken = sts.assume_role(RoleArn=role.arn, RoleSessionName=name)
            keys = taken["Credentials"]
            return _new_session(
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
                region_name=own.region_name,
            )


def acting_as(role: Role, own: Session, tags: Mapping[str, str] | None = None) -> Session:
    """Whose credentials are those of the role, taken on when they are first needed and again before they run out."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _loader())
    extra: dict[str, object] = {"RoleSessionName": role.session_name or SESSION_NAME}
    if tags:
        extra["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    if role.external_id:
        extra["ExternalId"] = role.external_id
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(own.client, region_name=own.region_name),
        source_credentials=own.get_credentials(),
        role_arn=role.arn,
        extra_args=extra,
    )
    core.register_component("credential_provider", _TakenOn(fetcher))
    return Session(botocore_session=core, region_name=own.region_name)


class _TakenOn:
    """What botocore asks for credentials, in place of its own search."""

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        self._fetcher = fetcher

    def load_credentials(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, "assume-role")


def ca_bundle(session: Session) -> str:
    """The file of certificates that clients trust; "" where it is boto3's own."""
    return str(session._session.get_config_variable("ca_bundle") or "")  # noqa: SLF001 - boto3 tells clients alone


@cache
def _loader() -> Loader:
    """Of the descriptions of services: reading them is most of what a client costs."""
    return create_loader()


def fresh_session(region: str, keys: Mapping[str, object] | None = None) -> Session:
    """With the credentials of an assumed role, as STS answers them, or else with those that boto3 finds. Raises
    CloudReadError where they cannot be used.
    """
    with telling("AWS", ()):
        if keys is None:
            return _new_session(region_name=region or None)
        return _new_session(
            aws_access_key_id=str(keys["AccessKeyId"]),
            aws_secret_access_key=str(keys["SecretAccessKey"]),
            aws_session_token=str(keys["SessionToken"]),
            region_name=region or None,
        )


def _new_session(
    *,
    region_name: str | None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
) -> Session:
    core = get_session()
    core.register_component("data_loader", _loader())
    return Session(
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=aws_secret_access_key,
        aws_session_token=aws_session_token,
        region_name=region_name,
        botocore_session=core,
    )


@contextmanager
def telling(what: str, permissions: tuple[str, ...]) -> Iterator[None]:
    """Errors of boto3 within leave as CloudReadError. `what` is read, `permissions` are what it takes."""
    try:
        yield
    except (boto.ClientError, boto.BotoCoreError) as error:
        raise read_error(error, what, permissions) from None
    except (ResponseParserError, KeyError, TypeError, ValueError):
        # botocore's parser walks a reply without checking its types first; ValueError: an endpoint that is no URL
        raise CloudReadError(f"what AWS answered about {what} cannot be read", remedy=_REACH) from None


def read_error(
    error: boto.ClientError | boto.BotoCoreError, what: str, permissions: tuple[str, ...] = ()
) -> CloudReadError:
    """Names the error's kind, and its text only where that names who may not do what."""
    if isinstance(error, boto.ClientError):
        return _of_service(error, what, permissions)
    kind = type(error).__name__
    if NO_CREDENTIALS & {base.__name__ for base in type(error).__mro__}:
        return CloudReadError(f"there are no usable AWS credentials to read {what} ({kind})", remedy=_CREDENTIALS)
    if isinstance(error, (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError)):
        return CloudReadError(f"the connection to AWS failed while reading {what} ({kind})", remedy=_REACH, again=True)
    if isinstance(error, boto.NoRegionError):
        return CloudReadError(f"there is no AWS region to read {what} from", remedy="name one in AWS_REGION")
    return CloudReadError(f"boto3 cannot ask for {what} ({kind})", remedy="check the name, the region and the setup")


def _of_service(error: boto.ClientError, what: str, permissions: tuple[str, ...]) -> CloudReadError:
    code, message, status = said(error)
    if code in BAD_CREDENTIALS:
        return CloudReadError(f"AWS does not take the credentials for {what} ({code})", remedy=_CREDENTIALS)
    if code in DENIED:
        needed = f"allow {' and '.join(permissions)}" if permissions else "allow it"
        return CloudReadError(f"AWS denies access to {what} ({shown(message) or code})", remedy=f"{needed} there")
    if code in BUSY or status in _RETRYABLE_STATUS or status >= _FIRST_SERVER_ERROR:
        return CloudReadError(f"AWS could not answer about {what} now ({shown(code)})", remedy=_LATER, again=True)
    return CloudReadError(
        f"AWS answered {shown(code)} about {what}", remedy="check the name, the account and the region"
    )


def said(error: boto.ClientError) -> tuple[str, str, int]:
    """Code, message and HTTP status."""
    told = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return str(told.get("Code") or "no code"), str(told.get("Message") or ""), status


def shown(text: str) -> str:
    """One short line of what came from outside."""
    line = " ".join(redact(text).split())[:_LONGEST_QUOTE]
    return line if line.isprintable() else ascii(line)
