"""The roles of a member account that are deployed are those that the command writes, for all that iacfix can do."""

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from scripts import runbooks_template
from tests.deploy.forms import DEPLOY
from tests.support import templates

from iacfix.controls import load_catalogue
from iacfix.entry.cli.roles import roles
from iacfix.entry.role_calls import calls_of, read_before, runbooks_of
from iacfix.permissions import aws_runbooks
from iacfix.permissions.actions import actions
from iacfix.permissions.roles import Kind

CATALOGUE = load_catalogue()
RUNBOOKS = DEPLOY / "runbooks"
COMMAND = ["generate", "--kind", "verify", "--kind", "remediate", "--runbooks", str(RUNBOOKS)]
FORMS = {"cloudformation": "cloudformation/member-role.yaml", "terraform": "terraform/member-role/main.tf"}


@cache
def written(*arguments: str) -> str:
    done = CliRunner().invoke(roles, [*COMMAND, *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def allowed(document: Any) -> set[str]:
    found: set[str] = set()
    for each in document["Statement"]:
        found.update([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    return found


@pytest.mark.parametrize("form", FORMS)
def test_what_is_deployed_is_what_the_command_writes(form: str) -> None:
    """Where this fails: `iacfix roles generate --kind verify --kind remediate --format FORM > deploy/…`."""
    assert (DEPLOY / FORMS[form]).read_text(encoding="utf-8") == written("--format", form)


def test_the_role_that_looks_may_do_what_the_checks_ask_and_nothing_else() -> None:
    made = json.loads(written("--format", "json"))
    asked = actions(call for calls in calls_of(Kind.VERIFY, CATALOGUE, RUNBOOKS).values() for call in calls)
    assert {action for each in made["iacfix-verification"]["policies"] for action in allowed(each)} == set(asked)
    assert len(asked) > 40


def test_the_role_of_the_runbooks_may_do_what_their_steps_call_and_nothing_else() -> None:
    made = json.loads(written("--format", "json"))
    called = actions(call for calls in calls_of(Kind.REMEDIATE, CATALOGUE, RUNBOOKS).values() for call in calls)
    assert {action for each in made["iacfix-automation"]["policies"] for action in allowed(each)} == set(called)
    assert len(called) > 20


def test_every_runbook_of_the_catalogue_is_there() -> None:
    named = {name for names in runbooks_of(CATALOGUE).values() for name in names}
    ours = {path.stem for path in RUNBOOKS.glob("*.yaml")}
    assert named <= ours | set(aws_runbooks.CALLS)
    assert set(aws_runbooks.CALLS) <= named


def test_fewer_controls_need_less() -> None:
    """By the name that a tool has for them, too."""
    made = json.loads(written("--format", "json", "--controls", "S3.8"))
    assert made["iacfix-verification"]["policies"][0]["Statement"][0]["Action"]
    everything = [action for role in made.values() for policy in role["policies"] for action in allowed(policy)]
    assert {action.partition(":")[0] for action in everything} == {"iam", "s3", "ssm"}
    assert "ec2:" not in json.dumps(made)


def test_an_unknown_control_is_refused() -> None:
    done = CliRunner().invoke(roles, [*COMMAND, "--controls", "s3-no-such-thing"])
    assert "there is no control s3-no-such-thing" in str(done.exception)


def test_a_runbook_that_is_not_there_is_told(tmp_path: Path) -> None:
    arguments = ["generate", "--kind", "remediate", "--runbooks", str(tmp_path)]
    done = CliRunner().invoke(roles, arguments)
    assert "cannot be read" in str(done.exception)


def test_whoever_starts_runbooks_reads_what_the_runbooks_change() -> None:
    made = json.loads(written("--format", "json"))
    start = {action for each in made["iacfix-remediation"]["policies"] for action in allowed(each)}
    read = set(actions(call for calls in read_before(CATALOGUE).values() for call in calls))
    assert read <= start
    assert {each for each in start - read if not each.startswith("ssm:")} == {"iam:PassRole"}


def test_the_template_asks_for_the_secret_without_showing_it() -> None:
    made = templates.load((DEPLOY / FORMS["cloudformation"]).read_text(encoding="utf-8"))
    parameters = cast("dict[str, dict[str, object]]", made["Parameters"])
    assert {name for name, each in parameters.items() if each.get("NoEcho")} == {"ExternalId"}
    assert set(parameters) == {
        "ExternalId",
        "OrganizationId",
        "PlatformRoleArn",
        "StateMachineArn",
        "StateMachineRoleArn",
    }


def test_the_template_of_the_runbooks_is_what_the_script_writes() -> None:
    """Where this fails: `python scripts/runbooks_template.py`."""
    assert runbooks_template.TEMPLATE.read_text(encoding="utf-8") == runbooks_template.template()
    made = templates.load(runbooks_template.TEMPLATE.read_text(encoding="utf-8"))
    documents = cast("dict[str, dict[str, dict[str, object]]]", made["Resources"]).values()
    assert {each["Properties"]["Name"] for each in documents} == {path.stem for path in RUNBOOKS.glob("*.yaml")}


def test_the_template_of_the_runbooks_goes_up_without_a_bucket() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html: bytes of a body."""
    assert runbooks_template.TEMPLATE.stat().st_size <= 51_200
