"""Requests to services that people are told by: bounded in time and size, never sent after a redirect, tried again only
where that does no harm. Errors and pauses are those of the git hosts.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum, auto
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Final, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request

from iacfix.adapters.git_hosts.answers import Record, loaded, record
from iacfix.adapters.git_hosts.failures import DEFAULT_WAIT, Failures
from iacfix.adapters.git_hosts.pacing import SYSTEM_CLOCK, Clock, patiently
from iacfix.adapters.no_redirects import excerpt, opener
from iacfix.domain.errors import (
    ConfigurationError,
    GitHostError,
    HostRateLimitedError,
    HostUnavailableError,
    NotifierError,
    NotifierUnsureError,
)

JSON: Final = "application/json"
TIMES: Final = 3
PATIENCE: Final = 30.0
"""Seconds. Whoever asks for more is told later: others wait for this one."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MAX_ANSWER = 4 * 1024 * 1024
_CHUNK = 64 * 1024
_MAX_DEPTH = 4
_PAUSE = 0.5
_NOT_SENT = (ConnectionRefusedError, socket.gaierror)


class NotSentError(HostUnavailableError):
    """Nobody was there to take it."""


class NoAnswerError(HostUnavailableError):
    """It was sent, and the line broke or was silent."""


class Twice(Enum):
    """When a request may come once more. `NEVER` beside those that were not acted on: over a limit, or not sent.
    `AFTER_FAULT`: the service said that it failed. `HARMLESS`: always.
    """

    NEVER = auto()
    AFTER_FAULT = auto()
    HARMLESS = auto()


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: `timeout` of each step on the line, `longest` of one answer, `patience` of all pauses together."""

    timeout: float = 10.0
    longest: float = 30.0
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def record(self) -> Record:
        return record(loaded(self.body))


@dataclass(frozen=True)
class Rest:
    """One service below `root`. `secrets` stand in no error, even where the service echoes one."""

    failures: Failures
    root: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    limits: Limits = field(default_factory=Limits)
    clock: Clock = SYSTEM_CLOCK

    def __post_init__(self) -> None:
        """Raises ConfigurationError."""
        checked(self.root, self.failures.host)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Record:
        return self.ask("GET", path, query=query).record

    def ask(  # noqa: PLR0913 - what a request is made of
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        kind: str = JSON,
        twice: Twice = Twice.HARMLESS,
    ) -> Answer:
        asked = f"?{urlencode(query)}" if query else ""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Accept": JSON, "User-Agent": "iacfix", **self.headers}
        if data is not None:
            headers["Content-Type"] = kind
        request = Request(f"{self.root}{path}{asked}", data=data, headers=headers, method=verb)  # noqa: S310 - the root is checked

        def once() -> Answer:
            return self._asked(request)

        for attempt in range(1, TIMES):
            try:
                return self._patiently(once)
            except NotSentError:
                pass
            except NoAnswerError:
                if twice is not Twice.HARMLESS:
                    raise
            except HostUnavailableError:
                if twice is Twice.NEVER:
                    raise
            self.clock.sleep(_PAUSE * attempt)
        return self._patiently(once)

    def _patiently(self, once: Callable[[], Answer]) -> Answer:
        return patiently(once, times=TIMES - 1, patience=self.limits.patience, clock=self.clock)

    def _asked(self, request: Request) -> Answer:
        try:
            with opener().open(request, timeout=self.limits.timeout) as answer:
                response = cast("HTTPResponse", answer)
                return Answer(response.status, self._read(response))
        except HTTPError as error:
            with error:
                raise self._failure(error.code, excerpt(error), error.headers or Message()) from None
        except URLError as error:
            if isinstance(error.reason, _NOT_SENT):
                kind = type(error.reason).__name__
                raise NotSentError(
                    f"{self.failures.host} cannot be reached ({kind})", remedy="see its address"
                ) from None
            raise self._silent(error) from None
        except (OSError, HTTPException, ValueError) as error:
            raise self._silent(error) from None

    def _silent(self, error: Exception) -> NoAnswerError:
        """The kind alone: the text of such an error may hold an address."""
        kind = type(error).__name__
        return NoAnswerError(f"{self.failures.host} gave no answer ({kind})", remedy="run it again later")

    def _read(self, response: HTTPResponse) -> bytes:
        """Whoever sends a byte now and then holds nobody up."""
        end = time.monotonic() + self.limits.longest
        found = bytearray()
        while chunk := response.read1(_CHUNK):
            found += chunk
            if len(found) > _MAX_ANSWER or time.monotonic() > end:
                raise NoAnswerError(f"{self.failures.host}'s answer has no end", remedy="try again later")
        if response.length:
            raise NoAnswerError(f"{self.failures.host}'s answer was cut off", remedy="try again later")
        return bytes(found)

    def _failure(self, status: int, body: bytes, headers: Message) -> GitHostError:
        words = self.failures.clean(_words(body), *self.secrets)
        after = str(headers.get("Retry-After") or "")
        wait = float(after) if re.fullmatch(r"[0-9]{1,9}", after) else None
        if status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None:
            return HostRateLimitedError(f"{self.failures.host} puts it off", seconds=wait)
        return self.failures.of(status, words, DEFAULT_WAIT if wait is None else wait)


@contextmanager
def telling(*, makes: bool = False) -> Iterator[None]:
    """Errors within leave as NotifierError. `makes`: where no answer came, something may have been made."""
    try:
        yield
    except NotSentError as error:
        raise NotifierError(error.what, remedy=error.remedy) from None
    except HostUnavailableError as error:
        kind = NotifierUnsureError if makes else NotifierError
        raise kind(error.what, remedy=error.remedy) from None
    except GitHostError as error:
        raise NotifierError(error.what, remedy=error.remedy) from None


def checked(address: str, service: str) -> str:
    """A secret goes there: in the clear only to this machine. Raises ConfigurationError, without the address, which
    may be the secret itself.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if not is_safe or not is_plain or not host or parts.username is not None or parts.fragment:
        raise ConfigurationError(f"the address of {service} is no plain https address", remedy="write it as https://…")
    return address


def _words(body: bytes) -> str:
    """The service's own: texts within its JSON, or a line of plain text; the page of a proxy says nothing."""
    text = body.decode("utf-8", "replace")
    try:
        return " ".join(dict.fromkeys(_texts(json.loads(text), 0)))
    except (ValueError, RecursionError):
        return "" if text.lstrip().startswith("<") else text


def _texts(data: object, depth: int) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, list) and depth < _MAX_DEPTH:
        for each in data:
            yield from _texts(each, depth + 1)
    elif isinstance(data, dict) and depth < _MAX_DEPTH:
        for name, each in data.items():
            if name not in {"$id", "typeName", "typeKey", "innerException"}:
                yield from _texts(each, depth + 1)
