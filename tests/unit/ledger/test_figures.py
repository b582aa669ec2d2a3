from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.unit.ledger.test_states import RECEIVED

from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.figures import MOVING, figures
from iacfix.ledger.states import ENDS, RESTING

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def entry(number: int, state: State, control: str = "s3-versioning", hours: float = 1, **more: str) -> LedgerEntry:
    at = (NOW - timedelta(hours=hours)).isoformat()
    made = replace(RECEIVED, key=f"{number:064x}", state=state, control=control, changed_at=at)
    return replace(made, **more)  # type: ignore[arg-type] # names of texts


def test_an_empty_ledger_has_figures_too() -> None:
    found = figures((), NOW)
    assert (found.states, found.owners, found.controls, found.stuck, found.failure_rate) == ({}, {}, (), (), 0.0)
    assert {each.value for each in found.metrics()} == {0}


def test_states_owners_and_severities_are_counted() -> None:
    found = figures(
        [
            entry(1, State.FIXED, owner="retail", severity="high"),
            entry(2, State.HUMAN_REVIEW, owner="platform", severity="high"),
            entry(3, State.HUMAN_REVIEW, hours=9, owner="platform", severity="critical"),
            entry(4, State.RECEIVED, severity=""),
        ],
        NOW,
    )
    assert list(found.states.items()) == [(State.RECEIVED, 1), (State.HUMAN_REVIEW, 2), (State.FIXED, 1)]
    assert found.oldest[State.HUMAN_REVIEW].key == f"{3:064x}"
    assert list(found.owners.items()) == [("platform", 2), ("nobody", 1)], "what has ended is nobody's work any more"
    assert found.severities == {"critical": 1, "high": 1, "unknown": 1}


def test_the_failure_rate_counts_what_was_tried() -> None:
    states = [State.FIXED, State.PULL_REQUEST_OPEN, State.FIX_GENERATION_FAILED, State.STILL_OPEN, State.HUMAN_REVIEW]
    entries = [entry(number, state) for number, state in enumerate(states)]
    found = figures([*entries, entry(9, State.FIXED, "kms-rotation")], NOW)
    first, second = found.controls
    assert (first.control, first.findings, first.tried, first.failed, first.failure_rate) == (
        "s3-versioning",
        5,
        4,
        2,
        0.5,
    )
    assert (second.control, second.failure_rate) == ("kms-rotation", 0.0)
    assert found.failure_rate == 0.4
    by_name = {(each.name, *each.dimensions.values()): each.value for each in found.metrics()}
    assert by_name["FailureRate", "s3-versioning"] == 50
    assert by_name["FailureRate",] == 40
    assert by_name["Findings", "fixed"] == 2


def test_what_is_on_its_way_for_too_long_is_stuck() -> None:
    entries = [entry(number, state, hours=24) for number, state in enumerate(State)]
    assert {each.state for each in figures(entries, NOW).stuck} == MOVING
    assert figures(entries, NOW, timedelta(hours=24.1)).stuck == ()
    assert not MOVING & (RESTING | ENDS)
