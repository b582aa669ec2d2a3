"""Every error of boto3 on the way to CodeCommit, as one of iacfix's."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import botocore.exceptions as boto
from botocore.parsers import ResponseParserError

from iacfix.adapters.aws.bedrock_errors import NO_CREDENTIALS
from iacfix.adapters.aws.session import BAD_CREDENTIALS, BUSY, DENIED, said, shown
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)

_T = TypeVar("_T")

THROTTLED: Final = frozenset(
    {
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
NOT_FOUND: Final = frozenset(
    {
        "AuthorDoesNotExistException",
        "BlobIdDoesNotExistException",
        "BranchDoesNotExistException",
        "CommentDoesNotExistException",
        "CommitDoesNotExistException",
        "CommitIdDoesNotExistException",
        "FileDoesNotExistException",
        "FolderDoesNotExistException",
        "ParentCommitDoesNotExistException",
        "PathDoesNotExistException",
        "PullRequestDoesNotExistException",
        "ReferenceDoesNotExistException",
        "RepositoryDoesNotExistException",
        "RepositoryNotAssociatedWithPullRequestException",
    }
)
CONFLICT: Final = frozenset(
    {
        "BranchNameExistsException",
        "CommentDeletedException",
        "ConcurrentReferenceUpdateException",
        "IdempotencyParameterMismatchException",
        "InvalidPullRequestStatusUpdateException",
        "ParentCommitIdOutdatedException",
        "PullRequestAlreadyClosedException",
    }
)
FORBIDDEN: Final = frozenset(
    {
        "CommentNotCreatedByCallerException",
        "EncryptionKeyAccessDeniedException",
        "EncryptionKeyDisabledException",
        "EncryptionKeyNotFoundException",
    }
)
UNAVAILABLE: Final = frozenset({"EncryptionIntegrityChecksFailedException", "EncryptionKeyUnavailableException"})
# The service understood and will not, or iacfix asked for what cannot be: its words say which.
REFUSED: Final = frozenset(
    {
        "BeforeCommitIdAndAfterCommitIdAreSameException",
        "BlobIdRequiredException",
        "BranchNameIsTagNameException",
        "BranchNameRequiredException",
        "ClientRequestTokenRequiredException",
        "CommentContentRequiredException",
        "CommentContentSizeLimitExceededException",
        "CommentIdRequiredException",
        "CommitIdRequiredException",
        "CommitMessageLengthExceededException",
        "CommitRequiredException",
        "DefaultBranchCannotBeDeletedException",
        "DirectoryNameConflictsWithFileNameException",
        "FileContentAndSourceFileSpecifiedException",
        "FileContentSizeLimitExceededException",
        "FileEntryRequiredException",
        "FileModeRequiredException",
        "FileNameConflictsWithDirectoryNameException",
        "FilePathConflictsWithSubmodulePathException",
        "FileTooLargeException",
        "FolderContentSizeLimitExceededException",
        "InvalidAuthorArnException",
        "InvalidBlobIdException",
        "InvalidBranchNameException",
        "InvalidClientRequestTokenException",
        "InvalidCommentIdException",
        "InvalidCommitException",
        "InvalidCommitIdException",
        "InvalidConflictDetailLevelException",
        "InvalidConflictResolutionStrategyException",
        "InvalidContinuationTokenException",
        "InvalidDeletionParameterException",
        "InvalidDescriptionException",
        "InvalidEmailException",
        "InvalidFileLocationException",
        "InvalidFileModeException",
        "InvalidFilePositionException",
        "InvalidMaxResultsException",
        "InvalidParentCommitIdException",
        "InvalidPathException",
        "InvalidPullRequestIdException",
        "InvalidPullRequestStatusException",
        "InvalidReferenceNameException",
        "InvalidRelativeFileVersionEnumException",
        "InvalidRepositoryNameException",
        "InvalidTargetException",
        "InvalidTargetsException",
        "InvalidTitleException",
        "MaximumFileContentToLoadExceededException",
        "MaximumFileEntriesExceededException",
        "MaximumItemsToCompareExceededException",
        "MaximumOpenPullRequestsExceededException",
        "MultipleRepositoriesInPullRequestException",
        "NameLengthExceededException",
        "NoChangeException",
        "ParentCommitIdRequiredException",
        "PathRequiredException",
        "PullRequestIdRequiredException",
        "PullRequestStatusRequiredException",
        "PutFileEntryConflictException",
        "ReferenceNameRequiredException",
        "ReferenceTypeNotSupportedException",
        "RepositoryNameRequiredException",
        "RestrictedSourceFileException",
        "SamePathRequestException",
        "SourceAndDestinationAreSameException",
        "SourceFileOrContentRequiredException",
        "TargetRequiredException",
        "TargetsRequiredException",
        "TipsDivergenceExceededException",
        "TitleRequiredException",
    }
)
KINDS: Final[Mapping[type[GitHostError], frozenset[str]]] = {
    HostNotFoundError: NOT_FOUND,
    HostConflictError: CONFLICT,
    HostForbiddenError: FORBIDDEN,
    HostUnavailableError: UNAVAILABLE,
    HostRefusedError: REFUSED,
}
_REMEDIES: Final[Mapping[type[GitHostError], str]] = {
    HostNotFoundError: "check the name, the account and the region",
    HostConflictError: "run it again",
    HostForbiddenError: "allow the use of the repository's encryption key, and of the repository",
    HostUnavailableError: "try again later",
}
_SECONDS = 60.0
_RETRYABLE_STATUS = frozenset({408, 429})
_FIRST_SERVER_ERROR = 500
_CREDENTIALS = "give credentials that boto3 can find and that have not expired"


def ask(what: str, call: Callable[[], _T], *nothing_for: str) -> _T | None:
    """What the call answers; None where the service answers one of these codes. Else raises GitHostError."""
    try:
        return call()
    except (boto.ClientError, boto.BotoCoreError) as error:
        if isinstance(error, boto.ClientError) and said(error)[0] in nothing_for:
            return None
        raise mapped(error, what) from None
    except (ResponseParserError, KeyError, TypeError, ValueError, IndexError):
        # botocore's parser walks a reply without checking its types first
        raise HostUnavailableError(f"what CodeCommit answered about {what} cannot be read") from None


def must(what: str, call: Callable[[], _T]) -> _T:
    found = ask(what, call)
    if found is None:
        raise HostUnavailableError(f"CodeCommit answered nothing about {what}")
    return found


def mapped(error: boto.ClientError | boto.BotoCoreError, what: str) -> GitHostError:
    """Quotes the service only where it speaks of the request, never of the signature."""
    if isinstance(error, boto.ClientError):
        return _of_service(error, what)
    kind = type(error).__name__
    if NO_CREDENTIALS & {base.__name__ for base in type(error).__mro__}:
        return HostForbiddenError(f"there are no usable AWS credentials for {what} ({kind})", remedy=_CREDENTIALS)
    if isinstance(error, (boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError)):
        return HostUnavailableError(f"the connection to CodeCommit failed on {what} ({kind})", remedy="run it again")
    return HostRefusedError(f"boto3 cannot ask CodeCommit for {what} ({kind})", remedy="check names and region")


def _of_service(error: boto.ClientError, what: str) -> GitHostError:
    code, message, status = said(error)
    if code in THROTTLED or status in _RETRYABLE_STATUS - {408}:
        return HostRateLimitedError(f"CodeCommit throttles {what} ({shown(code)})", seconds=_seconds(error))
    if code in BAD_CREDENTIALS:
        return HostForbiddenError(f"AWS does not take the credentials for {what} ({code})", remedy=_CREDENTIALS)
    if code in DENIED:
        return HostForbiddenError(f"AWS denies {what} ({shown(message) or code})", remedy="allow it in IAM")
    for kind, codes in KINDS.items():
        if code in codes:
            words = f"{what}: CodeCommit answered {code} ({shown(message)})"
            return kind(words, remedy=_REMEDIES.get(kind, ""))
    if code in BUSY or status in _RETRYABLE_STATUS or status >= _FIRST_SERVER_ERROR:
        return HostUnavailableError(f"CodeCommit could not answer about {what} now ({shown(code)})", remedy="run again")
    return HostRefusedError(f"{what}: CodeCommit answered {shown(code)} ({shown(message)})")


def _seconds(error: boto.ClientError) -> float:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    told = str(headers.get("retry-after", ""))
    return float(told) if told.isdecimal() and len(told) < 6 else _SECONDS  # noqa: PLR2004 - a day has 86,400
