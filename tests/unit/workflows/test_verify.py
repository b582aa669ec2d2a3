"""What a look does to the ledger, and what its audit record keeps of it."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from tests.unit.verification.reading import Given

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.verification import Result, Verification
from iacfix.ledger.audit import MAIN, Broken, appended, verify
from iacfix.ledger.identity import ledger_key
from iacfix.workflows.verify import VerificationRecorder, Verifier, evidence_digest

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RESOURCE = CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", account="123456789012", region="eu-west-1")
FINDING = Finding("security_hub", "f-1", "S3.14", "S3 buckets should have versioning", RESOURCE, "s3-versioning")


def standing(ledger: SqliteLedger, state: State) -> LedgerEntry:
    entry = LedgerEntry(
        ledger_key(FINDING), state, 1, NOW.isoformat(), NOW.isoformat(), "s3-versioning", RESOURCE.identifier
    )
    event = AuditEvent(NOW.isoformat(), "test", f"finding.{state}", AuditResult.DONE, "so it is", key=entry.key)
    ledger.write(appended(ledger.head(MAIN), event, MAIN), entry)
    return entry


def looked(result: Result, number: int = 1) -> Verification:
    evidence = json.dumps({"calls": [number]})
    return Verification(f"v-{number}", "t", "s3-versioning", "r", "s3_versioning", result, "was seen", evidence, 1)


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite")


def recorder(ledger: SqliteLedger) -> VerificationRecorder:
    return VerificationRecorder(ledger, "iacfix/test", now=lambda: NOW)


def events(ledger: SqliteLedger) -> list[dict[str, object]]:
    return [json.loads(line) for line in ledger.audit()]


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


OPEN, GOOD, GONE, ERROR = Result.STILL_OPEN, Result.RESOLVED, Result.RESOURCE_GONE, Result.ERROR


@pytest.mark.parametrize(
    ("start", "result", "end"),
    [
        (State.VERIFYING, GOOD, State.FIXED),
        (State.VERIFYING, GONE, State.FIXED),
        (State.VERIFYING, OPEN, State.STILL_OPEN),
        (State.VERIFYING, ERROR, State.VERIFICATION_FAILED),
        (State.STILL_OPEN, GOOD, State.FIXED),
        (State.STILL_OPEN, OPEN, State.STILL_OPEN),
        (State.STILL_OPEN, ERROR, State.VERIFICATION_FAILED),
        (State.VERIFICATION_FAILED, GOOD, State.FIXED),
        (State.PULL_REQUEST_OPEN, GOOD, State.FIXED),
        (State.PULL_REQUEST_OPEN, OPEN, State.PULL_REQUEST_OPEN),
        (State.PULL_REQUEST_OPEN, ERROR, State.PULL_REQUEST_OPEN),
        (State.HUMAN_REVIEW, GOOD, State.FIXED),
        (State.RECEIVED, GOOD, State.FIXED),
        (State.FIXED, GOOD, State.FIXED),
        (State.FIXED, ERROR, State.FIXED),
        (State.FIXED, OPEN, State.TRIAGED),
        (State.AWAITING_APPROVAL, GOOD, State.AWAITING_APPROVAL),
        (State.REMEDIATING, GOOD, State.REMEDIATING),
        (State.ACCEPTED, OPEN, State.ACCEPTED),
    ],
)
def test_a_look_moves_a_finding_where_it_belongs(
    ledger: SqliteLedger, start: State, result: Result, end: State
) -> None:
    standing(ledger, start)
    seen = looked(result)
    entry = recorder(ledger).record(FINDING, seen)
    assert entry is not None
    assert entry == ledger.get(entry.key)
    assert entry.state is end
    last = events(ledger)[-1]
    assert json.loads(str(last["after"]))["look"]["id"] == seen.id
    assert json.loads(str(last["after"]))["look"]["evidence_sha256"] == evidence_digest(seen)
    assert "was seen" in str(last["reason"])
    assert not isinstance(verify(ledger.audit(), {}), Broken)


def test_what_came_back_begins_another_round_with_its_history(ledger: SqliteLedger) -> None:
    standing(ledger, State.VERIFYING)
    recorder(ledger).record(FINDING, looked(GOOD, 1))
    entry = recorder(ledger).record(FINDING, looked(OPEN, 2))
    assert entry is not None
    assert (entry.state, entry.round, entry.verification) == (State.TRIAGED, 2, "v-2")
    assert json.loads(str(events(ledger)[-1]["before"]))["verification"] == "v-1"


def test_the_same_look_is_recorded_once(ledger: SqliteLedger) -> None:
    standing(ledger, State.VERIFYING)
    first = recorder(ledger).record(FINDING, looked(GOOD))
    count = len(events(ledger))
    assert recorder(ledger).record(FINDING, looked(GOOD)) == first
    assert len(events(ledger)) == count


def test_what_the_ledger_does_not_know_is_in_the_record_all_the_same(ledger: SqliteLedger) -> None:
    assert recorder(ledger).record(FINDING, looked(ERROR)) is None
    (event,) = events(ledger)
    assert (event["action"], event["result"], event["key"]) == ("finding.verified", "failed", ledger_key(FINDING))


def test_the_digest_is_of_the_evidence() -> None:
    seen = looked(GOOD)
    assert evidence_digest(seen) == hashlib.sha256(seen.evidence.encode()).hexdigest()


def test_it_waits_what_is_left_and_looks() -> None:
    pauses: list[float] = []
    reader = Given({"GetBucketVersioning": ({"Status": "Enabled"},)})
    correlations: list[str] = []

    def readers(correlation: str) -> Given:
        correlations.append(correlation)
        return reader

    verifier = Verifier(catalogue(), readers, wait=300, now=lambda: NOW, pause=pauses.append)
    assert verifier.verify(FINDING).result is GOOD
    assert verifier.verify(FINDING, since=NOW - timedelta(seconds=100)).result is GOOD
    assert verifier.verify(FINDING, since=NOW - timedelta(seconds=301)).result is GOOD
    assert pauses == [300, 200]
    assert correlations == [ledger_key(FINDING)[:32]] * 3
    assert verifier.verify(replace(FINDING, control="")).check == "s3_versioning"  # by the tool's name of its check


def test_what_no_check_is_known_of_is_an_error() -> None:
    verifier = Verifier(catalogue(), lambda _: Given({}), wait=0)
    seen = verifier.verify(replace(FINDING, control="", check_id="Nobody.1"))
    assert (seen.result, seen.control) == (ERROR, "Nobody.1")


@pytest.mark.parametrize("wait", [1, 29.9, 1800.1, -5])
def test_other_waits_are_refused(wait: float) -> None:
    with pytest.raises(ConfigurationError):
        Verifier(catalogue(), lambda _: Given({}), wait=wait)
