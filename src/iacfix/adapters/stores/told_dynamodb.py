"""What was told, in a table of DynamoDB whose key is `pk` and `sk`: the ledger's own table, or one beside it.

| `pk` | `sk` | beside it |
|---|---|---|
| `told#<thing>` | `told` | `what` (a set of texts), `link`, `holder`, `until` |
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iacfix.domain.errors import LedgerError
from iacfix.ports import CloudReadError
from iacfix.ports.told import Claim, Turn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UpdateItemInputTypeDef

_PERMISSIONS = ("dynamodb:GetItem", "dynamodb:UpdateItem")
_FREE = "attribute_not_exists(holder) OR #until <= :now"
_MOVED = "ConditionalCheckFailedException"


class DynamoDbTold:
    """Implements ports.told.ToldStore. The table has to be there."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def claim(  # noqa: PLR0913 - the port's
        self, thing: str, what: str, holder: str, *, now: int, until: int, over: Collection[str] = ()
    ) -> Claim:
        ends: dict[str, AttributeValueTypeDef] = {f":end{at}": {"S": each} for at, each in enumerate((what, *over))}
        done = self._update(
            thing,
            "SET holder = :holder, #until = :until",
            " AND ".join((f"({_FREE})", *(f"NOT contains(what, {each})" for each in ends))),
            {":holder": {"S": holder}, ":until": {"N": str(until)}, ":now": {"N": str(now)}, **ends},
            names={"#until": "until"},
        )
        said, link = self._read(thing)
        if done:
            return Claim(Turn.MINE, link)
        return Claim(Turn.BUSY if {what, *over}.isdisjoint(said) else Turn.TOLD, link)

    def told(self, thing: str, what: str, holder: str, link: str) -> None:
        values: dict[str, AttributeValueTypeDef] = {":what": {"SS": [what]}}
        if link:
            values[":link"] = {"S": link}
        self._update(thing, f"ADD what :what{' SET link = :link' if link else ''}", "", values)
        self.release(thing, holder)

    def release(self, thing: str, holder: str) -> None:
        names = {"#until": "until"}
        self._update(thing, "REMOVE holder, #until", "holder = :holder", {":holder": {"S": holder}}, names=names)

    def _read(self, thing: str) -> tuple[list[str], str]:
        with self._telling():
            answer = self._client.get_item(TableName=self._table, Key=_key(thing), ConsistentRead=True)
            item = answer.get("Item", {})
            return list(item.get("what", {}).get("SS", [])), item.get("link", {}).get("S", "")

    def _update(
        self,
        thing: str,
        expression: str,
        condition: str,
        values: "dict[str, AttributeValueTypeDef]",
        *,
        names: dict[str, str] | None = None,
    ) -> bool:
        """False where the condition does not hold."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        wanted: UpdateItemInputTypeDef = {
            "TableName": self._table,
            "Key": _key(thing),
            "UpdateExpression": expression,
            "ExpressionAttributeValues": values,
        }
        if condition:
            wanted["ConditionExpression"] = condition
        if names:
            wanted["ExpressionAttributeNames"] = names
        with self._telling():
            try:
                self._client.update_item(**wanted)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != _MOVED:
                    raise
                return False
        return True

    @contextmanager
    def _telling(self) -> Iterator[None]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        try:
            with telling(f"what was told, in {self._table}", _PERMISSIONS):
                yield
        except CloudReadError as error:
            raise LedgerError(error.what, remedy=error.remedy) from None


def _key(thing: str) -> "dict[str, AttributeValueTypeDef]":
    return {"pk": {"S": f"told#{thing}"}, "sk": {"S": "told"}}
