from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import IllegalMoveError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.states import ENDS, FAILED, RESTING, amended, may_follow, moved, way

RECEIVED = LedgerEntry(
    key="a" * 64,
    state=State.RECEIVED,
    version=1,
    received_at="2026-01-01T00:00:00+00:00",
    changed_at="2026-01-01T00:00:00+00:00",
    control="s3-versioning",
    resource="arn:aws:s3:::logs",
)
LATER = "2026-01-02T00:00:00+00:00"
THE_WAY_TO_A_FIX = (
    *(State.TRIAGED, State.FIXING, State.PROPOSED, State.PULL_REQUEST_OPEN, State.VERIFYING),
    *(State.FIXED, State.PREVENTED),
)


def along(entry: LedgerEntry, *states: State) -> LedgerEntry:
    for state in states:
        entry = moved(entry, state, at=LATER, reason="as it should")
    return entry


def test_a_finding_goes_all_the_way() -> None:
    ended = along(RECEIVED, *THE_WAY_TO_A_FIX)
    assert (ended.state, ended.version, ended.round) == (State.PREVENTED, 8, 1)
    assert (ended.received_at, ended.changed_at) == (RECEIVED.received_at, LATER)


@pytest.mark.parametrize("end", sorted(ENDS))
def test_what_comes_back_from_an_end_begins_another_round(end: State) -> None:
    again = along(replace(RECEIVED, state=end), State.TRIAGED)
    assert again.round == 2
    assert along(again, State.FIXING).round == 2


@pytest.mark.parametrize("state", sorted(RESTING))
def test_what_rests_can_be_taken_up_again_or_accepted(state: State) -> None:
    resting = replace(RECEIVED, state=state)
    assert along(resting, State.TRIAGED).round == 1
    assert along(resting, State.ACCEPTED).state is State.ACCEPTED


def test_nothing_is_fixed_that_was_not_verified() -> None:
    assert {state for state in State if State.FIXED in may_follow(state)} == {State.VERIFYING}


def test_nothing_is_open_for_ever() -> None:
    """From every state a way leads to each of the ends."""
    for start in State:
        reached, rim = {start}, {start}
        while rim:
            rim = {after for state in rim for after in may_follow(state)} - reached
            reached |= rim
        assert reached >= ENDS, start


def test_every_state_is_one_of_the_table_or_rests_or_ends() -> None:
    assert all(may_follow(state) for state in State)
    assert RESTING >= FAILED
    assert RESTING.isdisjoint(ENDS)


@given(start=st.sampled_from(State), to=st.sampled_from(State))
def test_only_what_may_follow_follows(start: State, to: State) -> None:
    entry = replace(RECEIVED, state=start)
    if to in may_follow(start):
        assert moved(entry, to, at=LATER, reason="because").version == 2
        return
    with pytest.raises(IllegalMoveError, match=f"is {start} and cannot become {to}"):
        moved(entry, to, at=LATER, reason="because")


def test_a_move_has_its_reason() -> None:
    with pytest.raises(IllegalMoveError, match="without a reason"):
        moved(RECEIVED, State.TRIAGED, at=LATER, reason="  ")


def test_facts_are_amended_and_states_are_not() -> None:
    entry = amended(RECEIVED, at=LATER, facts={"sources": ("checkov:CKV_AWS_21",), "owner": "platform"})
    assert (entry.sources, entry.owner, entry.version) == (("checkov:CKV_AWS_21",), "platform", 2)
    with pytest.raises(IllegalMoveError, match="state of an entry cannot be amended"):
        amended(RECEIVED, at=LATER, facts={"state": "fixed"})


@given(start=st.sampled_from(State), end=st.sampled_from(State))
def test_a_way_is_of_steps_that_are_allowed(start: State, end: State) -> None:
    states = way(start, end)
    entry = along(replace(RECEIVED, state=start), *states)
    assert entry.state is (end if states else start)


def test_a_new_finding_is_triaged_and_fixed_and_what_is_being_changed_is_let_alone() -> None:
    assert way(State.RECEIVED, State.PROPOSED) == (State.TRIAGED, State.FIXING, State.PROPOSED)
    assert way(State.FIXED, State.HUMAN_REVIEW) == (State.TRIAGED, State.HUMAN_REVIEW)
    assert way(State.REMEDIATING, State.PROPOSED) == ()
    assert way(State.PROPOSED, State.PROPOSED) == ()


@pytest.mark.parametrize("end", [State.PULL_REQUEST_OPEN, State.HUMAN_REVIEW, State.ACCEPTED, State.NOT_LOCATED])
@pytest.mark.parametrize("start", [State.RECEIVED, State.TRIAGED, State.FIXING, State.PROPOSED])
def test_from_wherever_a_run_was_cut_short_a_way_leads_on(start: State, end: State) -> None:
    assert way(start, end)[-1] is end
