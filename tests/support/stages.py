"""What stages said, for tests."""

from collections.abc import Iterable

from iacfix.domain.verdict import StageName, StageOutcome, StageResult


def passed_but_for_tools(stages: Iterable[StageResult]) -> bool:
    """Every stage, but for those that ask a program beside iacfix, which the test has not: these say so."""
    said = {stage.name: stage for stage in stages}
    beside = [said.pop(name) for name in (StageName.RESCAN, StageName.PLAN)]
    return {each.outcome for each in said.values()} == {StageOutcome.PASSED} and {each.outcome for each in beside} == {
        StageOutcome.SKIPPED
    }
