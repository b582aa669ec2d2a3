"""Every error of boto3 on the way to Bedrock, as one of iacfix's two."""

from collections.abc import Mapping
from typing import Final

import botocore.exceptions as boto

from iacfix.domain.errors import (
    ModelDeniedError,
    ModelError,
    ModelRejectedError,
    ModelThrottledError,
    ModelUnavailableError,
)
from iacfix.domain.secrets import redact

_LATER = "try again later, or raise the read timeout and the number of attempts in the configuration"
_CREDENTIALS = (
    "give credentials that boto3 can find and that have not expired (`aws sts get-caller-identity` shows them)"
)
_REACH = "check the region, the endpoint's address, and the network and proxy between here and Bedrock"

UNAVAILABLE: Final = frozenset(
    {
        "InternalServerException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
REJECTED: Final[Mapping[str, str]] = {
    "AccessDeniedException": "allow bedrock:InvokeModel on this model and enable access to it in the Bedrock console",
    "ResourceNotFoundException": "check the model's id and that the region offers it",
    "ValidationException": "check the model's id, its token limit, and that it takes a system prompt and a temperature",
    "ExpiredTokenException": _CREDENTIALS,
    "IncompleteSignatureException": _CREDENTIALS,
    "InvalidSignatureException": _CREDENTIALS,
    "MissingAuthenticationTokenException": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "ServiceQuotaExceededException": "ask AWS for a higher quota of this model, or choose another",
}
# What the service says of these names the model or the missing permission. Others are kept back: a signature's mismatch
# is explained with the whole signed request, session token and all.
_QUOTABLE = frozenset({"AccessDeniedException", "ResourceNotFoundException", "ValidationException"})
_LONGEST_QUOTE = 300
_DENIED = frozenset({"AccessDeniedException"})
_THROTTLED = frozenset({"ServiceQuotaExceededException", "ThrottlingException", "TooManyRequestsException"})
_TOO_MANY = 429
_RETRYABLE_STATUS = frozenset({408, 424, 429})
_FIRST_SERVER_ERROR = 500

# By name, because not every boto3 that is supported has them all; a name stands for its subclasses too.
NO_CREDENTIALS: Final = frozenset(
    {
        "CredentialRetrievalError",
        "LoginError",
        "MetadataRetrievalError",
        "NoAuthTokenError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "RefreshWithMFAUnsupportedError",
        "SSOError",
        "TokenRetrievalError",
        "UnknownCredentialError",
        "UnknownTokenProviderError",
    }
)


def model_error(error: boto.ClientError | boto.BotoCoreError | ValueError) -> ModelError:
    """Names the error's kind, never its text where that could hold a credential or the prompt."""
    if isinstance(error, boto.ClientError):
        return _of_service(error)
    kind = type(error).__name__
    if NO_CREDENTIALS & {base.__name__ for base in type(error).__mro__}:
        return ModelRejectedError(f"there are no usable AWS credentials ({kind})", remedy=_CREDENTIALS)
    if isinstance(error, (boto.EndpointConnectionError, boto.ProxyConnectionError, boto.SSLError)):
        return ModelUnavailableError(f"Bedrock cannot be reached ({kind})", remedy=_REACH)
    if isinstance(error, (boto.ConnectionError, boto.HTTPClientError)):
        return ModelUnavailableError(f"the connection to Bedrock failed ({kind})", remedy=_LATER)
    if isinstance(error, boto.NoRegionError):
        return ModelRejectedError("there is no AWS region", remedy="name one in the configuration or in AWS_REGION")
    if isinstance(error, boto.ParamValidationError):
        return ModelRejectedError("boto3 refuses the request", remedy="check the model's id and the number of tokens")
    return ModelRejectedError(
        f"boto3 cannot ask Bedrock ({kind})",
        remedy="check the AWS configuration, the region and the endpoint's address",
    )


def _of_service(error: boto.ClientError) -> ModelError:
    if error.operation_name == "AssumeRole":
        code = _quote(error.response.get("Error", {}).get("Code", ""))
        return ModelRejectedError(
            f"the role of model.role_arn cannot be taken on ({code})",
            remedy="allow sts:AssumeRole on it, and let the role trust these credentials with this external id",
        )
    said = error.response.get("Error", {})
    code = said.get("Code") or "without a code"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    what = f"Bedrock answered {_quote(code)}"
    if code in _QUOTABLE and (message := _quote(said.get("Message", ""))):
        what += f" ({message})"
    if code in _DENIED:
        return ModelDeniedError(what, remedy=REJECTED[code])
    if code in _THROTTLED or (status == _TOO_MANY and code not in REJECTED):
        return ModelThrottledError(what, remedy=REJECTED.get(code, _LATER))
    if code in REJECTED:
        return ModelRejectedError(what, remedy=REJECTED[code])
    if code in UNAVAILABLE or status in _RETRYABLE_STATUS or status >= _FIRST_SERVER_ERROR:
        return ModelUnavailableError(what, remedy=_LATER)
    return ModelRejectedError(f"{what}, which iacfix does not know", remedy="check the AWS configuration and the model")


def _quote(said: object) -> str:
    """One short line of what came over the wire, which need not even be text."""
    return redact(" ".join(str(said).split()))[:_LONGEST_QUOTE]
