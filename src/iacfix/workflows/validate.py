"""Judging any diff for a finding: a person's, or another tool's."""

from dataclasses import replace

from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.location import NotLocated
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Candidate
from iacfix.domain.verdict import Accepted
from iacfix.locators.locate import locate
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer, by_hand, identify, invalid, risk_of
from iacfix.workflows.repositories import Fixers

GIVEN = "given"


def validate(read: FindingRead, diff: str, fixers: Fixers) -> Outcome:
    """The same stages that a generated diff passes. Status `proposed` means accepted."""
    if isinstance(read, InvalidFinding):
        return invalid(read)
    found = fixers.of(read)
    if isinstance(found, str):
        return Outcome(read, Status.NOT_LOCATED, found)
    fixer, name = found
    return replace(judged(read, diff, fixer), repository=name)


def judged(read: Finding, diff: str, fixer: Fixer) -> Outcome:
    finding, control = identify(read, fixer.catalogue)
    location = locate(finding, fixer.repository, fixer.sources)
    if isinstance(location, NotLocated):
        return Outcome(finding, Status.NOT_LOCATED, location.reason)
    if reason := by_hand(location):
        return Outcome(finding, Status.UNSUPPORTED, reason, location)
    candidate = Candidate(diff, GIVEN)
    verdict = judge(candidate, fixer.case(control, location))
    outcome = Outcome(finding, Status.GENERATION_FAILED, "rejected", location, generator=GIVEN, attempts=1)
    if isinstance(verdict, Accepted):
        proposal = Proposal(candidate, verdict, risk_of(control, candidate))
        return replace(outcome, status=Status.PROPOSED, reason="", proposal=proposal, stages=verdict.stages)
    return replace(outcome, reason=f"{verdict.stage}: {verdict.reason}", stages=verdict.stages)
