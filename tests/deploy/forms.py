"""deploy/ as data: the template with its functions written out, and the modules block by block."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import hcl2
from tests.support import templates

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEMPLATE = DEPLOY / "cloudformation" / "platform.yaml"
MODULE = DEPLOY / "terraform" / "platform"

# What the one form makes, and what the other needs for the same.
SAME_KINDS: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGatewayV2::Api": ("aws_apigatewayv2_api",),
    "AWS::ApiGatewayV2::Integration": ("aws_apigatewayv2_integration",),
    "AWS::ApiGatewayV2::Route": ("aws_apigatewayv2_route",),
    "AWS::ApiGatewayV2::Stage": ("aws_apigatewayv2_stage",),
    "AWS::CloudWatch::Alarm": ("aws_cloudwatch_metric_alarm",),
    "AWS::CloudWatch::Dashboard": ("aws_cloudwatch_dashboard",),
    "AWS::DynamoDB::Table": ("aws_dynamodb_table",),
    "AWS::Events::Rule": ("aws_cloudwatch_event_rule",),
    "AWS::IAM::Role": ("aws_iam_role",),
    "AWS::KMS::Alias": ("aws_kms_alias",),
    "AWS::KMS::Key": ("aws_kms_key",),
    "AWS::Lambda::EventSourceMapping": ("aws_lambda_event_source_mapping",),
    "AWS::Lambda::Function": ("aws_lambda_function",),
    "AWS::Lambda::Permission": ("aws_lambda_permission",),
    "AWS::Logs::LogGroup": ("aws_cloudwatch_log_group",),
    "AWS::S3::Bucket": ("aws_s3_bucket",),
    "AWS::S3::BucketPolicy": ("aws_s3_bucket_policy",),
    "AWS::SNS::Subscription": ("aws_sns_topic_subscription",),
    "AWS::SNS::Topic": ("aws_sns_topic",),
    "AWS::SQS::Queue": ("aws_sqs_queue",),
    "AWS::Scheduler::Schedule": ("aws_scheduler_schedule",),
    "AWS::StepFunctions::StateMachine": ("aws_sfn_state_machine",),
}
# A policy is attached in one form and stands in its resource in the other; what they say is compared by itself.
POLICIES = {"AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}
PARTS = {"aws_cloudwatch_event_target", "aws_iam_policy", "aws_iam_role_policy", "aws_iam_role_policy_attachment"} | {
    "aws_sns_topic_policy", "aws_sqs_queue_policy"
}  # fmt: skip

Node = Any


@cache
def template() -> Mapping[str, Node]:
    return cast("Mapping[str, Node]", templates.load(TEMPLATE.read_text(encoding="utf-8")))


def resources(kind: str) -> dict[str, Node]:
    """The properties of the template's resources of this type, by name."""
    return {name: each["Properties"] for name, each in template()["Resources"].items() if each["Type"] == kind}


@cache
def _files() -> tuple[Node, ...]:
    return tuple(_plain(hcl2.loads(path.read_text(encoding="utf-8"))) for path in sorted(MODULE.glob("*.tf")))


def _plain(node: Node) -> Node:
    """Without the quotes and marks that the reader leaves on."""
    match node:
        case dict():
            return {_plain(key): _plain(value) for key, value in node.items() if key != "__is_block__"}
        case list():
            return [_plain(each) for each in node]
        case str() if len(node) > 1 and node[0] == node[-1] == '"':
            return node[1:-1]
        case _:
            return node


def blocks(kind: str) -> dict[str, Node]:
    """The bodies of the module's resources of this type, by name."""
    found: dict[str, Node] = {}
    for file in _files():
        for each in file.get("resource", []):
            for body in [each[kind]] if kind in each else []:
                found |= body
    return found


def kinds() -> Iterator[str]:
    for file in _files():
        for each in file.get("resource", []):
            yield from each


def local(name: str) -> Node:
    (found,) = (each[name] for file in _files() for each in file.get("locals", []) if name in each)
    return found


def variables() -> dict[str, Node]:
    return {name: body for file in _files() for each in file.get("variable", []) for name, body in each.items()}


def said_in_template() -> dict[str, set[str]]:
    """What each statement of the template's policies is about: by its Sid, the actions."""
    found: dict[str, set[str]] = {}
    for statement in _statements(template()["Resources"]):
        actions = statement["Action"]
        sid = statement.get("Sid", "")
        found.setdefault(sid, set()).update([actions] if isinstance(actions, str) else actions)
    return found


def said_in_module() -> dict[str, set[str]]:
    """The same, of the module: its policies stand in expressions, which are read as text."""
    found: dict[str, set[str]] = {}
    for path in sorted(MODULE.glob("*.tf")):
        text = path.read_text(encoding="utf-8")
        for start in re.finditer(r"\bEffect\s*=", text):
            around = text[text.rindex("{", 0, start.start()) : _end(text, start.start())]
            sid = re.search(r'\bSid\s*=\s*"(\w+)"', around)
            actions = re.search(r'\bAction\s*=\s*("[^"]*"|\[[^\]]*\])', around)
            assert actions is not None, around
            found.setdefault(sid[1] if sid else "", set()).update(re.findall(r'"([^"]+)"', actions[1]))
    return found


def _end(text: str, position: int) -> int:
    """Where the object that this position stands in ends."""
    depth = 0
    for index in range(position, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth < 0:
            return index
    raise AssertionError


def _statements(node: Node) -> Iterator[Node]:
    match node:
        case {"Effect": _, "Action": _}:
            yield node
        case dict():
            for each in node.values():
                yield from _statements(each)
        case list():
            for each in node:
                yield from _statements(each)


def pattern(route: str) -> Node:
    return json.loads((DEPLOY / "event-patterns" / f"{route}.json").read_text(encoding="utf-8"))
