"""What only a file can suffer; the rest is the contract's: tests/contract/test_ledger.py."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.test_audit import EVENT
from tests.unit.ledger.test_states import RECEIVED

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import Head
from iacfix.domain.errors import LedgerError
from iacfix.domain.ledger import State
from iacfix.ledger.audit import Broken, appended, verify


@given(st.data())
def test_a_file_with_any_bytes_turned_is_told_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    store = SqliteLedger(path)
    store.write(appended(Head(), EVENT), RECEIVED)
    whole = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=20)):
        whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(LedgerError):
        list(store.in_states(frozenset(State)))
    with contextlib.suppress(LedgerError):
        assert isinstance(verify(store.audit()), Broken | dict)
    with contextlib.suppress(LedgerError):
        store.write(appended(store.head("main"), EVENT))


def test_a_table_whose_name_is_no_text_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite's own words then hold bytes that are no UTF-8."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    store = SqliteLedger(path)
    store.write(appended(Head(), EVENT), RECEIVED)
    path.write_bytes(path.read_bytes().replace(b"tableentriesentries", b"table\xf3ntriesentries"))
    with pytest.raises(LedgerError, match="cannot be used"):
        store.get(RECEIVED.key)
