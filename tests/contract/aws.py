"""AWS as the adapters see it: moto over HTTP, and a server for the answers that moto never gives."""

import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import boto3
import pytest
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"
Start = Callable[..., "Scripted"]


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty account, to which the environment leads. Answers the server's address."""
    post(f"{moto_url}/moto-api/reset")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(CloudFormationResponse, "describe_stack_resources", _by_physical_id_too)
    return moto_url


@pytest.fixture
def strict(aws: str) -> Iterator[Callable[[], None]]:
    """Call it, and from then on policies count."""
    yield lambda: post(f"{aws}/moto-api/reset-auth", b"0")
    post(f"{aws}/moto-api/reset-auth", b"Infinity")


def post(url: str, body: bytes = b"") -> None:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "text/plain"})  # noqa: S310 - moto
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - moto
        answer.read()


# moto looks stacks up by name only. What is added keeps AWS's word: all resources of the stack that has the id, at
# most the first 100, and a ValidationError where there is none.
_by_name = CloudFormationResponse.describe_stack_resources


def _by_physical_id_too(self: CloudFormationResponse) -> object:
    wanted = self._get_param("PhysicalResourceId")
    if not wanted:
        return _by_name(self)
    for stack in self.cloudformation_backend.stacks.values():
        made = (each.physical_resource_id for each in stack.stack_resources)  # type: ignore[attr-defined] # moto's
        if wanted in made:
            self.data["StackName"] = [stack.stack_id]
            self.params = {**(self.params or {}), "StackName": stack.stack_id}
            answer = _by_name(self)
            del cast("dict[str, list[object]]", answer.result)["StackResources"][100:]
            return answer
    raise ValidationError(wanted, f"Stack for {wanted} does not exist")


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload] # one overload for each service


@dataclass(frozen=True)
class Answer:
    """`promised` is the length that the head tells, where it is not the body's own; a negative one cuts the line."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int = 0


@dataclass
class Scripted:
    """Gives the answers in turn, the last one for ever. `requests` are path, signature and body."""

    answers: tuple[Answer, ...]
    requests: list[str] = field(default_factory=list)

    def next(self, line: str) -> Answer:
        self.requests.append(line)
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    running: list[ThreadingHTTPServer] = []

    def start(*answers: Answer) -> Scripted:
        script = Scripted(answers)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
        running.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_REGION", REGION)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        return script

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def _handler(script: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            answer = script.next(f"{self.path} {self.headers['Authorization']} {body}")
            if answer.promised < 0:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "text/xml", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.promised or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815 - the base class asks for this name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    return Handler
