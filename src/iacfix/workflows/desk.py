"""One finding is worked on at a time; while one waits for a model or a program, the next has its turn.

So nothing that reads, parses, judges or remembers is ever entered twice at once, and Python would not do two of these
at once anyway: what a batch waits for are answers from outside.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from iacfix.domain.location import Framework
from iacfix.ports import Model, ModelReply, ModelRequest, Plan, Planner, Scan, Scanner


class Desk:
    """A lock that its holder gives up while it waits. Not to be entered twice by one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mine = threading.local()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._mine.held = True

    def __exit__(self, *_: object) -> None:
        self._mine.held = False
        self._lock.release()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Others may work meanwhile. Nothing happens for who does not sit at it."""
        if not getattr(self._mine, "held", False):
            yield
            return
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()


class WaitingModel:
    def __init__(self, model: Model, desk: Desk) -> None:
        self._model = model
        self._desk = desk

    @property
    def id(self) -> str:
        return self._model.id

    def ask(self, request: ModelRequest) -> ModelReply:
        with self._desk.left():
            return self._model.ask(request)


class WaitingScanner:
    def __init__(self, scanner: Scanner, desk: Desk) -> None:
        self._scanner = scanner
        self._desk = desk

    @property
    def source(self) -> str:
        return self._scanner.source

    def scan(self, framework: Framework, files: Mapping[str, bytes]) -> Scan:
        with self._desk.left():
            return self._scanner.scan(framework, files)


class WaitingPlanner:
    def __init__(self, planner: Planner, desk: Desk) -> None:
        self._planner = planner
        self._desk = desk

    def plan(self, root: str, overlay: Mapping[str, bytes]) -> Plan:
        with self._desk.left():
            return self._planner.plan(root, overlay)
