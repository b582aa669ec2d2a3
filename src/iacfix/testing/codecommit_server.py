"""A CodeCommit over a real repository: its API, pushes of git, and the one request to STS that says who asks.

Every request and answer is held against botocore's description of the service, and every error has to be one that it
names for the operation. Signatures of pushes are verified, those of the API are asked for.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import re
import socket
import threading
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.codecommit_git import ACCOUNT, GitOperations, RefusedError
from iacfix.testing.codecommit_pulls import CALLER, PullOperations
from iacfix.testing.service_contract import errors_of, is_operation, misfit_of_input, misfit_of_output

if TYPE_CHECKING:
    from iacfix.testing.codecommit_git import Body

ACCESS_KEY, SECRET_KEY, REGION = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/EXAMPLEKEY", "eu-west-1"
MOVED = "ConcurrentReferenceUpdateException"
"""Of a push: git's own report that somebody else was quicker."""
PUSH, WHO = "GitPush", "GetCallerIdentity"
_SERVICE = "codecommit"
_TARGET = "CodeCommit_20150413."
_PERSON = f"arn:aws:iam::{ACCOUNT}:user/ann"
_PAGE = 2
_OF_NO_PULL = frozenset(
    {WHO, "GetRepository", "GetBranch", "GetCommit", "GetFolder", "GetBlob", "GetDifferences", "GetMergeOptions"}
)
_OK = int(HTTPStatus.OK)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the service, or with `cut` a connection that ends before (`acted` False) or after it acted."""

    code: str = ""
    status: int = 400
    cut: bool = False
    acted: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes
    kind: str = "application/x-amz-json-1.1"


class CodeCommitServer:
    """Serves inside `with`. `operations` are the requests so far, in their order; `fail` spoils one that is to come."""

    def __init__(self, repository: BareRepository, *, name: str = "infra") -> None:
        self.name = name
        self.operations: list[str] = []
        self._faults: dict[int, Fault] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._path = f"/v1/repos/{name}"
        self.git = GitOperations(repository, name, self.url + self._path, _PAGE)
        self.pulls = PullOperations(self.git, name)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def clone_from(self, url: str) -> None:
        """Tells this address as the repository's from now on."""
        self.git.url = url

    def fail(self, fault: Fault, *, at: int) -> None:
        """The request that comes after `at` others from now on."""
        self._faults[len(self.operations) + at] = fault

    def comment(self, number: str, body: str) -> None:
        self.pulls.say(number, body, _PERSON)

    def answer(self, path: str, target: str, authorization: str, content: bytes) -> Answer | None:
        """None is a connection that ends without a word."""
        with self._lock:
            operation = _operation(path, target, content)
            fault = self._faults.pop(len(self.operations), None)
            self.operations.append(operation)
            if fault is not None and not fault.acted:
                if operation == PUSH and fault.code == MOVED:
                    return _moved(content)
                return None if fault.cut else _refusal(fault.code, "as the test wants it", fault.status)
            if operation not in _OF_NO_PULL:
                self.pulls.settle()
            if operation == PUSH:
                answer = self._push(path, authorization, content)
                self.pulls.settle()
            elif not authorization.startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/"):
                answer = _refusal("UnrecognizedClientException", "the security token is invalid")
            elif operation == WHO:
                answer = _identity()
            else:
                answer = self._operate(operation, content)
            return None if fault is not None else answer

    def _operate(self, operation: str, content: bytes) -> Answer:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        owner = next((each for each in (self.git, self.pulls) if hasattr(each, method)), None)
        if owner is None or not is_operation(_SERVICE, operation):
            return _refusal("UnknownOperationException", operation, 404)
        body: Body = json.loads(content)
        if fault := misfit_of_input(_SERVICE, operation, body):
            code = "InvalidTitleException" if "body.title" in fault else "SerializationException"
            return _refusal("InvalidDescriptionException" if "body.description" in fault else code, fault)
        try:
            made: Body = getattr(owner, method)(body)
        except RefusedError as error:
            if error.code not in errors_of(_SERVICE, operation):
                return _refusal("InternalError", f"{operation} does not answer {error.code}", 500)
            return _refusal(error.code, str(error))
        if fault := misfit_of_output(_SERVICE, operation, made):
            return _refusal("InternalError", fault, 500)
        return Answer(_OK, json.dumps(made).encode())

    def _push(self, path: str, authorization: str, content: bytes) -> Answer:
        if path != f"{self._path}/git-receive-pack":
            return Answer(404, b"", "text/plain")
        if not _is_signed(authorization, self._path):
            return Answer(403, b"", "text/plain")
        return Answer(_OK, self.git.repository.receive(content), "application/x-git-receive-pack-result")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def __init__(
        self, host: CodeCommitServer, request: socket.socket, client_address: tuple[str, int], server: BaseServer
    ) -> None:
        self._host = host
        super().__init__(request, client_address, server)

    def do_POST(self) -> None:
        self.close_connection = True
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target, signature = (self.headers.get(name, "") for name in ("X-Amz-Target", "Authorization"))
        answer = self._host.answer(self.path, target, signature, content)
        if answer is None:
            return
        with contextlib.suppress(ConnectionError):  # the client may have gone meanwhile
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: requests are kept, not printed."""


def _operation(path: str, target: str, content: bytes) -> str:
    if path.endswith("/git-receive-pack"):
        return PUSH
    if target.startswith(_TARGET):
        return target.removeprefix(_TARGET)
    asked = parse_qs(content.decode("utf-8", "replace")).get("Action", [""])[0]
    return WHO if asked == WHO else f"{path} {target}"


def _refusal(code: str, message: str, status: int = 400) -> Answer:
    return Answer(status, json.dumps({"__type": code, "message": message}).encode())


def _moved(push: bytes) -> Answer:
    ref = push.partition(b"\0")[0].rpartition(b" ")[2]
    lines = (b"unpack ok\n", b"ng " + ref + b" failed to update ref\n")
    report = b"".join(b"%04x" % (len(line) + 4) + line for line in lines) + b"0000"
    return Answer(_OK, report, "application/x-git-receive-pack-result")


def _identity() -> Answer:
    facts = f"<Arn>{CALLER}</Arn><UserId>AROA:a-session</UserId><Account>{ACCOUNT}</Account>"
    xmlns = "https://sts.amazonaws.com/doc/2011-06-15/"
    inner = f"<{WHO}Result>{facts}</{WHO}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
    return Answer(_OK, f'<{WHO}Response xmlns="{xmlns}">{inner}</{WHO}Response>'.encode(), "text/xml")


def _is_signed(authorization: str, path: str) -> bool:
    """SigV4 over the method GIT, the path and the host, as `aws codecommit credential-helper` signs."""
    try:
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    found = re.fullmatch(r"(\d{8}T\d{6})Z([0-9a-f]{64})", password)
    if found is None or user.partition("%")[0] != ACCESS_KEY:
        return False
    canonical = f"GIT\n{path}\n\nhost:127.0.0.1\n\nhost\n"
    scope = f"{found[1][:8]}/{REGION}/{_SERVICE}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{found[1]}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET_KEY}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), found[2])
