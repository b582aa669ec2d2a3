"""A small table of DynamoDB, with `pk` (text) as its one key. Ownership and exceptions may share one."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from iacfix.adapters.aws.tables import telling_of
from iacfix.domain.errors import TableError
from iacfix.ports.stores import Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

KEY: Final = "pk"
_PERMISSIONS = ("dynamodb:Scan", "dynamodb:PutItem", "dynamodb:DeleteItem")
_TAKEN = "ConditionalCheckFailedException"


class DynamoDbRows:
    """Implements ports.stores.Rows. The table has to be there."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @property
    def name(self) -> str:
        return f"dynamodb:{self._table}"

    def read(self, prefix: str) -> Mapping[str, Row]:
        with self._telling():
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._table,
                ConsistentRead=True,
                FilterExpression="begins_with(#key, :prefix)",
                ExpressionAttributeNames={"#key": KEY},
                ExpressionAttributeValues={":prefix": {"S": prefix}},
            )
            items = [item for page in pages for item in page["Items"]]
            return {key: _row(item) for key, item in sorted((item[KEY]["S"], item) for item in items)}

    def add(self, key: str, row: Row) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        with self._telling():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_item(key, row),
                    ConditionExpression="attribute_not_exists(#key)",
                    ExpressionAttributeNames={"#key": KEY},
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == _TAKEN:
                    return False
                raise
        return True

    def put(self, key: str, row: Row) -> None:
        with self._telling():
            self._client.put_item(TableName=self._table, Item=_item(key, row))

    def delete(self, key: str) -> None:
        with self._telling():
            self._client.delete_item(TableName=self._table, Key={KEY: {"S": key}})

    def _telling(self) -> AbstractContextManager[None]:
        return telling_of(f"the table {self._table}", _PERMISSIONS, TableError)


def _row(item: "Mapping[str, AttributeValueTypeDef]") -> Row:
    return {name: _value(value) for name, value in item.items() if name != KEY}


def _value(value: "AttributeValueTypeDef") -> str | tuple[str, ...] | None:
    if "S" in value:
        return value["S"]
    if "SS" in value:
        return tuple(sorted(value["SS"]))
    if "L" in value and all("S" in each for each in value["L"]):
        return tuple(each["S"] for each in value["L"])
    return None


def _item(key: str, row: Row) -> "dict[str, AttributeValueTypeDef]":
    item: dict[str, AttributeValueTypeDef] = {KEY: {"S": key}}
    for name, value in row.items():
        if isinstance(value, str):
            item[name] = {"S": value}
        elif value is not None:
            item[name] = {"L": [{"S": each} for each in value]}
    return item
