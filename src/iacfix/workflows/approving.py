"""Questions to people, and their answers. A task of Step Functions that waits for one is told."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from iacfix.domain.audit import AuditResult
from iacfix.domain.errors import InputError
from iacfix.domain.remediation import Approval, ApprovalState
from iacfix.runtime.approvals import answered, expired
from iacfix.workflows.moves import Moves, Told
from iacfix.workflows.remediations import Approvals

Tell = Callable[[Approval], None]
"""Raises IacfixError where the task that waits could not be told."""

_LONGEST_TOKEN = 2048


@dataclass(frozen=True)
class Approving:
    approvals: Approvals
    moves: Moves
    tell: Tell

    def waiting(self) -> tuple[Approval, ...]:
        now = self.moves.now()
        return tuple(
            each for each in self.approvals.all() if each.state is ApprovalState.PENDING and not expired(each, now)
        )

    def named(self, identity: str) -> Approval:
        """By its id, or by as much of its beginning as tells it from the others. Raises InputError."""
        found = [each for each in self.approvals.all() if identity and each.id.startswith(identity)]
        if len(found) != 1:
            many = "several begin so" if found else "there is none"
            raise InputError(f"{identity} names no request for approval: {many}", remedy="see `iacfix approvals list`")
        return found[0]

    def answer(self, identity: str, *, by: str, approve: bool, note: str = "") -> Approval:
        """First kept, then told: who asks again finds the answer, also where telling failed. Raises InputError where
        this person may not answer it now.
        """
        asked = self.named(identity)
        given = answered(asked, by=by, approve=approve, note=note, now=self.moves.now())
        if isinstance(given, str):
            self._recorded(asked, "approval.refused", f"{by or 'nobody'}: {given}", AuditResult.REFUSED)
            raise InputError(f"{asked.id} cannot be answered: {given}")
        self.approvals.keep(given, asked)
        self._recorded(
            given, f"approval.{given.state}", f"{given.answered_by}: {note or given.state}", AuditResult.DONE
        )
        if given.token:
            self.tell(given)
        return given

    def tell_again(self, identity: str) -> Approval:
        """Where the answer was kept and the task never heard of it."""
        asked = self.named(identity)
        if asked.state is ApprovalState.PENDING or not asked.token:
            raise InputError(f"{asked.id} has no answer that a task waits for")
        self.tell(asked)
        return asked

    def waits(self, identity: str, token: str) -> Approval:
        """The task with this token waits for the answer: of the message that Step Functions sent. Raises InputError."""
        if not token or len(token) > _LONGEST_TOKEN or not token.isprintable():
            raise InputError("the message has no token of a task")
        asked = self.named(identity)
        if asked.token == token:
            return asked
        kept = replace(asked, token=token)
        self.approvals.keep(kept, asked)
        if kept.state is not ApprovalState.PENDING:
            self.tell(kept)
        return kept

    def _recorded(self, approval: Approval, action: str, reason: str, result: AuditResult) -> None:
        entry = self.moves.store.get(approval.key)
        if entry is None:
            raise InputError(f"the ledger does not know the finding of {approval.id}", remedy="use the ledger of both")
        told = Told(authorization=f"approval {approval.id}", result=result)
        self.moves.note(entry, action, reason, finding=approval.finding.id, told=told)
