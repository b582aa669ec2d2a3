"""What GitHub answers when it does not do what it was asked, as errors of ours."""

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from iacfix.adapters.git_hosts.failures import DEFAULT_WAIT, Failures
from iacfix.domain.errors import GitHostError, HostForbiddenError

_LIMIT = re.compile(
    r"rate limit|abuse detection|submitted too quickly|try again later|wait a few minutes", re.IGNORECASE
)
_FAILURES = Failures(
    "GitHub",
    re.compile(r"\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]+"),
    needs="the token needs contents, pull requests and issues: write, and an App has to be installed there",
    place="look at the repository's name and at what the token may see",
)
transport_failure = _FAILURES.unreachable
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
    status = _status(status, data)
    if status == HTTPStatus.FORBIDDEN and _is_limit(words, headers):
        status = HTTPStatus.TOO_MANY_REQUESTS
    if status == HTTPStatus.FORBIDDEN and "archived" in words.lower():
        return HostForbiddenError(
            f"the repository is archived, and nothing can be written to it: {words}",
            remedy="unarchive it, or take it off the list",
        )
    if status < HTTPStatus.BAD_REQUEST:
        return _FAILURES.fault(status, words)  # PyGithub has followed what can be followed
    return _FAILURES.of(status, words, _wait(headers))


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
    return _FAILURES.clean(" ".join(dict.fromkeys(" ".join(each.split()) for each in _messages(data))), secret)


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
