"""What the real terraform plans of a change, over things that it made in moto."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.terraform_on_moto import Estate
from tests.support import terraform
from tests.support.repositories import finding

from iacfix.adapters.planners.terraform import TerraformPlanner
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import PlanSettings
from iacfix.controls import load_catalogue
from iacfix.domain.location import Framework
from iacfix.domain.outcome import Status
from iacfix.domain.verdict import StageName, StageOutcome
from iacfix.locators.repository import Repository
from iacfix.ports import PlanRefusedError
from iacfix.validators import Tools
from iacfix.workflows.fix import Fixer

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("estate")]

SECRET = "hunter2-and-more-of-it"


@dataclass(frozen=True)
class Planned:
    folder: Path
    planner: TerraformPlanner

    def edited(self, path: str, old: str, new: str) -> Mapping[str, bytes]:
        text = (self.folder / path).read_text()
        assert old in text
        return {path: text.replace(old, new, 1).encode()}


@pytest.fixture(scope="module")
def planned(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    """The estate's code with its state, and something in it that nobody has applied: a plan shows it either way."""
    home = tmp_path_factory.mktemp("plan")
    folder = home / "code"
    shutil.copytree(estate.repository, folder)
    shutil.copyfile(estate.state, folder / "terraform.tfstate")
    (folder / "moto_override.tf").write_text('provider "aws" {\n  s3_use_path_style = true\n  max_retries = 5\n}\n')
    (folder / "main.tf").write_text(
        (folder / "main.tf")
        .read_text()
        .replace('description = "What the stores', 'description = "Changed: what the stores')
    )
    environment = terraform.environment(home) | {
        "AWS_ENDPOINT_URL": estate.endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_VAR_prefix_of_nobody": SECRET,
    }
    yield Planned(folder, TerraformPlanner(folder, PlanSettings(enabled=True, timeout=300), environment))
    assert not (folder / ".terraform").exists(), "terraform works in a copy"
    added = {each.name for each in folder.iterdir()} - {each.name for each in estate.repository.iterdir()}
    assert added == {"terraform.tfstate", "moto_override.tf"}


def test_a_fix_is_accepted_with_what_would_change(planned: Planned) -> None:
    fixer = Fixer(
        load_catalogue(),
        Repository(FileSystemTree(planned.folder)),
        tools=Tools(planners={Framework.TERRAFORM: planned.planner}),
        required=frozenset({StageName.PLAN}),
        compose=False,
    )
    outcome = fixer.fix(finding("CKV_AWS_7", "aws_kms_key.data"))
    assert outcome.status is Status.PROPOSED, outcome.reason
    (plan,) = (stage for stage in outcome.stages if stage.name is StageName.PLAN)
    assert plan.outcome is StageOutcome.PASSED
    assert "nothing is destroyed or replaced, and this changes: aws_kms_key.data (" in plan.reason
    assert "enable_key_rotation" in plan.reason


def test_changes_go_by_the_code_that_makes_them(planned: Planned) -> None:
    alias = planned.edited("main.tf", 'name          = "alias/${var.prefix}-data"', 'name          = "alias/other"')
    path = "modules/service/main.tf"
    text = (planned.folder / path).read_text()
    bucket = text.index('resource "aws_s3_bucket"')
    end = text.index("\n}", bucket)
    inside = {path: (text[:end] + "\n  force_destroy = true" + text[end:]).encode()}
    found = {each.address: each for each in planned.planner.plan("", {**alias, **inside}).changes}
    assert found["aws_kms_alias.data"].replaces
    buckets = [each for each in found.values() if each.block.startswith("aws_s3_bucket.")]
    assert {each.folder for each in buckets} == {"modules/service"}
    assert len(buckets) == 3, "the module is called three times"
    assert all("force_destroy" in each.attributes for each in buckets)
    assert not found["aws_kms_key.data"].replaces, "what nobody has applied is planned too"
    assert found["aws_kms_key.data"].attributes == {"description"}


def test_what_cannot_be_planned_is_said_without_secrets(planned: Planned) -> None:
    wrong = planned.edited("main.tf", "description =", f'password = "{SECRET}"\n  description = local.nothing #')
    with pytest.raises(PlanRefusedError) as error:
        planned.planner.plan("", wrong)
    assert "Error: " in str(error.value)
    assert "main.tf line" in str(error.value)
    assert SECRET not in str(error.value)
    assert "iacfix-plan-" not in str(error.value), "the copy's place is nobody's business"
