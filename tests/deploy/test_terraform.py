"""The module by itself: laid out as Terraform wants it, and applied for real to moto."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from moto.core.responses import ActionResult
from moto.server import ThreadedMotoServer
from moto.stepfunctions.responses import StepFunctionResponse
from tests.deploy.forms import DEPLOY, SAME_KINDS, resources, template
from tests.support import terraform

REGION: Final = "eu-west-1"
ACCOUNT = "123456789012"
# Calls that the provider makes about each state machine, and that moto does not know.
NOT_IN_MOTO = {
    "validate_state_machine_definition": {"result": "OK", "diagnostics": [], "truncated": False},
    "list_state_machine_versions": {"stateMachineVersions": []},
}
MAIN = """
provider "aws" {
  region            = "eu-west-1"
  s3_use_path_style = true
  max_retries       = 2
}

module "platform" {
  source             = "./deploy/terraform/platform"
  image_uri          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/iacfix:1"
  organization_id    = "o-a1b2c3d4e5"
  access_log_bucket  = "access-logs"
  webhook_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:webhook-abcdef"
  model_arns         = ["arn:aws:bedrock:eu-west-1::foundation-model/a.model-v1:0"]
}
"""
MEMBER = """
module "member" {
  source            = "./deploy/terraform/member-role"
  platform_role_arn      = module.platform.function_role_arn
  state_machine_arn      = module.platform.state_machine_arn
  state_machine_role_arn = module.platform.state_machine_role_arn
  organization_id        = "o-a1b2c3d4e5"
  external_id            = "0123456789abcdef"
}
"""


def test_the_code_is_laid_out_as_terraform_wants_it() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", str(DEPLOY / "terraform")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.plan
def test_it_is_applied_for_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = terraform.environment(tmp_path)
    for name, answer in NOT_IN_MOTO.items():
        monkeypatch.setattr(
            StepFunctionResponse, name, lambda _self, answer=answer: ActionResult(answer), raising=False
        )
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        environment |= {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        environment |= {"AWS_EC2_METADATA_DISABLED": "true"}
        _log_bucket(endpoint)
        shutil.copytree(DEPLOY, tmp_path / "deploy")
        (tmp_path / "main.tf").write_text(MAIN + MEMBER)

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = ["terraform", f"-chdir={tmp_path}", *arguments]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)

        assert run("init", "-input=false", "-no-color").returncode == 0
        applied = run("apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=30")
        assert applied.returncode == 0, applied.stderr
        shown = json.loads(run("show", "-json").stdout)
        _holds(shown["values"]["root_module"]["child_modules"])
        _works(endpoint)
    finally:
        server.stop()


def _holds(modules: list[Mapping[str, Any]]) -> None:
    """As many of each kind as the template has, the routes and alarms one by one."""
    (platform,) = (each for each in modules if each["address"] == "module.platform")
    made = [each for each in platform["resources"] if each["mode"] == "managed"]
    for kind, names in SAME_KINDS.items():
        wanted = sum(each["Type"] == kind for each in template()["Resources"].values())
        assert sum(each["type"] in names for each in made) == wanted, kind
    patterns = {each["values"]["name"]: json.loads(each["values"]["event_pattern"]) for each in made
                if each["type"] == "aws_cloudwatch_event_rule"}  # fmt: skip
    rules = resources("AWS::Events::Rule").values()
    assert patterns == {each["Name"]["Fn::Sub"].replace("${Name}", "iacfix"): each["EventPattern"] for each in rules}


def _works(endpoint: str) -> None:
    """Who asks AWS sees the way of a finding: from the topic to the queue, from there to the function."""
    sns, functions = (_client(name, endpoint) for name in ("sns", "lambda"))
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:iacfix-events"
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    (mapping,) = functions.list_event_source_mappings()["EventSourceMappings"]
    assert subscription["Endpoint"] == mapping["EventSourceArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:iacfix-findings"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def _log_bucket(endpoint: str) -> None:
    s3 = _client("s3", endpoint)
    s3.create_bucket(Bucket="access-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    statement = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "arn:aws:s3:::access-logs/*"}]}
    s3.put_bucket_policy(Bucket="access-logs", Policy=json.dumps(policy))


def _client(service: str, endpoint: str) -> Any:
    return boto3.client(  # type: ignore[call-overload] # one overload for each service
        service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id="testing", aws_secret_access_key="testing"
    )
