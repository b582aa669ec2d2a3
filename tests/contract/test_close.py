"""From a verification to the ledger, and to the tools that had reported it."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.contract.aws import REGION, client
from tests.contract.security_hub import asff, bucket, hub, identity

from iacfix.adapters.aws.security_hub import Connection, SecurityHub
from iacfix.adapters.aws.security_hub_v2 import SecurityHubV2
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.controls import load_catalogue
from iacfix.domain.audit import AuditEvent, AuditResult, read
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Result, Verification
from iacfix.entry.cli.main import cli
from iacfix.findings import read_findings
from iacfix.ledger.audit import appended, verify
from iacfix.ledger.identity import ledger_key
from iacfix.ports.findings_source import FindingTracker
from iacfix.testing.security_hub_server import Refusal, SecurityHubServer
from iacfix.workflows.close import Closer, Closing, Told
from iacfix.workflows.fix import identify
from iacfix.workflows.record import Recorder
from iacfix.workflows.verify import VerificationRecorder

__all__ = ["hub"]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONTROL = "s3-access-logging"


def seen(number: int = 1, result: Result = Result.RESOLVED, bucket: str = "logs", **changes: str) -> Verification:
    at, resource = "2026-11-21T12:00:00+00:00", f"arn:aws:s3:::{bucket}"
    look = Verification(f"v-{number}", at, CONTROL, resource, "s3_logging", result, "logs go to x")
    return replace(look, **changes)  # type: ignore[arg-type] # texts alone


@pytest.fixture
def store(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite")


def about(bucket: str) -> Finding:
    resource = CloudResource("AwsS3Bucket", f"arn:aws:s3:::{bucket}", bucket, "111122223333", "eu-west-1")
    return Finding("security_hub", "f-1", "S3.9", "logging", resource, CONTROL)


def put(store: SqliteLedger, *sources: str, bucket: str = "logs", state: State = State.VERIFYING) -> str:
    """The key of the entry."""
    finding = about(bucket)
    key = ledger_key(finding)
    entry = LedgerEntry(
        key, state, 1, "2026-11-01", "2026-11-01", CONTROL, finding.resource.identifier, sources=sources
    )
    event = AuditEvent("2026-11-01", "test", f"finding.{state}", AuditResult.DONE, "as the test has it", key)
    store.write(appended(store.head("main"), event), entry)
    return key


@dataclass(frozen=True)
class Closes:
    """As a run does it: the look goes into the ledger, and then it is told."""

    store: SqliteLedger
    trackers: tuple[FindingTracker, ...]

    def told(self, look: Verification, *, bucket: str = "logs") -> list[Told]:
        finding = about(bucket)
        VerificationRecorder(self.store, "iacfix/test", now=lambda: NOON).record(finding, look)
        recorder = Recorder(self.store, "iacfix/test", now=lambda: NOON)
        return list(Closer(recorder, self.trackers).close([(ledger_key(finding), look)]))

    def closings(self, look: Verification, *, bucket: str = "logs") -> list[Closing]:
        return [each.closing for each in self.told(look, bucket=bucket)]


def closer(store: SqliteLedger, *trackers: FindingTracker) -> Closes:
    return Closes(store, trackers or (SecurityHub(Connection(max_attempts=1)),))


def entry_of(store: SqliteLedger, bucket: str = "logs") -> LedgerEntry:
    entry = store.get(ledger_key(about(bucket)))
    assert entry is not None
    return entry


def source(number: int) -> str:
    return f"security_hub:{identity(number)}"


def count(store: SqliteLedger) -> int:
    return len(list(store.audit()))


@pytest.mark.parametrize("make", [SecurityHub, SecurityHubV2])
def test_what_was_seen_fixed_is_closed_with_its_verification_once(
    hub: SecurityHubServer, store: SqliteLedger, make: type[SecurityHub | SecurityHubV2]
) -> None:
    hub.findings.put(asff(1), asff(2, Workflow={"Status": "SUPPRESSED"}), asff(3, Workflow={"Status": "RESOLVED"}))
    put(store, source(1), source(2), source(3), source(9), "checkov:CKV_AWS_18")
    at = closer(store, make(Connection(max_attempts=1)))
    told = at.told(seen())
    assert {each.source.rpartition("/")[2]: each.closing.value for each in told} == {
        "0001": "resolved",
        "0002": "suppressed",
        "0003": "already",
        "0009": "gone",
        "checkov:CKV_AWS_18": "nowhere",
    }
    status, note = hub.findings.status(identity(1))
    assert (status, "verification v-1" in note) == ("RESOLVED", True)
    assert hub.findings.status(identity(2)) == ("SUPPRESSED", "")
    entry = entry_of(store)
    assert (entry.state, entry.verification) == (State.FIXED, "v-1")
    lines, asked = count(store), len(hub.operations)
    assert set(at.closings(seen())) == {Closing.ALREADY, Closing.SUPPRESSED, Closing.GONE, Closing.NOWHERE}
    assert (count(store), [each for each in hub.operations[asked:] if "Update" in each]) == (lines, [])
    assert not isinstance(verify(store.audit()), str)


def test_what_could_not_be_told_is_told_the_next_time(hub: SecurityHubServer, store: SqliteLedger) -> None:
    hub.findings.put(asff(1), asff(2))
    put(store, source(1), source(2))
    hub.findings.refuse[identity(2)] = ("InternalException", "later")
    at = closer(store)
    assert at.closings(seen()) == [Closing.RESOLVED, Closing.FAILED]
    assert [read(line).event.action for line in store.audit()][1:] == ["finding.fixed", "tool.resolved", "tool.failed"]
    hub.findings.refuse.clear()
    hub.spoil("GetFindings", Refusal("AccessDeniedException", 403, "not authorized"))
    assert at.closings(seen()) == [Closing.FAILED, Closing.FAILED]
    assert at.closings(seen()) == [Closing.ALREADY, Closing.RESOLVED]


def test_what_is_still_open_goes_back_to_its_owner(hub: SecurityHubServer, store: SqliteLedger) -> None:
    hub.findings.put(asff(1), asff(2, Workflow={"Status": "RESOLVED"}), asff(3, Workflow={"Status": "SUPPRESSED"}))
    put(store, source(1), source(2), source(3))
    at, open_still = closer(store), seen(2, Result.STILL_OPEN, seen="no target\nfor logs")
    assert at.closings(open_still) == [Closing.SUPPRESSED, Closing.NOTIFIED, Closing.NOTIFIED]
    status, note = hub.findings.status(identity(2))
    assert (status, "Still open, by verification v-2" in note, "no target for logs" in note) == ("NOTIFIED", True, True)
    assert entry_of(store).state is State.STILL_OPEN
    assert at.closings(open_still) == [Closing.ALREADY, Closing.ALREADY, Closing.SUPPRESSED]


def test_what_comes_back_is_linked_to_what_was(hub: SecurityHubServer, store: SqliteLedger) -> None:
    hub.findings.put(asff(1))
    key = put(store, source(1))
    at = closer(store)
    at.told(seen())
    assert at.closings(seen(2, Result.STILL_OPEN, seen="it is off again")) == [Closing.NOTIFIED]
    entry = entry_of(store)
    assert (entry.state, entry.round, entry.verification) == (State.TRIAGED, 2, "v-2")
    note = hub.findings.status(identity(1))[1]
    assert note.startswith("It has come back, by verification v-2")
    assert f"(round 2 of {key[:12]})" in note


def test_the_command_looks_records_and_closes(
    aws: str, hub: SecurityHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over live buckets: the one keeps versions, the other does not."""
    monkeypatch.chdir(tmp_path)
    s3 = client("s3")
    control = {
        "GeneratorId": "security-control/S3.14",
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.14"},
    }
    findings = []
    for number, name in enumerate(("kept", "lost"), 1):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        findings.append(asff(number, Resources=[bucket(name)], AwsAccountId="123456789012", **control))
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    hub.findings.put(*findings)
    (tmp_path / "findings.json").write_text(json.dumps(findings))
    catalogue = load_catalogue(())
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    for found in read_findings(json.dumps(findings).encode()):
        assert isinstance(found, Finding)
        known = identify(found, catalogue)[0]
        Recorder(store, "iacfix/test").arrived(known, "")
    command = ["verify", "findings.json", "--now", "--ledger", "ledger.sqlite", "--close"]
    done = CliRunner().invoke(cli, command)
    said = [line.partition("  ")[0] for line in done.stderr.splitlines()]
    assert (done.exit_code, sorted(said)) == (1, ["left", "resolved"]), (aws, done.output, done.stderr)
    assert [hub.findings.status(identity(number))[0] for number in (1, 2)] == ["RESOLVED", "NEW"]
    assert {entry.state for entry in store.in_states(frozenset(State))} == {State.FIXED, State.RECEIVED}
    without = CliRunner().invoke(cli, ["verify", "findings.json", "--now", "--close"])
    assert (without.exit_code, "need the ledger" in without.stderr) == (2, True)


