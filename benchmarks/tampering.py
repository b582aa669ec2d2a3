"""Is tampering with the audit record found? Every bit of a small record is turned in turn, as it stands in a ledger of
SQLite, in what was exported, and in the segments of an archive; then records are taken out, swapped, doubled and cut
off. And what verifying costs.
"""

import argparse
import hashlib
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import results

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import AuditEvent, AuditResult, Head, written
from iacfix.domain.errors import LedgerError
from iacfix.ledger.audit import MAIN, Broken, appended, verify
from iacfix.ports.archive import Kept
from iacfix.workflows.archiving import archived, export, verified

RECORDS = 3
MANY = 5_000
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
EVENT = AuditEvent(
    at="2026-11-21T12:00:00+00:00",
    actor="iacfix/0.1",
    action="finding.triaged",
    result=AuditResult.DONE,
    reason="triage: owner platform; iac, supervised",
    key="a" * 64,
    finding="arn:aws:securityhub:eu-west-1:111122223333:finding/1",
    resource="arn:aws:s3:::logs",
    before='{"state": "received"}',
    after='{"state": "triaged"}',
    authorization="policy 1f and gates: allows it, supervised",
)


@dataclass
class Shelf:
    """An archive that anybody can get at."""

    files: dict[str, bytes] = field(default_factory=dict)
    name: str = "shelf"

    def kept(self) -> Sequence[Kept]:
        return tuple(map(Kept, sorted(self.files)))

    def read(self, name: str) -> bytes:
        return self.files[name]

    def write(self, name: str, data: bytes, until: datetime, about: Mapping[str, str]) -> bool:  # noqa: ARG002 - the port's
        return self.files.setdefault(name, data) is data


def flipped(data: bytes) -> Iterator[bytes]:
    for at, byte in enumerate(data):
        for bit in range(8):
            yield data[:at] + bytes([byte ^ (1 << bit)]) + data[at + 1 :]


def of_lines(lines: Sequence[str], anchor: Mapping[str, Head]) -> tuple[int, int]:
    tried = found = 0
    for number, line in enumerate(lines):
        for other in flipped(line.encode("ascii")):
            text = other.decode("latin-1")
            tried += 1
            found += isinstance(verify([*lines[:number], text, *lines[number + 1 :]], anchor), Broken)
    return tried, found


def of_rows(path: Path, anchor: Mapping[str, Head]) -> tuple[int, int]:
    tried = found = 0
    ledger = SqliteLedger(path)
    put = "UPDATE audit SET record = CAST(? AS TEXT) WHERE sequence = ?"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for sequence, line in connection.execute("SELECT sequence, record FROM audit").fetchall():
            for other in flipped(line.encode()):
                connection.execute(put, (other, sequence))
                tried += 1
                found += _is_told(ledger, anchor)
            connection.execute(put, (line.encode(), sequence))
    return tried, found


def of_segments(shelf: Shelf) -> tuple[int, int]:
    tried = found = 0
    for name, data in shelf.files.items():
        for other in flipped(data):
            tried += 1
            found += isinstance(archived(Shelf({**shelf.files, name: other})), Broken)
    return tried, found


def of_places(lines: Sequence[str], anchor: Mapping[str, Head]) -> Iterator[tuple[str, int, int]]:
    count = len(lines)
    ways = {
        "a record taken out": [[*lines[:at], *lines[at + 1 :]] for at in range(count)],
        "two records swapped": [
            [lines[{one: other, other: one}.get(at, at)] for at in range(count)]
            for one in range(count)
            for other in range(one)
        ],
        "a record twice": [[*lines[: at + 1], *lines[at:]] for at in range(count)],
        "the end cut off, with an anchor": [list(lines[:at]) for at in range(count)],
    }
    for name, those in ways.items():
        yield name, len(those), sum(isinstance(verify(each, anchor), Broken) for each in those)
    bare = [list(lines[:at]) for at in range(1, count)]
    yield "the end cut off, without one", len(bare), sum(isinstance(verify(each), Broken) for each in bare)


def _is_told(ledger: SqliteLedger, anchor: Mapping[str, Head]) -> bool:
    try:
        return isinstance(verified(ledger, anchor), Broken)
    except LedgerError:  # the file cannot be read at all
        return True


def page(folder: Path) -> tuple[str, int]:
    """The table, and how many changes were not found that had to be."""
    path = folder / "ledger.sqlite"
    ledger = SqliteLedger(path)
    for _ in range(RECORDS):
        ledger.write(appended(ledger.head(MAIN), EVENT))
    anchor = {MAIN: ledger.head(MAIN)}
    lines = tuple(ledger.audit())
    shelf = Shelf()
    export(ledger, shelf, UNTIL)
    rows = [
        ("a bit of a line that was exported", *of_lines(lines, anchor)),
        ("a bit of a row of SQLite", *of_rows(path, anchor)),
        ("a bit of a segment", *of_segments(shelf)),
        *of_places(lines, anchor),
    ]
    missed = sum(tried - found for name, tried, found in rows if not name.endswith("without one"))
    text = results.table(("changed", "tried", "found"), rows)
    note = "A chain cannot tell by itself that its end is gone: an anchor (`--head`, or the archive) does."
    return f"## Tampering\n\n{results.made_by('tampering --write')} {note} {_speed()}\n\n{text}", missed


def _speed() -> str:
    """As a ratio to what cannot be saved: reading each line as JSON, and hashing it."""
    head, lines = Head(), list[str]()
    for _ in range(MANY):
        record = appended(head, EVENT)
        lines.append(written(record))
        head = Head(record.sequence, record.hash)
    start = time.process_time()
    verify(lines)
    verifying = time.process_time() - start
    start = time.process_time()
    for line in lines:
        json.loads(line)
        hashlib.sha256(line.encode("ascii")).hexdigest()
    least = time.process_time() - start
    return f"Verifying {MANY} records takes {verifying / least:.1f} times what reading and hashing their lines does."


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text, missed = page(Path(folder))
    print(text)
    if given.write:
        results.write("tampering", text)
    raise SystemExit(missed > 0)


if __name__ == "__main__":
    main()
