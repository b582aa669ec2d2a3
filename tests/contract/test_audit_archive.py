"""Tampering with any byte of the audit record is found: in a ledger, in what was exported, and in the archive."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner
from tests.contract.aws import REGION
from tests.unit.ledger.test_audit import EVENT
from tests.unit.workflows.test_record import UNSUPPORTED

from iacfix.adapters.aws.audit_bucket import AuditBucket, Lock, audit_bucket
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import Head
from iacfix.domain.errors import ConfigurationError, LedgerError, StaleEntryError
from iacfix.entry.cli.main import cli
from iacfix.ledger.audit import Broken, appended, verify
from iacfix.ports.archive import Kept
from iacfix.workflows.archiving import archived, export, verified
from iacfix.workflows.record import Recorder

BUCKET = "audit-of-ours"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Shelf:
    """An archive in memory, without a lock: anybody can get at it."""

    files: dict[str, bytes] = field(default_factory=dict)
    name: str = "shelf"

    def kept(self) -> Sequence[Kept]:
        return tuple(map(Kept, sorted(self.files)))

    def read(self, name: str) -> bytes:
        return self.files[name]

    def write(self, name: str, data: bytes, until: datetime, about: Mapping[str, str]) -> bool:  # noqa: ARG002 - the port's
        return self.files.setdefault(name, data) is data


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    for number, chain in enumerate(["main", "main", "other"], 1):
        append(store, str(number), chain)
    return store


def append(store: SqliteLedger, reason: str, chain: str = "main") -> None:
    short = replace(EVENT, key="", finding="", before="", reason=reason)
    store.write(appended(store.head(chain), short, chain))


def flipped(data: bytes) -> Iterator[bytes]:
    """Each byte in turn by its lowest bit, and some by their highest: what is no ASCII is told sooner."""
    for at, byte in enumerate(data):
        yield data[:at] + bytes([byte ^ 1]) + data[at + 1 :]
        if at % 16 == 0:
            yield data[:at] + bytes([byte ^ 0x80]) + data[at + 1 :]


def found_in(ledger: SqliteLedger, anchor: Mapping[str, Head]) -> str:
    """What is told of tampering, "" where nothing is."""
    try:
        told = verified(ledger, anchor)
    except LedgerError as error:  # the file itself cannot be read
        return error.what
    return told.reason if isinstance(told, Broken) else ""


def test_any_byte_of_a_row_that_is_changed_is_found(ledger: SqliteLedger, tmp_path: Path) -> None:
    anchor = {chain: ledger.head(chain) for chain in ("main", "other")}
    assert verified(ledger, anchor) == anchor
    tried = 0
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        rows = connection.execute("SELECT chain, sequence, record FROM audit WHERE sequence = 2 OR chain = 'other'")
        for chain, sequence, line in rows.fetchall():
            put = "UPDATE audit SET record = CAST(? AS TEXT) WHERE chain = ? AND sequence = ?"
            for other in flipped(line.encode()):
                connection.execute(put, (other, chain, sequence))
                tried += 1
                assert found_in(ledger, anchor), other
            connection.execute(put, (line.encode(), chain, sequence))
    assert tried > 600
    assert verified(ledger, anchor) == anchor


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE sequence = 1 AND chain = 'main'",
        "DELETE FROM audit WHERE sequence = 2",
        "DELETE FROM audit WHERE chain = 'other'",
        "DELETE FROM audit",
        "UPDATE audit SET record = (SELECT record FROM audit WHERE chain = 'other') WHERE sequence = 2",
        "UPDATE audit SET sequence = 3 - sequence + 10 WHERE chain = 'main'",
        "UPDATE audit SET sequence = 3 WHERE sequence = 2",
        "UPDATE audit SET chain = 'more' WHERE chain = 'other'",
        "UPDATE audit SET hash = 'f' || substr(hash, 2) WHERE sequence = 2",
        "INSERT INTO audit SELECT chain, 3, hash, record FROM audit WHERE sequence = 2",
    ],
)
def test_a_record_that_is_taken_out_moved_or_put_in_is_found(
    ledger: SqliteLedger, tmp_path: Path, statement: str
) -> None:
    anchor = {chain: ledger.head(chain) for chain in ("main", "other")}
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute(statement)
    assert isinstance(verified(ledger, anchor), Broken)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entries SET entry = replace(entry, 'human_review', 'fixed')", "its state is not what the record says"),
        ("UPDATE entries SET entry = replace(entry, '\"version\": 3', '\"version\": 9')", "it is at version 9"),
        ("UPDATE entries SET entry = replace(entry, '\"version\": 3', '\"version\": 2')", "its version is not"),
        ("UPDATE entries SET entry = replace(entry, 'security_hub:', 'wiz:')", "its sources is not"),
        ("DELETE FROM entries", "it is gone"),
        (
            "INSERT INTO entries SELECT 'f', state, 1, changed_at, replace(entry, key, 'f') FROM entries",
            "was made beside",
        ),
    ],
)
def test_an_entry_that_is_changed_beside_the_record_is_found(tmp_path: Path, statement: str, said: str) -> None:
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    Recorder(store, "iacfix/test").record(UNSUPPORTED)
    assert found_in(store, {}) == ""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute(statement)
    assert said in found_in(store, {})


def test_without_an_anchor_an_end_that_was_cut_off_is_not_seen(ledger: SqliteLedger, tmp_path: Path) -> None:
    """And with one it is: what a chain cannot tell by itself, the archive does."""
    shelf = Shelf()
    export(ledger, shelf, LATER)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute("DELETE FROM audit WHERE sequence = 2")
    assert not isinstance(verified(ledger, {}), Broken)
    heads = archived(shelf)
    assert not isinstance(heads, Broken)
    assert verified(ledger, heads) == Broken(3, "the chain main ends at 1, and has been at 2", "main", 2)
    with pytest.raises(LedgerError, match="does not hold at its line"):
        export(ledger, shelf, LATER)


def test_any_byte_of_what_was_exported_that_is_changed_is_found(ledger: SqliteLedger) -> None:
    shelf = Shelf()
    done = export(ledger, shelf, LATER)
    assert (done.segments, done.records) == (2, 3)
    assert archived(shelf) == done.heads == {chain: ledger.head(chain) for chain in ("main", "other")}
    tried = 0
    for name, data in tuple(shelf.files.items()):
        for other in (*flipped(data), data[:-1], data + b"\n", b"", data * 2):
            assert isinstance(archived(Shelf({**shelf.files, name: other})), Broken), other
            tried += 1
    assert tried > 1_000


def test_lines_that_were_printed_are_verified_by_the_same_rule(ledger: SqliteLedger) -> None:
    lines = list(ledger.audit())
    anchor = {chain: ledger.head(chain) for chain in ("main", "other")}
    assert verify(lines, anchor) == anchor
    for gone in range(3):
        assert isinstance(verify(lines[:gone] + lines[gone + 1 :], anchor), Broken)


def test_segments_continue_each_other_and_none_can_be_missed(ledger: SqliteLedger) -> None:
    shelf = Shelf()
    for number in range(5):
        append(ledger, str(number))
        export(ledger, shelf, LATER, most=2)
        before = dict(shelf.files)
        assert export(ledger, shelf, LATER).segments == 0, "doing it again writes nothing"
        assert shelf.files == before
    assert len(shelf.files) == 7
    heads = archived(shelf)
    assert heads == {"main": ledger.head("main"), "other": ledger.head("other")}
    names = sorted(shelf.files)
    for name in names[:-2]:  # the last of a chain is the end, which the ledger knows
        less = {key: data for key, data in shelf.files.items() if key != name}
        assert isinstance(archived(Shelf(less)), Broken), name
    swapped = {**shelf.files, names[0]: shelf.files[names[1]], names[1]: shelf.files[names[0]]}
    assert isinstance(archived(Shelf(swapped)), Broken)
    without_end = {key: data for key, data in shelf.files.items() if key != names[-2]}
    assert export(ledger, Shelf(without_end), LATER).heads == heads, "the same is written again"


def test_an_export_that_somebody_else_makes_at_the_same_time(ledger: SqliteLedger) -> None:
    class Late(Shelf):
        def write(self, name: str, data: bytes, until: datetime, about: Mapping[str, str]) -> bool:  # noqa: ARG002 - the port's
            return False

    with pytest.raises(StaleEntryError, match="run it again"):
        export(ledger, Late(), LATER)


@pytest.fixture
def bucket(aws: str) -> Callable[..., AuditBucket]:
    client = boto3.client("s3", region_name=REGION, endpoint_url=aws)
    where = {"LocationConstraint": REGION}
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)  # type: ignore[arg-type] # a region
    client.create_bucket(Bucket="unlocked", CreateBucketConfiguration=where)  # type: ignore[arg-type] # a region
    return lambda name=BUCKET, lock=Lock.GOVERNANCE: audit_bucket(f"s3://{name}/iacfix/audit", lock)


def test_a_bucket_keeps_what_is_in_it(ledger: SqliteLedger, bucket: Callable[..., AuditBucket], aws: str) -> None:
    archive = bucket()
    assert archived(archive) == {}
    done = export(ledger, archive, LATER)
    assert archived(archive) == done.heads
    append(ledger, "more")
    again = export(ledger, bucket(lock=Lock.COMPLIANCE), LATER)
    assert (again.segments, again.records) == (1, 1)
    assert export(ledger, archive, LATER).segments == 0
    assert archived(archive) == {"main": Head(3, ledger.head("main").hash), "other": ledger.head("other")}
    assert not archive.write("main/000000000001.jsonl", b"forged", LATER, {}), "no segment is written twice"
    client = boto3.client("s3", region_name=REGION, endpoint_url=aws)
    key = "iacfix/audit/main/000000000003.jsonl"
    found = client.head_object(Bucket=BUCKET, Key=key)
    assert found["ObjectLockMode"] == "COMPLIANCE"
    assert found["ObjectLockRetainUntilDate"] == LATER
    assert found["Metadata"]["hash"] == ledger.head("main").hash
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(Bucket=BUCKET, Key=key, VersionId=found["VersionId"])
    client.put_object(Bucket=BUCKET, Key="iacfix/audit/", Body=b"")
    client.put_object(Bucket=BUCKET, Key="iacfix/audit/notes.txt", Body=b"not ours")
    assert archived(archive) == again.heads, "what else is there does not count"
    client.put_object(Bucket=BUCKET, Key=key, Body=b"forged")
    written_twice = archived(archive)
    assert isinstance(written_twice, Broken)
    assert "was written 2 times" in written_twice.reason
    client.delete_object(Bucket=BUCKET, Key="iacfix/audit/main/000000000001.jsonl")
    taken_away = archived(archive)
    assert isinstance(taken_away, Broken)
    assert "was taken away" in taken_away.reason


def test_a_bucket_without_a_lock_is_refused(ledger: SqliteLedger, bucket: Callable[..., AuditBucket]) -> None:
    with pytest.raises(LedgerError, match="has no Object Lock"):
        export(ledger, bucket("unlocked"), LATER)
    with pytest.raises(LedgerError, match="nowhere-at-all"):
        export(ledger, bucket("nowhere-at-all"), LATER)
    with pytest.raises(ConfigurationError, match="is no place in S3"):
        bucket("No Bucket")


@pytest.mark.usefixtures("bucket")
def test_the_commands_keep_and_verify(ledger: SqliteLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place, head = f"s3://{BUCKET}/iacfix/audit", ledger.head("main")
    exported = CliRunner().invoke(cli, ["audit", "export", "--ledger", "ledger.sqlite", "--to", place])
    assert exported.exit_code == 0, exported.output
    assert f"main={head.sequence}:{head.hash}\n" in exported.stdout
    words = ["audit", "verify", "--ledger", "ledger.sqlite", "--archive", place]
    assert CliRunner().invoke(cli, words).exit_code == 0
    with closing(sqlite3.connect("ledger.sqlite", isolation_level=None)) as connection:
        connection.execute("DELETE FROM audit WHERE sequence = 2")
    cut = CliRunner().invoke(cli, words)
    assert cut.exit_code == 1
    assert "the chain main ends at 1, and has been at 2" in cut.stderr
    events = CliRunner().invoke(cli, ["audit", "export", "--ledger", "ledger.sqlite", "--format", "ocsf"])
    assert events.stdout.count('"class_uid": 7001') == 2
    refused = CliRunner().invoke(cli, [*words[:1], "export", "--ledger", "x", "--format", "ocsf", "--to", place])
    assert refused.exit_code == 2
