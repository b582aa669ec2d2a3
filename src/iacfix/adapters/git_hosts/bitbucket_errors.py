"""What Bitbucket answers when it does not do what it was asked, as errors of ours."""

import json
import re
from collections.abc import Iterator, Mapping
from email.message import Message

from iacfix.adapters.git_hosts.failures import DEFAULT_WAIT, Failures
from iacfix.domain.errors import GitHostError

_MAX_DEPTH = 4
_FAILURES = Failures(
    "Bitbucket",
    # Of access tokens, API tokens and app passwords.
    re.compile(r"\b(?:AT[A-Z]{2,4}3x|ATBB)[\w=.-]{8,}"),
    needs="the token needs the scopes repository:write and pullrequest:write, and the branch may be restricted",
    place="look at the workspace and the repository's name, and at what the token may see",
)
transport_failure = _FAILURES.unreachable


def failure(status: int, body: bytes, headers: Message | Mapping[str, str], *secrets: str) -> GitHostError:
    """`secrets` stand in no error, even if Bitbucket echoes one. Retry-After is in seconds."""
    after = headers.get("Retry-After") or ""
    wait = float(after) if re.fullmatch(r"[0-9]{1,9}", after) else DEFAULT_WAIT
    return _FAILURES.of(status, said(body, *secrets), wait)


def said(body: bytes | str, *secrets: str) -> str:
    """The host's own words: `{"type": "error", "error": {"message", "detail", "fields"}}`."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        words = " ".join(dict.fromkeys(_messages(json.loads(text), 0)))
    except (ValueError, RecursionError):
        words = "" if text.lstrip().startswith("<") else text  # a page of a proxy says nothing
    return _FAILURES.clean(words, *secrets)


def _messages(data: object, depth: int) -> Iterator[str]:
    """`fields` are lists of sentences by the field's name; `detail` is a text or an object of lists."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list) and depth < _MAX_DEPTH:
        for each in data:
            yield from _messages(each, depth + 1)
    elif isinstance(data, dict) and depth < _MAX_DEPTH:
        if isinstance(error := data.get("error"), dict | str) and depth == 0:
            yield from _messages(error, depth + 1)
        elif depth == 1:
            for name in ("message", "detail", "fields"):
                yield from _messages(data.get(name), depth + 1)
        elif depth:
            for name, each in data.items():
                yield " ".join([str(name), *_messages(each, depth + 1)])
