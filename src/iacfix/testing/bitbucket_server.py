"""A Bitbucket Cloud of one repository, on this machine only, over a real repository. It refuses what Bitbucket refuses,
and parameters that it does not know, which Bitbucket passes over: they would be mistakes. See bitbucket_git.py and
bitbucket_pulls.py for what is cited.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.bitbucket_git import BitbucketGit
from iacfix.testing.bitbucket_pulls import BitbucketPullsOfTests
from iacfix.testing.bitbucket_state import (
    ACCESS_TOKEN,
    API_TOKEN,
    FULL_NAME,
    MAIL,
    WORKSPACE,
    BitbucketState,
    RefusedError,
    User,
    missing,
    refused,
)
from iacfix.testing.rest_server import Answer, Fault, RestServer

__all__ = ["BitbucketServer", "Fault"]

_API = "/2.0"
_MOST = {"pullrequests": 50}
_MOST_ELSEWHERE = 100
_PAGE = 2
"""However many are asked for, so that whoever does not turn the page is found out."""


@dataclass(frozen=True, slots=True)
class _Asked:
    user: User
    query: Mapping[str, list[str]]
    body: Mapping[str, object]
    parts: tuple[str, ...]

    def sorted(self) -> Mapping[str, list[str]]:
        """What asks for lists of pull requests. In any other order they come as they like."""
        if self.one("sort") != "created_on":
            raise refused("Nobody here asks for another order")
        return self.query

    def one(self, name: str) -> str:
        return self.query.get(name, [""])[0]


@dataclass(frozen=True, slots=True)
class _Route:
    act: Callable[[_Asked], object]
    query: frozenset[str] = frozenset()


class BitbucketServer(RestServer):
    """Serves inside `with`; see RestServer. `state` is there to be changed."""

    def __init__(self, repository: BareRepository) -> None:
        self.state = BitbucketState(repository)
        super().__init__(self.state.lock)
        self._git = BitbucketGit(self.state)
        self._routes = _routes(self._git, self.state)

    @property
    def url(self) -> str:
        """Of the API."""
        return f"{self.state.root}{_API}"

    @property
    def git_url(self) -> str:
        return self.state.root

    def started(self, address: str) -> None:
        self.state.root = address

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            if verb == "POST" and address == f"/{FULL_NAME}.git/git-receive-pack":
                return Answer(HTTPStatus.OK, self._git.push(_git_user(self.state, headers), body))
            return self._api(verb, address, headers, body)
        except RefusedError as error:
            return Answer(error.status, json.dumps(error.body).encode())

    def _api(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(address)
        user = _user(self.state, headers)
        path = unquote(parts.path)
        if path == f"{_API}/repositories/{FULL_NAME}/src" and verb == "POST":
            self._git.create_commit(user, headers.get("Content-Type", ""), body)
            return Answer(HTTPStatus.CREATED, b"", {"Content-Type": "text/html"})
        for (wanted, pattern), route in self._routes.items():
            if wanted == verb and (found := re.fullmatch(f"{_API}{pattern}", path)):
                query = parse_qs(parts.query, keep_blank_values=True)
                if unknown := query.keys() - route.query - {"page"}:
                    raise refused("Bad request", query=[f"not known: {sorted(unknown)}"])
                sent = _body(headers, body) if verb in {"POST", "PUT"} else {}
                return self._answered(verb, parts.path, query, route.act(_Asked(user, query, sent, found.groups())))
        raise missing()

    def _answered(self, verb: str, path: str, query: Mapping[str, list[str]], answer: object) -> Answer:
        if answer is None:
            return Answer(HTTPStatus.NO_CONTENT, b"")
        if isinstance(answer, bytes):
            return Answer(HTTPStatus.OK, answer, {"Content-Type": "application/octet-stream"})
        if isinstance(answer, list):
            answer = _page(answer, query, f"{self.state.root}{path}")
        is_new = verb == "POST" and not path.endswith("/decline")
        return Answer(HTTPStatus.CREATED if is_new else HTTPStatus.OK, json.dumps(answer).encode())


def _routes(git: BitbucketGit, state: BitbucketState) -> Mapping[tuple[str, str], _Route]:
    pulls = BitbucketPullsOfTests(state)
    paged = frozenset({"pagelen"})
    here = f"/repositories/{FULL_NAME}"
    one, remarks = f"{here}/pullrequests/([0-9]+)", f"{here}/pullrequests/([0-9]+)/comments"
    return {
        ("GET", "/user"): _Route(lambda asked: pulls.user(asked.user)),
        ("GET", f"/workspaces/{WORKSPACE}/members"): _Route(lambda asked: pulls.members(asked.one("q")), paged | {"q"}),
        ("GET", f"/workspaces/{WORKSPACE}/members/([^/]+)"): _Route(lambda asked: pulls.member(*asked.parts)),
        ("GET", f"/workspaces/{WORKSPACE}/permissions/repositories/infra"): _Route(
            lambda asked: pulls.permissions(asked.one("q")), paged | {"q"}
        ),
        ("GET", here): _Route(lambda _: state.shown_repository()),
        ("GET", f"{here}/refs/branches/(.+)"): _Route(lambda asked: git.branch(*asked.parts)),
        ("GET", f"{here}/commit/([^/]+)"): _Route(lambda asked: git.commit(*asked.parts)),
        ("GET", f"{here}/commits"): _Route(
            lambda asked: git.commits(asked.one("include"), asked.one("exclude")), paged | {"include", "exclude"}
        ),
        ("GET", f"{here}/diffstat/([^/]+)"): _Route(lambda asked: git.diffstat(*asked.parts), paged | {"renames"}),
        ("GET", f"{here}/src/([^/]+)/(.+)"): _Route(
            lambda asked: (git.meta if asked.one("format") == "meta" else git.raw)(*asked.parts), frozenset({"format"})
        ),
        ("GET", f"{here}/effective-default-reviewers"): _Route(lambda _: pulls.default_reviewers(), paged),
        ("GET", f"{here}/pullrequests"): _Route(
            lambda asked: pulls.listed(asked.sorted().get("state", []), asked.one("q")), paged | {"state", "q", "sort"}
        ),
        ("POST", f"{here}/pullrequests"): _Route(lambda asked: pulls.create(asked.user, asked.body)),
        ("GET", one): _Route(lambda asked: pulls.get(*asked.parts)),
        ("PUT", one): _Route(lambda asked: pulls.update(asked.user, asked.parts[0], asked.body)),
        ("POST", f"{one}/decline"): _Route(lambda asked: pulls.decline(asked.user, *asked.parts)),
        ("GET", remarks): _Route(lambda asked: pulls.remarks(*asked.parts), paged | {"sort"}),
        ("POST", remarks): _Route(lambda asked: pulls.say(asked.user, asked.parts[0], asked.body)),
        ("PUT", f"{remarks}/([0-9]+)"): _Route(
            lambda asked: pulls.rewrite(asked.user, asked.parts[0], asked.parts[1], asked.body)
        ),
        ("DELETE", f"{remarks}/([0-9]+)"): _Route(lambda asked: pulls.withdraw(asked.user, *asked.parts)),
    }


def _page(items: list[object], query: Mapping[str, list[str]], address: str) -> object:
    """As "Pagination" has it: `next` is there where there is more. More than the most is refused."""
    most = _MOST.get(address.rpartition("/")[2], _MOST_ELSEWHERE)
    if int(query.get("pagelen", ["10"])[0]) > most:
        raise refused("Invalid pagelen")
    page = int(query.get("page", ["1"])[0])
    start = (page - 1) * _PAGE
    more = {"next": f"{address}?{urlencode({**query, 'page': [str(page + 1)]}, doseq=True)}"}
    answer = {"pagelen": _PAGE, "page": page, "values": items[start : start + _PAGE]}
    return {**answer, **more} if start + _PAGE < len(items) else answer


def _body(headers: Mapping[str, str], body: bytes) -> Mapping[str, object]:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or headers.get("Content-Type") != "application/json":
        raise refused("Bad request", body=["no JSON"])
    return found


def _user(state: BitbucketState, headers: Mapping[str, str]) -> User:
    """As "Authentication methods" has it: access tokens as bearer, API tokens with the account's address of mail."""
    if headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}" and _basic(headers) != (MAIL, API_TOKEN):
        said = "Token is invalid, expired, or not supported for this endpoint."
        raise RefusedError(HTTPStatus.UNAUTHORIZED, said)
    return state.user("bot")


def _git_user(state: BitbucketState, headers: Mapping[str, str]) -> User:
    """As "Using access tokens" and "Using API tokens" have it."""
    known = {("x-token-auth", ACCESS_TOKEN), ("x-bitbucket-api-token-auth", API_TOKEN)}
    if _basic(headers) not in known:
        raise RefusedError(HTTPStatus.UNAUTHORIZED, "Invalid credentials")
    return state.user("bot")


def _basic(headers: Mapping[str, str]) -> tuple[str, str]:
    try:
        given = base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode()
    except (binascii.Error, ValueError):
        given = ""
    name, _, token = given.partition(":")
    return name, token
