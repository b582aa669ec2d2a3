"""What was seen of a live resource, into the ledger and back to the tools that had reported it.

A finding is closed because somebody looked at the resource, never because a fix was made. What a person has suppressed
is left alone: it is read before it is changed. No API of the tools changes a finding only where it still is as it was
read, so that a suppression in the moment between the two would be overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import LedgerError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.secrets import redact
from iacfix.domain.verification import Result, Verification
from iacfix.ledger.states import may_follow
from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import FindingTracker, Tracked, TrackedStatus, Update
from iacfix.workflows.ledger_moves import LedgerMoves

_FIXED = frozenset({State.FIXED, State.PREVENTED})
_ENDS: Mapping[Result, State] = {
    Result.RESOLVED: State.FIXED,
    Result.RESOURCE_GONE: State.FIXED,
    Result.STILL_OPEN: State.STILL_OPEN,
    Result.ERROR: State.VERIFICATION_FAILED,
}


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
    came_back: str = ""  # the verification that had seen it fixed


@dataclass(frozen=True)
class Closer:
    moves: LedgerMoves
    trackers: Sequence[FindingTracker]

    def close(self, looked: Iterable[tuple[str, Verification]]) -> tuple[Told, ...]:
        """By the ledger's key. First the ledger, which is ours, then the tools. Doing it again tells nothing twice, and
        tells what could not be told before. Raises LedgerError where the ledger cannot be used at all.
        """
        told: list[Told] = []
        cases: list[_Case] = []
        for key, seen in looked:
            found = self._moved(key, seen)
            if isinstance(found, Told):
                told.append(found)
            elif seen.result is Result.ERROR:
                told.append(Told(key, "", Closing.LEFT, f"nobody could look: {seen.seen}"))
            else:
                cases.append(found)
        told += self._tell(cases)
        for each in told:
            self._record(each)
        return tuple(told)

    def _moved(self, key: str, seen: Verification) -> _Case | Told:
        entry = self.moves.store.get(key)
        if entry is None:
            return Told(key, "", Closing.FAILED, "the ledger does not have it")
        if (seen.resource, seen.control) != (entry.resource, entry.control):
            return Told(key, "", Closing.FAILED, f"the verification {seen.id} is of another resource or control")
        end, reason = _ENDS[seen.result], _line(f"{seen.seen} (verification {seen.id})")
        came_back = entry.verification if entry.state in _FIXED and end is State.STILL_OPEN else ""
        stops = _stops(entry, end)
        if stops is None:
            return Told(key, "", Closing.LEFT, f"it is {entry.state}: no verification is due")
        if came_back:
            reason = f"it has come back after the verification {came_back}: {reason}"
        if entry.verification != seen.id and stops:
            try:
                entry = self.moves.through(entry, stops, reason, {"verification": seen.id})
            except LedgerError as error:
                return Told(key, "", Closing.FAILED, str(error))
        return _Case(entry, seen, came_back)

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
        """What was done or failed; what was left as it is was recorded with the finding's move."""
        if told.closing not in _RESULTS:
            return
        event = AuditEvent(
            at=self.moves.moment(),
            actor=self.moves.actor,
            action=f"tool.{told.closing}",
            result=_RESULTS[told.closing],
            reason=told.reason,
            key=told.key,
            finding=_parted(told.source)[1],
        )
        self.moves.note(event)


def _stops(entry: LedgerEntry, end: State) -> tuple[State, ...] | None:
    """The states to go through, none where it stands there already; None where no verification is due. What was fixed
    and is seen open again begins its next round.
    """
    if entry.state is end or (entry.state in _FIXED and end is not State.STILL_OPEN):
        return ()
    if entry.state in _FIXED:
        return (State.TRIAGED,)
    if entry.state is State.VERIFYING:
        return (end,)
    return (State.VERIFYING, end) if State.VERIFYING in may_follow(entry.state) else None


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
    what = f"It has come back after verification {case.came_back}" if case.came_back else "Still open"
    return _line(f"{what}, by verification {case.seen.id} at {case.seen.at}: {case.seen.seen}{_history(case)}")


def _history(case: _Case) -> str:
    return f" (round {case.entry.round})" if case.entry.round > 1 else ""


def _line(text: str) -> str:
    return " ".join(redact(text).split())


def _parted(source: str) -> tuple[str, str]:
    tool, _, identity = source.partition(":")
    return tool, identity
