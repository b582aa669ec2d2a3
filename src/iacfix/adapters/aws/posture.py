"""Looking at live resources through boto3: by operations that read, in listed accounts, as a role that reads."""

import base64
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from iacfix.domain.errors import ConfigurationError
from iacfix.ports import CloudReadError
from iacfix.ports.posture import Answer, At, PostureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3.session import Session
    from botocore.client import BaseClient

Operation = tuple[str, str]

CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
READS: Final = ("BatchGet", "Describe", "Get", "Head", "List")
# They only read, and what they read are credentials or somebody's data.
NEVER: Final = frozenset(
    {
        ("athena", "GetQueryResults"),
        ("codecommit", "GetBlob"),
        ("codecommit", "GetFile"),
        ("cognito-identity", "GetCredentialsForIdentity"),
        ("cognito-identity", "GetOpenIdToken"),
        ("dynamodb", "BatchGetItem"),
        ("dynamodb", "GetItem"),
        ("ec2", "GetPasswordData"),
        ("ecr", "GetAuthorizationToken"),
        ("kinesis", "GetRecords"),
        ("lambda", "GetFunction"),
        ("logs", "GetLogEvents"),
        ("redshift", "GetClusterCredentials"),
        ("s3", "GetObject"),
        ("secretsmanager", "BatchGetSecretValue"),
        ("secretsmanager", "GetSecretValue"),
        ("ssm", "GetParameter"),
        ("ssm", "GetParameters"),
        ("ssm", "GetParametersByPath"),
        ("sts", "GetFederationToken"),
        ("sts", "GetSessionToken"),
    }
)
TAG: Final = "iacfix-correlation-id"
_LONGEST_SESSION_NAME = 64
# Beside those that every adapter knows: services have their own words for "too much".
_BUSY = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestThrottled",
        "RequestThrottledException",
        "ServiceException",
        "ServiceUnavailableException",
        "InternalServerError",
        "InternalServiceError",
        "InternalServerException",
        "ThrottledException",
        "TransactionInProgressException",
    }
)
_DEPTH = 100
# They stand in one region of their partition, whatever they speak of.
_GLOBAL = frozenset({"cloudfront", "iam", "s3", "s3control", "sts"})


@dataclass(frozen=True, slots=True)
class Reading:
    """`role` is the ARN of the role to look as, with `{account}` where the account's number belongs; "" looks with the
    credentials that are there, at their own account alone. `accounts` are those that may be looked at, which a role
    needs; `regions` too, all where there are none. `operations` are all that may be called.
    """

    operations: frozenset[Operation]
    role: str = ""
    external_id: str = ""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: bool = True

    def __post_init__(self) -> None:
        if self.role and not self.accounts:
            raise ConfigurationError(
                "a role to look as is named, and no account to look at", remedy="list them in `verification.accounts`"
            )
        for service, operation in self.operations:
            if not operation.startswith(READS) or (service, operation) in NEVER:
                raise ConfigurationError(f"{service}:{operation} is no operation that looks only")


