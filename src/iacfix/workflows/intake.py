"""One event's way: opened, decided, fixed, published, recorded, told. Doing it again finds what was done.

Nothing is kept between the steps but what ledger and git host know, so that it may end at any point: the next delivery
goes on from there.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from iacfix.domain.errors import IacfixError
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.ledger import LedgerEntry
from iacfix.domain.notice import Notice
from iacfix.domain.outcome import Outcome
from iacfix.domain.triage import Decision
from iacfix.ledger.identity import ledger_key
from iacfix.workflows.fix import identify, invalid
from iacfix.workflows.notify import outcome_notice
from iacfix.workflows.publish import Publisher
from iacfix.workflows.record import Recorder
from iacfix.workflows.repositories import Fixers
from iacfix.workflows.triage import Triage, held, shown_only

# Workers that come at once write to as many chains of the audit record as there are, so that few wait for each other;
# all of one finding is in one of them.
CHAINS = 16


@dataclass(frozen=True, slots=True)
class Handled:
    """`entry` is None for what never was a finding."""

    outcome: Outcome
    decision: Decision | None = None
    entry: LedgerEntry | None = None


@dataclass(frozen=True)
class Intake:
    """`tell` raises nothing: who cannot be told costs no finding its turn."""

    triage: Triage
    fixers: Fixers
    publisher: Publisher
    recorder: Recorder
    tell: Callable[[Notice], object] = lambda _notice: None
    chains: int = CHAINS

    def handle(self, read: FindingRead) -> Handled:
        """1. it has arrived, 2. triage, 3. fix and publish, 4. record, 5. tell.

        Raises IacfixError where something of ours or outside fails: the finding stands where it stood, with the reason,
        and is to be delivered again.
        """
        if isinstance(read, InvalidFinding):
            outcome = invalid(read)
            self._recorder(f"{read.source}\n{read.id}").record(outcome)
            return Handled(outcome)
        finding, repository = self.known(read)
        recorder = self._recorder(ledger_key(finding, repository))
        recorder.arrived(finding, repository)
        try:
            decision = self.triage.decide(finding)
            outcome = replace(self._worked_on(decision), repository=repository)
        except IacfixError as error:
            recorder.attempt_failed(finding, repository, str(error))
            raise
        entry = recorder.record(outcome, decision)
        if (notice := outcome_notice(outcome, entry=entry, owner=decision.owner)) is not None:
            self.tell(notice)
        return Handled(outcome, decision, entry)

    def known(self, read: Finding) -> tuple[Finding, str]:
        """The finding as its key is made of it, and the name of its repository, "" where it has none."""
        finding, _ = identify(read, self.fixers.catalogue)
        return finding, self.fixers.places.named(finding)

    def _worked_on(self, decision: Decision) -> Outcome:
        if not decision.may_propose:
            return held(decision)
        outcome = self.fixers.fix(decision.finding)
        if outcome.proposal is None:
            return outcome
        return self.publisher.publish(outcome) if decision.may_publish else shown_only(outcome, decision)

    def _recorder(self, name: str) -> Recorder:
        return replace(self.recorder, chain=chain_of(name, self.chains))


def chain_of(name: str, chains: int) -> str:
    number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:4], "big") % chains
    return f"events-{number:02d}"
