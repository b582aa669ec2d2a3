"""Where a message came from, as far as the envelopes around it say."""

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """The door that a message came in by. `HTTP` is open for those alone who proved who they are."""

    FILE = "file"
    QUEUE = "queue"
    TOPIC = "topic"
    EVENT = "event"
    HTTP = "http"
    API = "api"
    LAMBDA = "lambda"  # as Lambda calls a handler: the records in it say the rest


@dataclass(frozen=True, slots=True)
class Origin:
    """`queue` and `topic` are ARNs; `sender`, `region`, `event_source` and `detail_type` what an EventBridge event says
    of itself (its account, and `aws.securityhub`); `message_id` the outermost id there is. All are "" where unknown.

    A queue's ARN comes from who polls the queue. What stands in a body (topic, event) is as true as the queue's policy
    lets only the right ones send.
    """

    way: Way = Way.QUEUE
    queue: str = ""
    topic: str = ""
    sender: str = ""
    region: str = ""
    event_source: str = ""
    detail_type: str = ""
    message_id: str = ""

    @property
    def told(self) -> str:
        """For whoever looks into why a message was refused; "" where nothing is known."""
        parts = (
            ("queue", self.queue),
            ("topic", self.topic),
            ("account", self.sender),
            ("event of", self.event_source),
        )
        return ", ".join(f"{name} {said[:200]}" for name, said in parts if said)
