"""Bringing back what a runbook changed, from what was recorded before it."""

from dataclasses import dataclass, replace

from iacfix.controls import Catalogue
from iacfix.domain.audit import AuditResult
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.remediation import Remediation
from iacfix.domain.runbook import RuntimeFix, Values
from iacfix.ledger.states import may_follow
from iacfix.ports.posture import PostureError
from iacfix.ports.runbooks import RunbookError, Start
from iacfix.runtime import guards
from iacfix.runtime.filling import UnfilledError, told
from iacfix.runtime.state import LiveState, read_state
from iacfix.runtime.target import Target, target_of
from iacfix.workflows.moves import Moves, Told
from iacfix.workflows.remediate import Readers, Rules
from iacfix.workflows.remediations import Remediations, token
from iacfix.workflows.runbooks import Following

OWN_NAMES = frozenset({"rules"})  # ids that AWS gives anew


@dataclass(frozen=True, slots=True)
class RolledBack:
    done: bool
    reason: str
    entry: LedgerEntry


@dataclass(frozen=True)
class Rollback:
    catalogue: Catalogue
    readers: Readers
    following: Following
    moves: Moves
    remediations: Remediations
    rules: Rules

    def restore(self, entry: LedgerEntry, *, by: str, apply: bool) -> RolledBack:
        """1. what was done, 2. whether there is a way back, 3. whether it still stands as it was left, 4. open the
        finding again, 5. start and follow the way back, 6. see that it is as it was before. Whatever cannot be is
        refused with its reason.
        """
        made = self.remediations.last(entry)
        if made is None or not made.execution:
            return RolledBack(done=False, reason="no runbook has changed anything for this finding", entry=entry)
        control = next((each for each in self.catalogue if each.id == made.change.control), None)
        if control is None or control.runtime is None:
            return self._refused(entry, made, f"the catalogue has no runbook for {made.change.control} any more")
        fix = control.runtime
        target = target_of(made.finding, fix)
        if isinstance(target, str):
            return self._refused(entry, made, target)
        if reason := self._objection(entry, fix, target, made):
            return self._refused(entry, made, reason)
        if not apply:
            reason = f"{fix.restore.runbook if fix.restore else ''} would be started. {fix.caveat}".strip()
            return RolledBack(done=False, reason=reason, entry=entry)
        return self._restored(entry, fix, target, made, by)

    def _objection(self, entry: LedgerEntry, fix: RuntimeFix, target: Target, made: Remediation) -> str:
        if fix.restore is None:
            return f"there is no way back: {fix.irreversible}"
        if made.restored:
            return f"it has been taken back already, by {made.restored}"
        if entry.state in {State.REMEDIATING, State.AWAITING_APPROVAL}:
            return f"it is {entry.state}: let that come to its end first"
        if refused := guards.account(made.finding, self.rules.accounts):
            return refused.reason
        try:
            now = read_state(self.readers(entry.key), fix, target)
        except (PostureError, UnfilledError) as error:
            return f"what stands there now could not be read: {error}"
        if _same(now.values, made.change.before):
            return f"it stands as it did before: {now.told()}"
        if not _same(now.values, made.after):
            return f"somebody has changed it since, and that would be lost: {now.told()}"
        if fix.leave and now.kept:
            return now.kept
        return ""

    def _restored(self, entry: LedgerEntry, fix: RuntimeFix, target: Target, made: Remediation, by: str) -> RolledBack:
        run = fix.restore
        if run is None:
            return self._refused(entry, made, fix.irreversible)
        values = target.values(self.rules.role.replace("{account}", target.account))
        try:
            parameters = told(run, values, made.change.before)
        except UnfilledError as error:
            return self._refused(entry, made, f"what was recorded does not say how it was: {error}")
        # SSM answers a token that it knows with what became of it: what failed needs another.
        again = token(made.key, made.round, made.attempt, f"restore {made.failed_restores}")
        start = Start(run.runbook, parameters, again, target.at, entry.key)
        before = LiveState(made.after, right=False).told()
        reason = f"{by} takes back what {made.execution} did, by {run.runbook}"
        entry = self._opened(entry, made, reason, Told(before=before, authorization=by))
        try:
            end = self.following.run(start, lambda _: None)
            now = read_state(self.readers(entry.key), fix, target)
        except (RunbookError, PostureError, UnfilledError) as error:
            return self._refused(entry, made, f"{run.runbook}: {error}", AuditResult.FAILED)
        if not _same(now.values, made.change.before):
            said = f"{run.runbook} ended as {end.progress} {end.reason}".strip()
            self.remediations.keep(replace(made, failed_restores=made.failed_restores + 1))
            return self._refused(
                entry, made, f"{said}, and it does not stand as before: {now.told()}", AuditResult.FAILED
            )
        self.remediations.keep(replace(made, restored=end.id))
        reason = f"{by} took the change back ({end.progress}): it stands as it did before"
        seen = Told(after=now.told(), authorization=by)
        self.moves.note(entry, "rollback.done", reason, finding=made.finding.id, told=seen)
        return RolledBack(done=True, reason=reason, entry=entry)

    def _opened(self, entry: LedgerEntry, made: Remediation, reason: str, told: Told) -> LedgerEntry:
        """Before anything is started: whatever becomes of the way back, nothing is called fixed that may be wrong."""
        if State.TRIAGED in may_follow(entry.state) and entry.state not in guards.BUSY:
            return self.moves.to(entry, State.TRIAGED, reason, finding=made.finding.id, told=told)
        self.moves.note(entry, "rollback.started", reason, finding=made.finding.id, told=told)
        return entry

    def _refused(
        self, entry: LedgerEntry, made: Remediation, reason: str, result: AuditResult = AuditResult.REFUSED
    ) -> RolledBack:
        self.moves.note(entry, "rollback.refused", reason, finding=made.finding.id, told=Told(result=result))
        return RolledBack(done=False, reason=reason, entry=entry)


def _same(one: Values, other: Values) -> bool:
    """Of what they have in common beside names that are given anew; in any order."""
    names = (one.keys() | other.keys()) - OWN_NAMES
    return all(sorted(one.get(name, ())) == sorted(other.get(name, ())) for name in names)
