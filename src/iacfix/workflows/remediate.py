"""From a finding to a live resource that was changed, looked at again, and recorded. Or to the reason why not."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from iacfix.controls import Catalogue
from iacfix.domain.audit import AuditResult
from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.remediation import Approval, ApprovalState, Change, Remediation
from iacfix.domain.runbook import RuntimeFix
from iacfix.domain.triage import Mode
from iacfix.domain.verification import Result, Verification
from iacfix.ledger.identity import ledger_key
from iacfix.ledger.states import ENDS
from iacfix.ports.posture import PostureError, PostureReader
from iacfix.ports.runbooks import Execution, Progress, RunbookError, Start
from iacfix.runtime import guards
from iacfix.runtime.approvals import Asking, expired, question, scope
from iacfix.runtime.filling import UnfilledError, told
from iacfix.runtime.guards import Owned, Refused, Source
from iacfix.runtime.state import LiveState, read_state
from iacfix.runtime.target import Target, target_of
from iacfix.runtime.throttle import Throttle
from iacfix.workflows.fix import identify
from iacfix.workflows.moves import Moves, Told
from iacfix.workflows.remediations import Approvals, Remediations, token
from iacfix.workflows.runbooks import Following
from iacfix.workflows.verify import evidence_digest

Verify = Callable[[Finding], Verification]
"""Looks at the resource, and believes nobody's word of it."""

Readers = Callable[[str], PostureReader]
"""By the key of the finding that is worked on."""


class Ending(StrEnum):
    SHOWN = "shown"  # a dry run: nothing was done
    NOT_NEEDED = "not_needed"
    REFUSED = "refused"
    WAITING = "waiting"  # for a person's answer
    CROWDED = "crowded"  # it may be begun, later
    DENIED = "denied"
    FAILED = "failed"
    STILL_OPEN = "still_open"
    UNSEEN = "unseen"  # nobody could look
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Remedied:
    """`entry` is None where nothing was written: of a dry run."""

    ending: Ending
    reason: str
    entry: LedgerEntry | None = None
    change: Change | None = None
    approval: Approval | None = None
    verification: Verification | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """`accounts` are those that may be changed, `role` is what a runbook acts as, with `{account}` in it. `region` is
    the one where whoever asks can start runbooks, "" where that is any.
    """

    accounts: frozenset[str]
    role: str
    asking: Asking
    region: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, and what stands there now. `looked` says that it is wrong."""

    finding: Finding
    control: Control
    fix: RuntimeFix
    target: Target
    change: Change
    looked: Verification


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done now, and by whose word."""

    entry: LedgerEntry
    plan: Plan
    authorization: str


