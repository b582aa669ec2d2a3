from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from iacfix.domain.errors import InputError
from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.findings.arrivals import SOURCE, placed
from iacfix.findings.detect import AUTO, choose
from iacfix.findings.document import parse
from iacfix.findings.fields import MAX_ENTRIES
from iacfix.findings.origin import Origin, Way
from iacfix.findings.transports import Message, opened, travelled


def read_findings(
    data: bytes,
    *,
    format: str = AUTO,  # noqa: A002 - the same word as --format, which users know
) -> tuple[FindingRead, ...]:
    """Everything that the file reports, in its order; what cannot be used is an InvalidFinding in its place.

    Messages of SQS and SNS and lists of events are opened, and each is read in its own format. `control` is left "" for
    the catalogue to fill. Raises InputError when the file as a whole cannot be read.
    """
    value = parse(data)
    reads = _of_messages(value, format) if travelled(value) else choose(format, value).read(value)
    findings = tuple(islice(reads, MAX_ENTRIES + 1))
    if len(findings) > MAX_ENTRIES:
        raise InputError(
            f"the findings file has more than {MAX_ENTRIES:,} entries",
            remedy="split it, for example one file for each account or scanned folder",
        )
    return findings


def _of_messages(value: object, name: str) -> Iterator[FindingRead]:
    """`position` counts in the whole file, and fields are named from its top."""
    position = 0
    for message in opened(value, Origin(Way.FILE)):
        if not isinstance(message, Message):
            yield InvalidFinding(SOURCE, position, message.field, message.reason)
            position += 1
            continue
        try:
            reader = choose(name, message.value)
        except InputError as error:
            yield InvalidFinding(SOURCE, position, message.path, error.what)
            position += 1
            continue
        first, last = position, position
        for read in reader.read(message.value):
            if isinstance(read, InvalidFinding):
                last = first + read.position
                yield replace(placed(read, message.path), position=last)
            else:
                yield read
        position = last + 1
