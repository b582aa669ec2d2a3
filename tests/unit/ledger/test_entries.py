"""Every entry stands as the record tells it, whoever moved it and whatever a finding is called."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.ledger.test_identity import CLOUD

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.domain.outcome import Outcome, Status
from iacfix.ledger.audit import Broken
from iacfix.ledger.entries import contradiction, said_of_entries
from iacfix.workflows.archiving import verified
from iacfix.workflows.moves import Moves, Told
from iacfix.workflows.record import Recorder

KEY = "AKIA" + "IOSFODNN7EXAMPLQ"


@pytest.fixture
def store(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite")


def recorded(store: SqliteLedger, name: str) -> LedgerEntry:
    finding = replace(CLOUD, id=name, also=(("other", "one"),))
    entry = Recorder(store, "iacfix/test").record(Outcome(finding, Status.UNSUPPORTED, "why"))
    assert entry is not None
    return entry


@pytest.mark.parametrize("name", [KEY, f"password={KEY}", 'api_key="q8Zr7TfW2pLm4Xv9Kd3s"', "x:password:", "token: \\"])
def test_a_finding_that_is_called_like_a_secret_is_no_forgery(store: SqliteLedger, name: str) -> None:
    entry = recorded(store, name)
    assert not isinstance(verified(store, {}), Broken)
    said = said_of_entries(store.audit())[entry.key]
    assert contradiction(replace(entry, owner="me"), said) == "its owner is not what the record says"


def test_a_move_by_hand_tells_where_the_entry_stands(store: SqliteLedger) -> None:
    moves, entry = Moves(store, "a person"), recorded(store, "one")
    told = Told(after='{"Encrypted": ["true"], "state": "on", "version": 7}')
    entry = moves.to(entry, State.TRIAGED, "it is wrong", finding="one", told=told)
    entry = moves.amend(entry, {"execution": "e"}, action="runbook.started", reason="started", finding="one")
    assert not isinstance(verified(store, {}), Broken)
    assert contradiction(replace(entry, state=State.FIXED), said_of_entries(store.audit())[entry.key])
