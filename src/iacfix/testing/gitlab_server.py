"""A GitLab of one project, on this machine only, below a path, over a real repository. It refuses what GitLab refuses,
and parameters that it does not know, which GitLab passes over: they would be mistakes. See gitlab_git.py and
gitlab_merges.py for what is cited.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.gitlab_git import GitLabGit
from iacfix.testing.gitlab_merges import GitLabMergesOfTests
from iacfix.testing.gitlab_state import PROJECT_ID, PROJECT_PATH, GitLabState, RefusedError, User, missing
from iacfix.testing.rest_server import Answer, Fault, RestServer

__all__ = ["Fault", "GitLabServer"]

_BELOW = "/git"
_API = f"{_BELOW}/api/v4"
_PAGES = {"page", "per_page", "order_by", "sort"}
_PER_PAGE = 2
"""However many are asked for, so that whoever does not turn the page is found out."""


@dataclass(frozen=True, slots=True)
class _Asked:
    user: User
    query: Mapping[str, str]
    body: Mapping[str, object]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Route:
    act: Callable[[_Asked], object]
    query: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    keyset: bool = False


class GitLabServer(RestServer):
    """Serves inside `with`; see RestServer."""

    def __init__(self, repository: BareRepository) -> None:
        self.state = GitLabState(repository)
        super().__init__(self.state.lock)
        self._git = GitLabGit(self.state)
        self._routes = _routes(self.state, self._git)

    @property
    def url(self) -> str:
        return self.state.root

    def started(self, address: str) -> None:
        self.state.root = f"{address}{_BELOW}"

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            if address == f"{_BELOW}/{PROJECT_PATH}.git/git-receive-pack" and verb == "POST":
                return Answer(HTTPStatus.OK, self._git.push(_git_user(self.state, headers), body))
            return self._api(verb, address, headers, body)
        except RefusedError as error:
            text = error.body if isinstance(error.body, str) else json.dumps(error.body)
            return Answer(error.status, text.encode(), dict(error.headers))

    def _api(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(address)
        user = _user(self.state, headers)
        path = tuple(unquote(each) for each in parts.path.removeprefix(f"{_API}/").split("/"))
        if not parts.path.startswith(f"{_API}/"):
            raise missing("Page")
        if path[:1] == ("projects",):
            if path[1:2] not in {(PROJECT_PATH,), (str(PROJECT_ID),)}:
                raise missing("Project")
            path = ("projects", *path[2:])
        for (wanted, pattern), route in self._routes.items():
            if wanted == verb and (found := re.fullmatch(pattern, "\0".join(path))):
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                _check(route, query)
                sent = _body(body) if verb in {"POST", "PUT"} else {}
                answer = route.act(_Asked(user, query, sent, found.groups()))
                if answer is None:
                    return Answer(HTTPStatus.NO_CONTENT, b"")
                more: dict[str, str] = {}
                if isinstance(answer, list):
                    answer, more = _page(answer, query, f"{self.state.root}{parts.path.removeprefix(_BELOW)}", route)
                status = HTTPStatus.CREATED if verb == "POST" else HTTPStatus.OK
                return Answer(status, json.dumps(answer).encode(), more)
        raise missing("Page")


def _routes(state: GitLabState, git: GitLabGit) -> Mapping[tuple[str, str], _Route]:
    """Parts of a path are parted by NUL: a slash within one is its own."""
    merges = GitLabMergesOfTests(state)
    paged = frozenset(_PAGES)
    listed = frozenset({"state", "source_branch"}) | paged
    tree = frozenset({"ref", "path", "pagination", "page_token", "per_page"})
    commits = frozenset({"ref_name", "order"}) | paged
    routes = {
        ("GET", "user"): _Route(lambda asked: asked.user.shown()),
        ("GET", "users"): _Route(lambda asked: merges.users(asked.query), frozenset({"username", "search"}) | paged),
        ("GET", "projects"): _Route(lambda _: state.project()),
        ("GET", "projects/members/all/([^/]+)"): _Route(lambda asked: merges.member(*asked.parts)),
        ("GET", "projects/repository/branches/([^/]+)"): _Route(lambda asked: git.branch(*asked.parts)),
        ("GET", "projects/repository/commits"): _Route(
            lambda asked: git.commits(asked.query), commits, frozenset({"ref_name"})
        ),
        ("POST", "projects/repository/commits"): _Route(lambda asked: git.create_commit(asked.user, asked.body)),
        ("GET", "projects/repository/commits/([^/]+)"): _Route(lambda asked: git.commit(*asked.parts)),
        ("GET", "projects/repository/commits/([^/]+)/diff"): _Route(lambda asked: git.diff(*asked.parts), paged),
        ("GET", "projects/repository/tree"): _Route(
            lambda asked: git.tree(asked.query), tree, frozenset({"ref", "pagination"}), keyset=True
        ),
        ("GET", "projects/repository/blobs/([^/]+)"): _Route(lambda asked: git.blob(*asked.parts)),
        ("GET", "projects/merge_requests"): _Route(lambda asked: merges.listed(asked.query), listed),
        ("POST", "projects/merge_requests"): _Route(lambda asked: merges.create(asked.user, asked.body)),
        ("GET", "projects/merge_requests/([^/]+)"): _Route(lambda asked: merges.get(*asked.parts)),
        ("PUT", "projects/merge_requests/([^/]+)"): _Route(
            lambda asked: merges.update(asked.user, asked.parts[0], asked.body)
        ),
        ("GET", "projects/merge_requests/([^/]+)/notes"): _Route(lambda asked: merges.notes(*asked.parts), paged),
        ("POST", "projects/merge_requests/([^/]+)/notes"): _Route(
            lambda asked: merges.create_note(asked.user, asked.parts[0], asked.body)
        ),
        ("DELETE", "projects/merge_requests/([^/]+)/notes/([^/]+)"): _Route(
            lambda asked: merges.delete_note(asked.user, asked.parts[0], asked.parts[1])
        ),
        ("PUT", "projects/merge_requests/([^/]+)/notes/([^/]+)"): _Route(
            lambda asked: merges.update_note(asked.user, asked.parts[0], asked.parts[1], asked.body)
        ),
    }
    return {
        (verb, pattern.replace("[^/]", "[^\0]").replace("/", "\0")): route for (verb, pattern), route in routes.items()
    }


def _check(route: _Route, query: Mapping[str, str]) -> None:
    if unknown := query.keys() - route.query:
        raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": f"not known: {sorted(unknown)}"})
    if lacking := route.required - query.keys():
        raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": f"{', '.join(sorted(lacking))} is missing"})


def _body(body: bytes) -> Mapping[str, object]:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": "The request body is not JSON"})
    return found


def _page(items: list[object], query: Mapping[str, str], address: str, route: _Route) -> tuple[object, dict[str, str]]:
    """As "REST API" has pagination: by number with headers and links; by keyset with the link alone."""
    if route.keyset:
        after = query.get("page_token")
        names = [str(each["path"]) if isinstance(each, dict) else "" for each in items]
        start = names.index(after) + 1 if after in names else 0
        more = {"page_token": names[start + _PER_PAGE - 1]} if start + _PER_PAGE < len(items) else {}
        headers: dict[str, str] = {}
    else:
        page = int(query.get("page", "1"))
        start = (page - 1) * _PER_PAGE
        more = {"page": str(page + 1)} if start + _PER_PAGE < len(items) else {}
        headers = {"X-Page": str(page), "X-Per-Page": str(_PER_PAGE), "X-Next-Page": more.get("page", "")}
    if more:
        headers["Link"] = f'<{address}?{urlencode({**query, **more})}>; rel="next"'
    return items[start : start + _PER_PAGE], headers


def _user(state: GitLabState, headers: Mapping[str, str]) -> User:
    """As "REST API authentication" has it: one header for each kind of token."""
    bearer = headers.get("Authorization", "").removeprefix("Bearer ")
    given = (("private", headers.get("PRIVATE-TOKEN")), ("job", headers.get("JOB-TOKEN")), ("oauth", bearer))
    for kind, token in given:
        if token and (kind, token) in state.tokens:
            return state.tokens[kind, token]
    raise RefusedError(HTTPStatus.UNAUTHORIZED, {"message": "401 Unauthorized"})


def _git_user(state: GitLabState, headers: Mapping[str, str]) -> User:
    """Basic: a job's token under its own name, any other under one that is not empty."""
    try:
        given = base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode()
    except (binascii.Error, ValueError):
        given = ""
    name, _, token = given.partition(":")
    kinds = ("job",) if name == "gitlab-ci-token" else ("private", "oauth") if name else ()
    user = next((state.tokens[kind, token] for kind in kinds if (kind, token) in state.tokens), None)
    if user is None:
        raise RefusedError(HTTPStatus.UNAUTHORIZED, "HTTP Basic: Access denied.")
    return user
