"""A proxy before moto that answers the first requests of an operation as AWS does when it cannot."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Fault:
    """`cut` ends the connection without an answer."""

    status: int = 503
    body: bytes = b""
    content_type: str = "text/xml"
    code: str = ""
    cut: bool = False


@dataclass
class Faulty:
    """`faults` are given in turn to requests that hold `word` in their path, body or target; then moto answers."""

    moto: str
    word: str = ""
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def next(self, line: str) -> Fault | None:
        if self.word not in line:
            return None
        self.asked.append(line)
        return self.faults.pop(0) if self.faults else None


@contextmanager
def faulty(moto: str) -> Iterator[Faulty]:
    script = Faulty(moto)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    script.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield script
    server.shutdown()
    server.server_close()


def _handler(script: Faulty) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            line = f"{self.path} {self.headers.get('X-Amz-Target', '')} {body.decode('latin-1')}"
            fault = script.next(line)
            if fault is not None and fault.cut:
                self.close_connection = True
                return
            if fault is not None:
                self._answer(
                    fault.status, {"Content-Type": fault.content_type, "x-amzn-ErrorType": fault.code}, fault.body
                )
                return
            at = urlsplit(script.moto)
            moto = http.client.HTTPConnection(at.hostname or "", at.port or 0, timeout=20)
            moto.request(self.command, self.path, body, dict(self.headers))
            answer = moto.getresponse()
            self._answer(answer.status, dict(answer.getheaders()), answer.read())
            moto.close()

        do_POST = do_GET  # noqa: N815 - the base class asks for this name

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if value and name.lower() not in {
                    "content-length",
                    "connection",
                    "transfer-encoding",
                    "date",
                    "server",
                }:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    return Handler
