"""The stage control: what is asserted and what the recipe finds left to do have to agree."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Edit, Generated
from iacfix.domain.verdict import Accepted, Rejected, StageName, StageOutcome, StageResult, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()


def judged(folder: Path, before: str, after: str, check: str, says: Generated | None = None) -> Verdict:
    """`says` is what the recipe says of the code after the change, in the place of the real one."""
    name = "main.tf" if before.startswith(("resource", "variable")) else "t.yaml"
    repo = repository(folder, {name: before})
    kind = before.split('"')[1] if name == "main.tf" else before.split("Type: ")[1].split(maxsplit=1)[0]
    read = finding(check, f"{kind}.{before.split(chr(34))[3] if name == 'main.tf' else 'X'}", name)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location), location
    control = CATALOGUE.find("checkov", check, kind)
    assert control is not None
    case = Fixer(CATALOGUE, repo).case(control, location)
    if says is not None:
        whole, original = case.recheck, case.code
        case = replace(case, recheck=lambda c, at, code: whole(c, at, code) if code is original else says)
    return judge(Candidate(render_diff([Edit(name, before.encode(), after.encode())]), "test"), case)


def refused(verdict: Verdict, *said: str) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert verdict.stage is StageName.CONTROL
    assert all(each in verdict.reason for each in said), verdict.reason


def outcome(verdict: Verdict) -> StageOutcome:
    return result(verdict).outcome


def result(verdict: Verdict) -> StageResult:
    assert isinstance(verdict, Accepted), verdict
    return next(stage for stage in verdict.stages if stage.name is StageName.CONTROL)


ROUTE = """\
resource "aws_apigatewayv2_route" "x" {
  api_id             = aws_apigatewayv2_api.shop.id
  route_key          = "GET /orders"
  authorization_type = "NONE"
}

variable "kind" {
  default = "AWS_IAM"
}
"""


def test_a_change_is_judged_where_no_recipe_is(tmp_path: Path) -> None:
    assert outcome(judged(tmp_path, ROUTE, ROUTE.replace("NONE", "AWS_IAM"), "CKV_AWS_309")) is StageOutcome.PASSED


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"NONE"\n', '"NONE"\n  operation_name     = "o"\n', 'authorization_type is `"NONE"` (wanted: not `NONE`)'),
        ('"NONE"', '""', "(wanted: set)"),
        ('"NONE"', "var.kind", "nothing shows that it is so now"),
    ],
)
def test_a_change_that_does_nothing_is_refused_where_no_recipe_is(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    refused(judged(tmp_path, ROUTE, ROUTE.replace(old, new), "CKV_AWS_309"), said)


@pytest.mark.parametrize(
    ("old", "new"),
    [('  authorization_type = "NONE"\n', ""), ('"NONE"', 'var.kind == "" ? "NONE" : "AWS_IAM"')],
)
def test_what_is_hidden_or_gone_does_not_get_that_far(tmp_path: Path, old: str, new: str) -> None:
    verdict = judged(tmp_path, ROUTE, ROUTE.replace(old, new), "CKV_AWS_309")
    assert isinstance(verdict, Rejected)
    assert verdict.stage is StageName.HAZARDS


def test_so_it_is_in_a_template(tmp_path: Path) -> None:
    text = """\
Resources:
  X:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: a1b2c3
      RouteKey: GET /orders
      AuthorizationType: NONE
"""
    assert outcome(judged(tmp_path, text, text.replace("NONE", "AWS_IAM"), "CKV_AWS_309")) is StageOutcome.PASSED
    changed = text.replace("NONE", "NONE\n      OperationName: o")
    refused(judged(tmp_path, text, changed, "CKV_AWS_309"), "not yet so: Resources.X.AuthorizationType is `NONE`")


KEY = 'resource "aws_kms_key" "x" {\n  enable_key_rotation = false\n}\n'
ROTATED = KEY.replace("false", "true")


def test_the_recipe_and_the_assertion_have_to_agree(tmp_path: Path) -> None:
    """Either of them alone would let one of these pass."""
    left = Candidate("--- a/main.tf\n+++ b/main.tf\n@@ -1 +1 @@\n-x\n+  enable_key_rotation = 1\n", "recipe:kms")
    assert outcome(judged(tmp_path, KEY, ROTATED, "CKV_AWS_7")) is StageOutcome.PASSED
    refused(judged(tmp_path, KEY, ROTATED, "CKV_AWS_7", left), "not yet so", "enable_key_rotation = 1")
    refused(judged(tmp_path, KEY, ROTATED, "CKV_AWS_7", Declined("it depends")), "nothing shows", "it depends")
    other = KEY.replace("false", '"no"')
    refused(judged(tmp_path, KEY, other, "CKV_AWS_7", AlreadyFixed("done")), 'is `"no"` (wanted: `true`)')


def test_what_neither_can_judge_is_skipped(tmp_path: Path) -> None:
    before = 'resource "aws_iam_user" "x" {\n  name = "a"\n}\n'
    verdict = judged(tmp_path, before, before.replace('"a"', '"a"\n  tags = { team = "shop" }'), "CKV_AWS_273")
    assert outcome(verdict) is StageOutcome.SKIPPED
    assert "cannot judge it" in result(verdict).reason
