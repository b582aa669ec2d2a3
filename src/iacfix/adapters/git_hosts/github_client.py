"""The only place that knows PyGithub: requests with credentials, at a pace, and every failure as one of ours."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import jwt
from github import Auth, Github, GithubException
from requests import RequestException
from urllib3.util import Retry

from iacfix.adapters.git_hosts.answers import broken
from iacfix.adapters.git_hosts.github_credentials import Credentials, Pace, Token
from iacfix.adapters.git_hosts.github_errors import failure, transport_failure
from iacfix.adapters.git_hosts.pacing import Clock, Limit, Turns, patiently
from iacfix.domain.errors import ConfigurationError, HostForbiddenError

API_VERSION = "2022-11-28"
_TIMEOUT = 30
_RETRIED = (500, 502, 503, 504)
_MINUTE, _HOUR = 60.0, 3600.0

T = TypeVar("T")


class Client:
    def __init__(  # noqa: PLR0913, PLR0917 - all that a connection is
        self, repository: str, credentials: Credentials, api_url: str, pace: Pace, secret: str, clock: Clock
    ) -> None:
        """`secret` is what no error may hold. Raises ConfigurationError where an App's key is none, and GitHostError
        where GitHub has to be asked for its installation.
        """
        self._secret = secret
        self._pace = pace
        self._clock = clock
        self._requests = Turns((Limit(1, pace.between_requests),), patience=pace.patience, clock=clock)
        limits = (Limit(pace.writes_a_minute, _MINUTE), Limit(pace.writes_an_hour, _HOUR))
        self._writes = Turns((Limit(1, pace.between_writes), *limits), patience=pace.patience, clock=clock)
        self._is_unknown = False
        auth = self._auth(repository, credentials, api_url)
        self._connect: Callable[[], Github] = lambda: _connected(auth(), api_url, pace)
        self._is_app = not isinstance(credentials, Token)
        self._github = self._connect()

    def request(
        self, verb: str, url: str, parameters: Mapping[str, str], body: Mapping[str, object] | None = None
    ) -> tuple[Mapping[str, str], object]:
        """The headers, with names in small letters, and the JSON of the answer."""

        def ask() -> tuple[Mapping[str, str], object]:
            asking = self._github.requester.requestJsonAndCheck
            return self._caught(lambda: asking(verb, url, parameters=dict(parameters), input=body))

        return self._asked(ask, writes=verb != "GET")

    def token(self) -> str:
        """What git takes for a password. An App's is made, and made anew where it has run out."""
        auth = self._github.requester.auth
        if auth is None:
            raise broken("there is no token")
        return self._caught(lambda: auth.token)

    def graphql(self, query: str, variables: Mapping[str, object]) -> object:
        def ask() -> object:
            asking = self._github.requester.graphql_query
            return self._caught(lambda: asking(query, dict(variables))[1])

        return self._asked(ask, writes=query.startswith("mutation"))

    def _asked(self, ask: Callable[[], T], *, writes: bool) -> T:
        """At its pace. An App's token that GitHub does not take any more, as after a change of what the App may do, is
        made anew once: what it was sent with was not acted on.
        """

        def turn() -> T:
            self._requests.take()
            if writes:
                self._writes.take()
            return ask()

        pace = self._pace
        again = partial(patiently, turn, times=pace.retries, patience=pace.patience, clock=self._clock)
        try:
            return again()
        except HostForbiddenError:
            if not (self._is_app and self._is_unknown):
                raise
            self._github = self._connect()
            return again()

    def _auth(self, repository: str, credentials: Credentials, api_url: str) -> Callable[[], Auth.Auth]:
        """What makes it: each time with a token of its own."""
        if isinstance(credentials, Token):
            token = credentials.value
            return lambda: Auth.Token(token)
        app = Auth.AppAuth(credentials.app_id, credentials.private_key)
        try:
            app.create_jwt()
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"the GitHub App's private key cannot be used ({type(error).__name__})",
                remedy="give the whole PEM file that GitHub made for the App",
            ) from None
        if credentials.installation:
            return partial(Auth.AppInstallationAuth, app, credentials.installation)
        asking = _connected(app, api_url, self._pace).requester
        found = self._caught(lambda: asking.requestJsonAndCheck("GET", f"/repos/{repository}/installation")[1])
        if not isinstance(found, dict) or not isinstance(installation := found.get("id"), int):
            raise broken("the installation has no id")
        return partial(Auth.AppInstallationAuth, app, installation)

    def _caught(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except GithubException as error:
            self._is_unknown = error.status == HTTPStatus.UNAUTHORIZED
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
        seconds_between_requests=0,  # pacing.py sees to it
        seconds_between_writes=0,
        api_version=API_VERSION,
    )
