"""The template by itself: cfn-lint, and moto's CloudFormation as far as that goes."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import boto3
import pytest
from cfnlint import api as cfnlint
from cfnlint import config
from moto import mock_aws
from tests.deploy.forms import DEPLOY, TEMPLATE, resources, template
from tests.support.aws_calls import calls_made
from tests.unit.ledger.test_audit import EVENT
from tests.unit.ledger.test_states import RECEIVED

from iacfix.adapters.stores.dynamodb import DynamoDbLedger
from iacfix.adapters.stores.dynamodb_rows import DynamoDbRows
from iacfix.adapters.stores.told_dynamodb import DynamoDbTold
from iacfix.domain.audit import Head, read
from iacfix.ledger.audit import appended
from iacfix.permissions import platform
from iacfix.permissions.actions import actions

REGION: Final = "eu-west-1"
GIVEN = {
    "ImageUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/iacfix:1",
    "OrganizationId": "o-a1b2c3d4e5",
    "AccessLogBucket": "access-logs",
}
# Kinds that moto's CloudFormation does not know; it goes on without them.
NOT_IN_MOTO = {
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::KMS::Alias",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}
# A file beside the template, which `aws cloudformation package` puts into a bucket.
PACKAGED = ("StateMachine", "DefinitionS3Location")


@pytest.mark.parametrize(
    "name",
    ["platform.yaml", *(pytest.param(name, marks=pytest.mark.plan) for name in ("member-role.yaml", "runbooks.yaml"))],
)
def test_cfn_lint_has_nothing_to_say(name: str) -> None:
    text = (DEPLOY / "cloudformation" / name).read_text(encoding="utf-8")
    found = cfnlint.lint(text, config=config.ManualArgs(regions=[REGION]))
    assert [str(each) for each in found] == []


def test_the_file_that_is_packaged_is_there() -> None:
    where = resources("AWS::StepFunctions::StateMachine")[PACKAGED[0]][PACKAGED[1]]
    definition = json.loads((TEMPLATE.parent / where).read_text(encoding="utf-8"))
    assert definition["StartAt"] in definition["States"]


def test_what_the_definition_leaves_open_is_filled_in_by_both_forms() -> None:
    text = (DEPLOY / "statemachine" / "remediation.asl.json").read_text(encoding="utf-8")
    asked = {part.partition("}")[0] for part in text.split("${")[1:]}
    given = set(resources("AWS::StepFunctions::StateMachine")["StateMachine"]["DefinitionSubstitutions"])
    module = (DEPLOY / "terraform" / "platform" / "remediation.tf").read_text(encoding="utf-8")
    block = module.partition("remediation.asl.json")[2].partition("})")[0]
    assert asked == given == {line.split("=")[0].strip() for line in block.splitlines() if " = " in line}


def test_the_function_may_do_what_it_calls_and_nothing_else() -> None:
    """Beside that: its log and its network."""
    policies = [resources("AWS::IAM::ManagedPolicy")["FunctionPolicy"], *resources("AWS::IAM::Policy").values()]
    policies += resources("AWS::IAM::Role")["FunctionRole"]["Policies"]["Fn::If"][1]
    told = {
        action
        for each in policies
        for statement in each["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    beside = {each for each in told if each.startswith(("ec2:", "logs:"))}
    called = set(actions(call for calls in platform.CALLS.values() for call in calls))
    assert told - beside == called
    assert len(beside) == 6


@pytest.fixture(scope="module")
def stack() -> Iterator[Mapping[str, str]]:
    """Deployed to moto: the physical id of each resource."""
    body = copy.deepcopy(dict(template()))
    machine = body["Resources"][PACKAGED[0]]["Properties"]
    machine["DefinitionString"] = (TEMPLATE.parent / machine.pop(PACKAGED[1])).read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        boto3.client("s3").create_bucket(
            Bucket=GIVEN["AccessLogBucket"], CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        client = boto3.client("cloudformation")
        client.create_stack(
            StackName="iacfix",
            TemplateBody=json.dumps(body),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in GIVEN.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        (made,) = client.describe_stacks(StackName="iacfix")["Stacks"]
        assert made["StackStatus"] == "CREATE_COMPLETE"
        pages = client.get_paginator("list_stack_resources").paginate(StackName="iacfix")
        yield {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each.get("LogicalResourceId")
        }


ignoring_moto = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")


@ignoring_moto
def test_moto_makes_all_that_it_knows(stack: Mapping[str, str]) -> None:
    wanted = {
        name
        for name, each in template()["Resources"].items()
        if "Condition" not in each and each["Type"] not in NOT_IN_MOTO
    }
    assert wanted - set(stack) == set()


@ignoring_moto
def test_the_ledger_works_on_the_table_as_deployed(stack: Mapping[str, str]) -> None:
    ledger = DynamoDbLedger(boto3.client("dynamodb", region_name=REGION), stack["Ledger"])
    first = appended(Head(), EVENT)
    ledger.write(first, RECEIVED)
    assert ledger.get(RECEIVED.key) == RECEIVED
    assert list(ledger.in_states([RECEIVED.state])) == [RECEIVED]
    assert [read(line).chain for line in ledger.audit()] == [first.chain]
    assert replace(ledger.head(first.chain), hash="") == Head(1, "")


@ignoring_moto
def test_the_stores_call_what_the_function_may_call_and_nothing_else(stack: Mapping[str, str]) -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    ledger, told = DynamoDbLedger(client, stack["Ledger"]), DynamoDbTold(client, stack["Ledger"])
    with calls_made() as made:
        entry = replace(RECEIVED, key="called")
        ledger.write(appended(ledger.head("called"), EVENT, "called"), entry)
        assert ledger.get("called") == entry
        assert entry in list(ledger.in_states([entry.state]))
        assert list(ledger.audit())
        told.claim("thing", "opened", "me", now=1, until=2)
        told.told("thing", "opened", "me", "")
    assert made == platform.CALLS["ledger"]
    with calls_made() as made:
        rows = DynamoDbRows(client, stack["Ownership"])
        assert rows.read("") == {}
        assert DynamoDbRows(client, stack["Exceptions"]).read("") == {}
    assert made == {("dynamodb", "Scan")}


@ignoring_moto
def test_dead_letters_arrive_in_the_second_queue(stack: Mapping[str, str]) -> None:
    client = boto3.client("sqs", region_name=REGION)
    told = client.get_queue_attributes(QueueUrl=stack["Queue"], AttributeNames=["All"])["Attributes"]
    dead = client.get_queue_attributes(QueueUrl=stack["DeadLetterQueue"], AttributeNames=["QueueArn"])["Attributes"]
    assert json.loads(told["RedrivePolicy"]) == {"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": 5}
    assert told["KmsMasterKeyId"] == stack["Key"]


@ignoring_moto
@pytest.mark.usefixtures("stack")
def test_the_function_takes_batches_from_the_queue_and_tells_which_messages_failed() -> None:
    (mapping,) = boto3.client("lambda", region_name=REGION).list_event_source_mappings()["EventSourceMappings"]
    assert mapping["EventSourceArn"].endswith(":iacfix-findings")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@ignoring_moto
def test_the_audit_bucket_keeps_what_is_in_it(stack: Mapping[str, str]) -> None:
    client = boto3.client("s3", region_name=REGION)
    assert client.get_bucket_encryption(Bucket=stack["AuditBucket"])["ServerSideEncryptionConfiguration"]["Rules"]
    bucket = resources("AWS::S3::Bucket")["AuditBucket"]
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Mode"] == {"Ref": "AuditMode"}
