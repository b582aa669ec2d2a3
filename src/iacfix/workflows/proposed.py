"""The proposals file: the records of `iacfix generate --output json`, each sealed, and read again as outside text.

A digest says that a record is as it was written: integrity. Whoever can write the file can write the digest anew, so it
says nothing of who wrote it. A signature does, where both ends hold the same key. Neither is a reason to believe what a
record claims: whatever it proposes is judged again.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from iacfix.domain.control import Risk
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import CloudResource, Finding, Hint, InvalidFinding, Severity
from iacfix.domain.outcome import Status
from iacfix.domain.proposal import Candidate
from iacfix.domain.secrets import redact
from iacfix.findings.fields import FieldError, Fields, integer, string
from iacfix.patches import MAX_DIFF_BYTES

MAX_BYTES = 64 * 1024 * 1024
MAX_RECORDS = 20_000
MAX_LINE_BYTES = 4 * MAX_DIFF_BYTES
LEAST_KEY_BYTES: Final = 32
SOURCE = "proposals"

_NOT_PROPOSED = [status.value for status in Status if status is not Status.PROPOSED]
_SEALS = ("digest", "signature")
_CONTEXT = b"iacfix proposal 1\n"
_MAX_WORDS = 20_000

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A record as it was read. `base` is the commit that it was made on, "" where it was none."""

    finding: Finding
    repository: str
    base: str
    path: str
    address: str
    candidate: Candidate


ProposedRead = Proposed | InvalidFinding


def finding_record(finding: Finding) -> Record:
    """Everything of a finding that locating and judging it again takes. Secrets in it are hidden."""
    resource, hint = finding.resource, finding.hint
    return {
        "source": redact(finding.source),
        "id": redact(finding.id),
        "check_id": redact(finding.check_id),
        "title": redact(finding.title),
        "severity": finding.severity.value,
        "url": redact(finding.url),
        "observed_at": redact(finding.observed_at),
        "also": [[redact(source), redact(identity)] for source, identity in finding.also],
        "resource": {
            "type": redact(resource.type),
            "identifier": redact(resource.identifier),
            "name": redact(resource.name),
            "account": redact(resource.account),
            "region": redact(resource.region),
            "tags": [[redact(name), redact(value)] for name, value in resource.tags],
        },
        "hint": {
            "path": redact(hint.path),
            "address": redact(hint.address),
            "start_line": hint.start_line,
            "end_line": hint.end_line,
        },
    }


def sealed(record: Record, key: bytes = b"") -> Record:
    """With its digest where it is a proposal, and with a signature where there is a key."""
    if record.get("status") != Status.PROPOSED.value:
        return record
    said = _said(record)
    signature = f"hmac-sha256:{_signature(said, key)}" if key else None
    return {**record, "digest": f"sha256:{hashlib.sha256(said).hexdigest()}", "signature": signature}


def checked_key(text: str) -> bytes:
    """Raises ConfigurationError for one that could be guessed."""
    key = text.strip().encode()
    if key and len(key) < LEAST_KEY_BYTES:
        raise ConfigurationError(
            f"the key for proposals has fewer than {LEAST_KEY_BYTES} bytes",
            remedy="make one, for example with `openssl rand -hex 32`, and give it to both jobs",
        )
    return key