@dataclass
class AwsPosture:
    """`correlation` is what ties sessions of a role to the finding that they are for."""

    reading: Reading
    correlation: str = ""
    _sessions: "dict[str, Session]" = field(default_factory=dict)
    _clients: "dict[tuple[str, str, str], BaseClient]" = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)  # boto3 does not make two clients at once

    def about(self, correlation: str) -> "AwsPosture":
        """For another finding: under a role of its own session, else with the same clients."""
        if self.reading.role:
            return AwsPosture(self.reading, correlation)
        return AwsPosture(self.reading, correlation, self._sessions, self._clients, self._lock)

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        if (service, operation) not in self.reading.operations:
            raise PostureError(f"{service}:{operation} is not among what looking may call")
        outside = self.reading.regions and at.region and at.region not in self.reading.regions
        if outside and service not in _GLOBAL:
            raise PostureError(
                f"the region {at.region} is not among those that may be looked at", remedy="see `verification.regions`"
            )
        import botocore.exceptions as boto  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays
        from botocore import xform_name  # noqa: PLC0415 - as above
        from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

        try:
            client = self._client(service, at)
            call = cast("Callable[..., Mapping[str, object]]", getattr(client, xform_name(operation)))
            answer = call(**parameters)
        except (boto.ClientError, boto.BotoCoreError) as error:
            raise posture_error(error, f"{service}:{operation}") from None
        except CloudReadError as error:
            raise PostureError(error.what, remedy=error.remedy, passes=error.again) from None
        except ResponseParserError:  # something else than the service has answered
            raise PostureError(f"what {service}:{operation} answered cannot be read", passes=True) from None
        except (KeyError, TypeError, ValueError, AttributeError):
            # botocore's parser walks a reply without checking its types first
            raise PostureError(f"what {service}:{operation} answered cannot be read") from None
        plain = _plain({name: value for name, value in answer.items() if name != "ResponseMetadata"}, 0)
        return cast("Answer", plain)

    def _client(self, service: str, at: At) -> "BaseClient":
        key = (service, at.account, at.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._made(service, at)
            return self._clients[key]

    def _made(self, service: str, at: At) -> "BaseClient":
        from botocore.config import Config  # noqa: PLC0415 - as above

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 1, "mode": "standard"},  # who asks counts the tries
            user_agent_extra="iacfix",
        )
        session = self._session(at, config)
        # One overload for each service of mypy_boto3; here the service is a value.
        make = cast("Callable[..., BaseClient]", session.client)
        return make(service, region_name=at.region or None, config=config)

    def _session(self, at: At, config: object) -> "Session":
        if self.reading.accounts and at.account not in self.reading.accounts:
            raise PostureError(
                f"the account {at.account or 'of the resource, which is not known,'} is not among those that may be "
                "looked at",
                remedy="see `verification.accounts`",
            )
        if at.account not in self._sessions:
            from iacfix.adapters.aws.session import fresh_session  # noqa: PLC0415 - as above

            own = fresh_session(at.region)
            session = self._taken_on(own, at, config) if self.reading.role else own
            if at.account:  # before it is kept: whoever tries again must not find one that nobody has looked at
                self._check(session, at, config)
            self._sessions[at.account] = session
        return self._sessions[at.account]

    def _taken_on(self, own: "Session", at: At, config: object) -> "Session":
        from iacfix.adapters.aws.session import fresh_session  # noqa: PLC0415 - as above

        if not at.account:
            raise PostureError("the resource's account is not known, so that no role can be taken on there")
        asked: dict[str, object] = {
            "RoleArn": self.reading.role.replace("{account}", at.account),
            "RoleSessionName": f"iacfix-verify-{self.correlation}"[:_LONGEST_SESSION_NAME],
        }
        if self.reading.external_id:
            asked["ExternalId"] = self.reading.external_id
        if self.reading.tags and self.correlation:
            asked["Tags"] = [{"Key": TAG, "Value": self.correlation}]
        taken = self._sts(own, at, config, "assume_role", asked)
        keys = taken.get("Credentials")
        if not isinstance(keys, Mapping):
            raise PostureError("what sts:AssumeRole answered cannot be read")
        return fresh_session(at.region, keys)

    def _check(self, session: "Session", at: At, config: object) -> None:
        """What is not found in another account than the resource's would be taken for gone."""
        account = self._sts(session, at, config, "get_caller_identity", {}).get("Account")
        if account != at.account:
            raise PostureError(
                f"the resource is of account {at.account}, and the credentials are of another",
                remedy="name a role of that account in `verification.role_arn`, or use credentials of it",
            )

    def _sts(
        self, session: "Session", at: At, config: object, verb: str, asked: Mapping[str, object]
    ) -> Mapping[str, object]:
        import botocore.exceptions as boto  # noqa: PLC0415 - as above

        make = cast("Callable[..., BaseClient]", session.client)
        try:
            sts = make("sts", region_name=at.region or None, config=config)
            return cast("Callable[..., Mapping[str, object]]", getattr(sts, verb))(**asked)
        except (boto.ClientError, boto.BotoCoreError) as error:
            what = "the role that looks cannot be taken on" if verb == "assume_role" else "who is asking is not known"
            failed = posture_error(error, f"{what}: sts")
            # A code of STS speaks of the role, and never of the resource.
            raise PostureError(failed.what, remedy=failed.remedy, passes=failed.passes) from None


def posture_error(error: Exception, what: str) -> PostureError:
    """Of an error of botocore; `what` was asked."""
    import botocore.exceptions as boto  # noqa: PLC0415 - as above

    from iacfix.adapters.aws.session import BUSY, DENIED, said, shown  # noqa: PLC0415 - as above

    if not isinstance(error, boto.ClientError):
        passes = isinstance(error, (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError))
        remedy = "check the network" if passes else "check the credentials, the region and the setup"
        return PostureError(f"{what} could not be asked ({type(error).__name__})", remedy=remedy, passes=passes)
    code, message, status = said(error)
    passes = code in BUSY | _BUSY or status in _PASSING or status >= _FIRST_SERVER_ERROR
    if code in DENIED:
        return PostureError(
            f"{what} was denied ({shown(message) or code})", remedy="allow it to the role that looks", code=code
        )
    return PostureError(f"{what} answered {shown(code)}", remedy="", code=code, passes=passes)


_PASSING = frozenset({408, 429})
_FIRST_SERVER_ERROR = 500


def _plain(value: object, depth: int) -> object:
    """As JSON has it."""
    if depth > _DEPTH:
        raise PostureError("the answer is nested too deeply")
    if isinstance(value, Mapping):
        return {str(name): _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise PostureError(f"the answer holds {type(value).__name__}, which is not looked at")
