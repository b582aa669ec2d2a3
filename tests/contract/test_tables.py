"""What people keep in a table means what it means in a file."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner, Result
from tests.contract.aws import REGION
from tests.contract.test_ledger import TABLE as LEDGER
from tests.contract.test_ledger import dynamodb
from tests.unit.triage.test_exceptions_file import DAY, ENTRY
from tests.unit.workflows.test_record import UNSUPPORTED
from tests.unit.workflows.test_triage_table import finding

from iacfix.adapters.stores.dynamodb_rows import DynamoDbRows
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.config.stores import Table, table_at
from iacfix.config.triage import TriageSettings
from iacfix.domain.audit import AuditResult, read
from iacfix.domain.errors import ConfigurationError, InputError, LedgerError, TableError
from iacfix.domain.finding import CloudResource
from iacfix.entry.cli.main import cli
from iacfix.entry.triaging import ownership_from, shared_risks_from
from iacfix.ledger.audit import Broken
from iacfix.ports.stores import LedgerStore, Row
from iacfix.triage.exceptions import RiskException, Scope
from iacfix.triage.exceptions_rows import key_of, row_of
from iacfix.triage.ownership import Resolved
from iacfix.triage.ownership_file import read_ownership
from iacfix.triage.ownership_rows import rows_of
from iacfix.workflows.accepting import Acceptance
from iacfix.workflows.archiving import verified
from iacfix.workflows.record import Recorder

__all__ = ["dynamodb"]
TABLE = "iacfix-triage"
OWNERS = b"""\
default: {team: governance, contact: g@example.com}
rules:
  - {name: production, tags: "Environment=production", team: sre}
  - {name: platform, tags: "Environment=production,Team=plat*", team: platform, contact: p@example.com}
  - {name: b-equal, tags: "Tier=web", team: web-b}
  - {name: a-equal, tags: "Tier=web", team: web-a}
accounts:
  "012345678901": payments
  "123456789012": {team: retail, contact: r@example.com}
units:
  ou-ab12-cdefgh12: {team: holding, accounts: ["210987654321"]}
  ou-ab12-ijklmn34: {accounts: ["321098765432"], within: ou-ab12-cdefgh12}
