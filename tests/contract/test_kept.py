"""What is kept beside the ledger, in its file and in its table."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.contract.aws import client

from iacfix.adapters.stores.dynamodb import BY_STATE
from iacfix.adapters.stores.kept import DynamoDbKept, SqliteKept
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.ports.kept import Kept, KeptStore, Kind

Connect = Callable[[], KeptStore]
NAMES = ("pk", "sk", "state", "changed_at")


def keys(hashed: str, ordered: str) -> list[dict[str, str]]:
    return [{"AttributeName": hashed, "KeyType": "HASH"}, {"AttributeName": ordered, "KeyType": "RANGE"}]


@pytest.fixture(params=["sqlite", "dynamodb"])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Connect:
    if request.param == "sqlite":
        return lambda: SqliteKept(tmp_path / "ledger.sqlite")
    request.getfixturevalue("aws")
    index = {"IndexName": BY_STATE, "KeySchema": keys("state", "changed_at"), "Projection": {"ProjectionType": "ALL"}}
    client("dynamodb").create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in NAMES],
        KeySchema=keys("pk", "sk"),
        GlobalSecondaryIndexes=[index],
    )
    return lambda: DynamoDbKept(client("dynamodb"), "ledger")


def test_it_is_changed_by_one_at_a_time(connect: Connect) -> None:
    store, other = connect(), connect()
    store.put(Kind.APPROVAL, Kept("a", "1", 1))
    for version in (1, 3):
        with pytest.raises(StaleEntryError):
            other.put(Kind.APPROVAL, Kept("a", "2", version))
    other.put(Kind.APPROVAL, Kept("a", "2", 2))
    store.put(Kind.REMEDIATION, Kept("a:1:1", "3", 1))
    assert store.get(Kind.APPROVAL, "a") == Kept("a", "2", 2)
    assert store.get(Kind.APPROVAL, "b") is None
    assert list(store.all(Kind.APPROVAL)) == [Kept("a", "2", 2)]
    assert list(store.all(Kind.REMEDIATION)) == [Kept("a:1:1", "3", 1)]


def test_a_table_that_is_not_there_is_told(aws: str) -> None:
    assert aws
    with pytest.raises(LedgerError, match="the ledger nothing"):
        DynamoDbKept(client("dynamodb"), "nothing").get(Kind.APPROVAL, "a")
