from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from iacfix.domain.change_request import BranchState, HostedPullRequest, PullRequestState
from iacfix.pull_requests.lifecycle import (
    Close,
    Decision,
    HandsOff,
    Keep,
    Limits,
    Marked,
    NoLonger,
    Nothing,
    NotWanted,
    Open,
    Queue,
    Standing,
    Traffic,
    Update,
    Verify,
    Wanted,
    decide,
)

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
KEY, OTHER_KEY = "a" * 64, "b" * 64
WANTED = Wanted(KEY, content="c" * 64, finding="f" * 64, base="1" * 40)
BRANCH = BranchState("iacfix/x/aaa", head="2" * 40, ahead=("2" * 40,), key=KEY, content=WANTED.content)
OPEN = HostedPullRequest(
    "7", "https://host/7", BRANCH.name, "main", PullRequestState.OPEN, "t", "b", BRANCH.head, KEY, WANTED.content
)
MARKED = Marked(OPEN, finding=WANTED.finding, base=WANTED.base)
BY_HAND = replace(BRANCH, head="3" * 40, ahead=("3" * 40, "2" * 40), key="", content="")


def in_state(state: PullRequestState, *, ours: bool = True) -> Marked:
    return replace(MARKED, pull_request=replace(OPEN, state=state), ours=ours)


MERGED, CLOSED, REFUSED = (
    in_state(PullRequestState.MERGED),
    in_state(PullRequestState.CLOSED),
    in_state(PullRequestState.CLOSED, ours=False),
)
LONG_MERGED = replace(MERGED, base="9" * 40)
EDITED = replace(OPEN, key="", content="")


@pytest.mark.parametrize(
    ("standing", "decision"),
    [
        (Standing(), Open()),
        (Standing((MARKED,), BRANCH), Keep(OPEN)),
        (Standing((MARKED, MERGED), BRANCH), Keep(OPEN)),
        (Standing((replace(MARKED, base="9" * 40),), BRANCH), Update(OPEN, BRANCH.head, "the base has moved")),
        (
            Standing((MARKED,), replace(BRANCH, content="d" * 64)),
            Update(OPEN, BRANCH.head, "the fix is another one now"),
        ),
        (Standing((LONG_MERGED,)), Open()),
        (Standing((LONG_MERGED,), BRANCH), Open(replacing=BRANCH.head)),
        (Standing((replace(MERGED, pull_request=replace(MERGED.pull_request, content="d" * 64)),)), Open()),
        (Standing((MERGED,), BRANCH), Verify(MERGED.pull_request)),
        (Standing((CLOSED, MARKED), BRANCH), Keep(OPEN)),
        (
            Standing((replace(MARKED, pull_request=EDITED),), BRANCH),
            Update(EDITED, BRANCH.head, "its text has lost the marks of iacfix"),
        ),
        (
            Standing((replace(MARKED, pull_request=replace(OPEN, content="d" * 64)),), BRANCH),
            Update(replace(OPEN, content="d" * 64), BRANCH.head, "its text is that of another fix"),
        ),
        (Standing((CLOSED,), BRANCH), Open(replacing=BRANCH.head)),
        (Standing((), BRANCH), Open(replacing=BRANCH.head)),
        (Standing((), replace(BRANCH, ahead=(), content="", key="")), Open(replacing=BRANCH.head)),
    ],
)
def test_a_fix_that_is_wanted(standing: Standing, decision: Decision) -> None:
    assert decide(WANTED, standing, now=NOW) == decision


@pytest.mark.parametrize("why", NoLonger)
def test_a_fix_that_is_not_needed_any_more(why: NoLonger) -> None:
    assert decide(why, Standing((MARKED,), BRANCH), now=NOW) == Close(OPEN, why)
    assert decide(why, Standing((MERGED,), BRANCH), now=NOW) == Verify(MERGED.pull_request)
    assert isinstance(decide(why, Standing((CLOSED,), BRANCH), now=NOW), Nothing)
    assert isinstance(decide(why, Standing(), now=NOW), Nothing)


@pytest.mark.parametrize("wanted", [WANTED, *NoLonger])
def test_what_a_person_has_worked_on_is_theirs(wanted: Wanted | NoLonger) -> None:
    by_hand, gone = (decide(wanted, Standing((MARKED,), branch), now=NOW) for branch in (BY_HAND, None))
    assert isinstance(by_hand, HandsOff)
    assert "2 commits ahead" in by_hand.reason
    assert isinstance(gone, HandsOff)


@pytest.mark.parametrize("branch", [BY_HAND, replace(BRANCH, key=OTHER_KEY)])
def test_a_branch_of_somebody_elses_is_not_taken_over(branch: BranchState) -> None:
    assert isinstance(decide(WANTED, Standing((), branch), now=NOW), HandsOff)


def test_what_a_person_closed_stays_closed() -> None:
    assert isinstance(decide(WANTED, Standing((REFUSED,), BRANCH), now=NOW), NotWanted)
    assert isinstance(decide(WANTED, Standing((REFUSED, MERGED), None), now=NOW), NotWanted)
    unmarked = replace(REFUSED, finding="", base="")
    assert isinstance(decide(WANTED, Standing((unmarked,), BRANCH), now=NOW), NotWanted)


def test_what_a_person_closed_comes_back_when_it_is_another_thing() -> None:
    changed = replace(WANTED, finding="e" * 64)
    assert decide(changed, Standing((REFUSED,)), now=NOW) == Open()
    assert decide(WANTED, Standing((REFUSED,)), now=NOW, expired={KEY}) == Open()
    assert isinstance(decide(WANTED, Standing((REFUSED,)), now=NOW, expired={OTHER_KEY}), NotWanted)


@pytest.mark.parametrize(
    ("traffic", "queued"),
    [
        (Traffic(open=9), False),
        (Traffic(open=10), True),
        (Traffic(opened=(NOW,)), False),
        (Traffic(opened=(NOW, NOW - timedelta(minutes=59, seconds=59))), True),
        (Traffic(opened=(NOW, NOW - timedelta(hours=1))), False),
    ],
)
def test_no_more_are_opened_than_people_can_read(traffic: Traffic, *, queued: bool) -> None:
    assert isinstance(decide(WANTED, Standing(), now=NOW, traffic=traffic), Queue if queued else Open)


def test_limits_hold_back_new_ones_only() -> None:
    full = Traffic(open=99, opened=(NOW,) * 9)
    none = Limits(max_open=0, max_an_hour=0)
    assert isinstance(decide(WANTED, Standing(), now=NOW, limits=none), Queue)
    assert decide(WANTED, Standing((MARKED,), BRANCH), now=NOW, limits=none, traffic=full) == Keep(OPEN)
    moved = Standing((replace(MARKED, base="9" * 40),), BRANCH)
    assert isinstance(decide(WANTED, moved, now=NOW, limits=none, traffic=full), Update)
