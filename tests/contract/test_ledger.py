"""Every ledger keeps entries and record together, and lets nobody overwrite what they have not seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock

import boto3
import pytest
from moto.dynamodb.responses import DynamoHandler
from tests.contract.aws import REGION
from tests.unit.ledger.test_audit import EVENT
from tests.unit.ledger.test_states import LATER, RECEIVED

from iacfix.adapters.stores.dynamodb import BY_STATE, DynamoDbLedger
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import AuditRecord, Head
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.ledger import State
from iacfix.ledger.audit import appended, verify
from iacfix.ledger.states import moved
from iacfix.ports.stores import LedgerStore

Connect = Callable[[], LedgerStore]
TABLE = "iacfix-ledger"


@pytest.fixture
def sqlite(tmp_path: Path) -> Connect:
    return lambda: SqliteLedger(tmp_path / "ledger.sqlite")


@pytest.fixture
def dynamodb(aws: str, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """DynamoDB does one transaction after the other; moto, left alone, mixes those that come at once."""
    turn, answer = Lock(), DynamoHandler.call_action

    def one_by_one(self: DynamoHandler) -> object:
        with turn:
            return answer(self)

    monkeypatch.setattr(DynamoHandler, "call_action", one_by_one)
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=aws)
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "state", "changed_at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": BY_STATE,
                "KeySchema": [
                    {"AttributeName": "state", "KeyType": "HASH"},
                    {"AttributeName": "changed_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return lambda: DynamoDbLedger(client, TABLE)


@pytest.fixture(params=["sqlite", "dynamodb"])
def connect(request: pytest.FixtureRequest) -> Connect:
    made: Connect = request.getfixturevalue(str(request.param))
    return made


def record(store: LedgerStore, chain: str = "main") -> AuditRecord:
    return appended(store.head(chain), EVENT, chain)


def test_an_empty_ledger_has_nothing(connect: Connect) -> None:
    store = connect()
    assert store.get("a" * 64) is None
    assert store.head("main") == Head()
    assert list(store.audit()) == []
    assert list(store.in_states(frozenset(State))) == []


def test_entry_and_record_are_written_together(connect: Connect) -> None:
    store = connect()
    entry = replace(RECEIVED, sources=("checkov:1", "security_hub:2"), reason="it came")
    first = record(store)
    store.write(first, entry)
    other = connect()
    assert other.get(entry.key) == entry
    assert other.head("main") == Head(1, first.hash)
    later = moved(entry, State.TRIAGED, at=LATER, reason="its owner is known")
    other.write(record(other), later)
    assert store.get(entry.key) == later
    assert verify(store.audit(), {"main": store.head("main")}) == {"main": store.head("main")}


def test_a_record_alone_is_written_too(connect: Connect) -> None:
    store = connect()
    store.write(record(store))
    store.write(record(store))
    assert store.head("main").sequence == 2


@pytest.mark.parametrize("version", [1, 3], ids=["made twice", "one left out"])
def test_an_entry_that_was_not_seen_is_not_overwritten(connect: Connect, version: int) -> None:
    store = connect()
    store.write(record(store), RECEIVED)
    with pytest.raises(StaleEntryError):
        store.write(record(store), replace(RECEIVED, version=version, reason="other"))
    assert store.get(RECEIVED.key) == RECEIVED
    assert store.head("main").sequence == 1, "the record is not written without its entry"


def test_a_record_that_does_not_follow_is_not_written(connect: Connect) -> None:
    store = connect()
    early = record(store)
    store.write(early)
    for stale in (early, appended(Head(1, "f" * 64), EVENT), appended(Head(2, early.hash), EVENT)):
        with pytest.raises(StaleEntryError):
            store.write(stale, RECEIVED)
    assert store.get(RECEIVED.key) is None, "the entry is not written without its record"


def test_entries_are_found_by_their_state(connect: Connect) -> None:
    store = connect()
    entries = [
        replace(RECEIVED, key=f"{number:064x}", changed_at=f"2026-01-0{9 - number}T00:00:00+00:00", state=state)
        for number, state in enumerate([State.RECEIVED, State.FIXED, State.STILL_OPEN, State.RECEIVED], start=1)
    ]
    for entry in entries:
        store.write(record(store), entry)
    assert list(store.in_states({State.RECEIVED, State.STILL_OPEN})) == [entries[3], entries[2], entries[0]]
    assert list(store.in_states(())) == []


def test_chains_do_not_wait_for_each_other(connect: Connect) -> None:
    store = connect()
    one, other = record(store, "a"), record(store, "b")
    store.write(other)
    store.write(one)
    assert verify(store.audit()) == {"a": Head(1, one.hash), "b": Head(1, other.hash)}


def test_of_many_at_once_each_is_written_once(connect: Connect) -> None:
    """Whoever was too late reads again, and writes then."""

    def write(number: int) -> None:
        store = connect()
        while True:
            try:
                store.write(record(store), replace(RECEIVED, key=f"{number:064x}"))
            except StaleEntryError:
                continue
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(12)))
    store = connect()
    assert len(list(store.in_states({State.RECEIVED}))) == 12
    assert store.head("main").sequence == 12
    assert verify(store.audit(), {"main": store.head("main")}) == {"main": store.head("main")}


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(LedgerError, match=r"the ledger ledger\.sqlite cannot be used"):
        SqliteLedger(tmp_path / "ledger.sqlite").get("a")
    with pytest.raises(LedgerError, match="cannot be used"):
        SqliteLedger(tmp_path / "nowhere" / "ledger.sqlite").get("a")


def test_a_table_that_is_not_there_is_told(aws: str) -> None:
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=aws)
    with pytest.raises(LedgerError, match="the ledger nowhere"):
        DynamoDbLedger(client, "nowhere").get("a")
