"""Whoever writes into the ledger leaves a record that the entry agrees with: `iacfix audit verify` asks for it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.workflows.test_verify import FINDING, looked

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.ledger import State
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.verification import Result
from iacfix.ledger.audit import Broken
from iacfix.workflows.archiving import verified
from iacfix.workflows.moves import Moves, Told
from iacfix.workflows.record import Recorder
from iacfix.workflows.verify import VerificationRecorder

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite")


def holds(ledger: SqliteLedger) -> bool:
    found = verified(ledger, {})
    assert not isinstance(found, Broken), found
    return True


@pytest.mark.parametrize("result", Result)
@pytest.mark.parametrize("status", [Status.NOT_ELIGIBLE, Status.ALREADY_FIXED])
def test_a_look_after_an_outcome(ledger: SqliteLedger, status: Status, result: Result) -> None:
    """Whether it moves the finding or is only noted."""
    Recorder(ledger, "iacfix/test").record(Outcome(FINDING, status, "why"))
    assert holds(ledger)
    for number in (1, 2):
        VerificationRecorder(ledger, "iacfix/test", now=lambda: NOW).record(FINDING, looked(result, number))
        assert holds(ledger)


def test_a_remediation_after_an_outcome_and_an_outcome_after_it(ledger: SqliteLedger) -> None:
    recorder, moves = Recorder(ledger, "iacfix/test"), Moves(ledger, "ann", lambda: NOW)
    entry = recorder.arrived(FINDING, "")
    for state in (State.TRIAGED, State.REMEDIATING, State.VERIFYING):
        told = Told(before='{"Status": []}', after='{"Status": ["Enabled"]}')
        entry = moves.to(entry, state, "so it goes", finding="f-1", told=told)
        assert holds(ledger)
    moves.amend(entry, {"execution": "e-1"}, action="remediation.started", reason="it runs", finding="f-1")
    moves.note(entry, "remediation.refused", "not twice", finding="f-1", told=Told())
    assert holds(ledger)
    VerificationRecorder(ledger, "iacfix/test", now=lambda: NOW).record(FINDING, looked(Result.RESOLVED))
    recorder.record(Outcome(FINDING, Status.NOT_ELIGIBLE, "why"))
    assert holds(ledger)


def test_an_entry_that_was_moved_beside_the_record_is_found(ledger: SqliteLedger, tmp_path: Path) -> None:
    moves = Moves(ledger, "ann", lambda: NOW)
    moves.to(moves.received(FINDING), State.TRIAGED, "so it goes", finding="f-1")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection, connection:
        connection.execute("UPDATE entries SET entry = replace(entry, 'triaged', 'fixed'), state = 'fixed'")
    assert isinstance(verified(ledger, {}), Broken)
