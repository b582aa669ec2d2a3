"""How fast a host is asked, and how long a run waits where the host has had enough."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from iacfix.domain.errors import HostRateLimitedError

PATIENCE = 60.0
"""Seconds. Whoever has to wait longer is told when to come back, and may do something else meanwhile."""

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> float:
        """Seconds, from any moment on; never less than before."""

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` requests in any `seconds`."""

    count: int
    seconds: float


class Turns:
    """Requests of one connection, one after the other: each waits until no limit is against it."""

    def __init__(self, limits: tuple[Limit, ...], *, patience: float, clock: Clock) -> None:
        self._kept = [(limit, deque[float](maxlen=limit.count)) for limit in limits if limit.count]
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()

    def take(self) -> None:
        """Raises HostRateLimitedError where it would take longer than `patience`."""
        with self._lock:
            now = self._clock.now()
            free = [taken[0] + limit.seconds for limit, taken in self._kept if len(taken) == limit.count]
            wait = max((at - now for at in free), default=0.0)
            if wait > self._patience:
                raise HostRateLimitedError("iacfix has sent as many requests as the host allows", seconds=wait)
            if wait > 0:
                self._clock.sleep(wait)
            for _, taken in self._kept:
                taken.append(max(now + wait, now))


def patiently(ask: Callable[[], T], *, times: int, patience: float, clock: Clock) -> T:
    """Again, at most `times`, after as long as the host says, where all of it is no longer than `patience`. A request
    that is over a limit was not acted on, so that a write may come again too.
    """
    left = patience
    for _ in range(times):
        try:
            return ask()
        except HostRateLimitedError as error:
            if error.seconds > left:
                raise
            left -= error.seconds
            clock.sleep(error.seconds)
    return ask()
