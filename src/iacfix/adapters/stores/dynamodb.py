"""The ledger in one table of DynamoDB. What has to be together is written in one transaction.

| item | `pk` | `sk` | beside it |
|---|---|---|---|
| entry | `entry#<key>` | `entry` | `entry` (JSON), `version`, `state`, `changed_at` |
| head of a chain | `chain#<name>` | `head` | `sequence`, `hash` |
| record | `chain#<name>` | `record#<sequence>` | `line` |

The index `by_state` has `state` as its key and `changed_at` as its order.
"""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from iacfix.adapters.aws.tables import telling_of
from iacfix.adapters.stores.rows import entry_of, text_of
from iacfix.domain.audit import AuditRecord, Head, written
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.ledger import LedgerEntry, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef

BY_STATE = "by_state"
_DIGITS = 12  # of a sequence in a sort key: a chain may have 10^12 - 1 records
_PERMISSIONS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem")
_MOVED = "ConditionalCheckFailed"
_BUSY = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class DynamoDbLedger:
    """Implements ports.stores.LedgerStore. The table has to be there, with its index."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, key: str) -> LedgerEntry | None:
        with self._telling():
            answer = self._client.get_item(
                TableName=self._table, Key=_key(f"entry#{key}", "entry"), ConsistentRead=True
            )
        item = answer.get("Item")
        return None if item is None else entry_of(_text(item, "entry"))

    def in_states(self, states: Collection[State]) -> Iterator[LedgerEntry]:
        """The index follows the table by moments: what has just been written may not be in it yet."""
        found: list[LedgerEntry] = []
        for state in sorted(states):
            with self._telling():
                pages = self._client.get_paginator("query").paginate(
                    TableName=self._table,
                    IndexName=BY_STATE,
                    KeyConditionExpression="#state = :state",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":state": {"S": state.value}},
                )
                found += [entry_of(_text(item, "entry")) for page in pages for item in page["Items"]]
        yield from sorted(found, key=lambda entry: (entry.changed_at, entry.key))

    def head(self, chain: str) -> Head:
        with self._telling():
            answer = self._client.get_item(
                TableName=self._table, Key=_key(f"chain#{chain}", "head"), ConsistentRead=True
            )
        item = answer.get("Item")
        return Head() if item is None else Head(_number(item, "sequence"), _text(item, "hash"))

    def write(self, record: AuditRecord, entry: LedgerEntry | None = None) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        items = [self._head_moved(record), self._recorded(record)]
        if entry is not None:
            items.append(self._entry_put(entry))
        with self._telling():
            try:
                self._client.transact_write_items(TransactItems=items)
            except ClientError as error:
                reasons = {str(each.get("Code")) for each in error.response.get("CancellationReasons", [])}
                if _MOVED in reasons:
                    raise StaleEntryError("the ledger has gone on since it was read") from None
                if reasons & _BUSY:
                    raise StaleEntryError("somebody else was writing to the ledger at the same moment") from None
                raise

    def audit(self) -> Iterator[str]:
        """Reads the whole table: what an export takes."""
        with self._telling():
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._table,
                ConsistentRead=True,
                FilterExpression="begins_with(sk, :record)",
                ExpressionAttributeValues={":record": {"S": "record#"}},
            )
            lines = {
                (_text(item, "pk"), _text(item, "sk")): _text(item, "line") for page in pages for item in page["Items"]
            }
        yield from (lines[place] for place in sorted(lines))

    def _head_moved(self, record: AuditRecord) -> "TransactWriteItemTypeDef":
        item: Mapping[str, AttributeValueTypeDef] = {
            **_key(f"chain#{record.chain}", "head"),
            "sequence": {"N": str(record.sequence)},
            "hash": {"S": record.hash},
        }
        if record.sequence == 1:
            return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "#hash = :previous AND #sequence = :sequence",
                "ExpressionAttributeNames": {"#hash": "hash", "#sequence": "sequence"},
                "ExpressionAttributeValues": {
                    ":previous": {"S": record.previous},
                    ":sequence": {"N": str(record.sequence - 1)},
                },
            }
        }

    def _recorded(self, record: AuditRecord) -> "TransactWriteItemTypeDef":
        key = _key(f"chain#{record.chain}", f"record#{record.sequence:0{_DIGITS}d}")
        item: Mapping[str, AttributeValueTypeDef] = {**key, "line": {"S": written(record)}}
        return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}

    def _entry_put(self, entry: LedgerEntry) -> "TransactWriteItemTypeDef":
        item: Mapping[str, AttributeValueTypeDef] = {
            **_key(f"entry#{entry.key}", "entry"),
            "entry": {"S": text_of(entry)},
            "version": {"N": str(entry.version)},
            "state": {"S": entry.state.value},
            "changed_at": {"S": entry.changed_at},
        }
        if entry.version == 1:
            return {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "#version = :before",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":before": {"N": str(entry.version - 1)}},
            }
        }

    def _telling(self) -> AbstractContextManager[None]:
        return telling_of(f"the ledger {self._table}", _PERMISSIONS, LedgerError)


def _key(pk: str, sk: str) -> "dict[str, AttributeValueTypeDef]":
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _text(item: "Mapping[str, AttributeValueTypeDef]", name: str) -> str:
    return item[name]["S"]


def _number(item: "Mapping[str, AttributeValueTypeDef]", name: str) -> int:
    return int(item[name]["N"])
