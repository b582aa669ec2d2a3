"""The steps of a remediation whose waiting is done by Step Functions: deploy/statemachine/remediation.asl.json.

Each step is one call, and says in `way` where to go on. Doing a step again finds what it has done.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from iacfix.domain.audit import AuditResult
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.remediation import Approval, ApprovalState, Remediation
from iacfix.domain.secrets import redact
from iacfix.domain.triage import Mode
from iacfix.ports.posture import At
from iacfix.ports.runbooks import Execution, Progress, RunbookError
from iacfix.runtime import guards
from iacfix.runtime.guards import Source
from iacfix.workflows.fix import identify
from iacfix.workflows.moves import Told
from iacfix.workflows.remediate import Allowed, Ending, Remediator, Remedied

END = "end"
_GOOD = frozenset({"Success", "CompletedWithSuccess"})
_PROGRESS = {"TimedOut": Progress.TIMED_OUT, "Unknown": Progress.TIMED_OUT, "Cancelled": Progress.CANCELLED}
_LONGEST_SUBJECT = 100  # of SNS
_LONGEST_REASON = 1000
# What stands there is another thing than was approved, or nobody has said yes in the ledger: people are asked anew.
_AGAIN = {Ending.WAITING: "ask", Ending.CROWDED: "later"}
# What nobody has begun to change goes straight to a person.
_BEFORE = frozenset({State.TRIAGED, State.AWAITING_APPROVAL})

Said = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Request:
    """What an execution is about."""

    finding: Finding
    source: Source
    mode: Mode
    repository: str = ""


@dataclass(frozen=True)
class Machine:
    """`role` is the role that the state machine starts runbooks as, with `{account}`. `pause` and `wait` are in
    seconds: between looks, and before verification. `looks` is how often it looks before it gives up.
    """

    remediator: Remediator
    role: str
    pause: int = 10
    looks: int = 240
    wait: int = 300

    def ask(self, request: Request) -> Said:
        allowed = self._allowed(request)
        if isinstance(allowed, Allowed):
            return {"way": "begin"}
        if allowed.approval is None or allowed.entry is None or allowed.entry.state is not State.AWAITING_APPROVAL:
            return _end(allowed)
        return self._question(allowed.approval)

    def begin(self, request: Request) -> Said:
        """Looks at everything again: much may have changed while somebody thought about it."""
        found, control = identify(request.finding, self.remediator.catalogue)
        entry = self.remediator.moves.received(found, request.repository)
        made = self.remediator.remediations.last(entry, entry.round) if entry.state is State.REMEDIATING else None
        if made is not None and guards.region(made.change.region, self.remediator.rules.region) is None:
            return self._start(entry, made)
        allowed = self.remediator.allowed(found, control, request.source, request.mode, entry)
        begun = self.remediator.begun(allowed) if isinstance(allowed, Allowed) else allowed
        if not isinstance(begun, Remedied):
            return self._start(*begun)
        return {"way": again} if (again := _AGAIN.get(begun.ending)) else _end(begun)

    def over(self, request: Request, execution: str, status: str, reason: str) -> Said:
        """However it ended: what stands there now is looked at."""
        found, control = identify(request.finding, self.remediator.catalogue)
        entry = self.remediator.moves.received(found, request.repository)
        if entry.state is State.VERIFYING:
            return {"way": "verify", "wait": self.wait}
        made = self.remediator.remediations.last(entry, entry.round)
        if entry.state is not State.REMEDIATING or made is None or control is None or control.runtime is None:
            return self.person(request, f"it ended as {status}, and nothing is kept of how it began: {reason}")
        progress = Progress.SUCCEEDED if status in _GOOD else _PROGRESS.get(status, Progress.FAILED)
        if execution and entry.execution != execution:
            facts = {"execution": execution}
            said = f"{made.change.runbook} ran as {execution}"
            entry = self.remediator.moves.amend(entry, facts, action="runbook.started", reason=said, finding=found.id)
        said = _short(reason) if reason or not execution else self._reason(entry, made, execution)
        end = Execution(execution, progress, said)
        over = self.remediator.over(entry, replace(made, execution=execution), control.runtime, end)
        return _end(over) if isinstance(over, Remedied) else {"way": "verify", "wait": self.wait}

    def verify(self, request: Request) -> Said:
        found = identify(request.finding, self.remediator.catalogue)[0]
        entry = self.remediator.moves.received(found, request.repository)
        if entry.state is not State.VERIFYING:
            return {"way": END, "state": entry.state.value, "reason": entry.reason}
        return _end(self.remediator.settle(entry, found, request.source, self.remediator.verify(found)))

    def person(self, request: Request, error: str) -> Said:
        """What went wrong on the way. What has been begun is looked at like any end of a runbook."""
        found, control = identify(request.finding, self.remediator.catalogue)
        moves = self.remediator.moves
        entry = moves.received(found, request.repository)
        made = self.remediator.remediations.last(entry, entry.round) if entry.state is State.REMEDIATING else None
        if made is not None and control is not None and control.runtime is not None:
            over = self.over(request, entry.execution, "Unknown", error)
            return self.verify(request) if over["way"] == "verify" else over
        failed, reason = Told(result=AuditResult.FAILED), _short(error)
        if entry.state is State.RECEIVED:
            entry = moves.to(entry, State.TRIAGED, "a change was asked for", finding=found.id)
        if "ApprovalDenied" in error and entry.state is State.AWAITING_APPROVAL:
            entry = moves.to(entry, State.DENIED, self._denial(entry) or reason, finding=found.id)
        elif entry.state in _BEFORE:
            timed_out = "States.Timeout" in error and entry.state is State.AWAITING_APPROVAL
            said = f"nobody answered in time: {reason}" if timed_out else reason
            entry = moves.to(entry, State.HUMAN_REVIEW, said, finding=found.id, told=failed)
        elif entry.state is State.REMEDIATING:
            entry = moves.to(entry, State.REMEDIATION_FAILED, reason, finding=found.id, told=failed)
        elif entry.state is State.VERIFYING:
            entry = moves.to(entry, State.VERIFICATION_FAILED, reason, finding=found.id, told=failed)
        else:
            moves.note(entry, "remediation.failed", reason, finding=found.id, told=failed)
        return {"way": END, "state": entry.state.value, "reason": entry.reason}

    def _allowed(self, request: Request) -> Allowed | Remedied:
        found, control = identify(request.finding, self.remediator.catalogue)
        entry = self.remediator.moves.received(found, request.repository)
        return self.remediator.allowed(found, control, request.source, request.mode, entry)

    def _denial(self, entry: LedgerEntry) -> str:
        """In the words of who denied it, "" where nothing is kept of that."""
        kept = (each for each in self.remediator.approvals.all() if each.key == entry.key)
        last = max((each for each in kept if each.state is ApprovalState.DENIED), key=_when, default=None)
        return "" if last is None else f"{last.answered_by} denied it: {last.note or 'without a reason'}"

    def _reason(self, entry: LedgerEntry, made: Remediation, execution: str) -> str:
        at = At(made.change.account, made.change.region)
        try:
            return self.remediator.following.runner.look(execution, at, entry.key).reason
        except RunbookError as error:
            return f"its reason could not be read: {error}"

    def _question(self, approval: Approval) -> Said:
        left = datetime.fromisoformat(approval.expires_at) - self.remediator.moves.now()
        told = asdict(approval)
        told.pop("token")
        resource = ascii(approval.finding.resource.identifier)
        subject = f"iacfix asks: {approval.change.control} of {resource}"[:_LONGEST_SUBJECT]
        seconds = max(1, int(left.total_seconds()))
        # the finding itself is full of what others wrote; the question has what it takes to answer
        told["finding"] = {"id": approval.finding.id, "resource": approval.finding.resource.identifier}
        told |= {name: redact(told[name]) for name in ("policy", "blast_radius", "rollback")}  # tags are anybody's text
        return {"way": "approve", "approval": approval.id, "subject": subject, "seconds": seconds, "question": told}

    def _start(self, entry: LedgerEntry, made: Remediation) -> Said:
        change = made.change
        return {
            "way": "start",
            "document": change.runbook,
            "parameters": {name: list(each) for name, each in change.parameters.items()},
            "token": made.token,
            "correlation": entry.key,
            "account": change.account,
            "region": change.region,
            "role": self.role.replace("{account}", change.account),
            "pause": self.pause,
            "looks": self.looks,
        }


def _when(approval: Approval) -> str:
    return approval.answered_at


def _end(remedied: Remedied) -> Said:
    state = remedied.entry.state.value if remedied.entry is not None else ""
    return {"way": END, "ending": remedied.ending.value, "state": state, "reason": remedied.reason}


def _short(reason: str) -> str:
    """Of what Step Functions hands over as JSON, the message."""
    try:
        loaded: object = json.loads(reason)
    except (ValueError, RecursionError):
        return reason[:_LONGEST_REASON]
    if isinstance(loaded, dict):
        parts = [str(loaded[name]) for name in ("FailureMessage", "Error", "Cause") if loaded.get(name)]
        return ": ".join(parts)[:_LONGEST_REASON] or "without a reason"
    return reason[:_LONGEST_REASON]
