from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.audit import AuditEvent, AuditRecord, AuditResult, Head, read, written
from iacfix.domain.errors import LedgerError
from iacfix.ledger.audit import Broken, appended, verify

EVENT = AuditEvent(
    at="2026-01-01T00:00:00+00:00",
    actor="iacfix/0.1",
    action="pull_request.opened",
    result=AuditResult.DONE,
    reason="the owners review it",
    key="a" * 64,
    finding="arn:aws:securityhub:eu-west-1:111122223333:finding/1",
    before='{"versioning": "Suspended"}',
)
texts = st.text(max_size=30)
events = st.builds(AuditEvent, texts, texts, texts, st.sampled_from(AuditResult), texts, texts, texts, texts)


def chained(*several: AuditEvent, chain: str = "main") -> list[AuditRecord]:
    records: list[AuditRecord] = []
    head = Head()
    for event in several:
        records.append(appended(head, event, chain))
        head = Head(records[-1].sequence, records[-1].hash)
    return records


@given(st.lists(events, max_size=6))
def test_what_was_appended_is_verified(several: list[AuditEvent]) -> None:
    records = chained(*several)
    lines = [written(record) for record in records]
    assert [read(line) for line in lines] == records
    last = Head(len(records), records[-1].hash) if records else Head()
    assert verify(lines, {"main": last}) == ({"main": last} if records else {})


@given(st.lists(events, min_size=1, max_size=3), st.data())
def test_any_other_byte_is_found(several: list[AuditEvent], data: st.DataObject) -> None:
    whole = "\n".join(written(record) for record in chained(*several))
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.characters(max_codepoint=127).filter(lambda char: char != whole[at]))
    assert isinstance(verify((whole[:at] + other + whole[at + 1 :]).split("\n")), Broken)


@pytest.mark.parametrize("change", ["taken out", "twice", "swapped", "made anew"])
def test_a_record_out_of_its_place_is_found(change: str) -> None:
    first, second, third = chained(EVENT, replace(EVENT, action="b"), replace(EVENT, action="c"))
    forged = appended(Head(2, first.hash), replace(EVENT, actor="somebody"))
    records = {
        "taken out": [first, third],
        "twice": [first, first, second, third],
        "swapped": [second, first, third],
        "made anew": [first, second, forged],
    }[change]
    found = verify(written(each) for each in records)
    assert isinstance(found, Broken)
    assert found.reason


def test_a_cut_end_is_found_by_the_head() -> None:
    first, second = chained(EVENT, EVENT)
    heads = {"main": Head(2, second.hash)}
    assert verify([written(first)]) == {"main": Head(1, first.hash)}
    assert verify([written(first)], heads) == Broken(2, "the chain main ends at 1, and has been at 2", "main", 2)
    assert isinstance(verify([], heads), Broken)


def test_a_record_made_anew_is_found_by_a_head_of_before() -> None:
    first, second, third = chained(EVENT, EVENT, EVENT)
    heads = {"main": Head(1, first.hash)}
    assert verify(map(written, (first, second, third)), heads) == {"main": Head(3, third.hash)}
    anew = chained(replace(EVENT, actor="somebody"), EVENT, EVENT)
    assert verify(map(written, anew)) == {"main": Head(3, anew[-1].hash)}, "the chain alone cannot tell"
    assert isinstance(verify(map(written, anew), heads), Broken)


def test_chains_stand_side_by_side() -> None:
    one, other = chained(EVENT, EVENT, chain="a"), chained(EVENT, chain="b")
    mixed = [one[0], other[0], one[1]]
    found = verify(written(record) for record in mixed)
    assert found == {"a": Head(2, one[1].hash), "b": Head(1, other[0].hash)}
    moved = replace(one[1], chain="b")
    assert isinstance(verify(written(each) for each in (one[0], other[0], moved)), Broken)


def test_no_secret_is_recorded() -> None:
    secret = "AKIA" + "Q3EXAMPLEKEY1234"
    event = replace(EVENT, reason=f"password = {secret}", after=f'{{"AccessKeyId": "{secret}"}}', authorization=secret)
    record = appended(Head(), event)
    assert secret not in written(record)
    assert verify([written(record)]) == {"main": Head(1, record.hash)}


@pytest.mark.parametrize(
    "line",
    ["", "[]", "null", "{}", '{"sequence": 1}', "[" * 100_000, written(appended(Head(), EVENT)).replace('"sequence":1', '"sequence":true')],
    ids=["nothing", "list", "null", "empty", "too little", "deep", "another kind"],
)  # fmt: skip
def test_what_is_no_record_is_told(line: str) -> None:
    with pytest.raises(LedgerError):
        read(line)
    assert isinstance(verify([line]), Broken)