def read_proposals(data: bytes, key: bytes = b"") -> tuple[ProposedRead, ...]:
    """One for each proposal, in order; what became of other findings is passed over. A record that is not as it was
    written, or not signed by the key that is given, is invalid. Raises InputError where the file is none.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"the proposals file has more than {MAX_BYTES:,} bytes", remedy="split it by lines")
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if len(lines) > MAX_RECORDS:
        raise InputError(f"the proposals file has more than {MAX_RECORDS:,} records", remedy="split it by lines")
    return tuple(_read(lines, key))


def _read(lines: list[tuple[int, bytes]], key: bytes) -> Iterator[ProposedRead]:
    for position, (number, line) in enumerate(lines):
        record = _record(number, line)
        if record.get("status") in _NOT_PROPOSED:
            continue
        try:
            _check(record, key)
            yield _proposed(Fields("", record))
        except FieldError as error:
            known = Fields("", record).known("finding_id")
            yield InvalidFinding(SOURCE, position, f"line {number}: {error.field}", error.reason, known)


def _record(number: int, line: bytes) -> Record:
    try:
        if len(line) > MAX_LINE_BYTES:
            raise InputError(f"line {number} of the proposals file is too long", remedy="generate it anew")
        loaded: object = json.loads(line.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
        json.dumps(loaded, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a key twice, half a character, or nested too deeply
        loaded = None
    if not isinstance(loaded, dict):
        raise InputError(
            f"line {number} of the proposals file is no record",
            remedy="give what `iacfix generate --output json` wrote, as it wrote it",
        )
    return loaded


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of two keys alike one reader takes the first and another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a key is written twice"
        raise ValueError(msg)
    return found


def _no_number(name: str) -> object:
    raise ValueError(name)


def _said(record: Record) -> bytes:
    """The one spelling of a record that is hashed."""
    bare = {name: value for name, value in record.items() if name not in _SEALS}
    return json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _signature(said: bytes, key: bytes) -> str:
    return hmac.new(key, _CONTEXT + said, hashlib.sha256).hexdigest()


def _check(record: Record, key: bytes) -> None:
    said = _said(record)
    digest = string("digest", record.get("digest"))
    if digest != f"sha256:{hashlib.sha256(said).hexdigest()}":
        raise FieldError("digest", "is not that of the record: it was changed after it was written")
    if not key:
        return
    signature = string("signature", record.get("signature") or "")
    expected = f"hmac-sha256:{_signature(said, key)}"
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        raise FieldError("signature", "is not by the key of IACFIX_PROPOSALS_KEY")


def _proposed(record: Fields) -> Proposed:
    finding = _finding(record.mapping("finding"), record.text("control", ""))
    diff = string("diff", record.values.get("diff"), MAX_DIFF_BYTES)
    risk = record.text("risk", "")
    if risk and risk not in set(Risk):
        raise FieldError("risk", f"is none of {', '.join(Risk)}")
    words = string("explanation", record.values.get("explanation") or "", _MAX_WORDS)
    assumptions = tuple(string(path, each) for path, each in record.listing("assumptions"))
    candidate = Candidate(
        diff,
        record.text("generator"),
        explanation=words,
        assumptions=assumptions,
        risk=Risk(risk) if risk else None,
    )
    return Proposed(
        finding,
        record.verbatim("repository"),
        record.text("base", ""),
        record.verbatim("path"),
        record.verbatim("address"),
        candidate,
    )


def _finding(record: Fields, control: str) -> Finding:
    severity = record.text("severity", "")
    resource, hint = record.mapping("resource"), record.mapping("hint")
    return Finding(
        source=record.text("source"),
        id=record.text("id"),
        check_id=record.text("check_id", ""),
        title=record.title("title", ""),
        resource=CloudResource(
            type=resource.text("type", ""),
            identifier=resource.text("identifier", ""),
            name=resource.text("name", ""),
            account=resource.text("account", ""),
            region=resource.text("region", ""),
            tags=tuple(_pair(*each) for each in resource.listing("tags")),
        ),
        control=control,
        severity=Severity(severity) if severity in set(Severity) else Severity.UNKNOWN,
        hint=Hint(hint.verbatim("path"), hint.verbatim("address"), _line(hint, "start_line"), _line(hint, "end_line")),
        url=record.text("url", ""),
        observed_at=record.text("observed_at", ""),
        also=tuple(_pair(*each) for each in record.listing("also")) if "also" in record.values else (),
    )


def _line(hint: Fields, name: str) -> int:
    found = integer(hint.at(name), hint.values.get(name, 0))
    if not 0 <= found <= 2**31:
        raise FieldError(hint.at(name), "is no line")
    return found


def _pair(path: str, value: object) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - two of them
        raise FieldError(path, "should be two texts")
    return string(f"{path}[0]", value[0]), string(f"{path}[1]", value[1])
