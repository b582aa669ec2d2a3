"""How much may be touched at once: by a run, within an hour, for one control. Counted in resources, not in findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from iacfix.domain.triage import Effect, GateResult

GATE = "blast radius"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """`resource` in whatever words tell it from others. `at` has its time zone."""

    at: datetime
    resource: str
    control: str
    run: str


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """The most resources. None is no limit; 0 lets nothing pass. `control` counts within a run."""

    run: int | None = None
    hour: int | None = None
    control: int | None = None

    def ask(self, wanted: Touch, touched: Iterable[Touch]) -> GateResult:
        """A resource that was touched already, in the same bounds, is not counted again."""
        known = tuple(touched)
        of_run = {each.resource for each in known if each.run == wanted.run}
        of_hour = {each.resource for each in known if wanted.at - HOUR < each.at <= wanted.at}
        of_control = {each.resource for each in known if each.run == wanted.run and each.control == wanted.control}
        for most, before, within in (
            (self.run, of_run, "this run"),
            (self.hour, of_hour, "an hour"),
            (self.control, of_control, f"this run for {wanted.control}"),
        ):
            if (
                most is not None
                and len(before | {wanted.resource}) > most
                and (wanted.resource not in before or not most)
            ):
                return GateResult(GATE, Effect.DENIED, f"{within} may touch {most} resources at most, and has")
        return GateResult(GATE, Effect.PASSED, "within the limits of a run, an hour and a control")
