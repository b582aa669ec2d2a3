"""Findings in CloudFormation templates, through the whole of a fix."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository
from tests.support.stages import passed_but_for_tools

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.controls import load_catalogue
from iacfix.domain.control import Risk
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.verdict import StageName
from iacfix.generation.model.generator import ModelGenerator
from iacfix.testing.bedrock_script import Reply, Text, ToolUse
from iacfix.testing.bedrock_server import ScriptedBedrock
from iacfix.workflows.fix import Fixer, Generator
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.validate import judged, unsigned

SHOP = """Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: jobs
  Alerts:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: alerts
"""
JOBS, ALERTS = (
    finding("CKV_AWS_27", "AWS::SQS::Queue.Jobs", "shop.yaml"),
    finding("CKV_AWS_26", "AWS::SNS::Topic.Alerts", "shop.yaml"),
)
GOOD = """--- a/shop.yaml
+++ b/shop.yaml
@@ -1,5 +1,6 @@
   Jobs:
     Type: AWS::SQS::Queue
     Properties:
+      SqsManagedSseEnabled: true
       QueueName: jobs
"""


def fixer(folder: Path, text: str = SHOP, path: str = "shop.yaml") -> Fixer:
    return Fixer(load_catalogue(), repository(folder, {path: text}))


def test_a_template_in_yaml_is_fixed_through_all_stages(tmp_path: Path) -> None:
    outcome = fixer(tmp_path).fix(JOBS)
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert outcome.location is not None
    assert outcome.location.framework is Framework.CLOUDFORMATION
    assert [stage.name for stage in outcome.stages] == list(StageName)
    assert passed_but_for_tools(outcome.stages)
    assert outcome.proposal is not None
    (edit,) = outcome.proposal.verdict.edits
    assert edit.after.decode() == SHOP.replace("jobs\n", "jobs\n      SqsManagedSseEnabled: true\n")
    assert outcome.proposal.candidate.explanation == "Sets Resources.Jobs.SqsManagedSseEnabled to true."


def test_a_template_in_json_is_fixed(tmp_path: Path) -> None:
    text = json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}}}, indent=4)
    read = finding("CKV_AWS_27", "AWS::SQS::Queue.Jobs", "shop.json")
    outcome = fixer(tmp_path, text, "shop.json").fix(read)
    assert outcome.proposal is not None, outcome.reason
    changed = json.loads(outcome.proposal.verdict.edits[0].after)
    assert changed["Resources"]["Jobs"]["Properties"] == {"SqsManagedSseEnabled": True}


def test_fixes_of_one_template_build_on_each_other(tmp_path: Path) -> None:
    both = fixer(tmp_path)
    assert both.fix(JOBS).status is Status.PROPOSED
    second = both.fix(ALERTS)
    assert second.proposal is not None, second.reason
    assert b"SqsManagedSseEnabled: true" in second.proposal.verdict.edits[0].after
    assert b"KmsMasterKeyId: alias/aws/sns" in second.proposal.verdict.edits[0].after
    assert both.fix(JOBS).status is Status.ALREADY_FIXED


def test_a_control_without_a_recipe_for_templates_is_left_to_a_person(tmp_path: Path) -> None:
    text = "Resources:\n  Group:\n    Type: AWS::IAM::Group\n"
    outcome = fixer(tmp_path, text).fix(finding("CKV_AWS_9", "AWS::IAM::Group.Group", "shop.yaml"))
    assert outcome.status is Status.UNSUPPORTED
    assert "no recipe for CloudFormation" in outcome.reason


def test_a_template_that_does_not_parse_stops_its_own_findings_only(tmp_path: Path) -> None:
    files = {"shop.yaml": SHOP, "broken.yaml": SHOP.replace("    Type", "   - Type")}
    both = Fixer(load_catalogue(), repository(tmp_path, files))
    assert both.fix(JOBS).status is Status.PROPOSED
    broken = both.fix(finding("CKV_AWS_27", "AWS::SQS::Queue.Jobs", "broken.yaml"))
    assert broken.status is Status.NOT_LOCATED
    assert "broken.yaml" in broken.reason


def by_model(
    folder: Path, replies: Sequence[Reply], text: str = SHOP, path: str = "shop.yaml", check: str = "CKV_AWS_27"
) -> tuple[Outcome, list[str]]:
    with ScriptedBedrock(replies) as server:
        model = BedrockModel(
            "test.model",
            region="us-east-1",
            connect_timeout=2,
            read_timeout=5,
            max_attempts=1,
            endpoint_url=server.endpoint_url,
        )
        there = repository(folder, {path: text})
        fixer = Fixer(load_catalogue(), there, Generator.MODEL, ModelGenerator(model, max_tokens=1000))
        outcome = fixer.fix(finding(check, "AWS::SQS::Queue.Jobs", path))
        assert server.refusals == ()
        return outcome, [json.dumps(request.body) for request in server.requests]


def test_a_model_fixes_a_template_in_yaml(tmp_path: Path) -> None:
    filled = {"diff": GOOD, "explanation": "Encrypts.", "assumptions": [], "breaking_change_risk": "low"}
    outcome, (sent,) = by_model(tmp_path, [ToolUse(filled)])
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert passed_but_for_tools(outcome.stages)
    assert "You correct security findings in CloudFormation templates" in sent
    assert "  Jobs:\\n    Type: AWS::SQS::Queue\\n    Properties:\\n      QueueName: jobs\\n" in sent
    assert "`SqsManagedSseEnabled`" in sent


def test_a_model_fixes_a_template_in_json(tmp_path: Path) -> None:
    text = json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "j"}}}}, indent=2)
    answer = """```diff
--- a/shop.json
+++ b/shop.json
@@ @@
       "Properties": {
+        "SqsManagedSseEnabled": true,
         "QueueName": "j"
       }
```"""
    outcome, (sent,) = by_model(tmp_path, [Text(answer)], text, "shop.json")
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert outcome.proposal is not None
    changed = json.loads(outcome.proposal.verdict.edits[0].after)
    assert changed["Resources"]["Jobs"]["Properties"] == {"SqsManagedSseEnabled": True, "QueueName": "j"}
    assert "JSON, indentation: 2 spaces" in sent


def test_a_model_may_fix_in_a_template_what_the_catalogue_does_not_know(tmp_path: Path) -> None:
    outcome, _ = by_model(tmp_path, [Text(f"```diff\n{GOOD}```")], check="CKV_AWS_9999")
    assert outcome.status is Status.PROPOSED, outcome.reason
    assert outcome.proposal is not None
    assert outcome.proposal.risk is Risk.MODERATE


@pytest.mark.parametrize(
    ("diff", "stage"),
    [
        (GOOD.replace("     Properties:\n", "+    DeletionPolicy: Delete\n     Properties:\n"), "hazards"),
        (GOOD.replace("+      Sqs", "+      # checkov:skip=CKV_AWS_27\n+      Sqs"), "hazards"),
        ("--- a/shop.yaml\n+++ b/shop.yaml\n@@ @@\n-      TopicName: alerts\n+      TopicName: a\n", "resource_scope"),
    ],
)
def test_what_a_model_may_not_do_in_a_template_is_refused_at_its_stage(tmp_path: Path, diff: str, stage: str) -> None:
    outcome, _ = by_model(tmp_path, [Text(f"```diff\n{diff}```")] * 3)
    assert outcome.status is Status.GENERATION_FAILED
    assert f"attempt 1: {stage}: " in outcome.reason


def test_a_template_on_one_long_line_is_not_put_to_a_model(tmp_path: Path) -> None:
    more = {f"R{number}": {"Type": "AWS::SNS::Topic"} for number in range(90)}
    text = json.dumps({"Resources": {"Jobs": {"Type": "AWS::SQS::Queue"}, **more}})
    outcome, sent = by_model(tmp_path, [], text, "shop.json")
    assert outcome.status is Status.GENERATION_FAILED
    assert (outcome.attempts, sent) == (0, [])
    assert "no model was asked" in outcome.reason
    assert "lay it out in lines" in outcome.reason


def test_a_diff_that_was_given_passes_the_same_stages(tmp_path: Path) -> None:
    assert isinstance(JOBS, Finding)
    there = fixer(tmp_path)
    assert judged(JOBS, unsigned(GOOD), there).status is Status.PROPOSED
    wrong = judged(JOBS, unsigned(GOOD.replace("Enabled: true", "Enabled: false")), there)
    assert wrong.reason.startswith("control: ")
    elsewhere = judged(JOBS, unsigned(GOOD.replace("+      Sqs", "+      QueueType: x\n+      Sqs")), there)
    assert elsewhere.reason.startswith("hazards: ")


def test_a_pull_request_is_opened_for_a_template(tmp_path: Path) -> None:
    who = {f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}
    there = fixer(tmp_path / "repo")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "as found"]):
        subprocess.run(["git", *command], cwd=tmp_path / "repo", env=environment, check=True)
    host = LocalGitHost(tmp_path / "repo", tmp_path / "prs", environment=environment)
    opened = Publisher(there.catalogue, lambda _: Place(host, host.base())).publish(there.fix(JOBS))
    assert opened.pull_request is not None, opened.reason
    show = ["git", "show", f"{opened.pull_request.branch}:shop.yaml"]
    shown = subprocess.run(show, cwd=tmp_path / "repo", env=environment, check=True, capture_output=True, text=True)
    assert "SqsManagedSseEnabled: true" in shown.stdout
    (body,) = (tmp_path / "prs").iterdir()
    assert "the CloudFormation template `shop.yaml`" in body.read_text()
