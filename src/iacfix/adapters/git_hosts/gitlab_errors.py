"""What GitLab answers when it does not do what it was asked, as errors of ours."""

import json
import re
import time
from collections.abc import Iterator, Mapping
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
_MAX_DEPTH = 4
_TOKENS = re.compile(r"\bgl[a-z]{2,8}-[\w.-]{8,}|//[^/\s@]+@|\bBearer\s+\S+")


def failure(status: int, body: bytes | str, headers: Mapping[str, str], secret: str) -> GitHostError:
    """`secret` stands in no error, even if GitLab echoes it."""
    words = said(body, secret)
    told = f": {words}" if words else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return HostRateLimitedError(f"GitLab's rate limit is used up{told}", seconds=_wait(headers))
    if status == HTTPStatus.UNAUTHORIZED:
        return HostForbiddenError(
            f"GitLab does not take the credentials{told}", remedy="give a token that is valid and not expired"
        )
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}:
        return HostForbiddenError(
            f"GitLab does not allow it{told}",
            remedy="the token needs the scope api and the role Developer, and the project may not be archived",
        )
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return HostNotFoundError(
            f"GitLab does not have it, or not for these credentials{told}",
            remedy="look at the project's path and at what the token may see",
        )
    if status in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}:
        return HostConflictError(f"something is in the way{told}", remedy="run it again")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return HostRefusedError(
            "GitLab's address leads somewhere else, and a token is not sent after it",
            remedy="give the address that it leads to",
        )
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return HostRefusedError(f"GitLab refused it{told or f' ({status})'}")
    return HostUnavailableError(f"GitLab has a fault ({status}){told}", remedy="run it again later")


def transport_failure(error: Exception) -> HostUnavailableError:
    """The kind alone: the text of such an error may hold an address."""
    return HostUnavailableError(f"GitLab cannot be reached ({type(error).__name__})", remedy="run it again later")


def broken(what: str) -> HostUnavailableError:
    return HostUnavailableError(f"GitLab's answer cannot be read ({what})", remedy="try again later")


def said(body: bytes | str, secret: str) -> str:
    """The host's own words, on one line, without credentials."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        words = " ".join(dict.fromkeys(_messages(json.loads(text), 0)))
    except (ValueError, RecursionError):
        words = "" if text.lstrip().startswith("<") else text  # a page of a proxy says nothing
    words = _TOKENS.sub("***", words.replace(secret, "***") if secret else words)
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return words if len(words) <= _MAX_WORDS else f"{words[:_MAX_WORDS]}…"


def _wait(headers: Mapping[str, str]) -> float:
    """Retry-After in seconds, else RateLimit-Reset, which is a time: "User and IP rate limits", response headers."""
    after = headers.get("Retry-After", "")
    if after.isdecimal():
        return float(after)
    reset = headers.get("RateLimit-Reset", "")
    return max(int(reset) - time.time(), 0.0) + 1 if reset.isdecimal() else DEFAULT_WAIT


def _messages(data: object, depth: int) -> Iterator[str]:
    """`message` and `error` are a text, a list of texts, or lists by field."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list) and depth < _MAX_DEPTH:
        for each in data:
            yield from _messages(each, depth + 1)
    elif isinstance(data, dict) and depth < _MAX_DEPTH:
        named = {name: data[name] for name in ("message", "error", "error_description") if name in data}
        if named and depth == 0:
            for each in named.values():
                yield from _messages(each, depth + 1)
        elif depth:
            for name, each in data.items():
                yield " ".join([str(name), *_messages(each, depth + 1)])
