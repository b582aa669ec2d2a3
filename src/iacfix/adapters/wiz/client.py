"""Requests to Wiz: a token by client credentials, renewed before it runs out, and GraphQL over HTTPS."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode, urlsplit

from iacfix.domain.errors import ConfigurationError
from iacfix.domain.secrets import redact
from iacfix.ports import CloudReadError

AUTH = "https://auth.app.wiz.io/oauth/token"
AUDIENCE = "wiz-api"
MAX_ANSWER = 32 * 1024 * 1024
MAX_WAIT = 30.0
"""Seconds, whatever Wiz asks for: who has to wait longer comes back later."""
_EARLY = 60.0  # seconds before its end a token is renewed
_SHORTEST = 120.0  # what a token lives where Wiz does not say
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_TOO_MANY, _UNAUTHORIZED, _FORBIDDEN, _SERVER_ERROR = 429, 401, 403, 500
_LIMITED = "RATE_LIMIT_EXCEEDED"
_LONGEST_QUOTE = 300
_LATER = "try again later"

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of a service account."""

    client_id: str
    client_secret: str = field(repr=False)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A secret would go with them."""

    def redirect_request(self, *_args: object, **_others: object) -> None:
        return None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: object
    retry_after: float


class WizClient:
    """`api` is the tenant's endpoint (`https://api.us1.app.wiz.io/graphql`). `attempts` counts the first one too."""

    def __init__(  # noqa: PLR0913 - what a connection is made of
        self,
        api: str,
        credentials: Credentials,
        *,
        auth: str = AUTH,
        timeout: float = 60.0,
        attempts: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises ConfigurationError."""
        if not credentials.client_id or not credentials.client_secret:
            raise ConfigurationError(
                "there are no credentials for Wiz", remedy="set WIZ_CLIENT_ID and WIZ_CLIENT_SECRET"
            )
        self._api, self._auth = _checked(api, "wiz.api"), _checked(auth, "wiz.auth")
        self._credentials = credentials
        self._timeout = timeout
        self._attempts = attempts
        self._sleep = sleep
        self._now = now
        self._token = ""
        self._until = 0.0
        self._opener = urllib.request.build_opener(_NoRedirects)

    def ask(self, query: str, variables: Json) -> Json:
        """What stands under `data`. Raises CloudReadError."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        renewed = False
        for attempt in range(1, self._attempts + 1):
            answer = self._sent(self._api, body, "application/json", {"Authorization": f"Bearer {self._valid_token()}"})
            if answer.status == _UNAUTHORIZED and not renewed:
                renewed, self._token = True, ""  # it was taken back before its time
                continue
            wait = _wait(answer, attempt)
            if wait is None:
                return _data(answer)
            if attempt < self._attempts and wait <= MAX_WAIT:
                self._sleep(wait)
                continue
            raise CloudReadError(f"Wiz could not answer now ({_status(answer)})", remedy=_LATER, again=True)
        raise CloudReadError(
            "Wiz does not take the token that it gave", remedy="check the service account", again=False
        )

    def _valid_token(self) -> str:
        if self._token and self._now() < self._until:
            return self._token
        form = {
            "grant_type": "client_credentials",
            "audience": AUDIENCE,
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        answer = self._sent(self._auth, urlencode(form).encode(), "application/x-www-form-urlencoded", {})
        token = answer.body.get("access_token") if isinstance(answer.body, dict) else None
        if answer.status >= _SERVER_ERROR or answer.status == _TOO_MANY:
            raise CloudReadError(f"Wiz could not give a token now ({answer.status})", remedy=_LATER, again=True)
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            why = f"Wiz gives no token for these credentials ({answer.status})"
            raise CloudReadError(why, remedy="check WIZ_CLIENT_ID, WIZ_CLIENT_SECRET and wiz.auth")
        lives = answer.body.get("expires_in") if isinstance(answer.body, dict) else None
        self._until = self._now() + max((lives if isinstance(lives, int | float) else _SHORTEST) - _EARLY, 0.0)
        self._token = token
        return token

    def _sent(self, url: str, body: bytes, kind: str, headers: Mapping[str, str]) -> _Answer:
        request = urllib.request.Request(  # noqa: S310 - https, or this machine, looked at when the client was made
            url,
            data=body,
            headers={"Content-Type": kind, "Accept": "application/json", "User-Agent": "iacfix", **headers},
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                return _read(response, response.status, response.headers.get("Retry-After", ""))
        except urllib.error.HTTPError as error:
            with error:
                return _read(error, error.code, error.headers.get("Retry-After", ""))
        except (OSError, http.client.HTTPException) as error:
            why = f"the connection to Wiz failed ({type(error).__name__})"
            raise CloudReadError(why, remedy="check wiz.api, the network and the proxy", again=True) from None


def _checked(url: str, setting: str) -> str:
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOCAL
    if not parts.hostname or (parts.scheme != "https" and not is_local) or parts.username is not None:
        raise ConfigurationError(
            f"{setting} is no https address", remedy="give it like https://api.us1.app.wiz.io/graphql"
        )
    return url


def _read(response: "http.client.HTTPResponse | urllib.error.HTTPError", status: int, retry_after: str) -> _Answer:
    data = response.read(MAX_ANSWER + 1)
    if len(data) > MAX_ANSWER:
        raise CloudReadError(f"Wiz answers more than {MAX_ANSWER} bytes", remedy="ask for less at once")
    try:
        body: object = json.loads(data) if data else None
    except (ValueError, RecursionError):
        body = None
    wait = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
    return _Answer(status, body, wait)


def _wait(answer: _Answer, attempt: int) -> float | None:
    """Seconds until it may go again; None where there is no need to, or no use in it."""
    limited = any(_extensions(each).get("code") == _LIMITED for each in _errors(answer))
    if answer.status == _TOO_MANY or answer.status >= _SERVER_ERROR or limited:
        said = next((_extensions(each).get("retryAfter") for each in _errors(answer)), None)
        asked = float(said) if isinstance(said, int | float) and said > 0 else answer.retry_after
        return asked or 0.5 * 2**attempt
    return None


def _data(answer: _Answer) -> Json:
    if answer.status in {_UNAUTHORIZED, _FORBIDDEN}:
        why = f"Wiz denies it ({answer.status})"
        raise CloudReadError(why, remedy="give the service account read:issues, and update:issues to close them")
    if errors := _errors(answer):
        said = " ".join(redact(str(errors[0].get("message", ""))).split())[:_LONGEST_QUOTE]
        raise CloudReadError(f"Wiz refuses it: {said!a}", remedy="check what the service account may do")
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    if not isinstance(data, dict):
        raise CloudReadError(f"what Wiz answers cannot be read ({answer.status})", remedy="check wiz.api")
    return cast("Json", data)


def _errors(answer: _Answer) -> list[Json]:
    errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []


def _extensions(error: Json) -> Json:
    found = error.get("extensions")
    return cast("Json", found) if isinstance(found, dict) else {}


def _status(answer: _Answer) -> str:
    return str(answer.status) if answer.status >= 400 else _LIMITED  # noqa: PLR2004 - from here on HTTP speaks of errors
