"""From an address to what is kept there."""

from pathlib import Path

from iacfix.adapters.aws.tables import dynamodb
from iacfix.adapters.stores.dynamodb import DynamoDbLedger
from iacfix.adapters.stores.dynamodb_rows import DynamoDbRows
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.config.stores import Table, table_at
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.ports.stores import LedgerStore, Rows


def ledger_at(address: str) -> LedgerStore:
    """The ledger in a file, which is made when it is first used, or in `dynamodb:TABLE`, which has to be there.

    Raises ConfigurationError for an address that is none.
    """
    table = table_at(address)
    return SqliteLedger(Path(address)) if table is None else DynamoDbLedger(dynamodb(), table.name)


def existing_ledger(address: str) -> LedgerStore:
    """To read from. Raises ConfigurationError where none is named, InputError where there is no such file."""
    if not address:
        raise ConfigurationError("no ledger is named", remedy="give --ledger, or set `ledger` in iacfix.yaml")
    if table_at(address) is None and not Path(address).is_file():
        raise InputError(f"there is no ledger {address}", remedy="`iacfix generate --ledger FILE` makes one")
    return ledger_at(address)


def rows_at(table: Table) -> Rows:
    """The table has to be there. Raises ConfigurationError where no client can be made."""
    return DynamoDbRows(dynamodb(), table.name)
