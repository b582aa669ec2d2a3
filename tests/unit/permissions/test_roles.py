"""The roles hold what was asked for, nothing besides, and never more than IAM takes."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import templates

from iacfix.domain.errors import ConfigurationError
from iacfix.permissions import cloudformation, terraform
from iacfix.permissions.actions import Call
from iacfix.permissions.documents import Role, roles
from iacfix.permissions.roles import LONGEST_POLICY, MOST_POLICIES, Kind, Needs, needs, reads, split
from iacfix.permissions.runbooks import calls_of_document
from iacfix.runtime.operations import FOLLOWING

LOOKS: dict[str, frozenset[Call]] = {
    "one": frozenset({("s3", "GetBucketAcl"), ("s3", "GetPublicAccessBlock")}),
    "two": frozenset({("ec2", "DescribeSecurityGroups")}),
    "none": frozenset(),
}
MENDS = {"one": frozenset({("s3", "PutPublicAccessBlock")})}
BOTH = (
    *roles(Kind.VERIFY, needs(Kind.VERIFY, LOOKS, LOOKS)),
    *roles(
        Kind.REMEDIATE, needs(Kind.REMEDIATE, MENDS, MENDS), ["iacfix-A", "AWS-B"], ("s3:GetBucketPublicAccessBlock",)
    ),
)


def allowed(role: Role) -> set[str]:
    found: set[str] = set()
    for policy in role.policies:
        for each in cast("list[dict[str, Any]]", policy["Statement"]):
            found.update([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    return found


def test_only_what_the_chosen_controls_need_is_allowed() -> None:
    assert needs(Kind.VERIFY, LOOKS, ["two", "none"]) == Needs(("two",), ("ec2:DescribeSecurityGroups",))


def test_nothing_to_do_is_told() -> None:
    with pytest.raises(ConfigurationError, match="none of these controls has anything to verify"):
        needs(Kind.VERIFY, LOOKS, ["none"])


@pytest.mark.parametrize(
    "call",
    [("s3", "PutBucketAcl"), ("s3", "GetObject"), ("secretsmanager", "GetSecretValue"), ("apigateway", "UpdateStage")],
)
def test_who_looks_changes_nothing_and_reads_no_data(call: Call) -> None:
    with pytest.raises(ConfigurationError, match="does more than read"):
        needs(Kind.VERIFY, {"x": frozenset({call})}, ["x"])


@pytest.mark.parametrize("call", [("iam", "PutRolePolicy"), ("iam", "CreateAccessKey"), ("sts", "AssumeRole")])
def test_no_runbook_may_make_itself_somebody_else(call: Call) -> None:
    with pytest.raises(ConfigurationError, match="powers over others"):
        needs(Kind.REMEDIATE, {"x": frozenset({call})}, ["x"])


def test_who_starts_runbooks_may_do_that_and_look() -> None:
    start = next(each for each in BOTH if each.key == "remediation")
    assert allowed(start) == {f"{service}:{name}" for service, name in FOLLOWING} | {
        "iam:PassRole",
        "s3:GetBucketPublicAccessBlock",
    }
    text = json.dumps(start.policies)
    assert "automation-definition/iacfix-A:*" in text
    assert "ssm:*::automation-definition/AWS-B:*" in text
    assert "{account}:automation-definition/AWS-B" not in text


def test_who_asks_has_to_know_the_secret_and_be_of_the_organisation() -> None:
    for key in ("verification", "remediation"):
        trust = next(each for each in BOTH if each.key == key).trust
        taking, tagging, *_ = cast("list[dict[str, Any]]", trust["Statement"])
        assert taking["Principal"] == tagging["Principal"] == {"AWS": "{platform_role}"}
        assert taking["Condition"]["StringEquals"] == {
            "sts:ExternalId": "{external_id}",
            "aws:PrincipalOrgID": "{organization}",
        }
        assert tagging["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "{organization}"}


def test_only_the_one_state_machine_starts_runbooks_beside_the_function() -> None:
    counts = {each.key: len(cast("list[object]", each.trust["Statement"])) for each in BOTH}
    assert counts == {"verification": 2, "remediation": 3, "automation": 1}
    trust = next(each for each in BOTH if each.key == "remediation").trust
    flow = cast("list[dict[str, Any]]", trust["Statement"])[2]
    assert flow["Principal"] == {"AWS": "{state_machine_role}"}
    assert flow["Condition"]["StringEquals"] == {
        "sts:ExternalId": "{state_machine}",
        "aws:PrincipalOrgID": "{organization}",
    }


def test_only_systems_manager_takes_on_the_role_of_the_runbooks() -> None:
    (statement,) = cast(
        "list[dict[str, Any]]", next(each for each in BOTH if each.key == "automation").trust["Statement"]
    )
    assert statement["Principal"] == {"Service": "ssm.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "{account}"}


def test_what_has_no_limit_by_name_is_limited_to_the_account() -> None:
    for role in BOTH:
        for policy in role.policies:
            for each in cast("list[dict[str, Any]]", policy["Statement"]):
                assert each["Resource"] != "*" or each["Condition"] == {
                    "StringEqualsIfExists": {"aws:ResourceAccount": "{account}"}
                }


@given(st.lists(st.from_regex(r"[a-z]{2,20}:[A-Z][A-Za-z]{2,60}", fullmatch=True), unique=True, max_size=500))
@settings(max_examples=25)
def test_policies_are_no_longer_than_iam_takes(needed: list[str]) -> None:
    parts = split(tuple(needed))
    assert [action for part in parts for action in part] == needed
    assert len(parts) <= MOST_POLICIES
    for part in parts:
        made = roles(Kind.VERIFY, Needs(("x",), part))[0].policies
        assert all(len(json.dumps(each, separators=(",", ":"))) + 3 <= LONGEST_POLICY for each in made)


def test_more_than_a_role_takes_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="do not fit"):
        split(tuple(f"service:Describe{number:040}" for number in range(1200)))


def test_names_of_runbooks_never_make_a_policy_too_long() -> None:
    names = [f"iacfix-{number:0121}" for number in range(100)]
    start = roles(Kind.REMEDIATE, Needs(("x",), ("s3:PutBucketAcl",)), names)[0]
    assert all(len(json.dumps(each, separators=(",", ":"))) + 3 * 61 <= LONGEST_POLICY for each in start.policies)
    assert len(start.policies) <= MOST_POLICIES


def test_the_template_is_one() -> None:
    """cfn-lint has its say on the one that is deployed."""
    made = templates.load(cloudformation.template(BOTH, "# head\n"))
    asked = {"PlatformRoleArn", "ExternalId", "OrganizationId", "StateMachineArn", "StateMachineRoleArn"}
    assert set(cast("dict[str, object]", made["Parameters"])) == asked


def test_the_module_is_laid_out_as_terraform_wants_it(tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    path = tmp_path / "main.tf"
    path.write_text(terraform.module(BOTH, "# head\n"))
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_both_forms_allow_the_same() -> None:
    module, template = terraform.module(BOTH, ""), json.dumps(templates.load(cloudformation.template(BOTH, "")))
    actions = {action for role in BOTH for action in allowed(role)}
    assert all(f'"{action}"' in module and f'"{action}"' in template for action in actions)


def test_what_terraform_would_take_for_a_template_stays_text() -> None:
    role = Role("x", "n", "a", {"Version": "${evil} %{if} {account}"}, ())
    assert "$${evil} %%{if} ${data.aws_caller_identity.current.account_id}" in terraform.module([role], "")


def test_without_a_secret_to_ask_for_nothing_is_asked() -> None:
    platform = roles(Kind.PLATFORM, needs(Kind.PLATFORM, {"queue": frozenset({("sqs", "ReceiveMessage")})}, ["queue"]))
    assert "Parameters" not in templates.load(cloudformation.template(platform, ""))
    assert "variable" not in terraform.module(platform, "")


@pytest.mark.parametrize(
    ("action", "so"),
    [("ec2:DescribeVpcs", True), ("apigateway:GET", True), ("apigateway:PATCH", False), ("s3:GetObject", False)],
)
def test_what_reading_is(action: str, so: bool) -> None:  # noqa: FBT001 - of a table
    assert reads(action) is so


def test_a_runbook_calls_what_its_steps_say() -> None:
    step = {"action": "aws:executeAwsApi", "inputs": {"Service": "s3", "Api": "put_public_access_block"}}
    wait = {"action": "aws:waitForAwsResourceProperty", "inputs": {"Service": "rds", "Api": "DescribeDBInstances"}}
    document = {"mainSteps": [step, {"action": "aws:sleep"}, {"action": "aws:loop", "inputs": {"Steps": [wait]}}]}
    assert calls_of_document("x", document) == {("s3", "PutPublicAccessBlock"), ("rds", "DescribeDBInstances")}


@pytest.mark.parametrize(
    "steps", [None, [], [{"action": "aws:executeScript", "inputs": {}}], ["x"], [{"action": "aws:executeAwsApi"}, 1]]
)
def test_a_runbook_whose_calls_nobody_can_tell_is_refused(steps: object) -> None:
    with pytest.raises(ConfigurationError):
        calls_of_document("x", {"mainSteps": steps})
