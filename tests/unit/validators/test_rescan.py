"""What a scan before and a scan after say of a change, in either language, and what a configuration makes of it."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from tests.support.fake_checkov import SEARCH_PATH, install, runs
from tests.support.repositories import cloud, finding, repository

from iacfix import validators
from iacfix.adapters.scanners.checkov import CheckovScanner
from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding, FindingRead
from iacfix.domain.location import Location
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import StageName, StageOutcome, StageResult
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import Tools
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.workflows.fix import Fixer
from iacfix.workflows.validate import judged, unsigned

CATALOGUE = load_catalogue()
KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
ROTATED = KEY.replace('"data"\n}', '"data"\n  enable_key_rotation = true\n}')
TOPIC = "Resources:\n  Alarms:\n    Type: AWS::SNS::Topic\n"
FOUND = finding("CKV_AWS_7", "aws_kms_key.data")


def fixer(
    folder: Path, text: str = KEY, *, path: str = "main.tf", extra: str = "", required: tuple[str, ...] = ()
) -> Fixer:
    command, _ = install(folder, extra)
    return Fixer(
        CATALOGUE,
        repository(folder / "code", {path: text}),
        tools=Tools(CheckovScanner(command, search_path=SEARCH_PATH, timeout=20)),
        required=frozenset(map(StageName, required)),
    )


def rescan(outcome: Outcome) -> StageResult:
    return next(stage for stage in outcome.stages if stage.name is StageName.RESCAN)


def given(each: Fixer, after: str, read: FindingRead = FOUND, before: str = KEY, path: str = "main.tf") -> Outcome:
    assert isinstance(read, Finding)
    return judged(read, unsigned(render_diff([Edit(path, before.encode(), after.encode())])), each)


def test_a_fix_of_terraform_passes_with_what_was_seen(tmp_path: Path) -> None:
    outcome = fixer(tmp_path).fix(FOUND)
    assert outcome.status is Status.PROPOSED
    assert rescan(outcome).outcome is StageOutcome.PASSED
    assert rescan(outcome).reason == "Checkov 3.2.459: CKV_AWS_7 failed and passes now, and nothing new fails"


def test_a_fix_of_a_template_passes(tmp_path: Path) -> None:
    read = cloud("AwsSnsTopic", "x", name="x")
    control = next(each for each in CATALOGUE if "CKV_AWS_26" in each.names.get("checkov", ()))
    (name, *_) = control.names["security_hub"]
    read = Finding("security_hub", "f", name, "t", read.resource)
    text = TOPIC + "    Properties:\n      TopicName: x\n"
    each = fixer(tmp_path, text, path="t.yaml")
    after = text + "      KmsMasterKeyId: alias/aws/sns\n"
    outcome = given(each, after, read, text, "t.yaml")
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert "CKV_AWS_26 failed and passes now" in rescan(outcome).reason


def test_what_is_still_reported_is_refused(tmp_path: Path) -> None:
    odd = {"CKV_AWS_7": ("aws_kms_key", "something else", "Ensure rotation is enabled")}
    command, _ = install(tmp_path, rules=odd)
    tools = Tools(CheckovScanner(command, search_path=SEARCH_PATH, timeout=20))
    outcome = Fixer(CATALOGUE, repository(tmp_path / "code", {"main.tf": KEY}), tools=tools).fix(FOUND)
    assert outcome.status is Status.GENERATION_FAILED
    assert "still reports CKV_AWS_7 (Ensure rotation is enabled) of aws_kms_key.data" in outcome.reason


def test_what_is_no_longer_judged_has_not_passed(tmp_path: Path) -> None:
    gone = 'RULES.pop("CKV_AWS_7") if "rotation" in open(os.path.join(folder, "main.tf")).read() else None'
    outcome = fixer(tmp_path, extra=gone).fix(FOUND)
    assert outcome.status is Status.GENERATION_FAILED
    assert "no longer judges CKV_AWS_7" in outcome.reason


def test_what_is_new_is_refused_whatever_the_resource(tmp_path: Path) -> None:
    new = 'RULES["CKV_AWS_9"] = ("aws_kms_key", "." if "rotation" not in open(os.path.join(folder, "main.tf")).read() else "never", "T")'
    text = KEY + KEY.replace('"data" {', '"other" {')
    outcome = fixer(tmp_path, text, extra=new).fix(FOUND)
    assert outcome.status is Status.GENERATION_FAILED
    assert "CKV_AWS_9 of aws_kms_key.data (T); CKV_AWS_9 of aws_kms_key.other (T)" in outcome.reason


def test_what_failed_before_is_not_the_fix_s_doing(tmp_path: Path) -> None:
    alias = '\nresource "aws_kms_alias" "data" {\n  target_key_id = aws_kms_key.data.id\n}\n'
    assert rescan(fixer(tmp_path, KEY + alias).fix(FOUND)).outcome is StageOutcome.PASSED


@pytest.mark.parametrize("required", [(), ("rescan",)])
def test_a_check_that_the_scanner_does_not_see_shows_nothing(tmp_path: Path, required: tuple[str, ...]) -> None:
    outcome = fixer(tmp_path, extra='RULES.pop("CKV_AWS_7")', required=required).fix(FOUND)
    assert rescan(outcome).outcome is StageOutcome.SKIPPED
    assert "does not report CKV_AWS_7 of aws_kms_key.data before the change" in rescan(outcome).reason
    if not required:
        assert outcome.status is Status.PROPOSED
        return
    assert outcome.status is Status.GENERATION_FAILED
    assert outcome.reason.startswith("rescan: the configuration requires it, and Checkov 3.2.459 does not report")


def test_a_scanner_that_is_not_there_is_said(tmp_path: Path) -> None:
    scanner = CheckovScanner(("no-such-scanner",), search_path=SEARCH_PATH, timeout=20)
    outcome = Fixer(CATALOGUE, repository(tmp_path, {"main.tf": KEY}), tools=Tools(scanner)).fix(FOUND)
    assert outcome.status is Status.PROPOSED
    assert rescan(outcome).outcome is StageOutcome.SKIPPED
    assert "no-such-scanner was not found" in rescan(outcome).reason


def test_a_file_that_the_scanner_cannot_read_shows_nothing(tmp_path: Path) -> None:
    outcome = fixer(tmp_path, "# BROKEN\n" + KEY).fix(FOUND)
    assert "cannot read main.tf as it stands" in rescan(outcome).reason
    assert rescan(outcome).outcome is StageOutcome.SKIPPED


def test_a_file_that_becomes_unreadable_is_refused(tmp_path: Path) -> None:
    blind = 'if "rotation" in open(os.path.join(folder, "main.tf")).read(): open(os.path.join(folder, "main.tf"), "a").write("BROKEN")'
    outcome = fixer(tmp_path, extra=blind).fix(FOUND)
    assert "cannot read main.tf after the diff" in outcome.reason


def test_what_one_fix_leaves_the_next_begins_with(tmp_path: Path) -> None:
    text = KEY + KEY.replace('"data" {', '"other" {')
    each = fixer(tmp_path, text)
    for name in ("data", "other"):
        assert each.fix(finding("CKV_AWS_7", f"aws_kms_key.{name}")).status is Status.PROPOSED
    assert len(runs(tmp_path / "checkov.log")) == 3, "the scan after the first fix is the one before the second"


@pytest.mark.parametrize("name", ["control", "plan"])
def test_any_stage_of_assurance_can_be_required(tmp_path: Path, name: str) -> None:
    outcome = given(fixer(tmp_path, required=(name,)), ROTATED)
    assert (outcome.status is Status.PROPOSED) == (name == "control")


def test_another_file_that_has_the_same_address_is_not_the_target(tmp_path: Path) -> None:
    """In a folder of examples, each file may be a module of its own."""
    command, _ = install(tmp_path)
    tools = Tools(CheckovScanner(command, search_path=SEARCH_PATH, timeout=20))
    there = repository(tmp_path / "code", {"main.tf": KEY, "other.tf": KEY})
    each = Fixer(CATALOGUE, there, tools=tools)
    location = locate(cast("Finding", FOUND), repository(tmp_path / "code", {"main.tf": KEY, "other.tf": "# nothing"}))
    assert isinstance(location, Location)
    (tmp_path / "code" / "other.tf").write_text(KEY)
    trial = TerraformTrial(each.case(None, location, cast("Finding", FOUND)), Candidate("", "test"))
    edit = Edit("main.tf", KEY.encode(), ROTATED.encode())
    assert "CKV_AWS_7 failed and passes now" in validators.rescan.run(replace(trial, edits=(edit,))).said


# As Checkov does, which takes a variable for its default.
RESOLVING = """
values = dict(re.findall(r'variable "(\\w+)" \\{\\n  default = (\\w+)', "".join(open(os.path.join(folder, each)).read() for each in os.listdir(folder))))
for each in os.listdir(folder):
    text = open(os.path.join(folder, each)).read()
    open(os.path.join(folder, each), "w").write(re.sub(r"var\\.(\\w+)", lambda found: values.get(found[1], found[0]), text))
