"""Looking at the resource of a finding after its fix, and what the ledger says then."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from iacfix.controls import Catalogue
from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Result, Verification
from iacfix.ledger.audit import MAIN
from iacfix.ledger.entries import told as standing
from iacfix.ledger.identity import ledger_key
from iacfix.ledger.states import FAILED, amended, moved, way
from iacfix.ports.posture import PostureReader
from iacfix.ports.stores import LedgerStore
from iacfix.verification import CHECKS
from iacfix.verification.look import DEFAULT_WAIT, checked_wait, look, remaining
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.fix import identify
from iacfix.workflows.ledger_writer import LedgerWriter, until_nobody_is_quicker

_GOOD = frozenset({Result.RESOLVED, Result.RESOURCE_GONE})
_ENDS: Mapping[Result, State] = {
    Result.RESOLVED: State.FIXED,
    Result.RESOURCE_GONE: State.FIXED,
    Result.STILL_OPEN: State.STILL_OPEN,
    Result.ERROR: State.VERIFICATION_FAILED,
}
# What a person, a policy or a runbook is at is not for a look to move.
_LEFT_ALONE = frozenset({State.ACCEPTED, State.PREVENTED, State.AWAITING_APPROVAL, State.REMEDIATING})
_CORRELATION = 32


@dataclass(frozen=True)
class Verifier:
    """`readers` gives the reader for a finding's correlation id. `wait` is in seconds, and 0 where somebody else has
    waited: a delayed message, or a state machine.

    Raises ConfigurationError for another wait than is allowed.
    """

    catalogue: Catalogue
    readers: Callable[[str], PostureReader]
    wait: float = DEFAULT_WAIT
    now: Clock = utc_now
    pause: Callable[[float], None] = time.sleep
    new_id: Callable[[], str] = lambda: f"v-{uuid.uuid4().hex}"

    def __post_init__(self) -> None:
        if self.wait:
            checked_wait(self.wait)

    def verify(self, finding: Finding, *, since: datetime | None = None) -> Verification:
        """Waits until `wait` seconds after `since`, which is now where nothing is given, and looks. Raises nothing for
        what the finding, its resource or AWS is like: that is Result.ERROR.
        """
        if left := remaining(since or self.now(), self.wait, self.now()):
            self.pause(left)
        known = finding if finding.control else identify(finding, self.catalogue)[0]
        control = self.catalogue.get(known.control)
        return look(
            CHECKS.get(control.verify) if control is not None else None,
            known.control or finding.check_id,
            finding.resource,
            self.readers(correlation(known)),
            now=self.now,
            pause=self.pause,
            new_id=self.new_id,
        )


def correlation(finding: Finding) -> str:
    """What sessions of roles and their tags carry, so that AWS's own record leads to the finding."""
    return ledger_key(finding)[:_CORRELATION]


def evidence_digest(verification: Verification) -> str:
    """SHA-256 in hex of the evidence: what the audit record keeps of it."""
    return hashlib.sha256(verification.evidence.encode()).hexdigest()


@dataclass(frozen=True)
class VerificationRecorder:
    """What was seen, into the ledger. `actor` and `chain` as in Recorder."""

    store: LedgerStore
    actor: str
    now: Clock = utc_now
    chain: str = MAIN

    def record(self, finding: Finding, verification: Verification, repository: str = "") -> LedgerEntry | None:
        """The finding's entry as it stands now, None where the ledger does not know it; the audit record has the look
        in any case. A finding that was fixed and is open again begins another round. Doing it again writes nothing.

        `finding` names its control, as `identify` makes it; `repository` as in Recorder.
        Raises LedgerError where the ledger cannot be used.
        """
        key = ledger_key(finding, repository)

        def recorded() -> LedgerEntry | None:
            entry = self.store.get(key)
            if entry is not None and entry.verification == verification.id:
                return entry
            return self._recorded(entry, key, finding, verification)

        return until_nobody_is_quicker(recorded)

    def _recorded(
        self, entry: LedgerEntry | None, key: str, finding: Finding, verification: Verification
    ) -> LedgerEntry | None:
        steps = steps_of(entry, verification)
        if entry is None or steps is None:
            self._write(None, entry, finding, verification, key)
            return entry
        for number, state in enumerate(steps, 1):
            if number < len(steps):
                after = moved(entry, state, at=self._now(), reason=f"on the way to {steps[-1]}")
            else:
                facts = {"verification": verification.id}
                after = moved(entry, state, at=self._now(), reason=reason_of(verification), facts=facts)
            self._write(after, entry, finding, verification, key)
            entry = after
        if not steps:
            after = amended(
                entry, at=self._now(), facts={"verification": verification.id, "reason": reason_of(verification)}
            )
            self._write(after, entry, finding, verification, key)
            entry = after
        return entry

    def _write(
        self,
        after: LedgerEntry | None,
        before: LedgerEntry | None,
        finding: Finding,
        verification: Verification,
        key: str,
    ) -> None:
        moves = after is not None and (before is None or before.state is not after.state)
        failed = verification.result is Result.ERROR if after is None else after.state in FAILED
        event = AuditEvent(
            at=after.changed_at if after is not None else self._now(),
            actor=self.actor,
            action=f"finding.{after.state}" if after is not None and moves else "finding.verified",
            result=AuditResult.FAILED if failed else AuditResult.DONE,
            reason=after.reason if after is not None else reason_of(verification),
            key=key,
            finding=finding.id,
            resource=finding.resource.identifier,
            before=_told(before, None) if before is not None else "",
            after=_told(after or before, verification),
        )
        LedgerWriter(self.store, self.chain).write(event, after)

    def _now(self) -> str:
        return self.now().astimezone(UTC).isoformat(timespec="seconds")


def steps_of(entry: LedgerEntry | None, verification: Verification) -> tuple[State, ...] | None:
    """The states that a look moves a finding through; none where it stands there already, and None where the look says
    nothing of where it should stand, so that it is only noted.
    """
    if entry is None or entry.state in _LEFT_ALONE:
        return None
    end, good = _ENDS[verification.result], verification.result in _GOOD
    match entry.state:
        case State.VERIFYING:
            return (end,)
        case State.FIXED if good:
            return ()
        case State.FIXED:  # it has come back; that nobody could look takes nothing from what was seen before
            return (State.TRIAGED,) if verification.result is Result.STILL_OPEN else None
        case State.STILL_OPEN | State.VERIFICATION_FAILED:
            return () if entry.state is end else (State.VERIFYING, end)
        case _ if good:
            return (*way(entry.state, State.VERIFYING), end) if way(entry.state, State.VERIFYING) else None
        case _:  # a fix is still on its way: that it is open is no news
            return None


def reason_of(verification: Verification) -> str:
    return f"{verification.result} by {verification.check or 'no check'}: {verification.seen} ({verification.id})"


def _told(entry: LedgerEntry | None, verification: Verification | None) -> str:
    look: Mapping[str, object] = {}
    if verification is not None:
        look = {
            "id": verification.id,
            "at": verification.at,
            "check": verification.check,
            "result": verification.result,
            "calls": verification.calls,
            "evidence_sha256": evidence_digest(verification),
        }
    more = {"look": look} if look else {}
    return json.dumps(more, sort_keys=True) if entry is None else standing(entry, more)
