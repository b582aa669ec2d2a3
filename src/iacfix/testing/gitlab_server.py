"""A GitLab of one project, on this machine only, below a path, over a real repository. It refuses what GitLab refuses,
and parameters that it does not know, which GitLab passes over: they would be mistakes. See gitlab_git.py and
gitlab_merges.py for what is cited.
"""

import base64
import binascii
import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.gitlab_git import GitLabGit
from iacfix.testing.gitlab_merges import GitLabMergesOfTests
from iacfix.testing.gitlab_state import PROJECT_ID, PROJECT_PATH, GitLabState, RefusedError, User, missing

_BELOW = "/git"
_API = f"{_BELOW}/api/v4"
_PAGES = {"page", "per_page", "order_by", "sort"}
_SECONDS_BETWEEN_LOOKS = 0.01
_PER_PAGE = 2
"""However many are asked for, so that whoever does not turn the page is found out."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Instead of an answer: a status, or, where it is 0, a closed connection, `after` having acted or before."""

    status: int = 0
    body: str = '{"message": "told to fail"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False


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


class GitLabServer:
    """Serves inside `with`. `faults` and `meanwhile`, which is what somebody else does just before a request is served,
    are by the number of the request, beginning with 1; `asked` tells all of them.
    """

    def __init__(self, repository: BareRepository) -> None:
        self.state = GitLabState(repository)
        self.faults: dict[int, Fault] = {}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.asked: list[str] = []
        self._git = GitLabGit(self.state)
        self._routes = _routes(self.state, self._git)

    @property
    def url(self) -> str:
        return self.state.root

    def __enter__(self) -> Self:
        self._server = _Listener(("127.0.0.1", 0), partial(_Handler, self))
        self.state.root = f"http://127.0.0.1:{self._server.server_address[1]}{_BELOW}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_SECONDS_BETWEEN_LOOKS,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_fault(self, verb: str, path: str) -> Fault | None:
        with self.state.lock:
            self.asked.append(f"{verb} {path}")
            self.meanwhile.get(len(self.asked), lambda: None)()
            return self.faults.get(len(self.asked))

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> "_Answer":
        """One request at a time."""
        with self.state.lock:
            try:
                if address == f"{_BELOW}/{PROJECT_PATH}.git/git-receive-pack" and verb == "POST":
                    return _Answer(HTTPStatus.OK, self._git.push(_git_user(self.state, headers), body))
                return self._api(verb, address, headers, body)
            except RefusedError as error:
                text = error.body if isinstance(error.body, str) else json.dumps(error.body)
                return _Answer(error.status, text.encode(), dict(error.headers))

    def _api(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> "_Answer":
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
                    return _Answer(HTTPStatus.NO_CONTENT, b"")
                more: dict[str, str] = {}
                if isinstance(answer, list):
                    answer, more = _page(answer, query, f"{self.state.root}{parts.path.removeprefix(_BELOW)}", route)
                status = HTTPStatus.CREATED if verb == "POST" else HTTPStatus.OK
                return _Answer(status, json.dumps(answer).encode(), more)
        raise missing("Page")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128  # whoever finds the queue full waits for seconds


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def __init__(
        self, gitlab: GitLabServer, request: socket.socket, client_address: tuple[str, int], server: BaseServer
    ) -> None:
        self._gitlab = gitlab
        super().__init__(request, client_address, server)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self._gitlab.next_fault(self.command, self.path)
        if fault is not None and not fault.after:
            answer = _Answer(fault.status, fault.body.encode(), fault.headers)
        else:
            answer = self._gitlab.answer(self.command, self.path, dict(self.headers), body)
            if fault is not None:
                answer = _Answer(fault.status, fault.body.encode(), fault.headers)
        if not answer.status:
            return
        with contextlib.suppress(ConnectionError):  # the client may have gone meanwhile
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: requests are kept, not printed."""


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
