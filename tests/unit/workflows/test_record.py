from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.ledger.test_identity import CLOUD

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import AuditRecord, AuditResult, read
from iacfix.domain.change_request import Action, PullRequest
from iacfix.domain.errors import StaleEntryError
from iacfix.domain.finding import InvalidFinding, Severity
from iacfix.domain.ledger import State
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, StageOutcome, StageResult
from iacfix.ledger.audit import verify
from iacfix.ledger.figures import STUCK_AFTER, figures
from iacfix.ledger.states import moved
from iacfix.workflows.record import Recorder, target

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNSUPPORTED = Outcome(CLOUD, Status.UNSUPPORTED, "it would be replaced")


def clock() -> Iterator[datetime]:
    now = NOON
    while True:
        yield now
        now += timedelta(seconds=1)


@pytest.fixture
def store(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite")


@pytest.fixture
def recorder(store: SqliteLedger) -> Recorder:
    ticks = clock()
    return Recorder(store, "iacfix/test", now=lambda: next(ticks))


def proposed(action: Action | None = None, reason: str = "") -> Outcome:
    stages = tuple(StageResult(name, StageOutcome.PASSED) for name in ALWAYS_ON)
    proposal = Proposal(Candidate("", "recipe:s3-versioning"), Accepted((Edit("main.tf", b"a", b"b"),), "", 2, stages))
    url = "https://host/pull/1" if action in {Action.OPENED, Action.KEPT, Action.NOT_WANTED} else ""
    opened = PullRequest(url, "iacfix/a/1", "", created=False, action=action, reason=reason) if action else None
    return Outcome(CLOUD, Status.PROPOSED, proposal=proposal, generator="recipe:s3-versioning", pull_request=opened)


def audit(store: SqliteLedger) -> list[AuditRecord]:
    return [read(line) for line in store.audit()]


def test_every_step_is_in_the_record(recorder: Recorder, store: SqliteLedger) -> None:
    entry = recorder.record(proposed(Action.OPENED))
    assert entry is not None
    assert (entry.state, entry.pull_request, entry.version) == (State.PULL_REQUEST_OPEN, "https://host/pull/1", 5)
    assert entry.sources == (f"security_hub:{CLOUD.id}",)
    assert store.get(entry.key) == entry
    steps = ["received", "triaged", "fixing", "proposed", "pull_request_open"]
    assert [record.event.action for record in audit(store)] == [f"finding.{step}" for step in steps]
    assert all((record.event.actor, record.event.key) == ("iacfix/test", entry.key) for record in audit(store))
    assert verify(store.audit(), {"main": store.head("main")}) == {"main": store.head("main")}


@pytest.mark.parametrize("outcome", [UNSUPPORTED, proposed(), proposed(Action.OPENED)], ids=lambda each: each.status)
def test_doing_it_again_writes_nothing(recorder: Recorder, store: SqliteLedger, outcome: Outcome) -> None:
    first = recorder.record(outcome)
    written = list(store.audit())
    assert recorder.record(outcome) == first
    assert list(store.audit()) == written


def test_a_failure_is_recorded_as_one(recorder: Recorder, store: SqliteLedger) -> None:
    entry = recorder.record(Outcome(CLOUD, Status.GENERATION_FAILED, "three attempts were refused"))
    assert entry is not None
    last = audit(store)[-1].event
    assert (entry.state, last.result, last.reason) == (
        *(State.FIX_GENERATION_FAILED, AuditResult.FAILED),
        "three attempts were refused",
    )


def test_the_worst_that_several_tools_say_counts_and_one_tool_may_change_its_mind(recorder: Recorder) -> None:
    other = replace(CLOUD, source="wiz", id="w-1")
    said = []
    for finding, severity in (
        (CLOUD, "medium"),
        (CLOUD, "low"),
        (other, "critical"),
        (CLOUD, "high"),
        (other, "unknown"),
    ):
        entry = recorder.record(replace(UNSUPPORTED, finding=replace(finding, severity=Severity(severity))))
        said.append(entry.severity if entry is not None else "")
    assert said == ["medium", "low", "critical", "critical", "critical"]


def test_every_report_of_a_merged_finding_is_a_source(recorder: Recorder) -> None:
    entry = recorder.record(replace(UNSUPPORTED, finding=replace(CLOUD, also=(("wiz", "w-1"), ("config", "c")))))
    assert entry is not None
    assert entry.sources == (f"security_hub:{CLOUD.id}", "wiz:w-1", "config:c")


def test_a_second_tool_is_a_second_source(recorder: Recorder, store: SqliteLedger) -> None:
    recorder.record(UNSUPPORTED)
    other = replace(CLOUD, source="prowler", id="p-1", check_id="s3_bucket_object_versioning")
    entry = recorder.record(replace(UNSUPPORTED, finding=other))
    assert entry is not None
    assert entry.sources == (f"security_hub:{CLOUD.id}", "prowler:p-1")
    assert audit(store)[-1].event.action == "finding.amended"


def test_a_look_does_not_forget_the_pull_request(recorder: Recorder) -> None:
    opened = recorder.record(proposed(Action.OPENED))
    assert recorder.record(proposed()) == opened


def test_what_a_person_closed_stays_so_until_it_is_opened_anew(recorder: Recorder) -> None:
    recorder.record(proposed(Action.OPENED))
    closed = recorder.record(proposed(Action.NOT_WANTED, "a person closed it"))
    again = recorder.record(proposed(Action.OPENED))
    assert closed is not None
    assert again is not None
    assert [closed.state, again.state] == [State.NOT_WANTED, State.PULL_REQUEST_OPEN]


def test_what_was_fixed_and_is_reported_again_begins_another_round(recorder: Recorder, store: SqliteLedger) -> None:
    entry = recorder.record(Outcome(CLOUD, Status.ALREADY_FIXED, "the code is right"))
    assert entry is not None
    fixed = moved(entry, State.FIXED, at="2026-01-02T00:00:00+00:00", reason="seen by the SDK")
    recorder._replace(entry, fixed, CLOUD)
    again = recorder.record(UNSUPPORTED)
    assert again is not None
    assert (again.state, again.round, again.received_at) == (State.HUMAN_REVIEW, 2, entry.received_at)
    assert len(audit(store)) == again.version


def test_what_never_was_a_finding_is_in_the_record_alone(recorder: Recorder, store: SqliteLedger) -> None:
    broken = InvalidFinding("asff", 3, "Resources", "it has none")
    assert recorder.record(Outcome(broken, Status.INVALID_FINDING, "Resources: it has none")) is None
    (record,) = audit(store)
    assert (record.event.action, record.event.result) == ("input.rejected", AuditResult.REFUSED)
    assert record.event.reason == "entry 3 of asff, Resources: it has none"
    assert list(store.in_states(frozenset(State))) == []


def test_whoever_was_too_late_is_told(recorder: Recorder, store: SqliteLedger) -> None:
    entry = recorder.record(UNSUPPORTED)
    assert entry is not None
    other = moved(entry, State.ACCEPTED, at="2026-01-02T00:00:00+00:00", reason="a person accepts it")
    recorder._replace(entry, other, CLOUD)
    with pytest.raises(StaleEntryError, match="changed by another run"):
        recorder._replace(entry, other, CLOUD)
    assert store.get(entry.key) == other


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PROPOSED])
def test_every_status_has_its_state(status: Status) -> None:
    outcome = Outcome(CLOUD, status, "because")
    if status is Status.INVALID_FINDING:
        with pytest.raises(ValueError, match="stands nowhere"):
            target(outcome, State.RECEIVED)
    else:
        assert isinstance(target(outcome, State.RECEIVED), State)


def test_what_fails_again_and_again_is_stuck_since_it_first_stood_there(
    recorder: Recorder, store: SqliteLedger
) -> None:
    begun = recorder.arrived(CLOUD, "")
    recorder.attempt_failed(CLOUD, "", "nobody answers")
    recorder.attempt_failed(CLOUD, "", "nobody answers yet")
    entry = store.get(begun.key)
    assert entry is not None
    assert (entry.changed_at, entry.reason) == (begun.changed_at, "an attempt failed: nobody answers yet")
    assert audit(store)[-1].event.at > begun.changed_at
    stuck = figures([entry], datetime.fromisoformat(begun.changed_at) + STUCK_AFTER).stuck
    assert stuck == (entry,)
