"""What terraform would do with each fix: `before/` applied with the real AWS provider in moto, then `after/` planned.

not_in_moto.yaml says which types and cases moto cannot carry; `terraform validate` is all that they have.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import assert_never, cast

import pytest
import yaml
from tests.cases.test_cases import CASES, CATALOGUE, expected
from tests.support import terraform
from tests.support.planned import Change, plan

from iacfix.domain.control import Close, Companion, Control, EnsureBlock, Narrow, Remove, SetAttribute, Step
from iacfix.domain.outcome import Status
from iacfix.iac.terraform.document import TerraformDocument

DATA = cast("dict[str, dict[str, object]]", yaml.safe_load((Path(__file__).parent / "not_in_moto.yaml").read_text()))
TYPES, LEFT_OUT, UNPLANNED = (cast("dict[str, str]", DATA[key]) for key in ("types", "cases", "lifecycle"))
COMPLETIONS, INSTEAD = (cast("dict[str, dict[str, object]]", DATA[key]) for key in ("completions", "instead"))
FIXED = [case for case in CASES if "--cfn-" not in case.name and expected(case).status is Status.PROPOSED]
RECIPES = {each.id: each for each in CATALOGUE if each.terraform is not None and each.terraform.has_recipe}


def types_in(case: Path) -> set[str]:
    documents = (TerraformDocument.read(path.name, path.read_bytes()) for path in (case / "before").rglob("*.tf"))
    return {block.labels[0] for each in documents for block in each.blocks if block.keyword in {"resource", "data"}}


def control_of(case: Path) -> str:
    return case.name.partition("--")[0]


def planned_cases() -> list[Path]:
    """The first case of each recipe that moto can carry."""
    first: dict[str, Path] = {}
    for case in FIXED:
        if case.name not in LEFT_OUT and not types_in(case) & TYPES.keys():
            first.setdefault(control_of(case), case)
    return list(first.values())


def test_what_moto_cannot_carry_is_there_and_half_of_the_recipes_are_planned() -> None:
    assert sorted(LEFT_OUT.keys() - {case.name for case in FIXED}) == []
    assert sorted(TYPES.keys() - {each for case in FIXED for each in types_in(case)}) == []
    assert [case.name for case in FIXED if case.name in LEFT_OUT and types_in(case) & TYPES.keys()] == []
    assert sorted(UNPLANNED.keys() - RECIPES.keys()) == []
    count = len(planned_cases())
    print(f"of {len(RECIPES)} Terraform recipes {count} are planned, and {len(RECIPES) - count} only validated")  # noqa: T201 - for whoever asks how many
    assert count * 2 >= len(RECIPES)


@pytest.mark.slow
@pytest.mark.plan
def test_no_fix_replaces_or_destroys_and_each_changes_what_is_at_fault(tmp_path: Path) -> None:
    terraform.mirror()
    planned = plan(planned_cases(), COMPLETIONS, INSTEAD, tmp_path)
    wrong = {name: list(faults(RECIPES[name.partition("--")[0]], changes)) for name, changes in planned.items()}
    assert {name: each for name, each in wrong.items() if each} == {}


def faults(control: Control, changes: Sequence[Change]) -> Iterable[str]:
    assert control.terraform is not None
    companions, steps = control.terraform.companions, [s for each in control.terraform.variants for s in each.steps]
    names = {name for step in steps for name in names_of(step)}
    mended = False
    for change in changes:
        if "delete" in change.actions:
            yield f"{change.address} is replaced or destroyed: {'/'.join(change.actions)}"
        elif change.actions == ("create",):
            mended = True
            if change.type not in companions:
                yield f"{change.address} is made, and is no companion"
        elif change.actions == ("update",):
            mended |= bool(names & change.changed)
            if change.type not in {*control.terraform.targets, *companions}:
                yield f"{change.address} is changed too: {', '.join(sorted(change.changed))}"
    if mended is (control.id in UNPLANNED):
        yield "the plan changes what is not planned" if mended else "the plan changes nothing of what is at fault"


def names_of(step: Step) -> Iterable[str]:
    """The attributes and blocks, as the plan calls them, in which a step shows."""
    match step:
        case SetAttribute():
            yield step.attribute.partition(".")[0]
        case EnsureBlock():
            yield step.block
        case Remove():
            yield step.name
        case Companion():
            yield from (name for each in (*step.steps, *step.initially) for name in names_of(each))
        case Close():
            yield from [step.rules] if step.rules else step.open
        case Narrow():
            yield step.policy
        case _:
            assert_never(step)
