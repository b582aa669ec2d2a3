from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.triage.windows import Calendar, Freeze, Window

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"])  # fmt: skip
SATURDAY = 5
# The Saturdays and Sundays around which clocks are changed, and any other.
ABOUT = st.sampled_from(
    [datetime(2026, *day, tzinfo=UTC) for day in ((3, 7), (3, 28), (4, 4), (10, 3), (10, 24), (10, 31), (6, 6))]
)
MOMENTS = st.builds(lambda day, more: day + more, ABOUT, st.timedeltas(timedelta(), timedelta(days=2)))
CLOCKS = st.times().map(lambda each: each.replace(second=0, microsecond=0))


@settings(max_examples=60)
@given(ZONES, MOMENTS, CLOCKS, CLOCKS)
def test_it_is_never_open_at_a_time_that_is_not_written(zone: str, moment: datetime, start: time, end: time) -> None:
    window = Window("w", ZoneInfo(zone), start, end, frozenset({"sat"}))
    if window.holds(moment):
        local = moment.astimezone(window.zone)
        clock, tonight = local.time(), local.weekday() == SATURDAY
        if start < end:
            assert tonight
            assert start <= clock < end
        else:
            assert (tonight and clock >= start) or (local.weekday() == SATURDAY + 1 and clock < end)


@settings(max_examples=40)
@given(ZONES, MOMENTS, CLOCKS, CLOCKS)
def test_where_it_is_closed_it_says_when_it_opens(zone: str, moment: datetime, start: time, end: time) -> None:
    window = Window("w", ZoneInfo(zone), start, end, frozenset({"mon"}))
    if not window.holds(moment):
        opens = window.opens_after(moment)
        assert opens is None or (opens > moment and window.holds(opens))


@settings(max_examples=40)
@given(ZONES, MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=30)))
def test_a_freeze_is_never_shorter_than_it_is_written(zone: str, start: datetime, length: timedelta) -> None:
    begins = start.replace(tzinfo=None)
    freeze = Freeze("f", ZoneInfo(zone), begins, begins + length)
    local = begins.replace(tzinfo=freeze.zone).astimezone(UTC)
    assert freeze.holds(local)
    assert not freeze.holds(local + length + timedelta(hours=2))


def test_reasons_say_when_it_opens_and_how_long_it_is_frozen() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = Calendar(
        (Window("nights", berlin, time(22), time(4), frozenset({"mon"})),),
        (Freeze("year end", berlin, datetime(2026, 12, 20), datetime(2027, 1, 7)),),  # noqa: DTZ001 - the zone stands beside it
    )
    window, freeze = calendar.ask(datetime(2026, 12, 22, 12, tzinfo=UTC))
    assert window.text == "no change window is open; nights opens 2026-12-28 22:00 Europe/Berlin"
    assert freeze.text == "the freeze year end lasts until 2027-01-07 00:00 Europe/Berlin"
    with pytest.raises(ValueError, match="time zone"):
        calendar.ask(datetime(2026, 12, 22, 12))  # noqa: DTZ001 - that is what is refused
