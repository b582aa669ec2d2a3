"""What triage decided is in the ledger, and in the record with the policy that it was decided by."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.ledger.test_identity import CLOUD
from tests.unit.workflows.test_record import audit, clock, proposed, recorder, store
from tests.unit.workflows.test_triage_table import Row, decided, finding

from iacfix.adapters.policy.embedded import shipped_policy
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import AuditResult
from iacfix.domain.change_request import Action
from iacfix.domain.finding import Finding, Severity
from iacfix.domain.ledger import State
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.triage import Decision, Mode
from iacfix.triage.automation_rules_file import read_rules
from iacfix.triage.modes import Modes
from iacfix.workflows.record import Recorder
from iacfix.workflows.triage import Assumed, Gates, held

__all__ = ["clock", "recorder", "store"]
ALLOWED = Row("allowed", finding())
HELD = Row("held", finding(severity=Severity.LOW))
WATCHED = Row("watched", finding(), gates=Gates(modes=Modes(Mode.OBSERVE)))


def of(row: Row) -> Decision:
    return decided(row, shipped_policy())


def test_owner_and_policy_of_what_is_fixed_are_recorded(recorder: Recorder, store: SqliteLedger) -> None:
    decision = of(ALLOWED)
    entry = recorder.record(proposed(Action.OPENED), decision)
    assert entry is not None
    assert (entry.owner, entry.state) == ("platform", State.PULL_REQUEST_OPEN)
    received, triaged, *later = [record.event for record in audit(store)]
    assert triaged.reason.startswith("triage: owner platform; iac, supervised")
    assert f"policy {decision.policy_version}" in triaged.authorization
    assert all(f"{each.rule}: {each.text}" in triaged.authorization for each in decision.reasons)
    assert {event.authorization for event in later} == {
        f"policy {decision.policy_version} and gates: allows it, supervised"
    }
    assert received.result is AuditResult.DONE


@pytest.mark.parametrize(("row", "state"), [(HELD, State.HUMAN_REVIEW), (WATCHED, State.OBSERVED)])
def test_what_is_left_is_recorded_as_skipped(recorder: Recorder, store: SqliteLedger, row: Row, state: State) -> None:
    decision = of(row)
    entry = recorder.record(held(decision), decision)
    assert entry is not None
    assert (entry.state, entry.owner) == (state, "platform")
    last = audit(store)[-1].event
    assert (last.result, last.action) == (AuditResult.SKIPPED, f"finding.{state}")
    assert decision.policy_version in last.authorization
    written = list(store.audit())
    assert recorder.record(held(decision), decision) == entry
    assert list(store.audit()) == written, "doing it again writes nothing"


def test_what_is_accepted_is_so_by_its_exception(recorder: Recorder, store: SqliteLedger) -> None:
    recorder.record(Outcome(CLOUD, Status.ACCEPTED, "accepted until 2027-01-01 by ann: it is a cache"), of(ALLOWED))
    last = audit(store)[-1].event
    assert last.authorization == "exception: accepted until 2027-01-01 by ann: it is a cache"
    assert last.result is AuditResult.SKIPPED


def test_a_new_owner_is_a_change_of_its_own(recorder: Recorder, store: SqliteLedger) -> None:
    decision = of(ALLOWED)
    recorder.record(proposed(Action.OPENED), decision)
    other = replace(decision, owner=replace(decision.owner, team="retail"))
    entry = recorder.record(proposed(Action.OPENED), other)
    assert entry is not None
    assert entry.owner == "retail"
    assert audit(store)[-1].event.action == "finding.amended"
    assert recorder.record(proposed(Action.OPENED)) == entry, "who decides nothing forgets no owner"


def test_what_is_assumed_of_a_finding_does_not_change_what_it_is(recorder: Recorder, store: SqliteLedger) -> None:
    """A finding that was held and is fixed later is one entry."""
    row = Row("assumed", replace(CLOUD, severity=Severity.LOW), assumed=Assumed("999999999999", {"Team": "platform"}))
    plain = replace(row.read, resource=replace(row.read.resource, account=""))
    decision = of(replace(row, read=plain))
    first = recorder.record(held(decision), decision)
    fixed = Outcome(plain, Status.UNSUPPORTED, "it would be replaced")
    second = recorder.record(replace(fixed, finding=replace(plain, control=decision.finding.control)))  # type: ignore[union-attr] # a finding
    assert first is not None
    assert second is not None
    assert first.key == second.key
    assert len(list(store.in_states(frozenset(State)))) == 1


def test_a_decision_has_room_for_any_tag(recorder: Recorder, tmp_path: Path) -> None:
    decision = of(ALLOWED)
    long = replace(decision, reasons=tuple(replace(each, text="x" * 9_000) for each in decision.reasons))
    entry = recorder.record(proposed(Action.OPENED), long)
    assert entry is not None
    assert max(len(record.event.authorization) for record in audit(SqliteLedger(tmp_path / "ledger.sqlite"))) <= 4_000


RULES = """
rules:
  - name: raised
    description: Production comes first.
    when: {severity: low, tags: {Environment: production}}
    then: {severity: critical, labels: {team: platform}}
  - name: known
    description: Logs of logs.
    when: {resource_id: {contains: logs-of-logs}}
    then: {suppress: It would log itself.}
"""


def test_what_a_rule_suppresses_rests_and_needs_nobody(recorder: Recorder, store: SqliteLedger) -> None:
    """A finding of Checkov: rules speak of what never passed through Security Hub."""
    rules = read_rules(RULES.encode(), "rules.yaml")
    low = finding(source="checkov", check_id="CKV_AWS_18", severity=Severity.LOW)
    raised = decided(Row("raised", low), shipped_policy(), rules)
    assert (raised.eligible, raised.suppressed) == (True, "")
    assert isinstance(raised.finding, Finding)
    assert (raised.finding.severity, raised.finding.resource) == (Severity.CRITICAL, low.resource)
    assert not decided(Row("low", low), shipped_policy()).eligible
    assert not decided(
        Row("low", replace(low, source="security_hub", check_id="S3.9")), shipped_policy(), rules
    ).eligible
    known = replace(low, resource=replace(low.resource, identifier="arn:aws:s3:::logs-of-logs"))
    decision = decided(Row("known", known), shipped_policy(), rules)
    assert (decision.eligible, decision.suppressed) == (False, "known: It would log itself.")
    entry = recorder.record(held(decision), decision)
    assert entry is not None
    assert entry.state is State.OBSERVED
    assert "automation rule: known: It would log itself." in entry.reason
    assert audit(store)[-1].event.result is AuditResult.SKIPPED
