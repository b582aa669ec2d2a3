"""The audit record: who did what to which finding, why, and who had allowed it. One line of JSON for each event."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from iacfix.domain.errors import LedgerError


class AuditResult(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What happened. `at` is ISO 8601 in UTC; `actor` a person or `iacfix/<version>`; `action` a short verb
    (`finding.received`, `pull_request.opened`, `input.rejected`); `key` the ledger's, "" for what never became a
    finding; `finding` the id that its tool has for it.

    `before` and `after` are what is known of the thing that was changed, as JSON text; `authorization` says by which
    policy, approval or exception it was allowed.
    """

    at: str
    actor: str
    action: str
    result: AuditResult
    reason: str
    key: str = ""
    finding: str = ""
    resource: str = ""
    before: str = ""
    after: str = ""
    authorization: str = ""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event in its place. There may be several chains, so that writers need not wait for each other;
    `sequence` counts from 1 in each. `previous` is the hash of the record before, GENESIS for the first; `hash` is over
    everything else (ledger/audit.py).
    """

    chain: str
    sequence: int
    previous: str
    event: AuditEvent
    hash: str


GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a chain; of an empty one as it stands here."""

    sequence: int = 0
    hash: str = GENESIS


_EVENT = tuple(field.name for field in fields(AuditEvent))
_TEXTS = ("chain", "previous", "hash", *_EVENT)


def written(record: AuditRecord) -> str:
    """The one way to write a record: JSON with sorted names, without spaces, in ASCII, without a line end."""
    return json.dumps(
        {
            "chain": record.chain,
            "sequence": record.sequence,
            "previous": record.previous,
            "hash": record.hash,
            **asdict(record.event),
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )


def read(line: str) -> AuditRecord:
    """Raises LedgerError where the line is not exactly what `written` makes of its record."""
    try:
        loaded: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        msg = "it is not JSON"
        raise LedgerError(msg) from error
    if not isinstance(loaded, dict) or loaded.keys() != {"sequence", *_TEXTS}:
        msg = "it has other fields than a record has"
        raise LedgerError(msg)
    sequence: object = loaded["sequence"]
    texts = {name: value for name in _TEXTS if isinstance(value := loaded[name], str)}
    if type(sequence) is not int or len(texts) != len(_TEXTS) or texts["result"] not in set(AuditResult):
        msg = "it has a value of another kind than a record has"
        raise LedgerError(msg)
    record = AuditRecord(texts["chain"], sequence, texts["previous"], _event(texts), texts["hash"])
    if written(record) != line:
        msg = "it is not written as a record is"
        raise LedgerError(msg)
    return record


def _event(texts: Mapping[str, str]) -> AuditEvent:
    result = AuditResult(texts["result"])
    return AuditEvent(result=result, **{name: texts[name] for name in _EVENT if name != "result"})
