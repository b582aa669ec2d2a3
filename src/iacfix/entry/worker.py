"""The same work as in Lambda, in a process of one's own that asks the queue itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from iacfix.domain.errors import IacfixError, QueueError
from iacfix.domain.secrets import redact
from iacfix.entry.messages import Messages
from iacfix.findings.origin import Origin, Way
from iacfix.ports.queue import Delivery, Queue
from iacfix.workflows.intake import Handled

HOLD = 120
"""Seconds that a message is held at a time; it is held anew while it is worked on."""


RETRY = 10
"""Seconds until what failed comes again; twice as many after each further time, and never more than it is held."""


IDLE = 1.0
"""Seconds until a queue is asked again that nobody waits for."""


@dataclass
class Tally:
    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Worker:
    """`messages` gives what handles them, renewed when it likes. `told` is what became of a message: its findings, or
    why it goes back. `stop` ends the work after the message in hand: those behind it are given back at once.
    """

    queue: Queue
    messages: Callable[[], Messages]
    told: Callable[[Delivery, tuple[Handled, ...] | str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    hold: int = HOLD
    retry: int = RETRY

    def work(self, *, once: bool, wait: int = 20) -> Tally:
        """Until it is stopped; `once`: until nothing comes any more. Raises QueueError where there is no queue."""
        tally = Tally()
        while not self.stop.is_set():
            batch = list(self.queue.receive(wait=wait, hold=self.hold))
            if not batch and (once or self.stop.wait(0 if wait else IDLE)):
                break
            with self._holding(batch):
                while batch and not self.stop.is_set():
                    if self._one(batch[0]):
                        self.queue.delete(batch[0])
                        tally.done += 1
                    else:
                        tally.failed += 1
                        self.queue.hold(batch[:1], min(self.hold, self.retry * 2 ** min(batch[0].received - 1, 16)))
                    del batch[0]
            self.queue.hold(batch, 0)
        return tally

    def _one(self, delivery: Delivery) -> bool:
        """Whether it is done. What failed comes again, until the queue's own policy puts it among the dead letters."""
        origin = Origin(Way.QUEUE, queue=self.queue.arn, message_id=delivery.id)
        try:
            self.told(delivery, self.messages().handle(delivery.body, origin))
        except IacfixError as error:
            self.told(delivery, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this message its turn, and no other
            self.told(
                delivery, f"a fault of iacfix's own, please report it: {type(error).__name__}: {redact(str(error))}"
            )
        else:
            return True
        return False

    @contextmanager
    def _holding(self, batch: list[Delivery]) -> Iterator[None]:
        """While it is worked on, nobody else gets it. Where the queue cannot be told, somebody may: work is done twice
        then, and what the first did is found.
        """
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.hold / 3):
                try:
                    self.queue.hold(list(batch), self.hold)
                except QueueError as error:
                    for each in list(batch):
                        self.told(each, f"it could not be held: {error}")

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
