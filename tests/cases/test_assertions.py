"""What the catalogue asserts, held against every case of fixtures/: written apart from the recipes, it comes to the
same.
"""

from pathlib import Path

import pytest
from tests.cases.test_cases import CASES, CATALOGUE, expected
from tests.support.folder_tree import FolderTree

from iacfix.controls.assertions import assertions
from iacfix.domain.control import CloudFormationFix
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.outcome import Status
from iacfix.domain.proposal import Candidate
from iacfix.findings import read_findings
from iacfix.iac.terraform.module import Module
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository
from iacfix.validators.assertions.truth import Answer, Truth
from iacfix.validators.cloudformation.trial import TemplateTrial
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.workflows.fix import Fixer, Generator, identify


def written(case: Path, side: str) -> list[str]:
    """The text of what the finding is about; nothing where that is no Terraform."""
    (read,) = read_findings((case / "finding.json").read_bytes())
    repository = Repository(FolderTree(case / side))
    assert isinstance(read, Finding)
    location = locate(read, repository)
    if not isinstance(location, Location) or not location.path.endswith(".tf"):
        return []
    companions = {block.address for _, block in repository.module_of(location.path).referring(location.address)}
    return [
        document.text(block.start, block.end)
        for address in sorted({location.address, *companions})
        for document, block in repository.module_of(location.path).blocks.get(address, ())
        if block.keyword == "resource"
    ]


def is_followed(case: Path) -> bool:
    """Whether the fix leaves the resource and what refers to it as they are."""
    before = written(case, "before")
    return bool(before) and before == written(case, "after")


FIXED = [case for case in CASES if expected(case).status is Status.PROPOSED]
# The fix is at the one value that a variable or local at the resource has.
FOLLOWED = [case for case in FIXED if is_followed(case)]
PROPOSED = [case for case in FIXED if case not in FOLLOWED]
RIGHT = [case for case in CASES if expected(case).status is Status.ALREADY_FIXED]
LEFT = [case for case in CASES if expected(case).status is Status.UNSUPPORTED]


def answer(case: Path, side: str) -> Answer:
    (read,) = read_findings((case / "finding.json").read_bytes())
    repository = Repository(FolderTree(case / side))
    fixer = Fixer(CATALOGUE, repository, Generator.RECIPE, defaults=expected(case).defaults)
    assert isinstance(read, Finding)
    finding, control = identify(read, CATALOGUE)
    location = locate(finding, repository)
    assert control is not None
    assert isinstance(location, Location)
    if location.path.endswith(".tf.json"):
        return Answer(Truth.UNKNOWN, "Terraform in JSON is left to people")
    found = fixer.case(control, location)
    trial = (TerraformTrial if isinstance(found.code, Module) else TemplateTrial)(found, Candidate("", "test"))
    return trial.asserted(control, found.code)


@pytest.mark.parametrize("case", PROPOSED, ids=lambda case: case.name)
def test_a_fix_makes_true_what_was_not(case: Path) -> None:
    assert answer(case, "before").truth in {Truth.NO, Truth.UNKNOWN}
    after = answer(case, "after")
    assert after.truth is Truth.YES, after.reason


@pytest.mark.parametrize("case", FOLLOWED, ids=lambda case: case.name)
def test_a_value_that_is_set_elsewhere_makes_it_true_for_as_long_as_it_stands(case: Path) -> None:
    """What a caller gives is not seen from within a module: the control stage looks from there."""
    assert answer(case, "after").truth in {Truth.ASSUMED, Truth.UNKNOWN}


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_what_is_right_already_is_true(case: Path) -> None:
    found = answer(case, "before")
    assert found.truth in {Truth.YES, Truth.ASSUMED}, found.reason


@pytest.mark.parametrize("control", sorted({case.name.partition("--")[0] for case in LEFT}))
def test_what_is_left_to_people_is_not_shown_to_be_true(control: str) -> None:
    """And what is not so is said in words."""
    for case in LEFT:
        if case.name.startswith(f"{control}--"):
            found = answer(case, "before")
            assert found.truth is not Truth.YES, case.name
            assert found.reason, case.name


def test_how_much_is_asserted() -> None:
    """Of each language: something of every control that has a recipe, and of many that are left to people."""
    for language in ("terraform", "cloudformation"):
        fixes = [fix for each in CATALOGUE if (fix := getattr(each, language)) is not None]
        silent = [fix for fix in fixes if not any(each.holds for each in assertions(fix))]
        assert [fix for fix in silent if fix.has_recipe] == []
        assert len(silent) < len(fixes) / 5


def test_none_is_written_where_the_recipe_says_it() -> None:
    written = [fix for each in CATALOGUE for fix in each.fixes if fix.asserts and fix.has_recipe]
    assert written == []
    assert any(isinstance(fix, CloudFormationFix) for each in CATALOGUE for fix in each.fixes if fix.asserts)
