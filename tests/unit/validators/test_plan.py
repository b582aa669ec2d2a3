"""What two plans say of a change, with and without it: values of the port, and nothing that runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.location import Framework
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.verdict import StageName, StageOutcome, StageResult
from iacfix.ports import Plan, PlannedChange, PlanRefusedError, ToolError
from iacfix.validators import Tools
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()
KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n'
CHANGED = PlannedChange(
    "aws_kms_key.data", "", "aws_kms_key.data", attributes=frozenset({"enable_key_rotation"}), fingerprint="1"
)
DRIFTED = PlannedChange("aws_sqs_queue.jobs", "", "aws_sqs_queue.jobs", replaces=True, fingerprint="2")
MADE = PlannedChange(
    "aws_s3_bucket_public_access_block.logs", "", "aws_s3_bucket_public_access_block.logs", fingerprint="3"
)


@dataclass
class Two:
    """Plans without an overlay, and with one."""

    before: Plan | ToolError
    after: Plan | ToolError
    asked: list[tuple[str, Mapping[str, bytes]]] = field(default_factory=list)

    def plan(self, root: str, overlay: Mapping[str, bytes]) -> Plan:
        self.asked.append((root, overlay))
        found = self.after if overlay else self.before
        if isinstance(found, ToolError):
            raise found
        return found


def of(*changes: PlannedChange) -> Plan:
    return Plan("terraform 1.9", changes)


def fixed(
    folder: Path, before: Plan | ToolError, after: Plan | ToolError, text: str = KEY, path: str = "main.tf"
) -> tuple[Outcome, StageResult, Two]:
    two = Two(before, after)
    fixer = Fixer(CATALOGUE, repository(folder, {path: text}), tools=Tools(planners={Framework.TERRAFORM: two}))
    check = ("CKV_AWS_7", "aws_kms_key.data") if text == KEY else ("CKV2_AWS_6", "aws_s3_bucket.logs")
    outcome = fixer.fix(finding(*check, path))
    return outcome, next(stage for stage in outcome.stages if stage.name is StageName.PLAN), two


def test_the_target_changes_and_nothing_else(tmp_path: Path) -> None:
    outcome, plan, two = fixed(tmp_path, of(), of(CHANGED))
    assert outcome.status is Status.PROPOSED
    assert (plan.outcome, plan.reason) == (
        StageOutcome.PASSED,
        "terraform 1.9: nothing is destroyed or replaced, and this changes: aws_kms_key.data (enable_key_rotation)",
    )
    assert [root for root, _ in two.asked] == ["", ""]
    assert b"enable_key_rotation = true" in two.asked[1][1]["main.tf"]


def test_a_companion_that_is_made_is_change_enough(tmp_path: Path) -> None:
    outcome, plan, _ = fixed(tmp_path, of(), of(MADE), BUCKET)
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert "aws_s3_bucket_public_access_block.logs (new)" in plan.reason


def test_what_has_drifted_is_not_the_fix_s_doing(tmp_path: Path) -> None:
    outcome, plan, _ = fixed(tmp_path, of(DRIFTED), of(DRIFTED, CHANGED))
    assert outcome.status is Status.PROPOSED
    assert "aws_sqs_queue" not in plan.reason


def test_a_fix_that_writes_down_what_was_done_by_hand_is_one(tmp_path: Path) -> None:
    """Without it Terraform would undo it; with it there is nothing to do."""
    assert fixed(tmp_path, of(CHANGED), of())[0].status is Status.PROPOSED


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (of(), "with the change the same is planned as without it"),
        (of(replace(CHANGED, replaces=True)), "would be replaced, and what is in it lost, because enable_key_rotation"),
        (of(replace(CHANGED, deletes=True)), "aws_kms_key.data would be destroyed"),
        (of(CHANGED, MADE), "aws_s3_bucket_public_access_block.logs would be changed too"),
        (of(CHANGED, replace(DRIFTED, fingerprint="9")), "aws_sqs_queue.jobs would be replaced"),
        (of(replace(CHANGED, folder="modules/kms")), "would be changed too"),
        (of(replace(CHANGED, folder=None)), "would be changed too"),
        (of(replace(CHANGED, attributes=frozenset({"description"}))), "only description changes"),
        (PlanRefusedError("terraform plan fails: Error: x"), "terraform plan fails: Error: x"),
    ],
)
def test_what_no_fix_does_is_refused(tmp_path: Path, after: Plan | ToolError, said: str) -> None:
    outcome, plan, _ = fixed(tmp_path, of(), after)
    assert outcome.status is Status.GENERATION_FAILED
    assert plan.outcome is StageOutcome.REJECTED
    assert said in plan.reason


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            PlanRefusedError("Error: no value for var.x"),
            of(CHANGED),
            "nothing can be planned as the code stands: Error",
        ),
        (ToolError("terraform was not found"), of(), "terraform was not found"),
        (of(), ToolError("terraform took longer than 1 seconds", remedy="allow it more time"), "allow it more time"),
    ],
)
def test_a_plan_that_cannot_be_made_shows_nothing(
    tmp_path: Path, before: Plan | ToolError, after: Plan | ToolError, said: str
) -> None:
    outcome, plan, _ = fixed(tmp_path, before, after)
    assert outcome.status is Status.PROPOSED
    assert plan.outcome is StageOutcome.SKIPPED
    assert said in plan.reason


def test_in_a_module_the_root_is_planned_that_calls_it(tmp_path: Path) -> None:
    call = 'module "keys" {\n  source = "../modules/kms"\n}\n'
    inside = replace(CHANGED, address="module.keys.aws_kms_key.data", folder="modules/kms")
    two = Two(of(), of(inside))
    repo = repository(tmp_path, {"live/main.tf": call, "modules/kms/main.tf": KEY})
    fixer = Fixer(CATALOGUE, repo, tools=Tools(planners={Framework.TERRAFORM: two}))
    outcome = fixer.fix(finding("CKV_AWS_7", "module.keys.aws_kms_key.data", "modules/kms/main.tf"))
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert {root for root, _ in two.asked} == {"live"}


def test_what_was_accepted_before_belongs_to_both_plans(tmp_path: Path) -> None:
    text = KEY + KEY.replace('"data" {', '"other" {')
    two = Two(of(), of(CHANGED))
    fixer = Fixer(CATALOGUE, repository(tmp_path, {"main.tf": text}), tools=Tools(planners={Framework.TERRAFORM: two}))
    for name in ("data", "other"):
        fixer.fix(finding("CKV_AWS_7", f"aws_kms_key.{name}"))
    assert [each.get("main.tf", b"").count(b"rotation") for _, each in two.asked] == [0, 1, 1, 2]
