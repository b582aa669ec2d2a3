"""What GitHub answers when it does not do what it was asked, as errors of ours."""

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)

DEFAULT_WAIT = 60.0
_MAX_WORDS = 400
_LIMIT = re.compile(
    r"rate limit|abuse detection|submitted too quickly|try again later|wait a few minutes", re.IGNORECASE
)
_TOKENS = re.compile(r"\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]+|//[^/\s@]+@|\bBearer\s+\S+")
_SECONDS = re.compile(r"[0-9]{1,12}")
_OF_TYPE = {
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "INSUFFICIENT_SCOPES": HTTPStatus.FORBIDDEN,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "RATE_LIMIT": HTTPStatus.TOO_MANY_REQUESTS,
    "SERVICE_UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""GraphQL tells by a word what REST tells by its status; the rest is a refusal."""


def failure(status: int, data: object, headers: Mapping[str, str], secret: str) -> GitHostError:
    """`data` is the answer's JSON, or whatever else it was. `secret` stands in no error, even if GitHub echoes it."""
    words = _words(data, secret)
    told = f": {words}" if words else ""
    status = _status(status, data)
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and _is_limit(words, headers)):
        return HostRateLimitedError(f"GitHub's rate limit is used up{told}", seconds=_wait(headers))
    if status == HTTPStatus.UNAUTHORIZED:
        return HostForbiddenError(
            f"GitHub does not take the credentials{told}", remedy="give a token that is valid and not expired"
        )
    if status == HTTPStatus.FORBIDDEN and "archived" in words.lower():
        return HostForbiddenError(
            f"the repository is archived, and nothing can be written to it{told}",
            remedy="unarchive it, or take it off the list",
        )
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}:
        return HostForbiddenError(
            f"GitHub does not allow it{told}",
            remedy="the token needs contents, pull requests and issues: write, and an App has to be installed there",
        )
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return HostNotFoundError(
            f"GitHub does not have it, or not for these credentials{told}",
            remedy="look at the repository's name and at what the token may see",
        )
    if status == HTTPStatus.CONFLICT:
        return HostConflictError(f"something is in the way{told}", remedy="run it again")
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return HostRefusedError(f"GitHub refused it{told or f' ({status})'}")
    return HostUnavailableError(f"GitHub has a fault ({status}){told}", remedy="run it again later")


def transport_failure(error: Exception) -> HostUnavailableError:
    """The kind alone: the text of such an error may hold an address."""
    return HostUnavailableError(f"GitHub cannot be reached ({type(error).__name__})", remedy="run it again later")


def broken(what: str) -> HostUnavailableError:
    return HostUnavailableError(f"GitHub's answer cannot be read ({what})", remedy="try again later")


def _status(status: int, data: object) -> int:
    """PyGithub makes a 400 of every answer of GraphQL that holds errors."""
    if isinstance(data, dict) and isinstance(errors := data.get("errors"), list) and status == HTTPStatus.BAD_REQUEST:
        kinds = [error.get("type") for error in errors if isinstance(error, dict)]
        return next(
            (_OF_TYPE[kind] for kind in kinds if isinstance(kind, str) and kind in _OF_TYPE),
            HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    return status


def _is_limit(words: str, headers: Mapping[str, str]) -> bool:
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or bool(_LIMIT.search(words))


def _wait(headers: Mapping[str, str]) -> float:
    """As "Rate limits for the REST API" tells it: retry-after, else until the reset where nothing is left, else 60."""
    after = headers.get("retry-after", "")
    if _SECONDS.fullmatch(after):
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and _SECONDS.fullmatch(reset):
        return max(int(reset) - _now(headers), 0.0) + 1
    return DEFAULT_WAIT


def _now(headers: Mapping[str, str]) -> float:
    """By GitHub's clock where it tells it: ours may be wrong."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return time.time()


def _words(data: object, secret: str) -> str:
    said = " ".join(dict.fromkeys(" ".join(each.split()) for each in _messages(data) if each.strip()))
    said = _TOKENS.sub("***", said.replace(secret, "***") if secret else said)
    said = "".join(letter if letter.isprintable() else " " for letter in said)
    return said if len(said) <= _MAX_WORDS else f"{said[:_MAX_WORDS]}…"


def _messages(data: object) -> Iterator[str]:
    if not isinstance(data, dict):
        return
    if isinstance(message := data.get("message"), str):
        yield message
    errors = data.get("errors")
    for error in errors if isinstance(errors, list) else [errors]:
        if isinstance(error, str):
            yield error
        elif isinstance(error, dict):
            if isinstance(message := error.get("message"), str):
                yield message
            else:
                yield " ".join(str(error[name]) for name in ("resource", "field", "code") if name in error)
