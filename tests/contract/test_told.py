"""Every store of what was told lets one tell of a thing at a time, and of each occasion once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import boto3
import pytest
from moto.dynamodb.responses import DynamoHandler
from tests.contract.aws import REGION

from iacfix.adapters.stores.told_dynamodb import DynamoDbTold
from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.config.notify import NotifySettings
from iacfix.domain.errors import LedgerError
from iacfix.entry.notifying import told_store
from iacfix.ports.told import Claim, ToldStore, Turn

Connect = Callable[[], ToldStore]
TABLE = "iacfix-told"


@pytest.fixture
def sqlite(tmp_path: Path) -> Connect:
    return lambda: SqliteTold(tmp_path / "told.sqlite")


@pytest.fixture
def dynamodb(aws: str, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """DynamoDB does one conditional write after the other; moto, left alone, mixes those that come at once."""
    turn, answer = Lock(), DynamoHandler.call_action

    def one_by_one(self: DynamoHandler) -> object:
        with turn:
            return answer(self)

    monkeypatch.setattr(DynamoHandler, "call_action", one_by_one)
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=aws)
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    return lambda: DynamoDbTold(client, TABLE)


@pytest.fixture(params=["sqlite", "dynamodb"])
def connect(request: pytest.FixtureRequest) -> Connect:
    made: Connect = request.getfixturevalue(str(request.param))
    return made


def claim(store: ToldStore, what: str = "fixed#1", holder: str = "a", now: int = 1_000) -> Claim:
    return store.claim("jira#key", what, holder, now=now, until=now + 60)


def test_what_was_told_is_known_with_its_link(connect: Connect) -> None:
    assert claim(connect()) == Claim(Turn.MINE)
    connect().told("jira#key", "fixed#1", "a", "https://example.com/1")
    assert claim(connect(), holder="b") == Claim(Turn.TOLD, "https://example.com/1")
    assert claim(connect(), "fixed#2", "b") == Claim(Turn.MINE, "https://example.com/1")
    connect().told("jira#key", "fixed#2", "b", "")
    assert claim(connect(), "fixed#2") == Claim(Turn.TOLD, "https://example.com/1"), (
        "an empty link leaves the known one"
    )
    assert claim(connect()).turn is Turn.TOLD


def test_somebody_who_is_at_it_is_waited_for_as_long_as_they_said(connect: Connect) -> None:
    assert claim(connect()).turn is Turn.MINE
    assert claim(connect(), holder="b", now=1_059).turn is Turn.BUSY
    assert claim(connect(), "other#1", "b", now=1_059).turn is Turn.BUSY, "of the whole finding one at a time"
    assert claim(connect(), holder="a", now=1_059).turn is Turn.BUSY, "of one process too"
    assert claim(connect(), holder="b", now=1_060).turn is Turn.MINE


def test_what_was_let_go_is_anybodys(connect: Connect) -> None:
    claim(connect())
    connect().release("jira#key", "b")
    assert claim(connect(), holder="b").turn is Turn.BUSY, "nobody lets go what is another's"
    connect().release("jira#key", "a")
    assert claim(connect(), holder="b").turn is Turn.MINE
    connect().release("jira#nothing", "a")


def test_whoever_comes_back_late_takes_nothing_from_the_next(connect: Connect) -> None:
    claim(connect())
    assert claim(connect(), "other#1", "b", now=2_000).turn is Turn.MINE
    connect().told("jira#key", "fixed#1", "a", "")
    assert claim(connect(), "third#1", "c", now=2_001).turn is Turn.BUSY
    assert claim(connect(), now=2_001).turn is Turn.TOLD


def test_what_comes_after_the_end_is_known(connect: Connect) -> None:
    claim(connect())
    connect().told("jira#key", "fixed#1", "a", "link")
    store = connect()
    late = store.claim("jira#key", "pull_request#1", "b", now=1, until=60, over=("accepted#1", "fixed#1"))
    assert late == Claim(Turn.TOLD, "link")
    again = store.claim("jira#key", "pull_request#2", "b", now=1, until=60, over=("accepted#2", "fixed#2"))
    assert again == Claim(Turn.MINE, "link")


def test_of_many_at_once_one_has_it(connect: Connect) -> None:
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda number: claim(connect(), holder=str(number)).turn, range(8)))
    assert sorted(turns) == [Turn.BUSY] * 7 + [Turn.MINE]


@pytest.mark.parametrize("content", [b"no database" * 100, b""], ids=["other", "empty"])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "told.sqlite"
    path.write_bytes(content)
    if not content:
        assert claim(SqliteTold(path)).turn is Turn.MINE
        return
    with pytest.raises(LedgerError, match=r"told\.sqlite"):
        claim(SqliteTold(path))
    assert path.read_bytes() == content


def test_a_configuration_may_name_the_table(dynamodb: Connect, tmp_path: Path) -> None:
    claim(dynamodb())
    configured = told_store(NotifySettings(f"dynamodb:{TABLE}"))
    assert claim(configured, holder="b").turn is Turn.BUSY
    beside = told_store(NotifySettings(str(tmp_path / "told.sqlite")))
    assert claim(beside, holder="b").turn is Turn.MINE


def test_a_table_that_is_not_there_is_told(aws: str) -> None:
    store = DynamoDbTold(boto3.client("dynamodb", region_name=REGION, endpoint_url=aws), "nowhere")
    with pytest.raises(LedgerError, match="nowhere"):
        claim(store)
