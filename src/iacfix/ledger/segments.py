"""The audit record in segments: files of lines, each of one chain, which continue one another.

A segment's name is its chain and the number of its first record: who writes it a second time meets the first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from iacfix.domain.audit import AuditRecord, Head, read
from iacfix.domain.errors import LedgerError
from iacfix.ledger.audit import Broken, verify

MOST_RECORDS = 5_000
_DIGITS = 12
SUFFIX = ".jsonl"
_NAME = re.compile(rf"[^/]+/[0-9]{{{_DIGITS}}}\{SUFFIX}")


@dataclass(frozen=True, slots=True)
class Segment:
    """`first` and `last` are records; between them it is whole."""

    first: AuditRecord
    last: AuditRecord
    data: bytes

    @property
    def name(self) -> str:
        return f"{quote(self.first.chain, safe='')}/{self.first.sequence:0{_DIGITS}d}{SUFFIX}"

    @property
    def head(self) -> Head:
        return Head(self.last.sequence, self.last.hash)

    @property
    def about(self) -> Mapping[str, str]:
        """What can be read of it without reading it."""
        return {
            "chain": quote(self.first.chain, safe=""),
            "first": str(self.first.sequence),
            "last": str(self.last.sequence),
            "follows": self.first.previous,
            "hash": self.last.hash,
        }


def cut(lines: Iterable[str], after: Mapping[str, Head], most: int = MOST_RECORDS) -> Iterator[Segment]:
    """What comes after these heads, of a record that was verified, chain for chain."""
    waiting: list[tuple[AuditRecord, str]] = []
    for line in lines:
        record = read(line)
        if record.sequence <= after.get(record.chain, Head()).sequence:
            continue
        if waiting and (waiting[0][0].chain != record.chain or len(waiting) == most):
            yield _segment(waiting)
            waiting = []
        waiting.append((record, line))
    if waiting:
        yield _segment(waiting)


def is_segment(name: str) -> bool:
    """What else stands beside segments is nobody's business here."""
    return _NAME.fullmatch(name) is not None


def opened(name: str, data: bytes) -> Segment | Broken:
    """A segment, which holds in itself."""
    try:
        *lines, rest = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return Broken(1, f"{name}: it holds what no record holds")
    if rest or not lines:
        return Broken(len(lines) + 1, f"{name}: it does not end where a record ends")
    try:
        first, last = read(lines[0]), read(lines[-1])
    except LedgerError as error:
        return Broken(1, f"{name}: {error}")
    found = verify(lines, begin={first.chain: Head(first.sequence - 1, first.previous)})
    if isinstance(found, Broken):
        return Broken(found.line, f"{name}: {found.reason}", found.chain, found.sequence)
    segment = Segment(first, last, data)
    if set(found) != {first.chain} or segment.name != name:
        return Broken(1, f"{name}: it holds records of another place")
    return segment


def _segment(records: list[tuple[AuditRecord, str]]) -> Segment:
    data = "".join(f"{line}\n" for _, line in records).encode("ascii")
    return Segment(records[0][0], records[-1][0], data)
