"""Judging any diff for a finding: a person's, or another tool's."""

from dataclasses import replace

from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.domain.location import Framework, NotLocated
from iacfix.domain.outcome import Outcome, Proposal, Status
from iacfix.domain.proposal import Candidate
from iacfix.domain.verdict import Accepted, Rejected, StageName
from iacfix.locators.locate import locate
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer, by_hand, identify, invalid, risk_of
from iacfix.workflows.follow import Followed
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
    return replace(judged(read, unsigned(diff), fixer), repository=name)


def unsigned(diff: str) -> Candidate:
    """A diff by nobody that iacfix knows."""
    return Candidate(diff, GIVEN)


def judged(read: Finding, candidate: Candidate, fixer: Fixer) -> Outcome:
    finding, control = identify(read, fixer.catalogue)
    location = locate(finding, fixer.repository, fixer.sources)
    if isinstance(location, NotLocated):
        return Outcome(finding, Status.NOT_LOCATED, location.reason)
    if reason := by_hand(location):
        return Outcome(finding, Status.UNSUPPORTED, reason, location)
    verdict = judge(candidate, fixer.case(control, location, finding))
    followed = None
    if isinstance(verdict, Rejected) and verdict.stage is StageName.FILE_SCOPE and control is not None:
        followed = fixer.followed(control, location, finding) if location.framework is Framework.TERRAFORM else None
    if isinstance(followed, Followed):
        verdict = judge(candidate, followed.case)
    outcome = Outcome(
        finding, Status.GENERATION_FAILED, "rejected", location, generator=candidate.generator, attempts=1
    )
    if isinstance(verdict, Accepted):
        decision = followed.decision if isinstance(followed, Followed) else None
        proposal = Proposal(candidate, verdict, risk_of(control, candidate), decision)
        return replace(outcome, status=Status.PROPOSED, reason="", proposal=proposal, stages=verdict.stages)
    return replace(outcome, reason=f"{verdict.stage}: {verdict.reason}", stages=verdict.stages)
