"""The audit record as chains: each record carries the hash of the one before, so that no byte changes unseen.

A chain shows what was changed, taken out or put in between. It cannot show that its end was cut off, or that all of it
was written anew: for that its head (number and hash of the last record) is kept where the writer cannot reach it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from iacfix.domain.audit import AuditEvent, AuditRecord, Head, read, written
from iacfix.domain.errors import LedgerError
from iacfix.domain.secrets import redact

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where a record does not hold. `line` counts from 1; `chain` and `sequence` are those that the
    record there should have, "" and 0 where it cannot be told.
    """

    line: int
    reason: str
    chain: str = ""
    sequence: int = 0


def appended(head: Head, event: AuditEvent, chain: str = MAIN) -> AuditRecord:
    """The next record. Secrets are taken out of its free texts before it is hashed: what is in it can be shown."""
    clean = replace(
        event,
        reason=redact(event.reason),
        before=redact(event.before),
        after=redact(event.after),
        authorization=redact(event.authorization),
    )
    record = AuditRecord(chain, head.sequence + 1, head.hash, clean, "")
    return replace(record, hash=_digest(record))


def verify(
    lines: Iterable[str], heads: Mapping[str, Head] | None = None, *, begin: Mapping[str, Head] | None = None
) -> Mapping[str, Head] | Broken:
    """Where each chain ends, or the first place where one breaks. `heads` are ends that were seen before: each chain
    has to come through its own. `begin` is where chains go on, whose beginning is not among the lines.
    """
    known, found = heads or {}, dict[str, Head](begin or {})
    number = 0
    for number, line in enumerate(lines, start=1):
        try:
            record = read(line)
        except LedgerError as error:
            return Broken(number, str(error))
        last = found.get(record.chain, Head())
        if reason := _objection(record, last, known.get(record.chain)):
            return Broken(number, reason, record.chain, last.sequence + 1)
        found[record.chain] = Head(record.sequence, record.hash)
    for chain, head in known.items():
        if (last := found.get(chain, Head())).sequence < head.sequence:
            reason = f"the chain {chain} ends at {last.sequence}, and has been at {head.sequence}"
            return Broken(number + 1, reason, chain, last.sequence + 1)
    return found


def _objection(record: AuditRecord, last: Head, known: Head | None) -> str:
    if record.sequence != last.sequence + 1:
        return f"record {record.sequence} stands where {last.sequence + 1} should"
    if record.previous != last.hash:
        return "it does not follow the record before it"
    if record.hash != _digest(record):
        return "its content is not what its hash was made of"
    if known is not None and known.sequence == record.sequence and known.hash != record.hash:
        return "another record was here when the chain was last verified"
    return ""


def _digest(record: AuditRecord) -> str:
    return hashlib.sha256(written(replace(record, hash="")).encode("ascii")).hexdigest()
