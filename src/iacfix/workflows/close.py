"""What was seen of a live resource, back to the tools that had reported it.

A finding is closed because somebody looked at the resource, never because a fix was made: the look has to be in the
ledger already (workflows/verify.py), which decides what it says of the finding. What a person has suppressed
is left alone: it is read before it is changed. No API of the tools changes a finding only where it still is as it was
read, so that a suppression in the moment between the two would be overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.secrets import redact
from iacfix.domain.verification import Result, Verification
from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import FindingTracker, Tracked, TrackedStatus, Update
from iacfix.workflows.record import Recorder


class Closing(StrEnum):
    """What became of a finding where it was reported."""

    RESOLVED = "resolved"
    TOLD = "told"  # the tool resolves it itself, when it has looked again
    NOTIFIED = "notified"  # back to its owner
    ALREADY = "already"  # it was told before
    SUPPRESSED = "suppressed"  # by a person, and left so
    GONE = "gone"  # the tool does not see it any more, or does not have it
    NOWHERE = "nowhere"  # a scanner keeps nothing that could be closed
    LEFT = "left"
    FAILED = "failed"


_RESULTS: Mapping[Closing, AuditResult] = {
    Closing.RESOLVED: AuditResult.DONE,
    Closing.TOLD: AuditResult.DONE,
    Closing.NOTIFIED: AuditResult.DONE,
    Closing.FAILED: AuditResult.FAILED,
}


@dataclass(frozen=True, slots=True)
class Told:
    """Of one finding, `source` as the ledger has it: `tool:id`, "" where it never came to telling a tool."""

    key: str
    source: str
    closing: Closing
    reason: str


@dataclass(frozen=True, slots=True)
class _Case:
    entry: LedgerEntry
    seen: Verification


@dataclass(frozen=True)
class Closer:
    """`recorder` leads to the ledger, and writes what was told into its audit record."""

    recorder: Recorder
    trackers: Sequence[FindingTracker]

    def close(self, looked: Iterable[tuple[str, Verification]]) -> tuple[Told, ...]:
        """By the ledger's key. Doing it again tells nothing twice, and tells what could not be told before. Raises
        LedgerError where the ledger cannot be used.
        """
        told: list[Told] = []
        cases: list[_Case] = []
        for key, seen in looked:
            found = self._case(key, seen)
            if isinstance(found, Told):
                told.append(found)
            else:
                cases.append(found)
        told += self._tell(cases)
        for each in told:
            self._record(each)
        return tuple(told)

    def _case(self, key: str, seen: Verification) -> _Case | Told:
        entry = self.recorder.store.get(key)
        if entry is None:
            return Told(key, "", Closing.LEFT, "the ledger does not have it")
        if (seen.resource, seen.control) != (entry.resource, entry.control):
            return Told(key, "", Closing.FAILED, f"the verification {seen.id} is of another resource or control")
        if entry.verification != seen.id:
            return Told(key, "", Closing.LEFT, f"it is {entry.state}, and not by the verification {seen.id}")
        if seen.result is Result.ERROR:
            return Told(key, "", Closing.LEFT, f"nobody could look: {_line(seen.seen)}")
        return _Case(entry, seen)

    def _tell(self, cases: Sequence[_Case]) -> Iterator[Told]:
        left = [(case, source) for case in cases for source in case.entry.sources]
        for tracker in self.trackers:
            mine = [(case, source) for case, source in left if tracker.keeps(*_parted(source))]
            left = [each for each in left if each not in mine]
            yield from _told_to(tracker, mine)
        for case, source in left:
            why = f"{_parted(source)[0]} keeps no findings that could be closed, or nothing leads to it"
            yield Told(case.entry.key, source, Closing.NOWHERE, why)

    def _record(self, told: Told) -> None:
        """What was done or failed. What was left as it is changes nothing, and would be told again and again."""
        if told.closing not in _RESULTS:
            return
        event = AuditEvent(
            at=self.recorder.now().astimezone(UTC).isoformat(timespec="seconds"),
            actor=self.recorder.actor,
            action=f"tool.{told.closing}",
            result=_RESULTS[told.closing],
            reason=told.reason,
            key=told.key,
            finding=_parted(told.source)[1],
        )
        self.recorder.note(event)


def _told_to(tracker: FindingTracker, cases: Sequence[tuple[_Case, str]]) -> Iterator[Told]:
    if not cases:
        return
    try:
        known = tracker.read(tuple(dict.fromkeys(_parted(source)[1] for _, source in cases)))
    except CloudReadError as error:
        yield from (Told(case.entry.key, source, Closing.FAILED, str(error)) for case, source in cases)
        return
    wanted: list[tuple[_Case, str, Update, Closing]] = []
    for case, source in cases:
        there = known.get(_parted(source)[1])
        said = _decided(case, there, tracker.name)
        if isinstance(said, Update):
            wanted.append((case, source, said, _done(said, there)))
        else:
            yield Told(case.entry.key, source, *said)
    failed = tracker.update([update for _, _, update, _ in wanted])
    for case, source, update, done in wanted:
        why = failed.get(update.handle, "")
        yield Told(case.entry.key, source, Closing.FAILED if why else done, why or update.note)


def _done(update: Update, there: Tracked | None) -> Closing:
    if update.status is TrackedStatus.NOTIFIED:
        return Closing.NOTIFIED
    return Closing.TOLD if there is not None and there.settles_itself else Closing.RESOLVED


def _decided(case: _Case, known: Tracked | None, tracker: str) -> Update | tuple[Closing, str]:
    if known is None:
        return Closing.GONE, f"{tracker} does not have it"
    if known.status is TrackedStatus.SUPPRESSED:
        return Closing.SUPPRESSED, f"it is suppressed in {tracker}, and stays so"
    if known.status is TrackedStatus.GONE:
        return Closing.GONE, f"{tracker} does not see it any more"
    if known.resources and case.entry.resource not in known.resources:
        return Closing.LEFT, f"in {tracker} it is about another resource"
    if case.seen.result is Result.STILL_OPEN:
        if known.status is TrackedStatus.NOTIFIED and case.seen.id in known.note:
            return Closing.ALREADY, f"{tracker} has been told"
        return Update(known.handle, TrackedStatus.NOTIFIED, _still_open(case))
    if known.status is TrackedStatus.RESOLVED:
        return Closing.ALREADY, f"it is resolved in {tracker}"
    if known.settles_itself and case.seen.id in known.note:
        return Closing.ALREADY, f"{tracker} has been told, and resolves it when it has looked again"
    if len(known.resources) > 1:
        return Closing.LEFT, f"in {tracker} it is about {len(known.resources)} resources, and one of them was looked at"
    return Update(known.handle, TrackedStatus.RESOLVED, _resolved(case))


def _resolved(case: _Case) -> str:
    what = "The resource is gone" if case.seen.result is Result.RESOURCE_GONE else "Fixed"
    return _line(f"{what}, by verification {case.seen.id} at {case.seen.at}: {case.seen.seen}{_history(case)}")


def _still_open(case: _Case) -> str:
    """What was fixed and is open again begins its next round at triage."""
    what = "It has come back" if case.entry.state is State.TRIAGED else "Still open"
    return _line(f"{what}, by verification {case.seen.id} at {case.seen.at}: {case.seen.seen}{_history(case)}")


def _history(case: _Case) -> str:
    return f" (round {case.entry.round} of {case.entry.key[:12]})" if case.entry.round > 1 else ""


def _line(text: str) -> str:
    return " ".join(redact(text).split())


def _parted(source: str) -> tuple[str, str]:
    tool, _, identity = source.partition(":")
    return tool, identity