def test_nothing_is_closed_on_anothers_word(hub: SecurityHubServer, store: SqliteLedger) -> None:
    """Another resource or control, a finding about several, a state that no look changes, nobody who could look."""
    hub.findings.put(asff(1), asff(2, Resources=[bucket("other")]))
    hub.findings.put(asff(3, Resources=[bucket("logs"), bucket("other")]))
    key = put(store, source(2), source(3))
    put(store, source(1), bucket="accepted", state=State.ACCEPTED)
    put(store, source(1), bucket="unseen")
    put(store, source(1), bucket="on-its-way", state=State.PULL_REQUEST_OPEN)
    at, alone = closer(store), Closer(Recorder(store, "iacfix/test"), (SecurityHub(Connection(max_attempts=1)),))
    for look in (seen(bucket="other"), seen(control="s3-versioning")):
        assert [each.closing for each in alone.close([(key, look)])] == [Closing.FAILED]
    for nobodys in (key, "unknown"):  # which nobody has put into the ledger
        assert [each.closing for each in alone.close([(nobodys, seen())])] == [Closing.LEFT]
    assert at.closings(seen()) == [Closing.LEFT, Closing.LEFT]
    assert at.closings(seen(bucket="accepted"), bucket="accepted") == [Closing.LEFT]
    open_still = seen(3, Result.STILL_OPEN, "on-its-way")
    assert at.closings(open_still, bucket="on-its-way") == [Closing.LEFT]
    (told,) = at.told(seen(4, Result.ERROR, "unseen", seen="AccessDenied"), bucket="unseen")
    assert (told.closing, "AccessDenied" in told.reason) == (Closing.LEFT, True)
    states = [entry_of(store, name).state for name in ("accepted", "on-its-way", "unseen")]
    assert states == [State.ACCEPTED, State.PULL_REQUEST_OPEN, State.VERIFICATION_FAILED]
    assert {hub.findings.status(identity(number)) for number in (1, 2, 3)} == {("NEW", "")}
