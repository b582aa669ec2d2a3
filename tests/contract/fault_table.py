"""Every request of opening and of changing a pull request, spoiled in every way: run again, and all is there once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.contract.conftest import start
from tests.contract.publishing import AFTER, BETTER, FILES, Fix, publish, published, require_all_once
from tests.contract.spoiling import READING, Spoiler, writes

from iacfix.domain.change_request import Action

DONE = "went on"


@dataclass(frozen=True)
class Cell:
    """`first` is what became of the run that was spoiled, `second` what the next one did."""

    step: int
    name: str
    kind: str
    first: str
    second: str

    def __str__(self) -> str:
        return self.second if self.first != DONE else f"{DONE}, {self.second}"


def steps(spoiler: Spoiler, *, changing: bool = False) -> tuple[str, ...]:
    """The requests of a run in which nothing fails."""
    base, fix = _ready(spoiler, changing=changing)
    before = len(spoiler.asked())
    published(spoiler.host, fix, Action.UPDATED if changing else Action.OPENED)
    asked = tuple(spoiler.asked()[before:])
    assert published(spoiler.host, fix).action is Action.KEPT
    require_all_once(spoiler.host, fix, base)
    return asked


def kinds(spoiler: Spoiler, name: str) -> Sequence[str]:
    return [each for each in spoiler.kinds if writes(name) or each in READING]


def cell(spoiler: Spoiler, at: int, name: str, kind: str, *, changing: bool = False) -> Cell:
    """`at` counts from 1. Fails where not everything is there exactly once after the second run."""
    base, fix = _ready(spoiler, changing=changing)
    asked = len(spoiler.asked())
    spoiler.spoil(at, kind)
    outcome = publish(spoiler.host, fix)
    assert spoiler.asked()[asked + at - 1] == name, (kind, at, name, spoiler.asked()[asked:])
    first = DONE if outcome.pull_request is not None else outcome.reason
    assert outcome.pull_request is None or outcome.pull_request.action in {Action.OPENED, Action.UPDATED}, outcome
    if kind == "rate limit" and first != DONE:
        assert "try again in" in outcome.reason, outcome.reason
    second = published(spoiler.host, fix, Action.OPENED, Action.UPDATED, Action.KEPT)
    # What a host refuses by its own words is told, and not asked for again.
    told = outcome.pull_request.reason if outcome.pull_request is not None else ""
    require_all_once(spoiler.host, fix, base, are_asked="does not take" not in told)
    return Cell(at, name, kind, first, second.action.value)


def cells(spoiler: Spoiler, *, changing: bool = False, sample: bool = False) -> Iterator[Cell]:
    """`sample`: of each request that writes a cut after it acted, and in opening another fault, and one of each that
    reads once something was written.
    """
    has_written = False
    for at, name in enumerate(steps(spoiler, changing=changing), start=1):
        of_step = kinds(spoiler, name)
        if sample:
            others = [each for each in of_step if each != "cut after"]
            other = others[at % len(others)] if has_written and not changing else ""
            of_step = [each for each in of_step if each in {"cut after", other}]
        has_written |= writes(name)
        for kind in of_step:
            yield cell(spoiler, at, name, kind, changing=changing)


def _ready(spoiler: Spoiler, *, changing: bool) -> tuple[str, Fix]:
    """Where a fix is to be changed, another one of the same finding is there already."""
    host = spoiler.host
    host.forget()
    base = host.repository.head("main") or start(host, FILES)
    if changing:
        published(host, Fix("data", AFTER), Action.OPENED)
        return base, Fix("data", BETTER)
    return base, Fix("data", AFTER)
