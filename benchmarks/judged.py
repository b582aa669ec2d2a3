"""What became of a finding whose right answer is known."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.cases import Case
from benchmarks.opened import finding_of

from iacfix.domain.location import Location, NotLocated
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository


class Mark(StrEnum):
    LOCATED = "located"
    RIGHTLY_AMBIGUOUS = "rightly ambiguous"
    AMBIGUOUS = "ambiguous"
    NOT_LOCATED = "not located"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Judged:
    case: Case
    mark: Mark
    reason: str = ""


Place = tuple[str, str, int]


def judge(cases: Iterable[Case], repository: Repository) -> Iterator[Judged]:
    """One ARN that several blocks would make is rightly ambiguous, when all of them are candidates."""
    known = list(cases)
    writers: dict[str, set[Place]] = defaultdict(set)
    for case in known:
        writers[case.arn].add(_place(case))
    for case in known:
        yield _judged(case, writers[case.arn], locate(finding_of(case.arn), repository))


def _judged(case: Case, writers: set[Place], found: Location | NotLocated) -> Judged:
    if isinstance(found, Location):
        at = (found.path, found.address, found.start_line)
        if writers == {at}:
            return Judged(case, Mark.LOCATED)
        told = "one of several that make it" if at in writers else "another block"
        reason = "; ".join(evidence.detail for evidence in found.evidence)
        return Judged(case, Mark.WRONG, f"{told}: {found.address} at {found.path}:{found.start_line} ({reason})")
    candidates = {(item.path, item.address, item.start_line) for item in found.candidates}
    if not candidates:
        return Judged(case, Mark.NOT_LOCATED, found.reason)
    if not writers <= candidates:
        return Judged(case, Mark.WRONG, f"not all that make it are candidates: {found.reason}")
    if len(writers) > 1 and writers == candidates:
        return Judged(case, Mark.RIGHTLY_AMBIGUOUS)
    return Judged(case, Mark.AMBIGUOUS, found.reason)


def _place(case: Case) -> Place:
    return case.path, case.address, case.line