"""
Command = Callable[..., Result]


@pytest.fixture
def rows(aws: str) -> DynamoDbRows:
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=aws)
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    return DynamoDbRows(client, TABLE)


@pytest.fixture
def iacfix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in a repository that is configured for the table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owners.yaml").write_bytes(OWNERS)
    text = f"ledger: ledger.sqlite\ntriage: {{owners: 'dynamodb:{TABLE}', exceptions: 'dynamodb:{TABLE}'}}\n"
    (tmp_path / "iacfix.yaml").write_text(text)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments)

    return run


def resources() -> Iterator[CloudResource]:
    tags = [
        (),
        (("environment", "Production"),),
        (("Environment", "production"), ("team", "platform-x")),
        (("Tier", "web"),),
        (("Tier", "web"), ("Tier", "db")),
    ]
    for account in ("", "012345678901", "123456789012", "210987654321", "321098765432", "999999999999"):
        for each in tags:
            yield CloudResource("AwsS3Bucket", "arn:aws:s3:::x", account=account, tags=each)


def test_owners_are_the_same_from_a_file_and_from_a_table(iacfix: Command, rows: DynamoDbRows, tmp_path: Path) -> None:
    assert iacfix("owners", "import", "owners.yaml", "--to", f"dynamodb:{TABLE}").exit_code == 0
    settings = TriageSettings(Table(TABLE))
    from_file, from_table = read_ownership(OWNERS, "owners.yaml"), ownership_from(settings)

    def answers(table: object) -> list[Resolved]:
        assert isinstance(table, type(from_file))
        return [table.resolve(each) for each in resources()]

    assert answers(from_table) == answers(from_file)
    assert rows_of(from_table) == rows_of(from_file), "nothing is lost, in whatever order it stands"
    listed = iacfix("owners", "list", "--output", "json")
    assert [json.loads(line).get("team") for line in listed.stdout.splitlines()].count("platform") == 1
    (tmp_path / "less.yaml").write_text("default: governance\n")
    again = iacfix("owners", "import", "less.yaml", "--to", f"dynamodb:{TABLE}")
    assert again.exit_code == 0
    assert "1 changed, 8 taken out" in again.stdout
    assert set(rows.read("owner#")) == {"owner#default"}
    assert "nothing" in iacfix("owners", "import", "less.yaml", "--to", f"dynamodb:{TABLE}").stdout


@pytest.mark.parametrize(
    ("key", "row", "said"),
    [
        ("owner#rule#x", {"tags": "Environment", "team": "sre"}, "rules"),
        ("owner#rule#x", {"tags": "A=b"}, "lacks team"),
        ("owner#rule#x", {"tags": "A=b", "team": ("a", "b")}, "must be text"),
        ("owner#account#12", {"team": "sre"}, "no such id"),
        ("owner#unit#ou-ab12-cdefgh12", {"team": "sre", "within": "ou-ab12-ijklmn34"}, "there is no unit"),
        ("owner#else", {"team": "sre"}, "is no key of an owner"),
        ("owner#default", {"teem": "sre"}, "dynamodb:"),
    ],
)
def test_a_row_that_is_wrong_is_named(rows: DynamoDbRows, key: str, row: Row, said: str) -> None:
    rows.put("owner#default", {"team": "governance"})
    rows.put(key, row)
    with pytest.raises(ConfigurationError, match=said):
        ownership_from(TriageSettings(Table(TABLE)))


def test_an_empty_table_has_no_owners(rows: DynamoDbRows) -> None:
    assert rows.read("owner#") == {}
    with pytest.raises(ConfigurationError, match="lacks default"):
        ownership_from(TriageSettings(Table(TABLE)))


@pytest.mark.usefixtures("aws")
def test_a_table_that_is_not_there() -> None:
    with pytest.raises(TableError, match="nowhere"):
        ownership_from(TriageSettings(Table("nowhere")))
    risks = shared_risks_from(TriageSettings(Path("owners.yaml"), exceptions=Table("nowhere")))
    assert "which risks are accepted cannot be read from dynamodb:nowhere" in risks.unreadable


@pytest.mark.parametrize("text", ["dynamodb:", "dynamodb:a b", "dynamodb://table", "dynamodb:" + "x" * 256])
def test_what_is_no_name_of_a_table(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no name of a DynamoDB table"):
        table_at(text)


def test_an_exception_of_the_organization_ends_and_its_finding_comes_back(rows: DynamoDbRows) -> None:
    scope = Scope(control="s3-access-logging", resource="arn:aws:s3:::*")
    entry = RiskException(scope, "ann", "Logs go elsewhere.", DAY, DAY + timedelta(days=30))
    rows.put(key_of(entry), row_of(entry))
    known = replace(finding(), control="s3-access-logging")

    def covered(days: int) -> bool:
        risks = shared_risks_from(TriageSettings(Path("owners.yaml"), exceptions=Table(TABLE)))
        return risks.exceptions.covering(known, DAY + timedelta(days=days)) is not None

    assert [covered(days) for days in (-1, 0, 30, 31)] == [False, True, True, False]
    risks = shared_risks_from(TriageSettings(Path("owners.yaml"), exceptions=Table(TABLE)))
    assert risks.exceptions.ended(known, DAY + timedelta(days=31)) == entry.until
    rows.put(key_of(entry), {**row_of(entry), "until": "soon"})
    assert not covered(0), "what is malformed has ended"


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"finding": "x", "approver": "ann", "reason": "y", "created": "2026-11-21"},
        {"finding": ("x",), "approver": "ann", "reason": "y", "created": "2026-11-21", "until": "2026-11-30"},
        {"finding": "x\x00", "approver": "ann", "reason": "y", "created": "2026-11-21", "until": "2026-11-30"},
        {"finding": "x", "approver": "ann", "reason": "y", "created": "2026-11-21", "until": "2028-11-30"},
        {"approver": "ann", "reason": "y", "created": "2026-11-21", "until": "2026-11-30"},
        {"finding": "x", "approver": "ann", "reason": "y", "created": "2026-11-21", "until": "2026-11-30", "else": "z"},
    ],
)
def test_a_row_that_is_not_well_made_costs_itself_alone(rows: DynamoDbRows, row: Row) -> None:
    rows.put("exception#bad", row)
    rows.put(key_of(ENTRY), row_of(ENTRY))
    entries = shared_risks_from(TriageSettings(Path("o"), exceptions=Table(TABLE))).exceptions.entries
    assert [bool(each.fault) for each in entries].count(True) == 1
    assert ENTRY in entries


def test_a_day_in_the_life_of_an_exception(iacfix: Command, rows: DynamoDbRows, tmp_path: Path) -> None:
    """Added, listed, ended: in a file and in the table, and everything is in the record."""
    soon = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    common = ["--control", "s3-versioning", "--approver", "ann", "--until", soon, "--by", "bob"]
    for where in ([], ["--shared"]):
        reason = f"It is a cache{' of all' if where else ''}."
        added = iacfix("exceptions", "add", *common, "--resource", "arn:aws:s3:::cache*", "--reason", reason, *where)
        assert added.exit_code == 0, added.output
    listed = [json.loads(line) for line in iacfix("exceptions", "list", "--output", "json").stdout.splitlines()]
    assert {each["in"] for each in listed} == {".iacfix/exceptions.yaml", f"dynamodb:{TABLE}"}
    assert {each["state"] for each in listed} == {"holds"}
    assert iacfix("exceptions", "list", "--expiring", "9d").exit_code == 0, "the last day is not within 9 days"
    assert iacfix("exceptions", "list", "--expiring", "10d").exit_code == 1
    for each in listed:
        where = ["--shared"] if each["in"].startswith("dynamodb") else []
        done = iacfix("exceptions", "expire", each["id"], "--reason", "It holds orders now.", "--by", "bob", *where)
        assert done.exit_code == 0, done.output
        again = iacfix("exceptions", "expire", each["id"], "--reason", "Again.", "--by", "bob", *where)
        assert isinstance(again.exception, InputError)
    assert iacfix("exceptions", "list").stdout == "none\n"
    assert rows.read("exception#") == {}
    events = [read(line).event for line in SqliteLedger(tmp_path / "ledger.sqlite").audit()]
    assert [(each.actor, each.action, each.result) for each in events] == [
        *[("bob", "exception.added", AuditResult.DONE)] * 2,
        *[("bob", "exception.expired", AuditResult.DONE)] * 2,
    ]
    assert "approved by ann" in events[0].authorization
    assert json.loads(events[3].before)["in"] == f"dynamodb:{TABLE}"


def test_the_organization_accepts_nothing_off_the_record(iacfix: Command, rows: DynamoDbRows, tmp_path: Path) -> None:
    (tmp_path / "iacfix.yaml").write_text(f"triage: {{owners: owners.yaml, exceptions: 'dynamodb:{TABLE}'}}\n")
    words = ["--finding", "x", "--approver", "ann", "--reason", "y", "--until", "2999-01-01", "--shared"]
    refused = iacfix("exceptions", "add", *words)
    assert isinstance(refused.exception, ConfigurationError)
    assert "on record only" in str(refused.exception)
    too_long = iacfix("exceptions", "add", *words, "--ledger", "ledger.sqlite", "--by", "bob")
    assert isinstance(too_long.exception, InputError)
    assert "365 is the most" in str(too_long.exception)
    assert rows.read("exception#") == {}


def test_what_could_not_be_written_is_in_the_record(aws: str, tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    work = Acceptance(Recorder(ledger, "bob"))
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=aws)
    with pytest.raises(TableError):
        work.add_shared(replace(ENTRY, created=DAY, until=DAY), DynamoDbRows(client, "nowhere"))
    done, failed = (read(line).event for line in ledger.audit())
    assert (done.result, failed.result) == (AuditResult.DONE, AuditResult.FAILED)
    assert failed.reason.startswith("it was not written")


def test_the_commands_read_a_ledger_in_dynamodb(iacfix: Command, dynamodb: Callable[[], LedgerStore]) -> None:
    store = dynamodb()
    recorder = Recorder(store, "iacfix/test")
    recorder.record(UNSUPPORTED)
    address = ("--ledger", f"dynamodb:{LEDGER}")
    assert json.loads(iacfix("status", *address, "--output", "json").stdout)["states"] == {"human_review": 1}
    head = store.head("main")
    assert iacfix("audit", "verify", *address).stdout == f"main={head.sequence}:{head.hash}\n"
    assert iacfix("audit", "export", *address).stdout.splitlines() == list(store.audit())
    assert isinstance(iacfix("status", "--ledger", "dynamodb:nowhere").exception, LedgerError)


@pytest.mark.parametrize("item", ["head", "record#000000000003", "record#000000000001"])
def test_what_is_taken_out_of_a_table_is_found(dynamodb: Callable[[], LedgerStore], aws: str, item: str) -> None:
    """Also the end: the item of a chain's head tells how far it has been."""
    store = dynamodb()
    Recorder(store, "iacfix/test").record(UNSUPPORTED)
    assert not isinstance(verified(store, {}), Broken)
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=aws)
    client.delete_item(TableName=LEDGER, Key={"pk": {"S": "chain#main"}, "sk": {"S": item}})
    assert isinstance(verified(store, {}), Broken)
