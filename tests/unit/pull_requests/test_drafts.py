from dataclasses import replace

import pytest

from iacfix.domain.control import Risk
from iacfix.domain.outcome import Proposal
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, StageName, StageOutcome, StageResult
from iacfix.pull_requests.drafts import Draft, draft_reason

ALL = tuple(StageResult(name, StageOutcome.PASSED) for name in StageName)


def proposal(*skipped: StageName, risk: Risk | None = Risk.LOW) -> Proposal:
    stages = tuple(
        StageResult(each.name, StageOutcome.SKIPPED, "why") if each.name in skipped else each for each in ALL
    )
    return Proposal(Candidate("", "recipe:x"), Accepted((Edit("a", b"", b"x"),), "", 1, stages), risk)


@pytest.mark.parametrize(
    ("fix", "asked", "reason"),
    [
        (proposal(), (), ""),
        (proposal(risk=Risk.MODERATE), (), "the risk of the change is moderate"),
        (proposal(risk=Risk.HIGH), (), "the risk of the change is high"),
        (proposal(risk=None), (), "nobody has said what the change may break"),
        (proposal(StageName.CONTROL), (), "control could not be checked"),
        (proposal(StageName.SYNTAX, StageName.HAZARDS), (), "syntax, hazards could not be checked"),
        (proposal(StageName.RESCAN, StageName.PLAN), (), ""),
        (proposal(StageName.RESCAN, StageName.PLAN), (StageName.PLAN,), "plan could not be checked"),
        (proposal(StageName.RESCAN), (StageName.PLAN,), ""),
        (
            proposal(StageName.CONTROL, risk=Risk.MODERATE),
            (),
            "control could not be checked and the risk of the change is moderate",
        ),
    ],
)
def test_when_somebody_should_look_twice(fix: Proposal, asked: tuple[StageName, ...], reason: str) -> None:
    assert draft_reason(Draft.AUTO, fix, asked) == reason
    assert draft_reason(Draft.NEVER, fix, asked) == ""
    assert draft_reason(Draft.ALWAYS, fix, asked) == "every pull request is opened as one here"


def test_stages_that_always_run_are_never_skipped() -> None:
    with pytest.raises(ValueError, match="accepted without"):
        proposal(ALWAYS_ON[0])
    assert replace(proposal(), risk=None).risk is None
