"""The client itself: what it takes from a line that is slow, endless, cut or silent."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from iacfix.adapters.git_hosts.failures import Failures
from iacfix.adapters.notifiers.rest import Limits, Rest, Twice, checked, telling
from iacfix.domain.errors import ConfigurationError, NotifierError, NotifierUnsureError

FAILURES = Failures("The service", re.compile(r"secret-\w+"), needs="a right", place="look")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Serve = Callable[[socket.socket], None]


class Clock:
    def __init__(self) -> None:
        self.waited: list[float] = []

    def now(self) -> float:
        return sum(self.waited)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


@contextmanager
def serving(serve: Serve) -> Iterator[tuple[str, list[int]]]:
    """Every connection is served by `serve`; their number is counted."""
    listener = socket.create_server(("127.0.0.1", 0))
    count: list[int] = []
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            count.append(1)
            with closing(line):
                line.settimeout(5)
                try:
                    line.recv(65_536)
                    serve(line)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", count
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def drip(line: socket.socket) -> None:
    line.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(1000):
        line.sendall(b" ")
        threading.Event().wait(0.02)


def endless(line: socket.socket) -> None:
    line.sendall(HEAD + b"Connection: close\r\n\r\n")
    while True:
        line.sendall(b" " * 65_536)


def cut(line: socket.socket) -> None:
    line.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"a":')


def no_http(line: socket.socket) -> None:
    line.sendall(b"220 smtp.example.com ESMTP\r\n")


def silent(_line: socket.socket) -> None:
    threading.Event().wait(0.4)


def rest(address: str, clock: Clock) -> Rest:
    return Rest(FAILURES, address, limits=Limits(timeout=0.2, longest=0.3, patience=5.0), clock=clock)


@pytest.mark.parametrize("serve", [drip, endless, cut, no_http, silent])
def test_a_line_that_misbehaves_ends_as_an_error(serve: Serve) -> None:
    clock = Clock()
    with serving(serve) as (address, count):
        with pytest.raises(NotifierUnsureError), telling(makes=True):
            rest(address, clock).ask("POST", "/x", {}, twice=Twice.AFTER_FAULT)
        assert len(count) == 1, "what may have been done is not done again"


def test_what_harms_nobody_is_asked_three_times() -> None:
    clock = Clock()
    with serving(cut) as (address, count):
        with pytest.raises(NotifierError), telling():
            rest(address, clock).get("/x")
        assert len(count) == 3
    assert clock.waited == [0.5, 1.0]


def test_nobody_there_is_certain() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as unused:
        port = unused.getsockname()[1]
    clock = Clock()
    with pytest.raises(NotifierError, match="cannot be reached") as raised, telling(makes=True):
        rest(f"http://127.0.0.1:{port}", clock).ask("POST", "/x", {}, twice=Twice.NEVER)
    assert not isinstance(raised.value, NotifierUnsureError)
    assert clock.waited == [0.5, 1.0]


@pytest.mark.parametrize("answer", [b"no JSON", b"[]", b"[" * 100_000, b'"\xff"', b""])
def test_an_answer_of_another_kind_is_none(answer: bytes) -> None:
    def serve(line: socket.socket) -> None:
        line.sendall(HEAD + f"Content-Length: {len(answer)}\r\n\r\n".encode() + answer)

    with serving(serve) as (address, _), pytest.raises(NotifierError, match="cannot be read"), telling():
        rest(address, Clock()).get("/x")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://example.com",
        "ftp://example.com",
        "https://",
        "https://user:secret-word@example.com",
        "https://example.com/#secret-word",
        "https://example.com/ secret-word",
        "https://example.com\r\nsecret-word",
        "https://[::1",
        "https://example.com:x",
        "//example.com",
        "https://ex\u00e4mple.com",
        "http://127.0.0.1.example.com",
    ],
)
def test_an_address_that_is_none_is_not_repeated(address: str) -> None:
    with pytest.raises(ConfigurationError, match="The service") as raised:
        checked(address, "The service")
    assert "secret-word" not in str(raised.value)
    assert "example.com" not in str(raised.value)