@dataclass(frozen=True)
class Remediator:
    """`still` looks at once, before a change; `verify` waits first, as long as a change takes to be seen."""

    catalogue: Catalogue
    readers: Readers
    still: Verify
    verify: Verify
    following: Following
    moves: Moves
    remediations: Remediations
    approvals: Approvals
    throttle: Throttle
    rules: Rules

    def remediate(self, found: Finding, *, source: Source, mode: Mode, apply: bool, repository: str = "") -> Remedied:
        """1. which runbook, 2. may it, 3. is it still wrong, 4. what stands there now, 5. show it, or 6. ask a person,
        7. record what was before, 8. start and follow it, 9. look again, 10. verify. One that was begun goes on at 8.
        """
        finding, control = identify(found, self.catalogue)
        entry = self.moves.received(finding, repository) if apply else None
        if entry is not None and entry.state is State.REMEDIATING:
            return self._go_on(entry, finding, control, source)
        if entry is not None and entry.state is State.VERIFYING and self.remediations.last(entry, entry.round):
            return self.settle(entry, finding, source, self.verify(finding))
        allowed = self.allowed(finding, control, source, mode, entry)
        if isinstance(allowed, Remedied):
            return allowed
        begun = self.begun(allowed)
        return begun if isinstance(begun, Remedied) else self._run(*begun, allowed.plan.fix, source)

    def allowed(
        self, finding: Finding, control: Control | None, source: Source, mode: Mode, entry: LedgerEntry | None
    ) -> Allowed | Remedied:
        """Steps 1 to 6. Without an entry nothing is written: a dry run."""
        plan = self.plan(finding, control, source, mode, entry)
        if isinstance(plan, Refused):
            return self._refused(entry, finding, plan)
        if isinstance(plan, Verification):
            return self._not_needed(entry, finding, plan)
        if entry is None:
            return Remedied(Ending.SHOWN, _shown(plan), change=plan.change)
        return self._let_through(self._triaged(entry, finding, plan.looked), plan, mode)

    def plan(
        self, finding: Finding, control: Control | None, source: Source, mode: Mode, entry: LedgerEntry | None
    ) -> Plan | Refused | Verification:
        """A verification where there is nothing to do."""
        if control is None or control.runtime is None:
            return Refused("runbook", f"no runbook is known for {finding.control or finding.check_id}")
        fix = control.runtime
        target = target_of(finding, fix)
        if isinstance(target, str):
            return Refused("resource", target)
        state = State.TRIAGED if entry is None else entry.state
        for refused in (
            guards.free(state),
            guards.account(finding, self.rules.accounts),
            guards.region(target.region, self.rules.region),
            guards.risk(control),
            guards.may_apply(mode) if entry is not None else None,
            guards.source_fix(guards.seen_in_tags(finding, source), fix, state),
        ):
            if refused is not None:
                return refused
        looked = self.still(finding)
        if looked.result in {Result.RESOLVED, Result.RESOURCE_GONE}:
            return looked
        if looked.result is Result.ERROR:
            return Refused("verification", f"nobody could see whether it is still wrong: {looked.seen}")
        try:
            now = read_state(self.readers(ledger_key(finding)), fix, target)
            values = target.values(self.rules.role.replace("{account}", target.account))
            parameters = told(fix.run, values, now.values)
        except (PostureError, UnfilledError) as error:
            return Refused("state", f"what stands there now could not be recorded: {error}")
        if now.kept or now.right:
            return Refused("state", now.kept or f"what the runbook changes is right already: {now.told()}")
        change = Change(control.id, fix.run.runbook, parameters, target.account, target.region, now.values)
        return Plan(finding, control, fix, target, change, looked)

    def _triaged(self, entry: LedgerEntry, finding: Finding, looked: Verification) -> LedgerEntry:
        """A finding that comes to rest, or that has come back, is on its way again."""
        if entry.state in {State.TRIAGED, State.AWAITING_APPROVAL, State.PULL_REQUEST_OPEN}:
            return entry
        return self.moves.to(entry, State.TRIAGED, f"it is wrong: {looked.seen}", finding=finding.id)

    def _let_through(self, entry: LedgerEntry, plan: Plan, mode: Mode) -> Allowed | Remedied:
        if not guards.needs_approval(plan.control, mode):
            return Allowed(entry, plan, f"mode {mode}, risk {plan.control.risk}")
        now = self.moves.now()
        asked = self.approvals.get(scope(entry, plan.change))
        if entry.state is not State.AWAITING_APPROVAL or asked is None:
            return self._asked(entry, plan, asked)
        if asked.state is ApprovalState.DENIED:
            reason = f"{asked.answered_by} denied it: {asked.note or 'without a reason'}"
            entry = self.moves.to(entry, State.DENIED, reason, finding=plan.finding.id)
            return Remedied(Ending.DENIED, reason, entry, plan.change, asked)
        if expired(asked, now):
            reason = f"nobody used an answer until {asked.expires_at}, when the request ran out"
            entry = self.moves.to(entry, State.HUMAN_REVIEW, reason, finding=plan.finding.id)
            return Remedied(Ending.REFUSED, reason, entry, plan.change, asked)
        if asked.state is ApprovalState.PENDING:
            return Remedied(Ending.WAITING, f"{asked.id} waits for an answer", entry, plan.change, asked)
        return Allowed(entry, plan, f"approval {asked.id} by {asked.answered_by} at {asked.answered_at}")

    def _asked(self, entry: LedgerEntry, plan: Plan, before: Approval | None) -> Remedied:
        made = question(entry, plan.finding, plan.control, plan.change, self.rules.asking, self.moves.now())
        self.approvals.keep(made, before)
        reason = f"approval {made.id} was asked for"
        if entry.state is not State.AWAITING_APPROVAL:
            entry = self.moves.to(entry, State.AWAITING_APPROVAL, reason, finding=plan.finding.id)
        return Remedied(Ending.WAITING, reason, entry, plan.change, made)

    def begun(self, allowed: Allowed) -> tuple[LedgerEntry, Remediation] | Remedied:
        """Step 7."""
        entry, plan, authorization = allowed.entry, allowed.plan, allowed.authorization
        if wait := self.throttle.take(plan.target.at):
            self.following.sleep(wait)
            if self.throttle.take(plan.target.at):
                reason = f"too many runbooks begin in {plan.target.account}, {plan.target.region}: try again later"
                return Remedied(Ending.CROWDED, reason, entry, plan.change)
        attempt = self.remediations.next_attempt(entry)
        made = Remediation(
            key=entry.key,
            round=entry.round,
            attempt=attempt,
            finding=plan.finding,
            change=plan.change,
            token=token(entry.key, entry.round, attempt),
            authorization=authorization,
            begun_at=self.moves.now().isoformat(timespec="seconds"),
        )
        self.remediations.keep(made)
        before = LiveState(plan.change.before, right=False).told()
        reason = f"{plan.change.runbook} is started"
        facts = {"execution": "", "verification": ""}
        entry = self.moves.to(
            entry,
            State.REMEDIATING,
            reason,
            finding=plan.finding.id,
            told=Told(before=before, authorization=authorization),
            facts=facts,
        )
        return entry, made

    def _go_on(self, entry: LedgerEntry, finding: Finding, control: Control | None, source: Source) -> Remedied:
        """With what was recorded: what stands there now may be half of it already."""
        made = self.remediations.last(entry, entry.round)
        if made is None or control is None or control.runtime is None:
            return self._failed(entry, finding, "it was begun, and nothing is kept of how", "")
        return self._run(entry, made, control.runtime, source)

    def _run(self, entry: LedgerEntry, made: Remediation, fix: RuntimeFix, source: Source) -> Remedied:
        finding = made.finding
        target = target_of(made.finding, fix)
        if isinstance(target, str):
            return self._failed(entry, finding, target, "")
        start = Start(made.change.runbook, made.change.parameters, made.token, target.at, entry.key)

        def begun(execution: str) -> None:
            nonlocal entry
            if entry.execution != execution:
                self.remediations.keep(replace(made, execution=execution))
                reason = f"{made.change.runbook} runs as {execution}"
                facts = {"execution": execution}
                entry = self.moves.amend(entry, facts, action="runbook.started", reason=reason, finding=finding.id)

        try:
            end = self.following.run(start, begun)
        except RunbookError as error:
            self.remediations.keep(replace(made, status=Progress.FAILED.value))
            return self._failed(entry, finding, f"{made.change.runbook} could not be started: {error}", "")
        over = self.over(entry, made, fix, end)
        if isinstance(over, Remedied):
            return over
        return self.settle(over[0], finding, source, self.verify(finding), over[1])

    def over(
        self, entry: LedgerEntry, made: Remediation, fix: RuntimeFix, end: Execution
    ) -> tuple[LedgerEntry, str] | Remedied:
        """Step 9: the entry that is to be verified, and what is odd about the end."""
        target = target_of(made.finding, fix)
        if isinstance(target, str):
            return self._failed(entry, made.finding, target, "")
        made = replace(made, execution=end.id or made.execution, status=end.progress.value)
        return self._looked_after(entry, fix, target, made, end)

    def _looked_after(
        self, entry: LedgerEntry, fix: RuntimeFix, target: Target, made: Remediation, end: Execution
    ) -> tuple[LedgerEntry, str] | Remedied:
        """A runbook that failed may have done its work, and one that succeeded nothing."""
        try:
            now = read_state(self.readers(entry.key), fix, target)
        except (PostureError, UnfilledError) as error:
            now, said = LiveState({}, right=False), f"what stands there now could not be read: {error}"
        else:
            said = "" if now.right else f"what stands there now is not right: {now.told()}"
        self.remediations.keep(replace(made, after=now.values))
        if end.progress is not Progress.SUCCEEDED and not now.right:
            reason = f"{made.change.runbook} ended as {end.progress}: {end.reason or 'without a reason'}"
            return self._failed(entry, made.finding, f"{reason}; {said}", now.told())
        changed = "and changed nothing" if now.values == made.change.before else ""
        reason = " ".join(filter(None, (f"{made.change.runbook} ended as {end.progress}", changed, said)))
        before = LiveState(made.change.before, right=False).told()
        entry = self.moves.to(
            entry,
            State.VERIFYING,
            reason,
            finding=made.finding.id,
            told=Told(before=before, after=now.told(), authorization=made.authorization),
        )
        return entry, reason if changed else ""

    def settle(
        self, entry: LedgerEntry, finding: Finding, source: Source, looked: Verification, before: str = ""
    ) -> Remedied:
        """Where a finding ends by what was seen, and by nothing else."""
        reason = "; ".join(filter(None, (before, looked.seen)))
        facts = {"verification": looked.id}
        seen = Told(after=json.dumps({"verification": looked.id, "evidence_sha256": evidence_digest(looked)}))
        state, ending = {
            Result.RESOLVED: (State.FIXED, Ending.FIXED),
            Result.RESOURCE_GONE: (State.FIXED, Ending.FIXED),
            Result.STILL_OPEN: (State.STILL_OPEN, Ending.STILL_OPEN),
            Result.ERROR: (State.VERIFICATION_FAILED, Ending.UNSEEN),
        }[looked.result]
        if state is State.FIXED and guards.seen_in_tags(finding, source).owned is Owned.BY_CODE:
            state, reason = State.FIXING, f"{reason}; the live resource is right, and the code has to follow"
        if state is State.VERIFICATION_FAILED:
            seen = replace(seen, result=AuditResult.FAILED)
        entry = self.moves.to(entry, state, reason, finding=finding.id, told=seen, facts=facts)
        return Remedied(ending, reason, entry, verification=looked)

    def _failed(self, entry: LedgerEntry, finding: Finding, reason: str, after: str) -> Remedied:
        failed = Told(after=after, result=AuditResult.FAILED)
        entry = self.moves.to(entry, State.REMEDIATION_FAILED, reason, finding=finding.id, told=failed)
        return Remedied(Ending.FAILED, reason, entry)

    def _refused(self, entry: LedgerEntry | None, finding: Finding, refused: Refused) -> Remedied:
        """What is decided, or goes to the code, stays where it is; everything else is for a person."""
        reason = f"{refused.rule}: {refused.reason}"
        if entry is None:
            return Remedied(Ending.REFUSED, reason)
        said = Told(result=AuditResult.REFUSED)
        if entry.state is State.RECEIVED:
            entry = self.moves.to(
                entry, State.TRIAGED, "a change of the live resource was asked for", finding=finding.id
            )
        if refused.stays or entry.state not in {State.TRIAGED, State.AWAITING_APPROVAL}:
            self.moves.note(entry, "remediation.refused", reason, finding=finding.id, told=said)
        else:
            entry = self.moves.to(entry, State.HUMAN_REVIEW, reason, finding=finding.id, told=said)
        return Remedied(Ending.REFUSED, reason, entry)

    def _not_needed(self, entry: LedgerEntry | None, finding: Finding, looked: Verification) -> Remedied:
        reason = f"there is nothing to do: {looked.seen}"
        if entry is None:
            return Remedied(Ending.NOT_NEEDED, reason, verification=looked)
        if entry.state in ENDS | guards.ON_ITS_WAY:
            return Remedied(Ending.NOT_NEEDED, reason, entry, verification=looked)
        if entry.state is State.RECEIVED:
            entry = self.moves.to(entry, State.TRIAGED, reason, finding=finding.id)
        if entry.state in {State.TRIAGED, State.AWAITING_APPROVAL}:
            entry = self.moves.to(entry, State.HUMAN_REVIEW, reason, finding=finding.id)
        entry = self.moves.to(entry, State.VERIFYING, reason, finding=finding.id)
        settled = self.settle(entry, finding, Source(Owned.BY_NOBODY), looked)
        return replace(settled, ending=Ending.NOT_NEEDED, reason=reason)


def _shown(plan: Plan) -> str:
    return f"{plan.change.runbook} would be started: {plan.looked.seen}"
