"""From the body of a message to what it says: every finding in it, or why it is none. Nothing is lost, nothing raises.

A worker over SQS gives the body of each record to `open_message`, together with what it knows of the record::

    origin = Origin(Way.QUEUE, queue=record["eventSourceARN"], message_id=record["messageId"])
    for arrival in open_message(record["body"], origin, acceptance):
        for read in arrival.reads:
            ...  # a Finding, or an InvalidFinding that goes to `Recorder.record` with its reason

A message that cannot be read, or is refused, is an InvalidFinding in its place: it is recorded and done with, for
reading it again changes nothing. Only what fails later is worth another try.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from iacfix.domain.errors import InputError
from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.findings.acceptance import EVENT_SHAPES, Acceptance, shape_of
from iacfix.findings.detect import READERS
from iacfix.findings.document import parse
from iacfix.findings.fields import MAX_ENTRIES, FieldError
from iacfix.findings.origin import Origin
from iacfix.findings.reader import Reader
from iacfix.findings.transports import Message, Opened, opened, told

SOURCE = "message"
"""The source of an InvalidFinding of which no reader knows the format."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message. `shape` is what it was, "" where nobody can tell; `reads` is empty where it holds no finding at all,
    as an empty list does.
    """

    origin: Origin
    shape: str
    reads: tuple[FindingRead, ...]

    @property
    def refused(self) -> bool:
        """Whether nothing in it can be used."""
        return bool(self.reads) and all(isinstance(each, InvalidFinding) for each in self.reads)


def open_message(
    body: str | bytes, origin: Origin | None = None, acceptance: Acceptance | None = None
) -> tuple[Arrival, ...]:
    """The body of one message of a queue, wrapped in whatever; at least one Arrival. Never raises."""
    here, accepted = origin or Origin(), acceptance or Acceptance()
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    try:
        value = parse(data, "the message")
    except InputError as error:
        return (_lost(here, "body", error.what),)
    return open_value(value, here, accepted)


def open_value(value: object, origin: Origin, acceptance: Acceptance | None = None) -> tuple[Arrival, ...]:
    """Of what is parsed already: an event that Lambda hands over (Way.LAMBDA), or a page of an API's answer."""
    accepted = acceptance or Acceptance()
    return tuple(_arrived(each, accepted) for each in opened(value, origin)) or (Arrival(origin, "", ()),)


def _arrived(message: Opened, acceptance: Acceptance) -> Arrival:
    if not isinstance(message, Message):
        return _lost(message.origin, message.field, message.reason)
    reader = reader_of(message.value) or _expected(message.origin)
    if reader is None:
        said = f"is of no format that iacfix reads: {told(message.value)}"
        return _lost(message.origin, message.path or "body", said)
    shape = shape_of(message.origin, reader.name)
    if refusal := acceptance.of_message(message.origin, reader.name):
        return Arrival(message.origin, shape, (_refused(message.origin, shape, 0, refusal),))
    reads = tuple(islice(reader.read(message.value), MAX_ENTRIES + 1))
    kept = tuple(_judged(reads[:MAX_ENTRIES], message, shape, acceptance))
    if len(reads) > MAX_ENTRIES:
        said = f"has more than {MAX_ENTRIES:,} entries: the rest was not read"
        kept = (*kept, InvalidFinding(shape, MAX_ENTRIES, message.path or "body", said))
    return Arrival(message.origin, shape, kept)


def reader_of(value: object) -> Reader | None:
    """None for what nobody knows, and for a list in which nothing stands."""
    return next((reader for reader in READERS if isinstance(value, dict | list) and reader.recognises(value)), None)


def _expected(origin: Origin) -> Reader | None:
    """Of an event that says what it holds: its reader can name what is wrong with it."""
    known = EVENT_SHAPES.get(origin.detail_type)
    return next((reader for reader in READERS if known is not None and reader.name == known.format), None)


def _judged(
    reads: Iterable[FindingRead], message: Message, shape: str, acceptance: Acceptance
) -> Iterator[FindingRead]:
    for position, read in enumerate(reads):
        if isinstance(read, InvalidFinding):
            yield placed(read, message.path)
        elif refusal := acceptance.of_finding(read):
            yield _refused(message.origin, shape, position, refusal, read.id)
        else:
            yield read


def placed(read: InvalidFinding, path: str) -> InvalidFinding:
    """The field as it stands in the outermost envelope."""
    return replace(read, field=".".join(filter(None, (path, read.field)))) if path else read


def _refused(origin: Origin, shape: str, position: int, error: FieldError, identity: str = "") -> InvalidFinding:
    return InvalidFinding(shape, position, error.field, f"refused: it {error.reason}{_from(origin)}", identity)


def _lost(origin: Origin, name: str, reason: str) -> Arrival:
    return Arrival(origin, "", (InvalidFinding(SOURCE, 0, name, f"{reason}{_from(origin)}"),))


def _from(origin: Origin) -> str:
    return f" ({origin.told})" if origin.told else ""
