"""A setting that is a variable or a local: fixed where the one value is that decides it, or declined with the place."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.code import block, call, local, variable
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.decision import DecidedBy
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Candidate
from iacfix.domain.verdict import ALWAYS_ON, Accepted, Rejected, StageName, StageOutcome
from iacfix.locators.locate import locate
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer, Generator
from iacfix.workflows.follow import Followed
from iacfix.workflows.validate import judged, unsigned

CATALOGUE = load_catalogue()
KEY = block('resource "aws_kms_key" "this"', enable_key_rotation="var.rotate")
OFF = variable("rotate", "false")
BARE = variable("rotate")
LOCAL_KEY = KEY.replace("var.", "local.")


def fixer(folder: Path, files: Mapping[str, str]) -> Fixer:
    return Fixer(CATALOGUE, repository(folder, files), Generator.RECIPE)


def fix(folder: Path, files: Mapping[str, str], path: str = "main.tf") -> Outcome:
    return fixer(folder, files).fix(finding("CKV_AWS_7", "aws_kms_key.this", path))


FOLLOWED: Mapping[str, tuple[Mapping[str, str], str, DecidedBy, str, str]] = {
    "default beside it": ({"main.tf": KEY + OFF}, "main.tf", DecidedBy.DEFAULT, "var.rotate", "main.tf"),
    "default elsewhere": (
        {"main.tf": KEY, "variables.tf": OFF},
        "main.tf",
        DecidedBy.DEFAULT,
        "var.rotate",
        "variables.tf",
    ),
    "default of null": (
        {"main.tf": KEY, "variables.tf": variable("rotate", "null")},
        "main.tf",
        DecidedBy.DEFAULT,
        "var.rotate",
        "variables.tf",
    ),
    "local": (
        {"main.tf": LOCAL_KEY, "locals.tf": local(rotate="false")},
        "main.tf",
        DecidedBy.LOCAL,
        "local.rotate",
        "locals.tf",
    ),
    "local of a variable": (
        {"main.tf": LOCAL_KEY + local(rotate="var.rotate"), "variables.tf": OFF},
        "main.tf",
        DecidedBy.DEFAULT,
        "var.rotate",
        "variables.tf",
    ),
    "variable file over a good default": (
        {"main.tf": KEY + variable("rotate", "true"), "x.auto.tfvars": "rotate = false\n"},
        "main.tf",
        DecidedBy.VARIABLE_FILE,
        "tfvars.rotate",
        "x.auto.tfvars",
    ),
    "argument without a default": (
        {"m/main.tf": KEY + BARE, "main.tf": call("a", "./m", rotate="false")},
        "m/main.tf",
        DecidedBy.ARGUMENT,
        "module.a",
        "main.tf",
    ),
    "argument over a good default": (
        {"m/main.tf": KEY + variable("rotate", "true"), "main.tf": call("a", "./m", rotate="false")},
        "m/main.tf",
        DecidedBy.ARGUMENT,
        "module.a",
        "main.tf",
    ),
    "the one call leaves it to the default": (
        {"m/main.tf": KEY + OFF, "main.tf": call("a", "./m")},
        "m/main.tf",
        DecidedBy.DEFAULT,
        "var.rotate",
        "m/main.tf",
    ),
    "a variable file of other code": (
        {"main.tf": KEY + OFF, "app/main.tf": variable("rotate"), "app/p.tfvars": "rotate = true\n"},
        "main.tf",
        DecidedBy.DEFAULT,
        "var.rotate",
        "main.tf",
    ),
    "two calls deep": (
        {
            "m/main.tf": KEY + BARE,
            "n/main.tf": call("a", "../m", rotate="var.turn") + variable("turn"),
            "main.tf": call("b", "./n", turn="local.turn") + local(turn="false"),
        },
        "m/main.tf",
        DecidedBy.LOCAL,
        "local.turn",
        "main.tf",
    ),
    "validation that lists it": (
        {
            "main.tf": KEY
            + 'variable "rotate" {\n  default = false\n  validation {\n'
            + "    condition     = contains([true, false], var.rotate)\n"
            + '    error_message = "One of both."\n  }\n}\n'
        },
        "main.tf",
        DecidedBy.DEFAULT,
        "var.rotate",
        "main.tf",
    ),
}


@pytest.mark.parametrize(("files", "at", "by", "address", "path"), FOLLOWED.values(), ids=FOLLOWED.keys())
def test_the_one_deciding_value_is_changed(
    tmp_path: Path, files: Mapping[str, str], at: str, by: DecidedBy, address: str, path: str
) -> None:
    outcome = fix(tmp_path, files, at)
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert outcome.proposal is not None
    assert outcome.proposal.decision is not None
    assert (outcome.proposal.decision.by, outcome.proposal.decision.address) == (by, address)
    (edit,) = outcome.proposal.verdict.edits
    assert edit.path == outcome.proposal.decision.path == path
    old = "null" if "null" in files[path] else "false"
    assert edit.after.decode() == files[path].replace(f"= {old}", "= true")
    assert {stage.name for stage in outcome.stages if stage.outcome is StageOutcome.PASSED} >= {
        *ALWAYS_ON,
        StageName.CONTROL,
    }
    assert outcome.location is not None
    assert (outcome.location.path, outcome.location.address) == (at, "aws_kms_key.this")


def test_a_default_says_whom_else_it_reaches(tmp_path: Path) -> None:
    outcome = fix(tmp_path, {"main.tf": KEY + OFF})
    assert outcome.proposal is not None
    assert "Callers outside this repository that do not set rotate" in outcome.proposal.candidate.explanation


def test_the_same_again_is_already_fixed_in_one_run_and_left_to_people_in_the_next(tmp_path: Path) -> None:
    one = fixer(tmp_path, {"main.tf": KEY, "variables.tf": OFF})
    read = finding("CKV_AWS_7", "aws_kms_key.this")
    first, second = one.fix(read), one.fix(read)
    assert (first.status, second.status) == (Status.PROPOSED, Status.ALREADY_FIXED)
    assert "an earlier fix" in second.reason
    later = fix(tmp_path, {"main.tf": KEY, "variables.tf": variable("rotate", "true")})
    assert later.status is Status.UNSUPPORTED
    assert "look at what is deployed" in later.reason


VALIDATED = 'variable "rotate" {{\n  default = false\n  validation {{\n    condition     = {}\n'
VALIDATED += '    error_message = "No."\n  }}\n}}\n'
OTHER = block('resource "aws_kms_key" "other"', enable_key_rotation="var.rotate")
CHILD = {"m/main.tf": KEY + OFF}
DECLINED: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "another resource reads it": (
        {"main.tf": KEY + OFF + OTHER},
        "main.tf",
        "var.rotate is read by aws_kms_key.other.enable_key_rotation at main.tf:8 too; true is wanted there",
    ),
    "an output reads it": (
        {"main.tf": KEY, "v.tf": OFF + block('output "o"', value='"${var.rotate}-x"')},
        "main.tf",
        "output.o.value at v.tf:5 too",
    ),
    "the same resource reads it twice": (
        {"main.tf": KEY.replace("}", "  is_enabled = var.rotate\n}") + OFF},
        "main.tf",
        "aws_kms_key.this.is_enabled at main.tf:3 too",
    ),
    "a local reads it too": (
        {"main.tf": KEY + OFF + local(also="!var.rotate")},
        "main.tf",
        "local.also at main.tf:8 too",
    ),
    "an expression": (
        {"main.tf": LOCAL_KEY + local(rotate="var.a && var.b")},
        "main.tf",
        "local.rotate is set by main.tf:5, which is `var.a && var.b`; true is wanted there",
    ),
    "nothing sets it": (
        {"main.tf": KEY + BARE},
        "main.tf",
        "var.rotate has no default, and nothing in this repository sets it; true is wanted there",
    ),
    "two calls": (
        {**CHILD, "main.tf": call("a", "./m", rotate="true") + call("b", "./m", rotate="false")},
        "m/main.tf",
        "module.a at main.tf:3 gives true; module.b at main.tf:7 gives false",
    ),
    "two calls leave it to the default": (
        {**CHILD, "main.tf": call("a", "./m") + call("b", "./m")},
        "m/main.tf",
        "module.b at main.tf:4 leaves it to the default",
    ),
    "the call is repeated": (
        {**CHILD, "main.tf": call("a", "./m", for_each="{ a = false }", rotate="each.value")},
        "m/main.tf",
        "which is `each.value`; true is wanted there",
    ),
    "two variable files": (
        {"main.tf": KEY + OFF, "a.auto.tfvars": "rotate = false\n", "terraform.tfvars": "rotate = true\n"},
        "main.tf",
        "a.auto.tfvars sets false; terraform.tfvars sets true",
    ),
    "a variable file that a person names": (
        {"main.tf": KEY + OFF, "env/p.tfvars": "rotate = true\n"},
        "main.tf",
        "var.rotate is set in env/p.tfvars, which a person names; true is wanted there",
    ),
    "a variable file of nobody": (
        {"app/main.tf": KEY + OFF, "env/p.tfvars": "rotate = true\n"},
        "app/main.tf",
        "var.rotate is set in env/p.tfvars",
    ),
    "a variable file below other code": (
        {"main.tf": variable("rotate"), "app/main.tf": KEY + OFF, "env/p.tfvars": "rotate = true\n"},
        "app/main.tf",
        "var.rotate is set in env/p.tfvars",
    ),
    "a variable file in JSON": (
        {"main.tf": KEY + OFF, "terraform.tfvars.json": '{"rotate": false}'},
        "main.tf",
        "terraform.tfvars.json, which is in JSON syntax",
    ),
    "validation that does not list it": (
        {"main.tf": KEY + VALIDATED.format("contains([false, null], var.rotate)")},
        "main.tf",
        "its validation at line 6 does not list that value",
    ),
    "validation of another kind": (
        {"main.tf": KEY + VALIDATED.format("var.rotate == false")},
        "main.tf",
        "its validation at line 6 may refuse that value",
    ),
    "overridden": (
        {"main.tf": KEY + OFF, "x_override.tf": OFF},
        "main.tf",
        "var.rotate is written 2 times",
    ),
    "code that cannot be read": (
        {"main.tf": KEY + OFF, "other/broken.tf": "resource {{{\n"},
        "main.tf",
        "who else sets var.rotate is not known: other/broken.tf",
    ),
    "terragrunt": (
        {"main.tf": KEY + OFF, "live/terragrunt.hcl": "inputs = { rotate = false }\n"},
        "main.tf",
        "what live/terragrunt.hcl gives var.rotate is not read",
    ),
    "a circle": (
        {"main.tf": LOCAL_KEY + local(rotate="local.other", other="local.rotate")},
        "main.tf",
        "local.rotate is read by",
    ),
    "a part of a variable": (
        {"main.tf": KEY.replace("var.rotate", "var.rotate.on") + variable("rotate", "{ on = false }")},
        "main.tf",
        "is `var.rotate.on`: change it where that is set",
    ),
}


@pytest.mark.parametrize(("files", "at", "said"), DECLINED.values(), ids=DECLINED.keys())
def test_what_no_one_place_decides_is_declined_with_what_stands_in_the_way(
    tmp_path: Path, files: Mapping[str, str], at: str, said: str
) -> None:
    outcome = fix(tmp_path, files, at)
    assert outcome.status is Status.UNSUPPORTED
    assert said in outcome.reason


def test_several_calls_are_named_where_the_default_is_right(tmp_path: Path) -> None:
    files = {
        "m/main.tf": KEY + variable("rotate", "true"),
        "main.tf": call("a", "./m") + call("b", "./m", rotate="false"),
    }
    outcome = fix(tmp_path, files, "m/main.tf")
    assert outcome.status is Status.UNSUPPORTED
    assert "module.b at main.tf:6 gives false" in outcome.reason


def test_one_of_two_wrong_values_is_no_fix(tmp_path: Path) -> None:
    text = block(
        'resource "aws_s3_bucket_public_access_block" "this"',
        bucket="aws_s3_bucket.this.id",
        block_public_acls="var.a",
        block_public_policy="var.b",
        ignore_public_acls="true",
        restrict_public_buckets="true",
    )
    files = {
        "main.tf": block('resource "aws_s3_bucket" "this"', bucket='"x"') + text,
        "v.tf": variable("a", "false") + variable("b", "false"),
    }
    read = finding("CKV_AWS_53", "aws_s3_bucket.this")
    outcome = fixer(tmp_path, files).fix(read)
    assert outcome.status is Status.UNSUPPORTED
    assert "var.a is decided at v.tf:2, where true is wanted, and that alone does not show" in outcome.reason
    outcome = fixer(
        tmp_path, {**files, "v.tf": variable("a", "false"), "main.tf": files["main.tf"].replace("var.b", "true")}
    ).fix(read)
    assert outcome.status is Status.PROPOSED, outcome.reason


def prepared(folder: Path) -> tuple[Followed, Fixer]:
    one = fixer(folder, {"m/main.tf": KEY + BARE, "main.tf": call("a", "./m", rotate="false", name='"x"')})
    read = finding("CKV_AWS_7", "aws_kms_key.this", "m/main.tf")
    assert isinstance(read, Finding)
    location, control = locate(read, one.repository), CATALOGUE.get("kms-key-rotation")
    assert isinstance(location, Location)
    assert control is not None
    found = one.followed(control, location)
    assert isinstance(found, Followed)
    return found, one


HEAD = "--- a/main.tf\n+++ b/main.tf\n@@ @@\n"


@pytest.mark.parametrize(
    ("diff", "stage", "said"),
    [
        (HEAD + "-  rotate = false\n+  rotate = true\n", None, ""),
        (HEAD + "-  rotate = false\n+  rotate = null\n", StageName.CONTROL, "does not show that it is so"),
        (HEAD + "-  rotate = false\n", StageName.HAZARDS, "is gone"),
        (HEAD + '-  rotate = false\n-  name = "x"\n+  rotate = true\n', StageName.RESOURCE_SCOPE, "more of module.a"),
        (HEAD + '   rotate = false\n-  name = "x"\n+  name = "y"\n', StageName.RESOURCE_SCOPE, "more of module.a"),
        (HEAD + "-  rotate = false\n+  rotate = true # checkov:skip=CKV_AWS_7: x\n", StageName.HAZARDS, "look away"),
        (
            HEAD + '   name = "x"\n }\n+resource "aws_kms_key" "b" {\n+}\n',
            StageName.RESOURCE_SCOPE,
            "aws_kms_key.b is added",
        ),
        (HEAD.replace("main.tf", "m/main.tf") + "-  enable_key_rotation = var.rotate\n+  enable_key_rotation = true\n",
         StageName.FILE_SCOPE, "it changes m/main.tf"),
    ],
)  # fmt: skip
def test_nothing_but_the_value_may_change(tmp_path: Path, diff: str, stage: StageName | None, said: str) -> None:
    found, _ = prepared(tmp_path)
    verdict = judge(Candidate(diff, "given"), found.case)
    if stage is None:
        assert isinstance(verdict, Accepted)
        return
    assert isinstance(verdict, Rejected)
    assert verdict.stage is stage, verdict.reason
    assert said in verdict.reason


def test_a_given_diff_of_the_deciding_file_is_judged_there(tmp_path: Path) -> None:
    found, one = prepared(tmp_path)
    read = finding("CKV_AWS_7", "aws_kms_key.this", "m/main.tf")
    assert isinstance(read, Finding)
    outcome = judged(read, unsigned(found.candidate.diff), one)
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert outcome.proposal is not None
    assert outcome.proposal.decision == found.decision
    worse = judged(read, unsigned(found.candidate.diff.replace("rotate = true", "rotate = null")), one)
    assert worse.status is Status.GENERATION_FAILED


def test_a_model_that_wrote_the_same_default_again_is_not_believed(tmp_path: Path) -> None:
    """The case asks for that value, whoever wrote the diff."""
    found, _ = prepared(tmp_path)
    moved = replace(found.candidate, diff=HEAD + "-  rotate = false\n+  rotate = false # on\n")
    assert isinstance(judge(moved, found.case), Rejected)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main.tf": call("a", "./m", rotate="false")}, "decides nothing: module.a at main.tf:3 gives false"),
        (
            {"main.tf": call("a", "./m") + call("b", "./m", rotate="false")},
            "decides nothing: module.b at main.tf:6 gives false",
        ),
        ({"m/terraform.tfvars": "rotate = false\n"}, "nothing shows that it is so now"),
        ({"m/env/p.tfvars": "rotate = false\n"}, "decides nothing: m/env/p.tfvars sets false"),
        ({"main.tf": call("a", "./m")}, ""),
        ({}, ""),
    ],
)
def test_a_given_default_that_decides_nothing_is_refused(tmp_path: Path, files: Mapping[str, str], said: str) -> None:
    one = fixer(tmp_path, {"m/main.tf": KEY + OFF, **files})
    read = finding("CKV_AWS_7", "aws_kms_key.this", "m/main.tf")
    assert isinstance(read, Finding)
    outcome = judged(
        read, unsigned("--- a/m/main.tf\n+++ b/m/main.tf\n@@ @@\n-  default = false\n+  default = true\n"), one
    )
    if not said:
        assert outcome.status is Status.PROPOSED
        return
    assert outcome.status is Status.GENERATION_FAILED
    assert outcome.reason.startswith("control: ")
    assert said in outcome.reason
