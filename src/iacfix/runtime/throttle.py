"""How many runbooks begin in one account and region, so that they leave room for others."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from iacfix.ports.posture import At

_MINUTE = 60.0


@dataclass
class Throttle:
    """A bucket of tokens for each account and region: `per_minute` at once, and as many again in a minute."""

    per_minute: int
    now: Callable[[], datetime]
    _buckets: dict[At, tuple[float, datetime]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.per_minute < 1:
            msg = "at least one runbook a minute may begin"
            raise ValueError(msg)

    def take(self, at: At) -> float:
        """0 where it may begin, and then it counts; else the seconds until it may."""
        now = self.now()
        left, since = self._buckets.get(at, (float(self.per_minute), now))
        filled = min(float(self.per_minute), left + max(0.0, (now - since).total_seconds()) * self.per_minute / _MINUTE)
        if filled < 1:
            self._buckets[at] = (filled, now)
            return (1 - filled) * _MINUTE / self.per_minute
        self._buckets[at] = (filled - 1, now)
        return 0.0
