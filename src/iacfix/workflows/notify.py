"""What became of findings, told to people: each once to each, and none of them in the way of a finding."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from enum import StrEnum

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import IacfixError, LedgerError, NotifierUnsureError
from iacfix.domain.finding import Finding, Severity
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.notice import Notice, Occasion, Summary
from iacfix.domain.outcome import Outcome
from iacfix.domain.remediation import Approval
from iacfix.domain.triage import Owner
from iacfix.ledger.audit import MAIN
from iacfix.ledger.identity import ledger_key
from iacfix.ports.notifier import Notifier
from iacfix.ports.stores import LedgerStore
from iacfix.ports.told import Claim, ToldStore, Turn
from iacfix.workflows.clock import Clock, utc_now
from iacfix.workflows.ledger_writer import LedgerWriter
from iacfix.workflows.record import target

LEASE = 900
"""Seconds. Longer than telling takes, and than a tracker's search is behind."""
WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)

_OCCASIONS: Mapping[State, Occasion] = {
    State.PULL_REQUEST_OPEN: Occasion.PULL_REQUEST,
    State.HUMAN_REVIEW: Occasion.NEEDS_A_PERSON,
    State.NOT_LOCATED: Occasion.NEEDS_A_PERSON,
    State.FIX_GENERATION_FAILED: Occasion.NEEDS_A_PERSON,
    State.NOT_WANTED: Occasion.NEEDS_A_PERSON,
    State.DENIED: Occasion.NEEDS_A_PERSON,
    State.REMEDIATION_FAILED: Occasion.NEEDS_A_PERSON,
    State.VERIFICATION_FAILED: Occasion.NEEDS_A_PERSON,
    State.AWAITING_APPROVAL: Occasion.APPROVAL,
    State.STILL_OPEN: Occasion.STILL_OPEN,
    State.FIXED: Occasion.FIXED,
    State.ACCEPTED: Occasion.ACCEPTED,
}
_ENDS = frozenset({Occasion.FIXED, Occasion.ACCEPTED})
_RANKS = (Severity.INFORMATIONAL, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


class Result(StrEnum):
    TOLD = "told"
    KNOWN = "known"
    NOT_ASKED = "not_asked"  # the notifier is for other occasions or severities
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """Of one notifier. `link` leads to a ticket, "" where there is none."""

    notifier: str
    result: Result
    link: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A notifier, and what it is for. A severity that nobody told is never too low."""

    notifier: Notifier
    occasions: frozenset[Occasion] = frozenset(Occasion)
    least: Severity = Severity.UNKNOWN
    summaries: bool = True

    def wants(self, notice: Notice) -> bool:
        return notice.occasion in self.occasions and (
            self.least is Severity.UNKNOWN
            or notice.severity is Severity.UNKNOWN
            or _RANKS.index(notice.severity) >= _RANKS.index(self.least)
        )


@dataclass(frozen=True)
class Notifying:
    """`store` has the audit record, None where there is none. `pause` waits for so many seconds. `contacts` leads from
    an account to whom its findings go to, where nobody nearer is known.
    """

    subscriptions: tuple[Subscription, ...]
    told: ToldStore
    pause: Callable[[float], object]
    store: LedgerStore | None = None
    actor: str = "iacfix"
    chain: str = MAIN
    now: Clock = utc_now
    contacts: Mapping[str, str] = field(default_factory=dict)
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)

    def tell(self, notice: Notice) -> tuple[Told, ...]:
        """To everybody whom it is for. Whoever cannot be told is in the audit record; no error leaves."""
        nearest = "" if notice.by_default else notice.contact
        told = replace(notice, contact=nearest or self.contacts.get(notice.account, "") or notice.contact)
        return tuple(self._told(each, told) for each in self.subscriptions)

    def summarize(self, summary: Summary) -> tuple[Told, ...]:
        """Of one run, once."""
        found = []
        for each in self.subscriptions:
            if each.summaries:
                thing = f"{each.notifier.name}#run#{_short(summary.run)}"

                def act(_link: str, notifier: Notifier = each.notifier) -> str:
                    notifier.summarize(summary)
                    return ""

                found.append(
                    self._once(each.notifier.name, thing, "summary", act, _About(f"the summary of run {summary.run}"))
                )
        return tuple(found)

    def _told(self, to: Subscription, notice: Notice) -> Told:
        name = to.notifier.name
        if not to.wants(notice):
            return Told(name, Result.NOT_ASKED)
        thing, what = f"{name}#{_short(notice.key)}", f"{notice.occasion}#{notice.round}"
        if notice.question:
            what = f"{what}#{_short(notice.question)[:16]}"
        about = _About(what, notice.key, notice.resource, _over(notice))
        return self._once(name, thing, what, lambda link: to.notifier.tell(notice, link), about)

    def _once(self, name: str, thing: str, what: str, act: Callable[[str], str], about: "_About") -> Told:
        try:
            claim = self._claimed(thing, what, about.over)
            if claim.turn is Turn.TOLD:
                return Told(name, Result.KNOWN, claim.link)
            if claim.turn is Turn.BUSY:
                reason = "another run is telling of the same thing, or was cut off while it did"
                return self._failed(name, about, f"{reason}: it is told again after {LEASE // 60} minutes")
            link = self._acted(thing, act, claim.link)
            self.told.told(thing, what, self.holder, link)
        except IacfixError as error:
            return self._failed(name, about, str(error))
        self._record(name, about, AuditResult.DONE, link or "told")
        return Told(name, Result.TOLD, link or claim.link)

    def _claimed(self, thing: str, what: str, over: tuple[str, ...]) -> Claim:
        """Whoever tells of something else of the same finding is waited for, for seconds."""
        claim = self._claim(thing, what, over)
        for wait in WAITS:
            if claim.turn is not Turn.BUSY:
                break
            self.pause(wait)
            claim = self._claim(thing, what, over)
        return claim

    def _claim(self, thing: str, what: str, over: tuple[str, ...]) -> Claim:
        now = int(self.now().timestamp())
        return self.told.claim(thing, what, self.holder, now=now, until=now + LEASE, over=over)

    def _acted(self, thing: str, act: Callable[[str], str], link: str) -> str:
        """Where nobody knows whether it was told, it stays claimed for a while: what was made can be found then."""
        try:
            return act(link)
        except NotifierUnsureError:
            raise
        except IacfixError:
            self.told.release(thing, self.holder)
            raise

    def _failed(self, name: str, about: "_About", reason: str) -> Told:
        self._record(name, about, AuditResult.FAILED, reason)
        return Told(name, Result.FAILED, reason=reason)

    def _record(self, name: str, about: "_About", result: AuditResult, reason: str) -> None:
        """A record that cannot be written stops nobody: whoever works on the finding is told of it by the ledger."""
        if self.store is None:
            return
        event = AuditEvent(
            at=self.now().astimezone(UTC).isoformat(timespec="seconds"),
            actor=self.actor,
            action=f"notify.{name}",
            result=result,
            reason=f"{about.what}: {reason}",
            key=about.key,
            resource=about.resource,
        )
        try:
            LedgerWriter(self.store, self.chain).note(event)
        except LedgerError:
            return


@dataclass(frozen=True, slots=True)
class _About:
    """What the audit record says of it, and what it would be too late after."""

    what: str
    key: str = ""
    resource: str = ""
    over: tuple[str, ...] = ()


def _over(notice: Notice) -> tuple[str, ...]:
    """A round ends once: what comes late of it would open a ticket again."""
    return () if notice.occasion in _ENDS else tuple(f"{each}#{notice.round}" for each in sorted(_ENDS))


def occasion_of(state: State) -> Occasion | None:
    """None where nobody needs to know."""
    return _OCCASIONS.get(state)


def notice_of(entry: LedgerEntry, *, title: str = "", owner: Owner | None = None, link: str = "") -> Notice | None:
    """Of an entry of the ledger, as it stands; None where nobody needs to know."""
    occasion = occasion_of(entry.state)
    if occasion is None:
        return None
    return Notice(
        key=entry.key,
        occasion=occasion,
        control=entry.control,
        title=title or entry.control,
        resource=entry.resource,
        severity=_severity(entry.severity),
        state=entry.state.value,
        reason=entry.reason,
        account=entry.account,
        region=entry.region,
        repository=entry.repository,
        owner=entry.owner or (owner.team if owner is not None else ""),
        contact=owner.contact if owner is not None else "",
        by_default=owner is not None and not owner.known,
        link=link,
        pull_request=entry.pull_request,
        round=entry.round,
    )


def approval_notice(
    entry: LedgerEntry, approval: Approval, *, title: str = "", owner: Owner | None = None
) -> Notice | None:
    """With all that it takes to answer; None where nobody waits for an answer any more."""
    notice = notice_of(entry, title=title, owner=owner, link=approval.finding.url)
    if notice is None or notice.occasion is not Occasion.APPROVAL:
        return notice
    change = approval.change
    details = (
        ("Approval", approval.id),
        ("Runbook", change.runbook),
        ("Now", _values(change.before)),
        ("Parameters", _values(change.parameters)),
        ("Policy", approval.policy),
        ("Reaches", approval.blast_radius),
        ("Undone by", approval.rollback),
        ("Asked by", approval.requested_by),
        ("Answer until", approval.expires_at),
    )
    return replace(notice, details=details, question=approval.id)


def outcome_notice(outcome: Outcome, *, entry: LedgerEntry | None = None, owner: Owner | None = None) -> Notice | None:
    """Of what became of a finding; `entry` is the ledger's of it, where there is a ledger."""
    finding = outcome.finding
    if not isinstance(finding, Finding):
        return None
    if entry is not None:
        if entry.state is State.AWAITING_APPROVAL:
            return None  # whoever asked has told it with all that it takes to answer, and this outcome asks for nothing
        return notice_of(entry, title=finding.title, owner=owner, link=finding.url)
    state = target(outcome, State.RECEIVED)
    occasion = occasion_of(state)
    if occasion is None:
        return None
    pull_request = outcome.pull_request
    reason = (pull_request.reason if pull_request is not None else "") or outcome.reason
    return Notice(
        key=ledger_key(finding, outcome.repository),
        occasion=occasion,
        control=finding.control or finding.check_id,
        title=finding.title,
        resource=finding.resource.identifier,
        severity=finding.severity,
        state=state.value,
        reason=reason or f"a fix by {outcome.generator} passed every stage",
        account=finding.resource.account,
        region=finding.resource.region,
        repository=outcome.repository,
        owner=owner.team if owner is not None else "",
        contact=owner.contact if owner is not None else "",
        by_default=owner is not None and not owner.known,
        link=finding.url,
        pull_request=pull_request.url if pull_request is not None else "",
    )


def summary_of(run: str, told: Iterable[tuple[Outcome, str]]) -> Summary:
    """Outcomes, each with its team: "" where nobody is known."""
    states: Counter[str] = Counter()
    severities: Counter[str] = Counter()
    teams: Counter[str] = Counter()
    for outcome, team in told:
        finding = outcome.finding
        states[outcome.status.value] += 1
        if isinstance(finding, Finding):
            severities[finding.severity.value] += 1
            teams[team or "unassigned"] += 1
    return Summary(run, dict(states), dict(severities), dict(teams))


def summary_of_entries(run: str, entries: Iterable[LedgerEntry]) -> Summary:
    """Of the ledger: for whoever works on events, of which none is a run."""
    found = tuple(entries)
    return Summary(
        run,
        dict(Counter(entry.state.value for entry in found)),
        dict(Counter(_severity(entry.severity).value for entry in found)),
        dict(Counter(entry.owner or "unassigned" for entry in found)),
    )


def _values(values: Mapping[str, Collection[str]]) -> str:
    return "; ".join(f"{name} {', '.join(each)}" for name, each in values.items())


def _severity(text: str) -> Severity:
    return Severity(text) if text in set(Severity) else Severity.UNKNOWN


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
