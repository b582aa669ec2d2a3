"""A risk is accepted, or is so no more: in a repository's file or the organization's table, and in the audit record."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import IacfixError, InputError
from iacfix.ports.stores import Rows
from iacfix.triage.exceptions import MOST_DAYS, RiskException
from iacfix.triage.exceptions_file import written_fault
from iacfix.triage.exceptions_rows import PREFIX, exceptions_of, key_of, row_of
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.record import Recorder

ADDED, EXPIRED = "exception.added", "exception.expired"


@dataclass(frozen=True)
class Acceptance:
    """`recorder` None: nothing is recorded here (the history of a repository's file is git's). What is recorded is
    recorded before it is done, so that nothing is done without; where it then cannot be done, that is recorded too.
    """

    recorder: Recorder | None
    most_days: int = MOST_DAYS
    now: Clock = utc_now

    def add(self, entry: RiskException, where: str, write: Callable[[], None]) -> None:
        """Raises InputError for an entry with a fault, and whatever `write` raises."""
        if fault := entry.fault or written_fault(entry, self.most_days):
            raise InputError(f"the exception cannot be added: {fault}", remedy="see `iacfix exceptions add --help`")
        self._recorded(ADDED, entry.reason, where, None, entry, write)

    def add_shared(self, entry: RiskException, rows: Rows) -> None:
        """Raises InputError where it is there already."""

        def write() -> None:
            if not rows.add(key_of(entry), row_of(entry)):
                raise InputError(
                    f"the exception {entry.id} is there already", remedy="`iacfix exceptions list` shows it"
                )

        self.add(entry, rows.name, write)

    def expire(self, entry: RiskException, reason: str, where: str, write: Callable[[date], None]) -> date:
        """Its new last day, the day before today. Raises whatever `write` raises."""
        last = self._today() - timedelta(days=1)
        self._recorded(EXPIRED, reason, where, entry, replace(entry, until=last), lambda: write(last))
        return last

    def expire_shared(self, entry: RiskException, reason: str, rows: Rows) -> date:
        """Under whatever keys it stands: people write items by hand, and name them as they like."""

        def write(last: date) -> None:
            for key, row in rows.read(PREFIX).items():
                (found,) = exceptions_of({key: row}, most_days=self.most_days).entries
                if found.fault or found.id != entry.id or found.until <= last:
                    continue
                if found.created > last:
                    rows.delete(key)
                else:
                    rows.put(key, row_of(replace(found, until=last)))

        return self.expire(entry, reason, rows.name, write)

    def shared(self, rows: Rows) -> tuple[RiskException, ...]:
        """Raises TableError."""
        return exceptions_of(rows.read(PREFIX), most_days=self.most_days).entries

    def _recorded(  # noqa: PLR0913, PLR0917 - all that a record says
        self,
        action: str,
        reason: str,
        where: str,
        before: RiskException | None,
        after: RiskException,
        write: Callable[[], None],
    ) -> None:
        event = self._event(action, reason, where, before, after)
        if self.recorder is not None:
            self.recorder.note(event)
        try:
            write()
        except IacfixError as error:
            if self.recorder is not None:
                self.recorder.note(
                    replace(event, result=AuditResult.FAILED, reason=f"it was not written: {error.what}")
                )
            raise

    def _event(
        self, action: str, reason: str, where: str, before: RiskException | None, after: RiskException
    ) -> AuditEvent:
        return AuditEvent(
            at=self.now().astimezone(UTC).isoformat(timespec="seconds"),
            actor=self.recorder.actor if self.recorder is not None else "",
            action=action,
            result=AuditResult.DONE,
            reason=reason,
            finding=after.scope.finding,
            resource=after.scope.resource,
            before="" if before is None else _told(before, where),
            after=_told(after, where),
            authorization=f"exception {after.id}, approved by {after.approver}",
        )

    def _today(self) -> date:
        return self.now().astimezone(UTC).date()


def _told(entry: RiskException, where: str) -> str:
    return json.dumps({"id": entry.id, "in": where, **row_of(entry)}, sort_keys=True)
