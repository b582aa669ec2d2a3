from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.ledger.test_identity import CLOUD
from tests.unit.ledger.test_states import RECEIVED
from tests.unit.workflows.test_record import UNSUPPORTED, proposed

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.domain.audit import read
from iacfix.domain.change_request import Action
from iacfix.domain.errors import NotifierError, NotifierUnsureError
from iacfix.domain.finding import InvalidFinding, Severity
from iacfix.domain.ledger import State
from iacfix.domain.notice import Notice, Occasion, Summary
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.remediation import Approval, Change
from iacfix.domain.triage import OwnedBy, Owner
from iacfix.ledger.audit import verify
from iacfix.ledger.states import ENDS
from iacfix.workflows.notify import (
    Notifying,
    Result,
    Subscription,
    approval_notice,
    notice_of,
    occasion_of,
    outcome_notice,
    summary_of,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOTICE = Notice("a" * 64, Occasion.FIXED, "c", "t", "r", Severity.MEDIUM, "fixed", "it was verified")
OWNER = Owner("platform", OwnedBy.TAGS, "platform", "ann@example.com")


@dataclass
class Scripted:
    """Answers or raises in turn, the last one for ever; keeps what it was told."""

    answers: Sequence[str | Exception] = ("",)
    name: str = "scripted"
    heard: list[tuple[Notice, str]] = field(default_factory=list)
    summaries: list[Summary] = field(default_factory=list)

    def tell(self, notice: Notice, before: str = "") -> str:
        self.heard.append((notice, before))
        answer = self.answers[min(len(self.heard), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def summarize(self, summary: Summary) -> None:
        self.summaries.append(summary)


def notifying(folder: Path, *to: Subscription, waited: list[float] | None = None) -> Notifying:
    pauses = [] if waited is None else waited
    ledger = SqliteLedger(folder / "ledger.sqlite")
    return Notifying(to, SqliteTold(folder / "told.sqlite"), pauses.append, ledger, "iacfix/test", now=lambda: NOON)


def test_states_that_need_nobody_are_not_told() -> None:
    silent = {state for state in State if occasion_of(state) is None}
    assert silent == {
        State.RECEIVED, State.TRIAGED, State.OBSERVED, State.FIXING, State.PROPOSED, State.REMEDIATING, State.VERIFYING,
        State.PREVENTED,
    }  # fmt: skip
    assert {occasion_of(state) for state in ENDS} == {Occasion.FIXED, Occasion.ACCEPTED, None}


@pytest.mark.parametrize(
    ("outcome", "occasion"),
    [
        (proposed(Action.OPENED), Occasion.PULL_REQUEST),
        (proposed(Action.KEPT), Occasion.PULL_REQUEST),
        (proposed(Action.NOT_WANTED, "a person closed it"), Occasion.NEEDS_A_PERSON),
        (proposed(), None),
        (UNSUPPORTED, Occasion.NEEDS_A_PERSON),
        (Outcome(CLOUD, Status.ACCEPTED, "until then"), Occasion.ACCEPTED),
        (Outcome(CLOUD, Status.ALREADY_FIXED, "it is so"), None),
        (Outcome(InvalidFinding("checkov", 0, "id", "missing"), Status.INVALID_FINDING, "missing"), None),
    ],
    ids=lambda each: str(getattr(each, "status", each)),
)
def test_what_became_of_a_finding_is_an_occasion(outcome: Outcome, occasion: Occasion | None) -> None:
    notice = outcome_notice(outcome, owner=OWNER)
    assert (notice.occasion if notice is not None else None) == occasion
    if notice is not None:
        assert (notice.owner, notice.contact, notice.resource) == (
            "platform",
            "ann@example.com",
            CLOUD.resource.identifier,
        )
        assert notice.reason


def test_an_entry_of_the_ledger_says_round_and_state() -> None:
    entry = replace(RECEIVED, state=State.STILL_OPEN, round=3, reason="as it was", severity="odd", owner="")
    notice = notice_of(entry, owner=OWNER)
    assert notice is not None
    assert (notice.round, notice.occasion, notice.severity) == (3, Occasion.STILL_OPEN, Severity.UNKNOWN)
    assert (notice.owner, notice.title) == ("platform", entry.control)
    assert notice_of(RECEIVED) is None
    by_outcome = outcome_notice(UNSUPPORTED, entry=entry)
    assert by_outcome is not None
    assert by_outcome.title == CLOUD.title
    assert outcome_notice(UNSUPPORTED, entry=replace(RECEIVED, state=State.AWAITING_APPROVAL)) is None


def approval(identity: str) -> Approval:
    values = {"BucketName": ("logs",), "Nothing": ()}
    change = Change("s3-block-public-access", "AWS-Block", values, "111122223333", "eu-west-1", {"blocks": ("false",)})
    return Approval(
        id=identity,
        key=RECEIVED.key,
        finding=CLOUD,
        change=change,
        policy="triage let it through",
        blast_radius="one bucket",
        rollback="what was before is kept",
        requested_by="iacfix/test",
        requested_at=NOON.isoformat(),
        expires_at=NOON.isoformat(),
    )


def test_whoever_is_asked_is_told_all_that_it_takes_and_of_each_question(tmp_path: Path) -> None:
    waiting = replace(RECEIVED, state=State.AWAITING_APPROVAL)
    notice = approval_notice(waiting, approval("q1"), owner=OWNER)
    assert notice is not None
    told = dict(notice.details)
    assert (told["Approval"], told["Runbook"], told["Now"]) == ("q1", "AWS-Block", "blocks false")
    assert {"Reaches", "Undone by", "Policy", "Answer until"} <= told.keys()
    chat = Scripted()
    telling = notifying(tmp_path, Subscription(chat))
    for identity in ("q1", "q1", "q2"):
        asked = approval_notice(waiting, approval(identity))
        assert asked is not None
        telling.tell(asked)
    assert [heard.question for heard, _ in chat.heard] == ["q1", "q2"]
    over = approval_notice(replace(RECEIVED, state=State.FIXED), approval("q1"))
    assert over is not None
    assert (over.occasion, over.details) == (Occasion.FIXED, ())


def test_each_is_told_what_it_is_for(tmp_path: Path) -> None:
    everything, few, high = Scripted(name="a"), Scripted(name="b"), Scripted(name="c")
    told = notifying(
        tmp_path,
        Subscription(everything),
        Subscription(few, frozenset({Occasion.APPROVAL})),
        Subscription(high, least=Severity.HIGH),
    )
    assert [each.result for each in told.tell(NOTICE)] == [Result.TOLD, Result.NOT_ASKED, Result.NOT_ASKED]
    unknown = replace(NOTICE, key="b" * 64, severity=Severity.UNKNOWN)
    assert [each.result for each in told.tell(unknown)] == [Result.TOLD, Result.NOT_ASKED, Result.TOLD]


@pytest.mark.parametrize(
    ("owner", "account", "contact"),
    [
        (Owner("a", OwnedBy.TAGS, "r", "a@x"), "b@x", "a@x"),
        (Owner("a", OwnedBy.ACCOUNT, "r", "a@x"), "b@x", "a@x"),
        (Owner("a", OwnedBy.TAGS, "r"), "b@x", "b@x"),
        (Owner("a", OwnedBy.DEFAULT, "default", "a@x"), "b@x", "b@x"),
        (Owner("a", OwnedBy.DEFAULT, "default", "a@x"), "", "a@x"),
        (None, "b@x", "b@x"),
        (None, "", ""),
    ],
)
def test_whoever_is_nearest_to_the_resource_is_its_contact(
    tmp_path: Path, owner: Owner | None, account: str, contact: str
) -> None:
    notice = outcome_notice(UNSUPPORTED, owner=owner)
    assert notice is not None
    scripted = Scripted()
    contacts = {CLOUD.resource.account: account} if account else {}
    replace(notifying(tmp_path, Subscription(scripted)), contacts=contacts).tell(notice)
    assert [told.contact for told, _ in scripted.heard] == [contact]


def test_one_that_fails_does_not_keep_the_others(tmp_path: Path) -> None:
    bad, good = Scripted([NotifierError("no", remedy="see why"), "link"], "bad"), Scripted(["link"], "good")
    told = notifying(tmp_path, Subscription(bad), Subscription(good))
    assert [each.result for each in told.tell(NOTICE)] == [Result.FAILED, Result.TOLD]
    assert [each.result for each in told.tell(NOTICE)] == [Result.TOLD, Result.KNOWN]
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    events = [read(line).event for line in store.audit()]
    assert [(each.action, each.result.value) for each in events] == [
        ("notify.bad", "failed"),
        ("notify.good", "done"),
        ("notify.bad", "done"),
    ]
    assert events[0].reason == "fixed#1: no: see why"
    assert verify(store.audit(), {"main": store.head("main")}) == {"main": store.head("main")}


def test_the_link_of_before_is_handed_on(tmp_path: Path) -> None:
    tracker = Scripted(["https://tracker/1", ""])
    told = notifying(tmp_path, Subscription(tracker))
    told.tell(replace(NOTICE, occasion=Occasion.PULL_REQUEST))
    (last,) = told.tell(NOTICE)
    assert [before for _, before in tracker.heard] == ["", "https://tracker/1"]
    assert last.link == "https://tracker/1"


def test_whoever_is_at_the_same_finding_is_waited_for(tmp_path: Path) -> None:
    waited: list[float] = []
    unsure = Scripted([NotifierUnsureError("no answer")])
    notifying(tmp_path, Subscription(unsure)).tell(NOTICE)
    other = notifying(tmp_path, Subscription(Scripted()), waited=waited)
    (told,) = other.tell(replace(NOTICE, occasion=Occasion.STILL_OPEN))
    assert told.result is Result.FAILED
    assert "15 minutes" in told.reason
    assert 5 < sum(waited) < 10


def test_a_store_that_cannot_be_used_fails_nobody(tmp_path: Path) -> None:
    (tmp_path / "told.sqlite").write_bytes(b"something else" * 100)
    scripted = Scripted()
    (told,) = notifying(tmp_path, Subscription(scripted)).tell(NOTICE)
    assert told.result is Result.FAILED
    assert "told.sqlite" in told.reason
    assert scripted.heard == []


def test_a_run_is_summed_up_by_severity_and_team(tmp_path: Path) -> None:
    invalid = Outcome(InvalidFinding("checkov", 0, "id", "missing"), Status.INVALID_FINDING, "missing")
    summary = summary_of(
        "run-1", [(UNSUPPORTED, "platform"), (UNSUPPORTED, ""), (proposed(), "platform"), (invalid, "")]
    )
    assert summary.states == {"unsupported": 2, "proposed": 1, "invalid_finding": 1}
    assert summary.severities == {CLOUD.severity.value: 3}
    assert summary.teams == {"platform": 2, "unassigned": 1}
    chat, quiet = Scripted(), Scripted(name="tracker")
    told = notifying(tmp_path, Subscription(chat), Subscription(quiet, summaries=False))
    assert [each.result for each in (*told.summarize(summary), *told.summarize(summary))] == [Result.TOLD, Result.KNOWN]
    assert (chat.summaries, quiet.summaries) == ([summary], [])
