"""Judging any diff for a finding: a person's, or another tool's."""

from dataclasses import replace

from iacfix.domain.finding import FindingRead, InvalidFinding
from iacfix.domain.location import NotLocated
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Candidate
from iacfix.domain.verdict import Accepted
from iacfix.locators.locate import locate
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer, identify

GIVEN = "given"


def validate(read: FindingRead, diff: str, fixer: Fixer) -> Outcome:
    """The same stages that a generated diff passes. Status `proposed` means accepted."""
    if isinstance(read, InvalidFinding):
        return Outcome(read, Status.INVALID_FINDING, f"{read.field}: {read.reason}")
    finding, control = identify(read, fixer.catalogue)
    location = locate(finding, fixer.repository)
    if isinstance(location, NotLocated):
        return Outcome(finding, Status.NOT_LOCATED, location.reason)
    candidate = Candidate(diff, GIVEN)
    verdict = judge(candidate, fixer.case(control, location))
    outcome = Outcome(finding, Status.GENERATION_FAILED, "rejected", location, generator=GIVEN, attempts=1)
    if isinstance(verdict, Accepted):
        proposal = Proposal(candidate, verdict)
        return replace(outcome, status=Status.PROPOSED, reason="", proposal=proposal, stages=verdict.stages)
    return replace(outcome, reason=f"{verdict.stage}: {verdict.reason}", stages=verdict.stages)
