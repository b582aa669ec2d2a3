"""Honest answers in sloppy form, made of the recipes' own diffs: accepted with the very bytes of the recipe."""

from dataclasses import dataclass
from functools import cache
from random import Random

from tests.cases.test_cases import CASES, CATALOGUE, expected
from tests.support.folder_tree import FolderTree
from tests.support.sloppy import CHANGES

from iacfix.domain.errors import PatchError
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.outcome import Status
from iacfix.domain.proposal import Candidate, Edit, Usage
from iacfix.domain.verdict import Accepted
from iacfix.findings import read_findings
from iacfix.generation.model.answer import read_answer
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository
from iacfix.ports import ModelReply, StopReason
from iacfix.validators import Case, judge
from iacfix.workflows.fix import Fixer, Generator

EACH = 5  # cases for each way to be sloppy
WANTED = 0.98
SEED = 20260101


@dataclass(frozen=True)
class Honest:
    name: str
    diff: str
    edits: tuple[Edit, ...]
    case: Case


@cache
def honest(name: str) -> Honest | None:
    folder = next(case for case in CASES if case.name == name)
    (read,) = read_findings((folder / "finding.json").read_bytes())
    fixer = Fixer(
        CATALOGUE,
        Repository(FolderTree(folder / "before")),
        Generator.RECIPE,
        defaults=expected(folder).defaults,
        compose=False,
    )
    outcome = fixer.fix(read)
    assert isinstance(read, Finding)
    location = locate(read, fixer.repository)
    if outcome.proposal is None or not isinstance(location, Location):
        return None
    control = CATALOGUE.find(read.source, read.check_id, read.resource.type, read.title)
    verdict = outcome.proposal.verdict
    return Honest(name, verdict.diff, verdict.edits, fixer.case(control, location))


def comes_out(one: Honest, answer: str) -> str:
    """Why it did not come out as it should, or ""."""
    try:
        diff = read_answer(ModelReply(answer, StopReason.END, Usage())).diff
    except PatchError as error:
        return str(error)
    verdict = judge(Candidate(diff, "model:sloppy"), one.case)
    if not isinstance(verdict, Accepted):
        return f"{verdict.stage}: {verdict.reason}"
    return "" if verdict.edits == one.edits else "other bytes"


def test_sloppy_answers_come_out_as_the_recipe_wrote_them() -> None:
    random = Random(SEED)  # noqa: S311 - the same sample each time
    proposed = [case.name for case in CASES if expected(case).status is Status.PROPOSED]
    failed: list[str] = []
    wrong: list[str] = []
    tried = 0
    for how, change in CHANGES.items():
        for name in random.sample(proposed, EACH):
            one = honest(name)
            assert one is not None, name
            tried += 1
            if reason := comes_out(one, change(one.diff, random)):
                failed.append(f"{how}: {name}: {reason}")
                wrong += [failed[-1]] if reason == "other bytes" else []
    assert wrong == []
    assert tried >= 100
    assert len(failed) <= tried * (1 - WANTED), "\n".join(failed)
