"""A Bedrock that answers from a script, over the real protocol, on this machine only."""

import argparse
import contextlib
import json
import re
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer
from types import TracebackType
from typing import Self, assert_never
from urllib.parse import unquote, urlsplit

from iacfix.domain.errors import InputError
from iacfix.testing.bedrock_contract import fault_of_output, fault_of_request
from iacfix.testing.bedrock_script import (
    STATUS_OF_CODE,
    Cut,
    Failure,
    Malformed,
    Output,
    Reply,
    Text,
    Timeout,
    ToolUse,
    Truncated,
    read_script,
)

_CONVERSE = re.compile(r"/model/(?P<model>[^/]+)/converse")
_SECONDS_BETWEEN_LOOKS = 0.05


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that Converse would have taken. `model_id` is decoded, `body` as it was sent; no headers are kept."""

    model_id: str
    body: Mapping[str, object]


class ScriptedBedrock:
    """Serves inside `with`. Gives one reply for each request that Converse would take; refuses the others with 400 and
    without using up a reply. Asks for a SigV4 signature, as the service does, and does not verify it.
    """

    def __init__(self, replies: Sequence[Reply], *, port: int = 0) -> None:
        """Raises ValueError when a reply is not one that Converse could give."""
        for number, reply in enumerate(replies, start=1):
            if isinstance(reply, Text | ToolUse | Output) and (fault := fault_of_output(_output(reply))):
                raise ValueError(f"reply {number} is not what Converse answers: {fault}")
        self._replies = tuple(replies)
        self._port = port
        self._requests: list[ReceivedRequest] = []
        self._refusals: list[str] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def endpoint_url(self) -> str:
        if self._server is None:
            raise RuntimeError("the server has an address only inside `with`")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        with self._lock:
            return tuple(self._requests)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why requests were refused, in the order they came."""
        with self._lock:
            return tuple(self._refusals)

    def __enter__(self) -> Self:
        self._closing.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), partial(_Handler, self._next, self._closing))
        self._server.daemon_threads = False  # so that leaving waits for them and closes every socket
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_SECONDS_BETWEEN_LOOKS,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def _next(self, model_id: str, body: object) -> Reply:
        with self._lock:
            if (fault := fault_of_request(model_id, body)) or not isinstance(body, dict):
                self._refusals.append(fault)
                return Failure("ValidationException", fault)
            self._requests.append(ReceivedRequest(model_id, body))
            if len(self._requests) > len(self._replies):
                return Failure("InternalServerException", f"the script has {len(self._replies)} replies and no more")
            return self._replies[len(self._requests) - 1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def __init__(
        self,
        next_reply: Callable[[str, object], Reply],
        closing: threading.Event,
        request: socket.socket,
        client_address: tuple[str, int],
        server: BaseServer,
    ) -> None:
        self._next_reply = next_reply
        self._closing = closing
        super().__init__(request, client_address, server)

    def do_POST(self) -> None:
        self.close_connection = True
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = _CONVERSE.fullmatch(urlsplit(self.path).path)
        with contextlib.suppress(ConnectionError):  # the client may have gone meanwhile
            if path is None:
                self._fail(Failure("UnknownOperationException", "only Converse is served", HTTPStatus.NOT_FOUND))
            elif not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
                code = "MissingAuthenticationTokenException"
                self._fail(Failure(code, "the request is not signed", HTTPStatus.FORBIDDEN))
            else:
                try:
                    body: object = json.loads(content)
                except (ValueError, RecursionError):
                    body = None
                self._answer(self._next_reply(unquote(path["model"]), body))

    def _answer(self, reply: Reply) -> None:
        match reply:
            case Text() | ToolUse() | Output():
                self._send(HTTPStatus.OK, json.dumps(_output(reply)))
            case Failure():
                self._fail(reply)
            case Malformed(body):
                self._send(HTTPStatus.OK, body)
            case Truncated():
                self._send(HTTPStatus.OK, '{"output": {"message": {', promised=4_096)
            case Cut():
                pass
            case Timeout():
                self._wait_for_the_client_to_go()
            case _ as never:
                assert_never(never)

    def _fail(self, failure: Failure) -> None:
        status = failure.status or STATUS_OF_CODE[failure.code]
        self._send(status, json.dumps({"message": failure.message}), code=failure.code)

    def _send(self, status: int, text: str, *, code: str = "", promised: int = 0) -> None:
        content = text.encode(errors="surrogatepass")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(promised or len(content)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.send_header("Connection", "close")
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.end_headers()
        self.wfile.write(content)

    def _wait_for_the_client_to_go(self) -> None:
        self.connection.settimeout(_SECONDS_BETWEEN_LOOKS)
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):  # nothing came: look at `closing` and wait on
                if not self.connection.recv(1):
                    return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: requests are kept, not printed."""


def _output(reply: Text | ToolUse | Output) -> Mapping[str, object]:
    if isinstance(reply, Output):
        return reply.body
    usage = reply.usage
    content: list[Mapping[str, object]] = [{"text": reply.text}] if isinstance(reply, Text) or reply.text else []
    if isinstance(reply, ToolUse):
        use = {"toolUseId": f"tooluse_{uuid.uuid4().hex[:22]}", "name": reply.name, "input": reply.input}
        content.append({"toolUse": use})
    cached = usage.cache_read_tokens, usage.cache_write_tokens
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": reply.stop,
        "usage": {
            "inputTokens": usage.input_tokens,
            "outputTokens": usage.output_tokens,
            "totalTokens": usage.input_tokens + usage.output_tokens + sum(cached),
            "cacheReadInputTokens": cached[0],
            "cacheWriteInputTokens": cached[1],
        },
        "metrics": {"latencyMs": usage.latency_ms},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m iacfix.testing.bedrock_server",
        description="Serves a scripted Bedrock until it is interrupted. Point AWS_ENDPOINT_URL_BEDROCK_RUNTIME at it.",
    )
    parser.add_argument("--script", type=Path, required=True, help="JSON file with the replies, in order")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = parser.parse_args(arguments)
    try:
        bedrock = ScriptedBedrock(read_script(given.script), port=given.port)
    except (InputError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with bedrock, contextlib.suppress(KeyboardInterrupt):  # how a person ends it
        sys.stdout.write(f"{bedrock.endpoint_url}\n")
        sys.stdout.flush()
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
