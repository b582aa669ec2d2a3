"""One repository's API on Bitbucket Cloud: what is asked, page by page, and what comes back.

It needs no library of Bitbucket's: there is none. Nothing is tried again by itself, but for what is over a limit, and
no redirect is followed, for a token would go with it.
"""

import base64
import contextlib
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from functools import partial
from http.client import HTTPException
from json import dumps
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request

from iacfix.adapters.git_hosts.answers import Record, broken, loaded, record, records, text_or_nothing
from iacfix.adapters.git_hosts.bitbucket_errors import failure, said, transport_failure
from iacfix.adapters.git_hosts.pacing import PATIENCE, SYSTEM_CLOCK, Clock, patiently
from iacfix.adapters.no_redirects import excerpt, opener
from iacfix.domain.errors import ConfigurationError, HostNotFoundError, HostRefusedError

API = "https://api.bitbucket.org/2.0"
GIT = "https://bitbucket.org"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MAX_PAGES = 10_000
_TIMES = 3
_MAX_ANSWER = 256 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
# What a form cannot carry in a field's name, or not so that both ends read the same.
_NOT_IN_A_NAME = re.compile(r'["\\\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class BitbucketToken:
    """An access token of a repository, a project or a workspace; or, with the account's address of mail as the `login`,
    an API token of a person.
    """

    value: str = field(repr=False)
    login: str = ""

    @property
    def header(self) -> str:
        return f"Basic {_basic(self.login, self.value)}" if self.login else f"Bearer {self.value}"

    @property
    def git_header(self) -> str:
        """Git over HTTPS takes other names than the API: "Using access tokens", "Using API tokens"."""
        name = "x-token-auth" if not self.login else "x-bitbucket-api-token-auth" if "@" in self.login else self.login
        return f"Basic {_basic(name, self.value)}"


@dataclass(frozen=True, slots=True)
class Upload:
    path: str
    data: bytes
    executable: bool = False


class BitbucketClient:
    """Paths begin with `/` and are below the repository's, or below the API's root where they are of the whole host."""

    def __init__(  # noqa: PLR0913 - all that a connection is
        self,
        repository: str,
        token: BitbucketToken,
        *,
        api: str,
        git: str,
        timeout: float,
        patience: float = PATIENCE,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Raises ConfigurationError."""
        if not _NAME.fullmatch(repository) or any(not part.strip(".") for part in repository.split("/")):
            raise ConfigurationError(
                f"{repository[:100]!r} is not a repository of Bitbucket", remedy="write it as workspace/name"
            )
        if not re.fullmatch(r"[!-~]+", token.value) or not re.fullmatch(r"[^:\x00-\x1f]*", token.login):
            raise ConfigurationError(
                "the token for Bitbucket is none", remedy="give it anew, and a login without colon"
            )
        self.workspace = repository.split("/", maxsplit=1)[0]
        self.slug = repository.split("/")[1]
        self._api, self._git = _checked(api), _checked(git)
        self._root = f"/repositories/{repository}"
        self._token = token
        self._patiently = partial(patiently, times=_TIMES, patience=patience, clock=clock)
        self._timeout = timeout

    def said(self, words: str) -> str:
        """Words of the host's, without credentials."""
        return said(words, *self._secrets())

    def get(self, path: str, query: Mapping[str, str] | None = None, *, whole_host: bool = False) -> Record:
        return record(loaded(self._ask("GET", self._address(path, query or {}, whole_host=whole_host))))

    def find(self, path: str, query: Mapping[str, str] | None = None, *, whole_host: bool = False) -> Record | None:
        try:
            return self.get(path, query, whole_host=whole_host)
        except HostNotFoundError:
            return None

    def raw(self, path: str) -> bytes:
        return self._ask("GET", self._address(path, {}))

    def pages(
        self, path: str, query: Mapping[str, str] | Sequence[tuple[str, str]] = (), *, whole_host: bool = False
    ) -> Iterator[Record]:
        """Follows `next`, as "Pagination" wants it; only below the API's own address, where the token may go."""
        address = self._address(path, query, whole_host=whole_host)
        for _ in range(_MAX_PAGES):
            page = record(loaded(self._ask("GET", address)))
            if not isinstance(page.get("values"), list):
                raise broken("a page has no values")
            yield from records(page, "values")
            address = text_or_nothing(page, "next")
            if not address:
                return
            if not address.startswith(f"{self._api}/"):
                raise broken("the next page is somewhere else")
        raise broken("it has no end")

    def send(self, verb: str, path: str, body: Record) -> Record:
        """POST or PUT, as JSON."""
        return record(loaded(self._ask(verb, self._address(path, {}), dumps(body).encode(), "application/json")))

    def delete(self, path: str) -> None:
        """What is gone already is as it should be."""
        with contextlib.suppress(HostNotFoundError):
            self._ask("DELETE", self._address(path, {}))

    def upload(self, path: str, fields: Mapping[str, str], files: Sequence[Upload]) -> None:
        """A form, as "Create a commit by uploading a file" wants it."""
        boundary = f"iacfix-{secrets.token_hex(16)}"
        data = _form(boundary, fields, files)
        self._ask("POST", self._address(path, {}), data, f"multipart/form-data; boundary={boundary}")

    def push(self, data: bytes) -> bytes:
        """To git over HTTPS."""
        kind = "application/x-git-receive-pack"
        address = f"{self._git}/{self.workspace}/{self.slug}.git/git-receive-pack"
        headers = {"Accept": f"{kind}-result", "Authorization": self._token.git_header}
        return self._ask("POST", address, data, f"{kind}-request", headers)

    def _address(
        self, path: str, query: Mapping[str, str] | Sequence[tuple[str, str]], *, whole_host: bool = False
    ) -> str:
        asked = urlencode(list(query.items()) if isinstance(query, Mapping) else list(query))
        return f"{self._api}{'' if whole_host else self._root}{path}{'?' if asked else ''}{asked}"

    def _ask(
        self,
        verb: str,
        address: str,
        data: bytes | None = None,
        kind: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        sent = {"Authorization": self._token.header, "User-Agent": "iacfix", **(headers or {})}
        if kind:
            sent["Content-Type"] = kind
        request = Request(address, data=data, headers=sent, method=verb)  # noqa: S310 - the addresses are checked
        return self._patiently(lambda: self._asked(request))

    def _asked(self, request: Request) -> bytes:
        try:
            with opener().open(request, timeout=self._timeout) as answer:
                found: bytes = answer.read(_MAX_ANSWER + 1)
        except HTTPError as error:
            with error:
                raise failure(error.code, excerpt(error), error.headers or Message(), *self._secrets()) from None
        except (OSError, HTTPException, ValueError) as error:
            raise transport_failure(error) from None
        if len(found) > _MAX_ANSWER:
            raise broken("it is too long")
        return found

    def _secrets(self) -> tuple[str, ...]:
        return (self._token.value, self._token.header.split(" ")[1], self._token.git_header.split(" ")[1])


def branch_path(name: str) -> str:
    """Slashes stay as they are in Bitbucket's addresses of branches. Raises HostRefusedError for a name that would lead
    elsewhere.
    """
    if not all(part.strip(".") for part in name.split("/")):
        raise HostRefusedError(f"{name!r} is no name of a branch")
    return quote(name, safe="/")


def _form(boundary: str, fields: Mapping[str, str], files: Sequence[Upload]) -> bytes:
    """Paths begin with a slash, so that none is taken for another field."""
    parts = []
    for name, value in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode())
    for each in files:
        if _NOT_IN_A_NAME.search(each.path):
            raise HostRefusedError(f"Bitbucket's API cannot take the path {each.path!r}")
        more = '; x-attributes="executable"' if each.executable else ""
        head = f'Content-Disposition: form-data; name="/{each.path}"; filename="{each.path.rpartition("/")[2]}"{more}'
        parts.append(f"{head}\r\nContent-Type: application/octet-stream\r\n\r\n".encode() + each.data)
    line = f"--{boundary}".encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def _basic(name: str, value: str) -> str:
    return base64.b64encode(f"{name}:{value}".encode()).decode("ascii")


def _checked(address: str) -> str:
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(
            "the address of Bitbucket is not a plain https address",
            remedy=f"write it like {API}, without credentials",
        )
    return address.rstrip("/")
