"""A host's HTTP server on this machine only, which can be told to fail at its n-th request."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS_BETWEEN_LOOKS = 0.01


@dataclass(frozen=True, slots=True)
class Fault:
    """Instead of an answer: a status, or, where it is 0, a closed connection, `after` having acted or before."""

    status: int = 0
    body: str = '{"message": "told to fail"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class RestServer:
    """Serves inside `with`. `faults` and `meanwhile`, which is what somebody else does just before a request is served,
    are by the number of the request, beginning with 1; `asked` tells all of them.
    """

    def __init__(self, lock: threading.RLock) -> None:
        """One request at a time has the lock."""
        self.faults: dict[int, Fault] = {}
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.asked: list[str] = []
        self._lock = lock

    def started(self, address: str) -> None:
        """Told its own address before the first request."""
        raise NotImplementedError

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Called with the lock."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._server = _Listener(("127.0.0.1", 0), partial(_Handler, self))
        self.started(f"http://127.0.0.1:{self._server.server_address[1]}")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_SECONDS_BETWEEN_LOOKS,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        with self._lock:
            self.asked.append(f"{verb} {address}")
            self.meanwhile.get(len(self.asked), lambda: None)()
            fault = self.faults.get(len(self.asked))
            if fault is None:
                return self.answer(verb, address, headers, body)
            if fault.after:
                self.answer(verb, address, headers, body)
            return Answer(fault.status, fault.body.encode(), fault.headers)


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128  # whoever finds the queue full waits for seconds


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def __init__(
        self, host: RestServer, request: socket.socket, client_address: tuple[str, int], server: BaseServer
    ) -> None:
        self._host = host
        super().__init__(request, client_address, server)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self._host.serve(self.command, self.path, dict(self.headers), body)
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
