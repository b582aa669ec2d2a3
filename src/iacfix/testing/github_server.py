"""A GitHub on this machine: its REST API and what we use of GraphQL, over a real bare repository of git.

It is held to GitHub's own description: whatever a request or an answer has that is not in it stands in `faults`.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from iacfix.testing import github_answers as answers
from iacfix.testing import github_apps as apps
from iacfix.testing import github_git as git
from iacfix.testing import github_graphql as graphql
from iacfix.testing import github_pulls as pulls
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_contract import Route, fault_of_answer, fault_of_request, route
from iacfix.testing.github_state import Pull, RefusedError, State

_PREFIX = "/api/v3"
_GRAPHQL = "/api/graphql"
_OPERATIONS = {**git.OPERATIONS, **pulls.OPERATIONS, **apps.OPERATIONS}
_SECONDS_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True, slots=True)
class Fault:
    """Instead of an answer: a status with words and headers, or, where `status` is 0, the connection is cut. `acted`:
    after the request was done.
    """

    status: int = 0
    message: str = "a fault"
    headers: Mapping[str, str] = field(default_factory=dict)
    acted: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)


class GitHubServer:
    """Serves inside `with`. `state` is there to be changed: people, tokens, what is archived or restricted."""

    def __init__(self, repository: BareRepository, *, owner: str = "acme", name: str = "infra", port: int = 0) -> None:
        self.state = State(repository, owner, name)
        self._port = port
        self._lock = threading.Lock()
        self._requests: list[str] = []
        self._faults: list[str] = []
        self._planned: dict[int, Fault] = {}
        self.moved_from = ""
        self._meanwhile: dict[int, Callable[[], object]] = {}
        self._server: ThreadingHTTPServer | None = None

    @property
    def api_url(self) -> str:
        return self.state.url

    @property
    def requests(self) -> tuple[str, ...]:
        """The operations that were asked for, as `GET /repos/{owner}/{repo}`; GraphQL as `POST /graphql <field>`."""
        with self._lock:
            return tuple(self._requests)

    @property
    def faults(self) -> tuple[str, ...]:
        """What was not as GitHub describes it."""
        with self._lock:
            return tuple(self._faults)

    def fail(self, at: int, fault: Fault) -> None:
        """At the `at`-th request from now on, the next being 1."""
        with self._lock:
            self._planned[len(self._requests) + at] = fault

    def garble(self, at: int, data: bytes) -> None:
        """Answers with status 200 and these bytes, whatever they are."""
        with self._lock:
            self._planned[len(self._requests) + at] = Fault(200, data.decode("latin-1"), acted=True)

    def meanwhile(self, at: int, act: Callable[[], object]) -> None:
        """Somebody else does this between the request before and the `at`-th from now on."""
        with self._lock:
            self._meanwhile[len(self._requests) + at] = act

    def merge(self, number: str) -> None:
        """A person merges it, with a merge commit."""
        with self._lock:
            pull = self.state.pull(number)
            repository = self.state.repository
            tree = repository.files(pull.head)
            merged = repository.write_commit(
                repository.write_tree(tree), [pull.base, pull.head], f"Merge {pull.branch}\n"
            )
            repository.move(pull.target, merged)
            pull.state, pull.merged = "closed", True

    def close(self, number: str) -> None:
        with self._lock:
            self.state.pull(number).state = "closed"

    def comment(self, number: str, login: str, body: str) -> None:
        with self._lock:
            pulls.say(self.state, int(number), login, body)

    def open_from_fork(self, branch: str, title: str, fork: int = 9_001) -> None:
        """A pull request from a branch of the same name in a fork."""
        with self._lock:
            state = self.state
            number = len(state.pulls) + 1
            target = state.repository.default_branch
            base = state.repository.head(target) or ""
            state.pulls[number] = Pull(number, title, "", branch, target, "ann", base, base, state.now(), fork=fork)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), partial(_Handler, self._handle))
        self._server.daemon_threads = True
        self._server.request_queue_size = 64
        self.state.url = f"http://127.0.0.1:{self._server.server_address[1]}{_PREFIX}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_SECONDS_BETWEEN_LOOKS,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def _handle(self, verb: str, target: str, token: str, data: bytes) -> _Answer | None:
        """One request after another: each is done whole. None cuts the connection."""
        with self._lock:
            parts = urlsplit(target)
            path = parts.path
            body, readable = _read(data)
            found = route(verb, path.removeprefix(_PREFIX)) if path.startswith(f"{_PREFIX}/") else None
            self._requests.append(_name(verb, path, found, body))
            if act := self._meanwhile.pop(len(self._requests), None):
                act()
            fault = self._planned.pop(len(self._requests), None)
            if fault is not None and not fault.acted:
                return _of_fault(fault)
            if not readable:
                return _refused(RefusedError(400, "Problems parsing JSON"))
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            try:
                answer = self._answer(verb, path, found, query, token, body)
            except RefusedError as error:
                answer = _refused(error)
            if found is not None and (wrong := fault_of_answer(found, answer.status, answer.body)):
                self._faults.append(f"answer {answer.status} of {found.operation}: {wrong}")
            return _of_fault(fault) if fault is not None else answer

    def _answer(  # noqa: PLR0913, PLR0917 - all that a request is
        self, verb: str, path: str, found: Route | None, query: Mapping[str, str], token: str, body: object
    ) -> _Answer:
        state = self.state
        if found is not None and found.operation in apps.OPERATIONS:
            call = git.Call(found.names, query, body if isinstance(body, dict) else {}, apps.slug_of(state, token))
            return _Answer(*_OPERATIONS[found.operation](state, call))
        login = state.tokens.get(token)
        if login is None:
            raise RefusedError(401, "Bad credentials")
        if (verb, path) == ("POST", _GRAPHQL):
            return _Answer(200, graphql.answer(state, login, body))
        if found is None:
            self._faults.append(f"{verb} {path} is none of GitHub's operations that are used")
            raise RefusedError(404, "Not Found")
        if wrong := fault_of_request(found, query, body):
            self._faults.append(f"request {found.operation}: {wrong}")
            raise RefusedError(422, f"Invalid request.\n\n{wrong}")
        if "repo" in found.names and self._is_moved(found):
            return self._moved(found)
        if "repo" in found.names and f"{found.names['owner']}/{found.names['repo']}" != state.full_name:
            raise RefusedError(404, "Not Found")
        if verb != "GET":
            self._require_writer(login)
        call = git.Call(found.names, query, body if isinstance(body, dict) else {}, login)
        status, made = _OPERATIONS[found.operation](state, call)
        return (
            self._page(path, query, status, made) if isinstance(made, list) and verb == "GET" else _Answer(status, made)
        )

    def _is_moved(self, found: Route) -> bool:
        return f"{found.names['owner']}/{found.names['repo']}" == self.moved_from != ""

    def _moved(self, found: Route) -> _Answer:
        """GitHub redirects to the repository by its id; to its name here."""
        url = f"{self.state.url}/repos/{self.state.full_name}"
        body = {"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}
        return _Answer(301 if found.operation.startswith("GET") else 307, body, {"Location": url})

    def _require_writer(self, login: str) -> None:
        if self.state.archived:
            raise RefusedError(403, "Repository was archived so is read-only.")
        if not self.state.may_write(login):
            raise RefusedError(403, "Resource not accessible by personal access token")

    def _page(self, path: str, query: Mapping[str, str], status: int, made: list[object]) -> _Answer:
        start, stop = git.page_of(query, self.state.page)
        if stop >= len(made):
            return _Answer(status, made[start:stop])
        following = urlencode({**query, "page": int(query.get("page", "1")) + 1})
        url = f"{self.state.url}{path.removeprefix(_PREFIX)}?{following}"
        return _Answer(status, made[start:stop], {"Link": f'<{url}>; rel="next"'})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    wbufsize = -1  # an answer goes out in one piece
    disable_nagle_algorithm = True

    def __init__(
        self,
        handle: Callable[[str, str, str, bytes], _Answer | None],
        request: socket.socket,
        client_address: tuple[str, int],
        server: BaseServer,
    ) -> None:
        self._handle = handle
        super().__init__(request, client_address, server)

    def _serve(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        token = token if kind.lower() in {"token", "bearer"} else ""
        answer = self._handle(self.command, self.path, token, data)
        if answer is None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = b"" if answer.status == 204 else _written(answer.body)  # noqa: PLR2004 - No Content
        limits = {"Limit": "5000", "Remaining": "4999", "Reset": "1767229200", "Used": "1", "Resource": "core"}
        headers = {f"X-RateLimit-{name}": value for name, value in limits.items()} | dict(answer.headers)
        with contextlib.suppress(ConnectionError):  # the client may have gone meanwhile
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names of the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: operations are kept, not printed."""


def _read(data: bytes) -> tuple[object, bool]:
    if not data:
        return None, True
    try:
        return json.loads(data), True
    except (ValueError, RecursionError):
        return None, False


def _written(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _name(verb: str, path: str, found: Route | None, body: object) -> str:
    if found is not None:
        return found.operation
    if path == _GRAPHQL and isinstance(body, dict):
        words = ("updateRefs", "convertPullRequestToDraft", "markPullRequestReadyForReview", "viewer")
        return f"POST /graphql {next((word for word in words if word in str(body.get('query'))), '')}"
    return f"{verb} {path}"


def _refused(error: RefusedError) -> _Answer:
    return _Answer(error.status, answers.refusal(error.status, error.message, error.errors))


def _of_fault(fault: Fault) -> _Answer | None:
    if not fault.status:
        return None
    if fault.status == 200:  # noqa: PLR2004 - OK
        return _Answer(200, fault.message.encode("latin-1"))
    return _Answer(fault.status, answers.refusal(fault.status, fault.message, None), fault.headers)
