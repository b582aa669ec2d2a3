"""A ledger that fails in mid-run loses nothing: the run goes on, and says at its end what is not in the ledger."""

import sqlite3
from pathlib import Path

import pytest
from tests.unit.workflows.test_record import UNSUPPORTED, proposed

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.change_request import Action
from iacfix.domain.errors import LedgerError
from iacfix.domain.ledger import State
from iacfix.entry.cli.recording import MOST_FAILURES, Recording


def spoil(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE audit RENAME TO elsewhere")


def mend(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO audit")


def test_a_ledger_that_fails_in_mid_run_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ledger.sqlite"
    recording = Recording(str(path))
    wanted = [UNSUPPORTED] + [proposed(Action.OPENED)] * (MOST_FAILURES + 2)
    seen = []
    for number, outcome in enumerate(recording.of(wanted)):
        seen.append(outcome)
        if number == 0:
            spoil(path)
    assert seen == wanted
    with pytest.raises(LedgerError, match=rf"{MOST_FAILURES + 2} outcomes of this run could not be written") as told:
        recording.finish()
    assert "run it again: what was done is found and recorded" in str(told.value)
    assert capsys.readouterr().err.count("not in the ledger") == MOST_FAILURES, "it is given up after some"
    mend(path)
    again = Recording(str(path))
    assert list(again.of(wanted)) == wanted
    again.finish()
    (entry,) = SqliteLedger(path).in_states(frozenset(State))
    assert entry.state is State.PULL_REQUEST_OPEN


def test_without_a_ledger_nothing_is_kept() -> None:
    recording = Recording("")
    assert list(recording.of([UNSUPPORTED])) == [UNSUPPORTED]
    recording.finish()


def test_a_ledger_that_cannot_be_used_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be used"):
        Recording(str(tmp_path / "nowhere" / "ledger.sqlite"))
