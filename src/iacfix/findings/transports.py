"""What a message travelled in: records of SQS and of SNS, a notification of SNS, an event of EventBridge, nested."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from iacfix.domain.errors import InputError
from iacfix.findings.document import parse
from iacfix.findings.fields import MAX_ENTRIES, FieldError, Fields, fields, kind
from iacfix.findings.origin import Origin, Way

MAX_DEPTH = 4
"""EventBridge to SNS to SQS to Lambda is three envelopes around a finding."""

MAX_RECORDS = 10_000
"""Lambda's most records of a batch from SQS: https://docs.aws.amazon.com/lambda (batch size)."""

_CONFIRMATIONS = frozenset({"SubscriptionConfirmation", "UnsubscribeConfirmation"})
_NO_NAME = "is neither a message of SQS nor one of SNS"


@dataclass(frozen=True, slots=True)
class Message:
    """What the envelopes held. `path` leads from the outermost value to this one, through texts that were JSON."""

    origin: Origin
    path: str
    value: object


@dataclass(frozen=True, slots=True)
class Unopened:
    """A message whose envelope is broken, or that is none about findings."""

    origin: Origin
    field: str
    reason: str


Opened = Message | Unopened


def travelled(value: object) -> bool:
    """Whether there are envelopes of a transport around it. A single event of EventBridge is its readers' own."""
    if isinstance(value, list):
        return any(isinstance(each, dict) and (travelled(each) or is_event(each)) for each in value[:MAX_ENTRIES])
    return isinstance(value, dict) and (_records(value) or _notification(value))


def is_event(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("detail-type"), str) and "detail" in value


def opened(value: object, origin: Origin, path: str = "", depth: int = 0) -> Iterator[Opened]:
    """Each message in it, in order; one that is broken costs no other its turn. An event stays whole: its readers look
    into its detail. The items of a list are messages of their own.

    Which queue it was is believed of nobody but an Origin of Way.LAMBDA, which is Lambda's own word.
    """
    if isinstance(value, list):
        items: list[object] = value
        for index, item in enumerate(items[:MAX_ENTRIES]):
            if isinstance(item, list):  # a list in a list is nothing that anybody sends
                yield Message(origin, f"{path}[{index}]", item)
            else:
                yield from opened(item, origin, f"{path}[{index}]", depth)
        if len(items) > MAX_ENTRIES:
            yield Unopened(origin, path, f"has more than {MAX_ENTRIES:,} items: the rest was not read")
    elif not isinstance(value, dict):
        yield Message(origin, path, value)
    elif _records(value) or _notification(value):
        if depth == MAX_DEPTH:
            yield Unopened(origin, path, f"stands in more than {MAX_DEPTH} envelopes")
        elif _records(value):
            yield from _of_records(Fields(path, value), origin, depth)
        else:
            yield from _of_notification(Fields(path, value), origin, depth)
    elif is_event(value):
        yield Message(_of_event(value, origin), path, value)
    else:
        yield Message(origin, path, value)


def _records(value: dict[str, object]) -> bool:
    return isinstance(value.get("Records"), list)


def _notification(value: dict[str, object]) -> bool:
    said = value.get("Type")
    return isinstance(said, str) and ((said == "Notification" and "Message" in value) or said in _CONFIRMATIONS)


def _of_records(batch: Fields, origin: Origin, depth: int) -> Iterator[Opened]:
    records = batch.listing("Records")
    for path, record in records[:MAX_RECORDS]:
        try:
            yield from _of_record(fields(path, record), origin, depth)
        except FieldError as error:
            yield Unopened(origin, error.field, error.reason)
    if len(records) > MAX_RECORDS:
        said = f"has {len(records):,} items, and no batch has more than {MAX_RECORDS:,}: the rest was not read"
        yield Unopened(origin, batch.at("Records"), said)


def _of_record(record: Fields, origin: Origin, depth: int) -> Iterator[Opened]:
    """Of Lambda's event, or as `receive-message` gives it."""
    source = record.known("eventSource") or record.known("EventSource")
    if source == "aws:sqs":
        here = replace(origin, message_id=origin.message_id or record.known("messageId"))
        if origin.way is Way.LAMBDA:
            here = replace(here, way=Way.QUEUE, queue=record.known("eventSourceARN"))
        yield from _inner(record, "body", here, depth)
    elif source == "aws:sns":
        here = replace(origin, way=Way.TOPIC) if origin.way is Way.LAMBDA else origin
        yield from _of_notification(record.mapping("Sns"), here, depth)
    else:
        raise FieldError(record.at("eventSource"), _NO_NAME)


def _of_notification(notification: Fields, origin: Origin, depth: int) -> Iterator[Opened]:
    here = replace(
        origin,
        topic=origin.topic or notification.known("TopicArn"),
        message_id=origin.message_id or notification.known("MessageId"),
    )
    if (said := notification.known("Type")) in _CONFIRMATIONS:
        yield Unopened(here, notification.at("Type"), f"is {said}: a person confirms a subscription, or none does")
        return
    yield from _inner(notification, "Message", here, depth)


def _inner(envelope: Fields, name: str, origin: Origin, depth: int) -> Iterator[Opened]:
    """A text that is JSON, or JSON itself, as tools that show messages make of it."""
    held, path = envelope.values.get(name), envelope.at(name)
    if held is None:
        yield Unopened(origin, path, "is missing")
        return
    if isinstance(held, str):
        try:
            held = parse(held.encode("utf-8", "surrogatepass"), "it")
        except InputError as error:
            yield Unopened(origin, path, f"cannot be read: {error.what}")
            return
    if not isinstance(held, dict | list):
        yield Unopened(origin, path, f"should hold JSON, an object or a list, is {kind(held)}")
        return
    yield from opened(held, origin, path, depth + 1)


def _of_event(value: dict[str, object], origin: Origin) -> Origin:
    event = Fields("", value)
    return replace(
        origin,
        sender=event.known("account"),
        region=event.known("region"),
        event_source=event.known("source"),
        detail_type=event.known("detail-type"),
        message_id=origin.message_id or event.known("id"),
    )


def told(value: object) -> str:
    """What a message looks like, for the reason why nobody could read it: its first keys, never a value."""
    if not isinstance(value, dict):
        return kind(value)
    keys = [key for key in list(value)[:8] if key.isascii() and key.replace("-", "").replace("_", "").isalnum()]
    return f"an object with {json.dumps([key[:40] for key in keys])}"
