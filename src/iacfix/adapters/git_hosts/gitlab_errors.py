"""What GitLab answers when it does not do what it was asked, as errors of ours."""

import json
import re
import time
from collections.abc import Iterator, Mapping

from iacfix.adapters.git_hosts.failures import DEFAULT_WAIT, Failures
from iacfix.domain.errors import GitHostError

_MAX_DEPTH = 4
_FAILURES = Failures(
    "GitLab",
    re.compile(r"\bgl[a-z]{2,8}-[\w.-]{8,}"),
    needs="the token needs the scope api and the role Developer, and the project may not be archived",
    place="look at the project's path and at what the token may see",
)
transport_failure = _FAILURES.unreachable


def failure(status: int, body: bytes | str, headers: Mapping[str, str], secret: str) -> GitHostError:
    """`secret` stands in no error, even if GitLab echoes it."""
    return _FAILURES.of(status, said(body, secret), _wait(headers))


def said(body: bytes | str, secret: str) -> str:
    """The host's own words, on one line, without credentials."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        words = " ".join(dict.fromkeys(_messages(json.loads(text), 0)))
    except (ValueError, RecursionError):
        words = "" if text.lstrip().startswith("<") else text  # a page of a proxy says nothing
    return _FAILURES.clean(words, secret)


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
