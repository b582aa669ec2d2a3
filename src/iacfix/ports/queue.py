"""A queue that delivers at least once, and gives a message to nobody else while it is held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it was handed out this time. `receipt` is what it is held by; `sent_at` in seconds since 1970;
    `received` counts how often it was handed out.
    """

    id: str
    receipt: str
    body: str
    sent_at: float = 0.0
    received: int = 1
    attributes: Mapping[str, str] = field(default_factory=dict)


class Queue(Protocol):
    """Every verb raises QueueError."""

    @property
    def arn(self) -> str: ...

    def receive(self, *, wait: int, hold: int) -> Sequence[Delivery]:
        """At most ten. `wait` and `hold` in seconds: for a message to come, and until somebody else gets it."""

    def hold(self, deliveries: Sequence[Delivery], seconds: int) -> None:
        """For so long from now on; 0 gives them back at once. One that is gone is no error."""

    def delete(self, delivery: Delivery) -> None: ...

    def send(self, body: str) -> None: ...
