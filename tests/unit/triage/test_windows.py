from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.triage.windows import Calendar, Freeze, Window

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"])  # fmt: skip
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by `timezones`
CLOCKS = st.times().map(lambda each: each.replace(second=0, microsecond=0))


@given(ZONES, MOMENTS, CLOCKS, CLOCKS)
def test_a_window_is_never_longer_than_it_is_written(zone: str, moment: datetime, start: time, end: time) -> None:
    window = Window("w", ZoneInfo(zone), start, end)
    written = (datetime.combine(moment, end) - datetime.combine(moment, start)) % timedelta(days=1)
    for opens, closes in window.around(moment):
        assert closes - opens <= (written or timedelta(days=1))
        assert window.holds(opens)
        assert opens.astimezone(window.zone).time() == start or not _real(opens, start, window.zone)


def _real(opens: datetime, start: time, zone: ZoneInfo) -> bool:
    """Whether the start happens on that day at all."""
    local = datetime.combine(opens.astimezone(zone).date(), start, zone)
    return local.astimezone(UTC).astimezone(zone).time() == start


@given(ZONES, MOMENTS, CLOCKS, CLOCKS)
def test_where_it_is_closed_it_says_when_it_opens(zone: str, moment: datetime, start: time, end: time) -> None:
    window = Window("w", ZoneInfo(zone), start, end, frozenset({"mon"}))
    if not window.holds(moment):
        opens = window.opens_after(moment)
        assert opens is None or (opens > moment and window.holds(opens))


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
