"""From a verification to the ledger, and to the tools that had reported it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.security_hub import PRODUCT, asff, bucket, hub, identity

from iacfix.adapters.aws.security_hub import Connection, SecurityHub
from iacfix.adapters.aws.security_hub_v2 import SecurityHubV2
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import AuditEvent, AuditResult, read
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Result, Verification
from iacfix.ledger.audit import appended, verify
from iacfix.ports.findings_source import FindingTracker
from iacfix.testing.security_hub_server import Refusal, SecurityHubServer
from iacfix.workflows.close import Closer, Closing
from iacfix.workflows.ledger_moves import LedgerMoves

__all__ = ["hub"]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BUCKET = "arn:aws:s3:::logs"
CONTROL = "s3-access-logging"


def seen(number: int = 1, result: Result = Result.RESOLVED, **changes: str) -> Verification:
    look = Verification(
        f"v-{number}", "2026-11-21T12:00:00+00:00", CONTROL, BUCKET, "s3_logging", result, "logs go to x"
    )
    return replace(look, **changes)  # type: ignore[arg-type] # texts alone


@pytest.fixture
def store(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite")


def put(store: SqliteLedger, key: str, *sources: str, state: State = State.VERIFYING, **facts: str) -> LedgerEntry:
    entry = LedgerEntry(key, state, 1, "2026-11-01", "2026-11-01", CONTROL, BUCKET, sources=sources)
    entry = replace(entry, **facts)  # type: ignore[arg-type] # texts alone
    event = AuditEvent("2026-11-01", "test", f"finding.{state}", AuditResult.DONE, "as the test has it", key)
    store.write(appended(store.head("main"), event), entry)
    return entry


def closer(store: SqliteLedger, *trackers: FindingTracker) -> Closer:
    return Closer(
        LedgerMoves(store, "iacfix/test", now=lambda: NOON), trackers or (SecurityHub(Connection(max_attempts=1)),)
    )


def source(number: int) -> str:
    return f"security_hub:{identity(number)}"


def count(store: SqliteLedger) -> int:
    return len(list(store.audit()))


@pytest.mark.parametrize("make", [SecurityHub, SecurityHubV2])
def test_what_was_seen_fixed_is_closed_with_its_verification_once(
    hub: SecurityHubServer, store: SqliteLedger, make: type[SecurityHub | SecurityHubV2]
) -> None:
    hub.findings.put(asff(1), asff(2, Workflow={"Status": "SUPPRESSED"}), asff(3, Workflow={"Status": "RESOLVED"}))
    put(store, "a", source(1), source(2), source(3), source(9), "checkov:CKV_AWS_18")
    at = closer(store, make(Connection(max_attempts=1)))
    told = at.close([("a", seen())])
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
    entry = store.get("a")
    assert entry is not None
    assert (entry.state, entry.verification) == (State.FIXED, "v-1")
    lines, asked = count(store), len(hub.operations)
    again = {each.closing for each in at.close([("a", seen())])}
    assert again == {Closing.ALREADY, Closing.SUPPRESSED, Closing.GONE, Closing.NOWHERE}
    assert (count(store), [each for each in hub.operations[asked:] if "Update" in each]) == (lines, [])
    assert not isinstance(verify(store.audit()), str)


def test_what_could_not_be_told_is_told_the_next_time(hub: SecurityHubServer, store: SqliteLedger) -> None:
    hub.findings.put(asff(1), asff(2))
    put(store, "a", source(1), source(2))
    hub.findings.refuse[identity(2)] = ("InternalException", "later")
    at = closer(store)
    assert [each.closing for each in at.close([("a", seen())])] == [Closing.RESOLVED, Closing.FAILED]
    assert [read(line).event.action for line in store.audit()][1:] == ["finding.fixed", "tool.resolved", "tool.failed"]
    hub.findings.refuse.clear()
    hub.spoil("GetFindings", Refusal("AccessDeniedException", 403, "not authorized"))
    assert {each.closing for each in at.close([("a", seen())])} == {Closing.FAILED}
    assert [each.closing for each in at.close([("a", seen())])] == [Closing.ALREADY, Closing.RESOLVED]


def test_what_is_still_open_goes_back_to_its_owner(hub: SecurityHubServer, store: SqliteLedger) -> None:
    hub.findings.put(asff(1), asff(2, Workflow={"Status": "RESOLVED"}), asff(3, Workflow={"Status": "SUPPRESSED"}))
    put(store, "a", source(1), source(2), source(3))
    at, open_still = closer(store), seen(2, Result.STILL_OPEN, seen="no target\nfor logs")
    said = [each.closing for each in at.close([("a", open_still)])]
    assert said == [Closing.SUPPRESSED, Closing.NOTIFIED, Closing.NOTIFIED]
    status, note = hub.findings.status(identity(2))
    assert (status, "Still open, by verification v-2" in note, "no target for logs" in note) == ("NOTIFIED", True, True)
    entry = store.get("a")
    assert entry is not None
    assert (entry.state, entry.reason) == (State.STILL_OPEN, "no target for logs (verification v-2)")
    again = [each.closing for each in at.close([("a", open_still)])]
    assert again == [Closing.ALREADY, Closing.ALREADY, Closing.SUPPRESSED]


def test_what_comes_back_is_linked_to_what_was(hub: SecurityHubServer, store: SqliteLedger) -> None:
    hub.findings.put(asff(1))
    put(store, "a", source(1))
    at = closer(store)
    at.close([("a", seen())])
    at.close([("a", seen(2, Result.STILL_OPEN, seen="it is off again"))])
    entry = store.get("a")
    assert entry is not None
    assert (entry.state, entry.round, entry.verification) == (State.TRIAGED, 2, "v-2")
    assert "after the verification v-1" in entry.reason
    assert "It has come back after verification v-1" in hub.findings.status(identity(1))[1]


def test_nothing_is_closed_on_anothers_word(hub: SecurityHubServer, store: SqliteLedger) -> None:
    """Another resource, a finding about several, a state that needs no verification, nobody who could look."""
    hub.findings.put(
        asff(1), asff(2, Resources=[bucket("other")]), asff(3, Resources=[bucket("logs"), bucket("other")])
    )
    put(store, "a", source(1))
    put(store, "b", source(2), source(3))
    put(store, "c", source(1), state=State.ACCEPTED)
    put(store, "d", source(1))
    at = closer(store)
    assert [each.closing for each in at.close([("x", seen()), ("a", seen(resource="arn:aws:s3:::other"))])] == [
        Closing.FAILED,
        Closing.FAILED,
    ]
    assert [each.closing for each in at.close([("a", seen(control="s3-versioning"))])] == [Closing.FAILED]
    assert [each.closing for each in at.close([("b", seen())])] == [Closing.LEFT, Closing.LEFT]
    assert [each.closing for each in at.close([("c", seen())])] == [Closing.LEFT]
    (told,) = at.close([("d", seen(result=Result.ERROR, seen="AccessDenied"))])
    assert (told.closing, "AccessDenied" in told.reason) == (Closing.LEFT, True)
    states = [entry.state for key in "acd" if (entry := store.get(key)) is not None]
    assert states == [State.VERIFYING, State.ACCEPTED, State.VERIFICATION_FAILED]
    assert all(hub.findings.status(identity(number))[0] == "NEW" for number in (1, 2, 3))
    assert hub.findings.kept[PRODUCT, identity(1)].get("Note") is None
