"""Findings in CloudFormation templates, through the whole of a fix."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework
from iacfix.domain.outcome import Status
from iacfix.domain.verdict import StageName, StageOutcome
from iacfix.generation.model.generator import ModelGenerator
from iacfix.workflows.fix import Fixer, Generator
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.validate import judged

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
    assert {stage.outcome for stage in outcome.stages} == {StageOutcome.PASSED}
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


@pytest.mark.parametrize("generator", [Generator.AUTO, Generator.MODEL])
def test_models_are_not_asked_for_templates(tmp_path: Path, generator: Generator) -> None:
    """No endpoint answers: a call would end as `generation_failed`."""
    model = BedrockModel(
        "m", region="us-east-1", connect_timeout=1, read_timeout=1, max_attempts=1, endpoint_url="http://127.0.0.1:9"
    )
    author = ModelGenerator(model, max_tokens=10)
    there = repository(tmp_path, {"shop.yaml": SHOP})
    unknown = finding("CKV_AWS_9999", "AWS::SQS::Queue.Jobs", "shop.yaml")
    outcome = Fixer(load_catalogue(), there, generator, author).fix(unknown)
    assert outcome.status is Status.UNSUPPORTED
    assert "change the template by hand" in outcome.reason


def test_a_diff_that_was_given_passes_the_same_stages(tmp_path: Path) -> None:
    assert isinstance(JOBS, Finding)
    there = fixer(tmp_path)
    assert judged(JOBS, GOOD, there).status is Status.PROPOSED
    wrong = judged(JOBS, GOOD.replace("Enabled: true", "Enabled: false"), there)
    assert wrong.reason.startswith("control: ")
    elsewhere = judged(JOBS, GOOD.replace("+      Sqs", "+      QueueType: x\n+      Sqs"), there)
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
