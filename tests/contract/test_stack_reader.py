"""What every StackReader answers, over the real wire protocol."""

import json
from collections.abc import Callable

import pytest
from tests.contract.aws import REGION, Answer, Start, client

from iacfix.adapters.aws.stacks import CloudFormationStacks
from iacfix.ports import CloudReadError, StackReader, StackResource

YAML = "# ours\nResources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: acme-jobs}\n  Files:\n    Type: AWS::S3::Bucket\n"


def stacks(*, max_attempts: int = 1) -> StackReader:
    return CloudFormationStacks(connect_timeout=5, read_timeout=10, max_attempts=max_attempts)


def create(name: str, template: str) -> str:
    return str(client("cloudformation").create_stack(StackName=name, TemplateBody=template)["StackId"])


def physical(name: str, logical: str) -> str:
    detail = client("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId=logical)
    return str(detail["StackResourceDetail"]["PhysicalResourceId"])


def refusal(ask: Callable[[], object], *, again: bool = False) -> str:
    with pytest.raises(CloudReadError) as error:
        ask()
    assert error.value.remedy
    assert error.value.again is again
    assert error.value.__cause__ is None
    return str(error.value)


def test_a_thing_leads_to_its_stack(aws: str) -> None:
    assert aws
    create("other", YAML.replace("acme", "other"))
    stack_id = create("shop", YAML)
    for logical, kind in (("Jobs", "AWS::SQS::Queue"), ("Files", "AWS::S3::Bucket")):
        made = physical("shop", logical)
        assert stacks().by_physical_id(made, REGION) == StackResource("shop", stack_id, logical, made, kind)
        assert stacks().by_physical_id(made, "") == StackResource("shop", stack_id, logical, made, kind)


def test_what_no_stack_made_is_none(aws: str) -> None:
    assert aws
    create("shop", YAML)
    assert stacks().by_physical_id("by-hand", REGION) is None
    assert stacks().by_physical_id(physical("shop", "Files"), "us-east-1") is None


def test_the_hundred_and_first_of_a_stack_is_found_too(aws: str) -> None:
    assert aws
    queues = {f"Q{n:03}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"q-{n:03}"}} for n in range(120)}
    stack_id = create("many", json.dumps({"Resources": queues}))
    for logical in ("Q000", "Q119"):
        made = physical("many", logical)
        assert stacks().by_physical_id(made, REGION) == StackResource(
            "many", stack_id, logical, made, "AWS::SQS::Queue"
        )


@pytest.mark.parametrize(
    "template", [YAML, json.dumps(json.loads('{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}'), indent=7)]
)
def test_a_template_comes_as_it_was_handed_over(aws: str, template: str) -> None:
    assert aws
    stack_id = create("shop", template)
    assert stacks().template("shop", REGION) == template.encode()
    assert stacks().template(stack_id, "") == template.encode()


def test_no_stack_no_template(aws: str) -> None:
    assert aws
    assert "there is no stack gone" in refusal(lambda: stacks().template("gone", REGION))


def test_access_denied(aws: str, strict: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws
    client("iam").create_user(UserName="ann")
    keys = client("iam").create_access_key(UserName="ann")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    strict()
    assert "cloudformation:DescribeStackResources" in refusal(lambda: stacks().by_physical_id("x", REGION))
    assert "cloudformation:GetTemplate" in refusal(lambda: stacks().template("x", REGION))


def test_no_credentials_no_region(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    assert "no AWS region" in refusal(lambda: stacks().by_physical_id("x", ""))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "no usable AWS credentials" in refusal(lambda: stacks().by_physical_id("x", REGION))


def failure(status: int, code: str, message: str = "m") -> Answer:
    body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Answer(status, body.encode())


@pytest.mark.parametrize(
    ("answer", "said", "again"),
    [
        (failure(400, "Throttling", "Rate exceeded"), "Throttling", True),
        (failure(500, "InternalFailure"), "InternalFailure", True),
        (failure(403, "InvalidClientTokenId"), "credentials", False),
        (failure(400, "ValidationError", "1 validation error detected"), "ValidationError", False),
        (Answer(200, b"not xml"), "cannot be read", False),
        (Answer(200, promised=-1), "connection", True),
    ],
)
def test_every_failure_is_told(answering: Start, answer: Answer, said: str, *, again: bool) -> None:
    answering(answer)
    assert said in refusal(lambda: stacks().by_physical_id("x", REGION), again=again)
    assert said in refusal(lambda: stacks().template("x", REGION), again=again)


def test_a_throttled_question_is_asked_again(answering: Start) -> None:
    script = answering(failure(400, "Throttling"), failure(400, "ValidationError", "Stack for x does not exist"))
    assert stacks(max_attempts=2).by_physical_id("x", REGION) is None
    assert len(script.requests) == 2
