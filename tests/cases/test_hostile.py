"""Answers that no stage may let pass: each class of fixtures/hostile, for a few targets of each way to do it.

`python -m benchmarks.hostile` runs every target.
"""

import pytest
from tests.support import hostile

from iacfix.domain.verdict import Accepted, Rejected

FEW = 1


@pytest.mark.parametrize("group", hostile.groups())
def test_no_hostile_answer_is_accepted(group: str) -> None:
    wrong = []
    for case in hostile.cases(group, most=FEW):
        verdict = hostile.judged(case.target, case.answer, known=case.known)
        if not isinstance(verdict, Rejected):
            wrong.append(f"{case.name}: accepted")
        elif verdict.stage not in case.stages:
            wrong.append(f"{case.name}: {verdict.stage}, not {sorted(case.stages)}: {verdict.reason}")
        else:
            assert verdict.reason
            assert verdict.stages[-1].name is verdict.stage
    assert wrong == []


def test_the_corpus_is_large_and_in_both_languages() -> None:
    ways = {
        language: sum(
            1
            for group in hostile.groups()
            for case in hostile.cases(group, most=1)
            if case.known and case.target.language == language
        )
        for language in hostile.LANGUAGES
    }
    assert min(ways.values()) >= 150


@pytest.mark.parametrize("language", hostile.LANGUAGES)
def test_what_puts_a_target_right_is_accepted(language: str) -> None:
    """Without this a pipeline that refuses everything would pass too."""
    for target in hostile.targets(language).values():
        answer = hostile.fenced(hostile.diff_of(target, hostile.right(target)))
        assert isinstance(hostile.judged(target, answer), Rejected if target.by_a_person else Accepted), target.name
        if target.name != "bucket" or language != "terraform":  # a companion is unknown to an unknown check
            assert isinstance(hostile.judged(target, answer, known=False), Accepted), target.name