"""
BY_VARIABLE = KEY.replace('"data"\n}', '"data"\n  enable_key_rotation = var.rotate\n}')
OFF = 'variable "rotate" {\n  default = false\n}\n'


def followed(folder: Path, files: dict[str, str], extra: str = RESOLVING, path: str = "main.tf") -> Outcome:
    command, _ = install(folder, extra)
    tools = Tools(CheckovScanner(command, search_path=SEARCH_PATH, timeout=20))
    outcome = Fixer(CATALOGUE, repository(folder / "code", files), tools=tools).fix(
        finding("CKV_AWS_7", "aws_kms_key.data", path)
    )
    assert outcome.proposal is not None, outcome.reason
    assert outcome.proposal.decision is not None
    return outcome


def test_a_value_that_is_decided_elsewhere_in_the_module_is_judged_at_the_resource(tmp_path: Path) -> None:
    outcome = followed(tmp_path, {"main.tf": BY_VARIABLE, "variables.tf": OFF})
    assert rescan(outcome).reason == "Checkov 3.2.459: CKV_AWS_7 failed and passes now, and nothing new fails"


def test_a_scanner_that_does_not_follow_the_value_shows_nothing(tmp_path: Path) -> None:
    found = rescan(followed(tmp_path, {"main.tf": BY_VARIABLE, "variables.tf": OFF}, extra=""))
    assert found.outcome is StageOutcome.SKIPPED
    assert "still reports CKV_AWS_7" in found.reason
    assert "whose value var.rotate decides; nothing new is reported" in found.reason


def test_a_value_that_is_decided_by_the_caller_is_out_of_the_scanner_s_sight(tmp_path: Path) -> None:
    call = 'module "keys" {\n  source = "./keys"\n  rotate = false\n}\n'
    files = {"main.tf": call, "keys/main.tf": BY_VARIABLE, "keys/variables.tf": 'variable "rotate" {\n}\n'}
    found = rescan(followed(tmp_path, files, path="keys/main.tf"))
    assert found.outcome is StageOutcome.SKIPPED
    assert found.reason == (
        "module.keys in main.tf decides the value, and a scan of the module of aws_kms_key.data does not see that file"
    )
