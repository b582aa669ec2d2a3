"""GitHub's API for one repository: pages followed, answers checked for what is read of them."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from iacfix.adapters.git_hosts.answers import broken, record
from iacfix.adapters.git_hosts.github_credentials import Credentials, Pace, Token
from iacfix.adapters.git_hosts.pacing import Clock
from iacfix.domain.errors import ConfigurationError

API_URL = "https://api.github.com"
PAGE = 100
MAX_PAGES = 1_000
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NEXT = re.compile(r'<([^<>]+)>;\s*rel="next"')


class Api:
    """The API of one repository. Paths begin with `/` and are below `/repos/<owner>/<repo>`."""

    def __init__(self, repository: str, credentials: Credentials, api_url: str, pace: Pace, clock: Clock) -> None:
        """Raises ConfigurationError, and GitHostError where a GitHub App has to be asked for its installation."""
        if not re.fullmatch(r"[A-Za-z0-9-]+(?:_[a-z0-9]+)?/[A-Za-z0-9._-]+", repository):
            raise ConfigurationError(
                f"{repository[:100]!r} is not a repository of GitHub", remedy="write it as owner/name"
            )
        self._root = f"/repos/{repository}"
        secret, address = _secret(credentials), _checked(api_url)
        try:
            from iacfix.adapters.git_hosts.github_client import Client  # noqa: PLC0415 - PyGithub costs half a second
        except ImportError as error:
            raise ConfigurationError(
                f"GitHub needs a package that is not installed ({error.name})", remedy="pip install 'iacfix[github]'"
            ) from error
        self._client = Client(repository, credentials, address, pace, secret, clock)

    def token(self) -> str:
        """What git takes for a password."""
        return self._client.token()

    def get(self, path: str, **parameters: str) -> Mapping[str, object]:
        return record(self._request("GET", self._root + path, parameters)[1])

    def pages(self, path: str, **parameters: str) -> Iterator[Mapping[str, object]]:
        """Every item of every page."""
        url, asked = self._root + path, {**parameters, "per_page": str(PAGE)}
        for _ in range(MAX_PAGES):
            headers, items = self._request("GET", url, asked)
            if not isinstance(items, list):
                raise broken("a list was expected")
            yield from (record(item) for item in items)
            following = _NEXT.search(headers.get("link", ""))
            if following is None:
                return
            url, asked = following[1], {}
        raise broken(f"the list has more than {MAX_PAGES} pages")

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> object:
        """POST, PATCH or DELETE; the answer's JSON."""
        return self._request(verb, self._root + path, {}, body)[1]

    def graphql(self, query: str, variables: Mapping[str, object]) -> Mapping[str, object]:
        """The answer's `data`."""
        return record(record(self._client.graphql(query, variables)).get("data"))

    def _request(
        self, verb: str, url: str, parameters: Mapping[str, str], body: Mapping[str, object] | None = None
    ) -> tuple[Mapping[str, str], object]:
        return self._client.request(verb, url, parameters, body)


def _checked(api_url: str) -> str:
    parts = urlsplit(api_url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(
            "the address of GitHub's API is not a plain https address",
            remedy=f"write it like {API_URL} or https://github.example.com/api/v3, without credentials",
        )
    return api_url.rstrip("/")


def _secret(credentials: Credentials) -> str:
    value = credentials.value if isinstance(credentials, Token) else credentials.private_key
    if not value.strip():
        raise ConfigurationError("there is no credential for GitHub", remedy="give a token, or an App's private key")
    if isinstance(credentials, Token) and not re.fullmatch(r"[!-~]+", value):
        raise ConfigurationError("the token for GitHub has characters that no token has", remedy="give it anew")
    return value
