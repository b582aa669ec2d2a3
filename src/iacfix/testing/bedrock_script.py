"""What a scripted Bedrock answers, one reply for each call, in order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from iacfix.domain.errors import InputError
from iacfix.domain.proposal import Usage

# Codes that Converse knows and the status each comes with; any other code needs its status in the script.
STATUS_OF_CODE: Final[Mapping[str, int]] = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}

_USUAL: Final = Usage(input_tokens=1_200, output_tokens=150, latency_ms=900)
_USAGE: Final = ("input_tokens", "output_tokens", "latency_ms", "cache_read_tokens", "cache_write_tokens")


@dataclass(frozen=True, slots=True)
class Text:
    """A whole answer. `stop` is Converse's own word for it."""

    text: str
    stop: str = "end_turn"
    usage: Usage = _USUAL


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool's input as an answer, after `text` where there is any. `input` may be any JSON, as a model's may."""

    input: object
    name: str = "propose_fix"
    text: str = ""
    stop: str = "tool_use"
    usage: Usage = _USUAL


@dataclass(frozen=True, slots=True)
class Output:
    """An answer member by member; it must fit the shape that Converse answers."""

    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as the service sends it; `status` 0 is the one that belongs to the code."""

    code: str
    message: str = "scripted"
    status: int = 0

    def __post_init__(self) -> None:
        if not self.status and self.code not in STATUS_OF_CODE:
            msg = f"the code {self.code} is not one of Converse's own: give its HTTP status"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Timeout:
    """Silence until the client gives up."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Status 200 and this body, whatever it is."""

    body: str = '{"output": '


@dataclass(frozen=True, slots=True)
class Truncated:
    """A body that ends before its Content-Length."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is closed without a word."""


Reply = Text | ToolUse | Output | Failure | Timeout | Malformed | Truncated | Cut


_T = TypeVar("_T", str, int)


def read_script(path: Path) -> tuple[Reply, ...]:
    """A JSON file: `{"replies": [...]}`. Raises InputError.

    Each is one of `{"text", "stop"?, "usage"?}`, `{"tool", "name"?, "text"?, "stop"?, "usage"?}`, `{"error", "status"?,
    "message"?}`, `{"output"}`, `{"malformed"}`, or one of the words `timeout`, `malformed`, `truncated`, `cut`.
    """
    try:
        document: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the script {path} cannot be read", remedy=str(error)) from None
    replies = document.get("replies") if isinstance(document, dict) else None
    if not isinstance(replies, list):
        raise InputError(f"the script {path} has no list `replies`", remedy='write {"replies": [{"text": "…"}]}')
    read = []
    for number, entry in enumerate(replies, start=1):
        try:
            read.append(_reply(entry))
        except ValueError as error:
            raise InputError(f"reply {number} of the script {path} cannot be used", remedy=str(error)) from None
    return tuple(read)


def _reply(entry: object) -> Reply:
    match entry:
        case "timeout":
            return Timeout()
        case "malformed":
            return Malformed()
        case "truncated":
            return Truncated()
        case "cut":
            return Cut()
        case {"text": str(text), **rest} if rest.keys() <= {"stop", "usage"}:
            return Text(text, _member(rest, "stop", "end_turn"), _usage(rest.get("usage", {})))
        case {"tool": given, **rest} if rest.keys() <= {"name", "text", "stop", "usage"}:
            name, text = _member(rest, "name", "propose_fix"), _member(rest, "text", "")
            return ToolUse(given, name, text, _member(rest, "stop", "tool_use"), _usage(rest.get("usage", {})))
        case {"error": str(code), **rest} if rest.keys() <= {"message", "status"}:
            return Failure(code, _member(rest, "message", "scripted"), _member(rest, "status", 0))
        case {"output": dict(body), **rest} if not rest:
            return Output(body)
        case {"malformed": str(body), **rest} if not rest:
            return Malformed(body)
        case _:
            raise ValueError("it is none of the replies that a script may hold, or has a member that it may not have")


def _usage(value: object) -> Usage:
    match value:
        case {**members} if members.keys() <= set(_USAGE):
            return Usage(**{name: _member(members, name, getattr(_USUAL, name)) for name in _USAGE})
        case _:
            raise ValueError(f"`usage` holds {', '.join(_USAGE)}")


def _member(members: Mapping[object, object], name: str, default: _T) -> _T:
    value = members.get(name, default)
    if not isinstance(value, type(default)):
        raise ValueError(f"`{name}` must be of type {type(default).__name__}")  # noqa: TRY004 - bad input, not a bad call
    return value
