"""The audit record goes where its writer cannot reach it, and is held against what is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from iacfix.domain.audit import Head
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.audit import MAIN, Broken, verify
from iacfix.ledger.entries import Said, contradiction, is_ahead, is_behind, said_of_entries
from iacfix.ledger.segments import MOST_RECORDS, Segment, cut, is_segment, opened
from iacfix.ports.archive import Archive, Kept
from iacfix.ports.stores import LedgerStore


@dataclass(frozen=True, slots=True)
class Exported:
    """`heads`: where each chain ends in the archive now."""

    segments: int
    records: int
    heads: Mapping[str, Head]


def verified(store: LedgerStore, heads: Mapping[str, Head]) -> Mapping[str, Head] | Broken:
    """Where each chain of a ledger ends. Each has to come through its head of `heads`, and to end where the ledger says
    that it does; and each entry has to be as its last record tells it.
    """
    # first the entries: what they say has a record by the time that this is read
    entries = {each.key: each for each in store.in_states(frozenset(State))}
    lines = tuple(store.audit())
    found = verify(lines, heads)
    if isinstance(found, Broken):
        return found
    if reason := _unrecorded(store, entries, said_of_entries(lines)):
        return Broken(0, reason)
    ends = {chain: store.head(chain) for chain in {MAIN, *found}}
    if any(found.get(chain, Head()) != end for chain, end in ends.items()):
        # others may have written meanwhile: what they wrote is there by now
        found = verify(store.audit(), {chain: end for chain, end in ends.items() if end.sequence})
        if isinstance(found, Broken):
            return found
    for chain, last in sorted(found.items()):
        if (told := store.head(chain).sequence) < last.sequence:
            return Broken(0, f"the ledger says that {chain} ends at {told}", chain, told + 1)
    return found


def _unrecorded(store: LedgerStore, entries: Mapping[str, LedgerEntry], said: Mapping[str, Said]) -> str:
    """The first entry that is not as the record tells it."""
    for key in sorted(said):
        entry = entries.get(key)
        if is_behind(entry, said[key]):  # it may have been written after it was read
            entry = store.get(key)
            if is_ahead(entry, said[key]):
                continue
        if wrong := contradiction(entry, said[key]):
            return f"the entry {key[:12]} was changed beside the record: {wrong}"
    if unknown := sorted(entries.keys() - said.keys()):
        return f"the entry {unknown[0][:12]} was made beside the record"
    return ""


def archived(archive: Archive) -> Mapping[str, Head] | Broken:
    """Where each chain ends in the archive: all of it is read."""
    found: dict[str, Head] = {}
    for kept in _segments_of(archive):
        segment = _segment(archive, kept)
        if isinstance(segment, Broken):
            return segment
        chain, last = segment.first.chain, found.get(segment.first.chain, Head())
        if (segment.first.sequence, segment.first.previous) != (last.sequence + 1, last.hash):
            return Broken(1, f"{kept.name}: it does not follow the segment before it", chain, last.sequence + 1)
        found[chain] = segment.head
    return found


def export(store: LedgerStore, archive: Archive, until: datetime, most: int = MOST_RECORDS) -> Exported:
    """What is in the ledger and not in the archive yet, `most` records a segment. Doing it again writes nothing.

    Of the archive only the last segment of each chain is read. Raises LedgerError where one does not hold, or the
    ledger does not continue it: then nothing is written.
    """
    heads = _ends(archive)
    if isinstance(heads, Broken):
        raise LedgerError(f"the archive {archive.name} does not hold: {heads.reason}", remedy="look who was at it")
    lines = tuple(store.audit())
    if isinstance(found := verify(lines, heads), Broken):
        what = f"the audit record does not hold at its line {found.line}: {found.reason}"
        raise LedgerError(what, remedy=f"look who was at it; what is in {archive.name} is as it was")
    segments = tuple(cut(lines, heads, most))
    for segment in segments:
        if not archive.write(segment.name, segment.data, until, segment.about):
            raise StaleEntryError(f"somebody else exported to {archive.name} meanwhile", remedy="run it again")
    now = {**heads, **{segment.first.chain: segment.head for segment in segments}}
    records = sum(segment.last.sequence - segment.first.sequence + 1 for segment in segments)
    return Exported(len(segments), records, now)


def _ends(archive: Archive) -> dict[str, Head] | Broken:
    last = {kept.name.rpartition("/")[0]: kept for kept in _segments_of(archive)}  # sorted: the last one stays
    found: dict[str, Head] = {}
    for kept in last.values():
        segment = _segment(archive, kept)
        if isinstance(segment, Broken):
            return segment
        found[segment.first.chain] = segment.head
    return found


def _segments_of(archive: Archive) -> Iterator[Kept]:
    return (kept for kept in archive.kept() if is_segment(kept.name))


def _segment(archive: Archive, kept: Kept) -> Segment | Broken:
    if kept.is_gone:
        return Broken(0, f"{kept.name} was taken away")
    if kept.versions != 1:
        return Broken(0, f"{kept.name} was written {kept.versions} times")
    return opened(kept.name, archive.read(kept.name))
