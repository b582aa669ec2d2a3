"""What is kept beside the ledger, in the file or the table that the ledger is in.

In DynamoDB an item has `pk` = `<kind>#<id>` and `sk` = `kept`, and beside them `text`, `version`, `state` =
`kept:<kind>` and `changed_at` = `<id>`, so that the index `by_state` finds all of a kind.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from iacfix.adapters.stores.dynamodb import BY_STATE
from iacfix.adapters.stores.sqlite import BUSY_SECONDS
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.ports import CloudReadError
from iacfix.ports.kept import Kept, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_TABLE = """
CREATE TABLE IF NOT EXISTS kept (kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID
"""
_PERMISSIONS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem")


class SqliteKept:
    """Implements ports.kept.KeptStore in the file of a SqliteLedger."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, kind: Kind, id: str) -> Kept | None:  # noqa: A002 - the port's name
        with self._open() as connection:
            row = connection.execute(
                "SELECT id, text, version FROM kept WHERE kind = ? AND id = ?", (kind, id)
            ).fetchone()
        return None if row is None else _kept(row)

    def all(self, kind: Kind) -> Iterator[Kept]:
        with self._open() as connection:
            rows = connection.execute(
                "SELECT id, text, version FROM kept WHERE kind = ? ORDER BY id", (kind,)
            ).fetchall()
        yield from map(_kept, rows)

    def put(self, kind: Kind, kept: Kept) -> None:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT version FROM kept WHERE kind = ? AND id = ?", (kind, kept.id)).fetchone()
            if kept.version != (0 if row is None else row[0]) + 1:
                raise StaleEntryError(f"the {kind} {kept.id[:12]} has changed since it was read")
            connection.execute(
                "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", (kind, kept.id, kept.version, kept.text)
            )
            connection.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_TABLE)
                yield connection
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise LedgerError(
                f"what is kept beside the ledger {self._path.name} cannot be used",
                remedy="see that the file is one of iacfix, writable, and on a disk with room",
            ) from error


def _kept(row: tuple[object, object, object]) -> Kept:
    identity, text, version = row
    if not (isinstance(identity, str) and isinstance(text, str) and isinstance(version, int)):
        raise LedgerError("what is kept beside the ledger is damaged", remedy="restore it from its backup")
    return Kept(identity, text, version)


class DynamoDbKept:
    """Implements ports.kept.KeptStore in the table of a DynamoDbLedger."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, kind: Kind, id: str) -> Kept | None:  # noqa: A002 - the port's name
        with self._telling():
            answer = self._client.get_item(TableName=self._table, Key=_key(kind, id), ConsistentRead=True)
            item = answer.get("Item")
            return None if item is None else _of(item)

    def all(self, kind: Kind) -> Iterator[Kept]:
        """The index follows the table by moments."""
        with self._telling():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName=BY_STATE,
                KeyConditionExpression="#state = :state",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":state": {"S": f"kept:{kind}"}},
            )
            found = [_of(item) for page in pages for item in page["Items"]]
        yield from found

    def put(self, kind: Kind, kept: Kept) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        item: Mapping[str, AttributeValueTypeDef] = {
            **_key(kind, kept.id),
            "text": {"S": kept.text},
            "version": {"N": str(kept.version)},
            "state": {"S": f"kept:{kind}"},
            "changed_at": {"S": kept.id},
        }
        with self._telling():
            try:
                if kept.version == 1:
                    self._client.put_item(
                        TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                    )
                else:
                    self._client.put_item(
                        TableName=self._table,
                        Item=item,
                        ConditionExpression="#version = :before",
                        ExpressionAttributeNames={"#version": "version"},
                        ExpressionAttributeValues={":before": {"N": str(kept.version - 1)}},
                    )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                    raise StaleEntryError(f"the {kind} {kept.id[:12]} has changed since it was read") from None
                raise

    @contextmanager
    def _telling(self) -> Iterator[None]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        try:
            with telling(f"the ledger {self._table}", _PERMISSIONS):
                yield
        except CloudReadError as error:
            raise LedgerError(error.what, remedy=error.remedy) from None


def _key(kind: Kind, identity: str) -> "dict[str, AttributeValueTypeDef]":
    return {"pk": {"S": f"{kind}#{identity}"}, "sk": {"S": "kept"}}


def _of(item: "Mapping[str, AttributeValueTypeDef]") -> Kept:
    return Kept(item["pk"]["S"].partition("#")[2], item["text"]["S"], int(item["version"]["N"]))
