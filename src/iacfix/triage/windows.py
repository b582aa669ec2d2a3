"""When anything may be done at all: change windows, and freezes.

Both are written in the wall-clock time of a zone. Where clocks are put forward or back a time of the day happens never
or twice: a window then opens at the later and closes at the earlier instant that could be meant; a freeze begins at the
earlier and ends at the later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from iacfix.domain.triage import Effect, GateResult

WINDOW_GATE = "window"
FREEZE_GATE = "freeze"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_LOOK_AHEAD = 9  # days: a week, and the nights around it


@dataclass(frozen=True, slots=True)
class Window:
    """On `days`, from `start` (in it) to `end` (not in it). One that ends at or before its start ends a day later, and
    is of the day on which it starts.
    """

    name: str
    zone: ZoneInfo
    start: time
    end: time
    days: frozenset[str] = frozenset(DAYS)

    def around(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Start and end in UTC of each time that it opens, from yesterday on; the ones that never open are left out."""
        today = moment.astimezone(self.zone).date()
        for offset in range(-2, _LOOK_AHEAD):
            day = today + offset * _DAY
            if DAYS[day.weekday()] not in self.days:
                continue
            last = day if self.end > self.start else day + _DAY
            opens, closes = max(_instants(day, self.start, self.zone)), min(_instants(last, self.end, self.zone))
            if opens < closes:
                yield opens, closes

    def holds(self, moment: datetime) -> bool:
        return any(opens <= moment < closes for opens, closes in self.around(moment))

    def opens_after(self, moment: datetime) -> datetime | None:
        return min((opens for opens, _ in self.around(moment) if opens > moment), default=None)


@dataclass(frozen=True, slots=True)
class Freeze:
    """From `start` (in it) to `end` (not in it), in wall-clock time without a zone of their own."""

    name: str
    zone: ZoneInfo
    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        begins = min(_instants(self.start.date(), self.start.time(), self.zone))
        ends = max(_instants(self.end.date(), self.end.time(), self.zone))
        return begins <= moment < ends


@dataclass(frozen=True, slots=True)
class Calendar:
    """Without a window it is always open. A freeze closes every window."""

    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()

    def ask(self, moment: datetime) -> tuple[GateResult, GateResult]:
        """`moment` has its time zone; one without is refused with ValueError."""
        if moment.tzinfo is None:
            msg = "a moment without a time zone is none"
            raise ValueError(msg)
        moment = moment.astimezone(UTC)
        return self._window(moment), self._freeze(moment)

    def _window(self, moment: datetime) -> GateResult:
        if not self.windows:
            return GateResult(WINDOW_GATE, Effect.PASSED, "no change windows are configured")
        for window in self.windows:
            if window.holds(moment):
                return GateResult(WINDOW_GATE, Effect.PASSED, f"the window {window.name} is open")
        following = [(at, each) for each in self.windows if (at := each.opens_after(moment)) is not None]
        told = "no change window is open"
        if following:
            at, window = min(following, key=lambda each: (each[0], each[1].name))
            told += f"; {window.name} opens {at.astimezone(window.zone):%Y-%m-%d %H:%M} {window.zone.key}"
        return GateResult(WINDOW_GATE, Effect.DENIED, told)

    def _freeze(self, moment: datetime) -> GateResult:
        for freeze in self.freezes:
            if freeze.holds(moment):
                told = f"the freeze {freeze.name} lasts until {freeze.end:%Y-%m-%d %H:%M} {freeze.zone.key}"
                return GateResult(FREEZE_GATE, Effect.DENIED, told)
        return GateResult(FREEZE_GATE, Effect.PASSED, "no freeze holds")


def _instants(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two instants that may be meant, in UTC; the same one but where clocks change."""
    naive = datetime.combine(day, clock)
    first, second = (naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
