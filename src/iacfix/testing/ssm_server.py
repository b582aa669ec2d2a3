"""An AWS in which runbooks run: SSM Automation of our own, functions of Lambda in this process, all else from moto.

It stands before a moto server, and whoever leads clients here (`AWS_ENDPOINT_URL`) finds all of it at one address. Step
Functions of moto asks for AWS at `http://localhost:$MOTO_PORT`, so that this server's port there makes its tasks come
here too.
"""

import contextlib
import http.client
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import botocore.exceptions as boto
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config

from iacfix.testing.owned_runbooks import OWNED
from iacfix.testing.runbook_steps import Document, UnfitError
from iacfix.testing.ssm_automation import OPERATIONS, Automation, RefusedError

if TYPE_CHECKING:
    import socket

Function = Callable[[Mapping[str, object]], object]
REGION = "eu-west-1"
_TARGET = "AmazonSSM."
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "expect"})
_JSON = "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssumedRole:
    arn: str
    session: str
    external_id: str
    tags: Mapping[str, str]


class AwsWithRunbooks:
    """Serves inside `with`. `documents` are added to those of AWS. `spoil` makes the next answers to an operation
    errors. AssumeRole wants `external_id`, where it is not "", and is refused to the roles in `closed`.
    """

    def __init__(self, moto_url: str, documents: Mapping[str, Document] | None = None, region: str = REGION) -> None:
        self.moto_url = moto_url
        self.external_id = ""
        self.closed: set[str] = set()
        self.assumed: list[AssumedRole] = []
        self.functions: dict[str, Function] = {}
        self.asked: list[str] = []
        self.automation = Automation({**OWNED, **(documents or {})}, partial(_called, moto_url, region))
        self._spoiled: dict[str, list[tuple[str, int]]] = {}
        self._lock = threading.Lock()
        self._server = _Listener(("127.0.0.1", 0), partial(_Handler, self))
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

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

    def spoil(self, operation: str, code: str, *, times: int = 1, status: int = 400) -> None:
        self._spoiled.setdefault(operation, []).extend([(code, status)] * times)

    def answer(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        operation = _operation(path, headers, body)
        with self._lock:
            self.asked.append(operation)
            spoiled = self._spoiled.get(operation)
            if spoiled:
                return _refusal(*spoiled.pop(0), headers)
            if operation.startswith(_TARGET) and operation.removeprefix(_TARGET) in OPERATIONS:
                return self._automated(operation.removeprefix(_TARGET), body)
            if operation == "AssumeRole" and (refused := self._refused_role(body)):
                return refused
        if found := _INVOKE.match(path):
            return self._invoked(unquote(found[1]), body)
        return self._from_moto(verb, path, headers, body)

    def _automated(self, operation: str, body: bytes) -> Answer:
        try:
            made = self.automation.answer(operation, json.loads(body or b"{}"))
        except RefusedError as error:
            return Answer(error.status, _error(error.code, str(error)), {"Content-Type": _JSON})
        return Answer(int(HTTPStatus.OK), json.dumps(made).encode(), {"Content-Type": _JSON})

    def _refused_role(self, body: bytes) -> Answer | None:
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        tags = {
            asked[f"Tags.member.{number}.Key"]: asked.get(f"Tags.member.{number}.Value", "")
            for number in range(1, 51)
            if f"Tags.member.{number}.Key" in asked
        }
        arn, external = asked.get("RoleArn", ""), asked.get("ExternalId", "")
        if arn in self.closed or (self.external_id and external != self.external_id):
            return _refusal("AccessDenied", 403, {})
        self.assumed.append(AssumedRole(arn, asked.get("RoleSessionName", ""), external, tags))
        return None

    def _invoked(self, name: str, body: bytes) -> Answer:
        function = self.functions.get(name.rpartition(":function:")[2] or name)
        if function is None:
            return Answer(404, _error("ResourceNotFoundException", f"there is no function {name}"))
        try:
            made = function(json.loads(body or b"{}"))
        except Exception as error:  # noqa: BLE001 - whatever a function raises, Lambda answers it as its error
            told = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()
            return Answer(int(HTTPStatus.OK), told, {"X-Amz-Function-Error": "Unhandled"})
        return Answer(int(HTTPStatus.OK), json.dumps(made).encode(), {"Content-Type": "application/json"})

    def _from_moto(self, verb: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        passed = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        connection = http.client.HTTPConnection(urlsplit(self.moto_url).netloc, timeout=60)
        with contextlib.closing(connection):
            connection.request(verb, path, body=body or None, headers=passed)
            found = connection.getresponse()
            return Answer(found.status, found.read(), dict(found.getheaders()))


def _operation(path: str, headers: Mapping[str, str], body: bytes) -> str:
    """`AmazonSSM.GetDocument`, `AssumeRole`, or the path."""
    if target := headers.get("X-Amz-Target", ""):
        return target
    kind = headers.get("Content-Type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [path])[0]
    return path


def _error(code: str, message: str) -> bytes:
    return json.dumps({"__type": code, "message": message}).encode()


def _refusal(code: str, status: int, headers: Mapping[str, str]) -> Answer:
    if "X-Amz-Target" in headers:
        return Answer(status, _error(code, "as the test wants it"), {"Content-Type": _JSON})
    told = f"<Code>{code}</Code><Message>as the test wants it</Message>"
    xml = f"<ErrorResponse><Error>{told}</Error><RequestId>1</RequestId></ErrorResponse>"
    return Answer(status, xml.encode(), {"Content-Type": "text/xml"})


@cache
def _client(moto_url: str, region: str, service: str) -> BaseClient:
    made: BaseClient = boto3.client(  # type: ignore[call-overload] # any service
        service,
        endpoint_url=moto_url,
        region_name=region,
        aws_access_key_id="runbook",
        aws_secret_access_key="runbook",  # noqa: S106 - moto takes any
        config=Config(retries={"total_max_attempts": 1}),
    )
    return made


def _called(
    moto_url: str, region: str, service: str, operation: str, told: Mapping[str, object]
) -> Mapping[str, object]:
    client = _client(moto_url, region, service)
    try:
        answer: Mapping[str, object] = getattr(client, xform_name(operation))(**told)
    except (boto.ClientError, boto.BotoCoreError) as error:
        raise UnfitError(str(error)) from None
    return answer


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def __init__(
        self,
        host: AwsWithRunbooks,
        request: "socket.socket",
        client_address: tuple[str, int],
        server: BaseServer,
    ) -> None:
        self._host = host
        super().__init__(request, client_address, server)

    def _serve(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self._host.answer(self.command, self.path, dict(self.headers.items()), body)
        with contextlib.suppress(ConnectionError):  # the client may have gone meanwhile
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _serve  # noqa: N815 - the base class asks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""
