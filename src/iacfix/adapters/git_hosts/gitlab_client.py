"""One GitLab project's API: what is asked, page by page, and what comes back, looked at before it is believed."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from iacfix.adapters.git_hosts.answers import Record, broken, loaded, record
from iacfix.adapters.git_hosts.gitlab_errors import failure, said, transport_failure
from iacfix.adapters.git_hosts.pacing import PATIENCE, SYSTEM_CLOCK, Clock, patiently
from iacfix.domain.errors import ConfigurationError, HostNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

PER_PAGE = 100
"""The most that GitLab takes: "REST API", pagination."""
_TIMEOUT = 60.0
_MAX_PAGES = 10_000
_TIMES = 3


class TokenKind(StrEnum):
    """PRIVATE is a personal, project or group access token."""

    PRIVATE = "private"
    JOB = "job"
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True)
class GitLabToken:
    value: str = field(repr=False)
    kind: TokenKind = TokenKind.PRIVATE

    @property
    def login(self) -> str:
        """What git over HTTP wants as the name; with an access token anything but nothing will do."""
        return "gitlab-ci-token" if self.kind is TokenKind.JOB else "oauth2"


class GitLabClient:
    """Nothing is tried again by itself, but for what is over a limit, and no redirect is followed: a token would go
    with it.
    """

    def __init__(  # noqa: PLR0913 - all that a connection is
        self,
        url: str,
        project: str,
        token: GitLabToken,
        *,
        timeout: float = _TIMEOUT,
        patience: float = PATIENCE,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`url` may have a path, `project` is its full path or its number. Raises ConfigurationError."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ConfigurationError("the address of GitLab is none", remedy="give it like https://gitlab.example.com")
        if parts.username is not None or parts.password is not None:
            raise ConfigurationError("the address of GitLab holds a credential", remedy="give the token by itself")
        if not project.strip("/") or not token.value:
            raise ConfigurationError("a project's path and a token are needed", remedy="give both")
        try:
            import gitlab  # noqa: PLC0415 - it takes a quarter of a second, and not everybody has it
        except ModuleNotFoundError:
            raise ConfigurationError(
                "python-gitlab is not installed", remedy="install iacfix with the extra gitlab: iacfix[gitlab]"
            ) from None

        kinds = {f"{token.kind.value}_token": token.value}
        self._gitlab = gitlab.Gitlab(
            url,
            private_token=kinds.get("private_token"),
            job_token=kinds.get("job_token"),
            oauth_token=kinds.get("oauth_token"),
            timeout=timeout,
        )
        self._timeout = timeout
        self._patiently = partial(patiently, times=_TIMES, patience=patience, clock=clock)
        self._token = token
        self._url = url.rstrip("/")
        self._project = f"/projects/{quote(project.strip('/'), safe='')}"
        self._headers: Mapping[str, str] = {}
        self._gitlab.session.hooks["response"].append(self._received)

    def said(self, words: str) -> str:
        """Words of the host's, without the token."""
        return said(words, self._token.value)

    def get(self, path: str, *, whole_host: bool = False) -> Record:
        return record(loaded(self._ask("get", path, whole_host=whole_host).content))

    def find(self, path: str) -> Record | None:
        try:
            return self.get(path)
        except HostNotFoundError:
            return None

    def pages(self, path: str, query: Record | None = None, *, whole_host: bool = False) -> Iterator[Record]:
        """Follows the links to the next page, by keyset or by number; of a link only the query is taken."""
        asked: Record = {"per_page": PER_PAGE, **(query or {})}
        for _ in range(_MAX_PAGES):
            answer = self._ask("get", path, whole_host=whole_host, query=asked)
            data = loaded(answer.content)
            if not isinstance(data, list):
                raise broken("it is no list")
            yield from (record(each) for each in data)
            following = answer.links.get("next", {}).get("url", "")
            if not following:
                return
            asked = dict(parse_qsl(urlsplit(following).query, keep_blank_values=True))
        raise broken("it has no end")

    def post(self, path: str, body: Record) -> Record:
        return record(loaded(self._ask("post", path, body=body).content))

    def put(self, path: str, body: Record) -> Record:
        return record(loaded(self._ask("put", path, body=body).content))

    def delete(self, path: str) -> None:
        """What is gone already is as it should be."""
        with contextlib.suppress(HostNotFoundError):
            self._ask("delete", path)

    def post_git(self, repository: str, service: str, body: bytes) -> bytes:
        """To git over HTTP. `repository` is the project's full path."""
        return self._patiently(lambda: self._posted_git(repository, service, body))

    def _posted_git(self, repository: str, service: str, body: bytes) -> bytes:
        import requests  # noqa: PLC0415 - it comes with python-gitlab

        kind = f"application/x-{service}"
        try:
            answer = self._gitlab.session.post(
                f"{self._url}/{quote(repository)}.git/{service}",
                data=body,
                headers={"Content-Type": f"{kind}-request", "Accept": f"{kind}-result"},
                auth=(self._token.login, self._token.value),
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise transport_failure(error) from None
        if answer.status_code != HTTPStatus.OK:
            raise failure(answer.status_code, answer.content, answer.headers, self._token.value)
        return answer.content

    def _ask(
        self,
        verb: str,
        path: str,
        *,
        whole_host: bool = False,
        query: Record | None = None,
        body: Record | None = None,
    ) -> "requests.Response":
        address = path if whole_host else self._project + path
        return self._patiently(lambda: self._asked(verb, address, query, body))

    def _asked(self, verb: str, path: str, query: Record | None, body: Record | None) -> "requests.Response":
        import requests  # noqa: PLC0415 - it comes with python-gitlab
        from gitlab.exceptions import GitlabError  # noqa: PLC0415 - see above

        self._headers = {}
        try:
            return self._gitlab.http_request(
                verb,
                path,
                query_data=dict(query or {}),
                post_data=dict(body) if body is not None else None,
                obey_rate_limit=False,
                retry_transient_errors=False,
            )
        except GitlabError as error:
            status = error.response_code or HTTPStatus.BAD_GATEWAY
            # What the library says may hold an address: the answer itself is asked.
            raise failure(status, error.response_body or b"", self._headers, self._token.value) from None
        except requests.RequestException as error:
            raise transport_failure(error) from None

    def _received(self, response: "requests.Response", *_: object, **__: object) -> None:
        """Before any redirect would be followed. The library's errors have no headers: they are kept here."""
        if response.is_redirect:
            response.close()
            raise failure(response.status_code, b"", response.headers, self._token.value)
        self._headers = response.headers
