"""What a ledger says in numbers: for a person, and for metrics."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.states import ENDS, FAILED

STUCK_AFTER = timedelta(hours=24)
NOBODY = "nobody"
# Where a finding is on its way: what stays there has been forgotten. An approval that nobody gives has to run out.
MOVING = frozenset(
    {State.RECEIVED, State.TRIAGED, State.FIXING, State.AWAITING_APPROVAL, State.REMEDIATING, State.VERIFYING}
)
_FAILED = FAILED | {State.STILL_OPEN}
_DONE = frozenset({State.PROPOSED, State.PULL_REQUEST_OPEN, State.VERIFYING, State.FIXED, State.PREVENTED})


@dataclass(frozen=True, slots=True)
class ControlFigures:
    """`tried` are the findings that a fix was tried for, `failed` those of them where none came about or helped."""

    control: str
    findings: int
    tried: int
    failed: int

    @property
    def failure_rate(self) -> float:
        """From 0 to 1; 0 where nothing was tried."""
        return self.failed / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class Metric:
    """`unit` is a word of CloudWatch's."""

    name: str
    value: float
    unit: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """`states` are in the order of the states, owners and severities by their number, without those of which there are
    none; owners and severities count what has come to no end. `oldest` has been longest in its state. `stuck` are
    longest first.
    """

    states: Mapping[State, int]
    oldest: Mapping[State, LedgerEntry]
    owners: Mapping[str, int]
    severities: Mapping[str, int]
    controls: tuple[ControlFigures, ...]
    stuck: tuple[LedgerEntry, ...]

    @property
    def failure_rate(self) -> float:
        tried = sum(each.tried for each in self.controls)
        return sum(each.failed for each in self.controls) / tried if tried else 0.0

    def metrics(self) -> Iterator[Metric]:
        for state in State:
            yield Metric("Findings", self.states.get(state, 0), "Count", {"State": state.value})
        for each in self.controls:
            if each.tried:
                yield Metric("FailureRate", 100 * each.failure_rate, "Percent", {"Control": each.control})
        yield Metric("FailureRate", 100 * self.failure_rate, "Percent", {})
        yield Metric("StuckFindings", len(self.stuck), "Count", {})


def figures(entries: Iterable[LedgerEntry], now: datetime, stuck_after: timedelta = STUCK_AFTER) -> Figures:
    """`now` has its time zone."""
    found = sorted(entries, key=lambda each: (each.changed_at, each.key))
    open_ = [each for each in found if each.state not in ENDS]
    states = Counter(each.state for each in found)
    oldest: dict[State, LedgerEntry] = {}
    for each in found:
        oldest.setdefault(each.state, each)
    return Figures(
        states={state: states[state] for state in State if states[state]},
        oldest=oldest,
        owners=_counted(each.owner or NOBODY for each in open_),
        severities=_counted(each.severity or "unknown" for each in open_),
        controls=tuple(_controls(found)),
        stuck=tuple(each for each in open_ if each.state in MOVING and _moment(each) <= now - stuck_after),
    )


def _controls(entries: Iterable[LedgerEntry]) -> Iterator[ControlFigures]:
    """Those that fail most often first."""
    states: dict[str, list[State]] = {}
    for each in entries:
        states.setdefault(each.control, []).append(each.state)
    made = []
    for control, those in states.items():
        failed = sum(state in _FAILED for state in those)
        made.append(ControlFigures(control, len(those), failed + sum(state in _DONE for state in those), failed))
    yield from sorted(made, key=lambda each: (-each.failure_rate, -each.failed, each.control))


def _counted(words: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda each: (-each[1], each[0])))


def _moment(entry: LedgerEntry) -> datetime:
    return datetime.fromisoformat(entry.changed_at)
