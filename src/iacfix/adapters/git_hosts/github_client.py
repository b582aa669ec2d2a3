"""The only place that knows PyGithub: requests with credentials, at a pace, and every failure as one of ours."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import jwt
from github import Auth, Github, GithubException
from requests import RequestException
from urllib3.util import Retry

from iacfix.adapters.git_hosts.answers import broken
from iacfix.adapters.git_hosts.github_credentials import Credentials, Pace, Token
from iacfix.adapters.git_hosts.github_errors import failure, transport_failure
from iacfix.domain.errors import ConfigurationError

API_VERSION = "2022-11-28"
_TIMEOUT = 30
_RETRIED = (500, 502, 503, 504)

T = TypeVar("T")


class Client:
    def __init__(self, repository: str, credentials: Credentials, api_url: str, pace: Pace, secret: str) -> None:
        """`secret` is what no error may hold. Raises ConfigurationError where an App's key is none, and GitHostError
        where GitHub has to be asked for its installation.
        """
        self._secret = secret
        self._github = _connected(self._auth(repository, credentials, api_url, pace), api_url, pace)

    def request(
        self, verb: str, url: str, parameters: Mapping[str, str], body: Mapping[str, object] | None = None
    ) -> tuple[Mapping[str, str], object]:
        """The headers, with names in small letters, and the JSON of the answer."""
        ask = self._github.requester.requestJsonAndCheck
        return self._caught(lambda: ask(verb, url, parameters=dict(parameters), input=body))

    def graphql(self, query: str, variables: Mapping[str, object]) -> object:
        ask = self._github.requester.graphql_query
        return self._caught(lambda: ask(query, dict(variables))[1])

    def _auth(self, repository: str, credentials: Credentials, api_url: str, pace: Pace) -> Auth.Auth:
        if isinstance(credentials, Token):
            return Auth.Token(credentials.value)
        app = Auth.AppAuth(credentials.app_id, credentials.private_key)
        try:
            app.create_jwt()
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"the GitHub App's private key cannot be used ({type(error).__name__})",
                remedy="give the whole PEM file that GitHub made for the App",
            ) from None
        if credentials.installation:
            return Auth.AppInstallationAuth(app, credentials.installation)
        asking = _connected(app, api_url, pace).requester
        found = self._caught(lambda: asking.requestJsonAndCheck("GET", f"/repos/{repository}/installation")[1])
        if not isinstance(found, dict) or not isinstance(installation := found.get("id"), int):
            raise broken("the installation has no id")
        return Auth.AppInstallationAuth(app, installation)

    def _caught(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except GithubException as error:
            raise failure(error.status, error.data, error.headers or {}, self._secret) from None
        except RequestException as error:  # it holds the request, and that the credential
            raise transport_failure(error) from None
        except (AssertionError, RuntimeError, ValueError, KeyError, TypeError) as error:
            # How PyGithub meets a redirection to somewhere else, and an answer that is no JSON.
            raise broken(type(error).__name__) from None


def _connected(auth: Auth.Auth, api_url: str, pace: Pace) -> Github:
    """A write is not tried again here: whether it was done is for the verb to find out. A limit is handed on."""
    retry = Retry(
        total=pace.retries,
        allowed_methods={"GET"},
        status_forcelist=_RETRIED,
        backoff_factor=0.5,
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    return Github(
        auth=auth,
        base_url=api_url,
        timeout=_TIMEOUT,
        user_agent="iacfix",
        retry=retry,
        seconds_between_requests=pace.between_requests,
        seconds_between_writes=pace.between_writes,
        api_version=API_VERSION,
    )
