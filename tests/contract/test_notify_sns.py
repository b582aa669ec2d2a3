"""SNS as moto has it: what arrives in a queue behind a topic, and what is told where nothing does."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.config import Config
from tests.contract.aws import REGION, Answer, Start, client
from tests.contract.notifying import NOTICE, on

from iacfix.adapters.aws.role import Role
from iacfix.adapters.notifiers.sns import SnsNotifier
from iacfix.domain.errors import ConfigurationError, NotifierError
from iacfix.domain.notice import Occasion, Summary

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

TOPIC = "arn:aws:sns:eu-west-1:123456789012:findings"
ERROR = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"


def queue(topic: str, policy: Mapping[str, object] | None = None, *, fifo: bool = False) -> str:
    name = "q.fifo" if fifo else "q"
    made = client("sqs").create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if fifo else {})
    url = str(made["QueueUrl"])
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"FilterPolicy": json.dumps(policy)} if policy else {}
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url


def impatient() -> "SNSClient":
    """Asks once."""
    return boto3.client("sns", region_name=REGION, config=Config(retries={"total_max_attempts": 1}))


def arrived(url: str) -> list[dict[str, Any]]:
    told = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [cast("dict[str, Any]", json.loads(each["Body"])) for each in told]


def test_a_topic_gets_text_for_people_and_json_for_programs(aws: str) -> None:
    assert aws
    topic = client("sns").create_topic(Name="findings")["TopicArn"]
    url = queue(topic)
    assert not SnsNotifier(topic).tell(NOTICE)
    (message,) = arrived(url)
    said = json.loads(message["Message"])
    assert said["occasion"] == "pull_request"
    assert said["key"] == NOTICE.key
    assert said["links"] == [NOTICE.pull_request, NOTICE.link]
    assert message["Subject"].isascii()
    assert message["Subject"].startswith("[iacfix] HIGH: A fix is proposed")
    assert len(message["Subject"]) < 100
    assert message["MessageAttributes"]["severity"] == {"Type": "String", "Value": "high"}


def test_a_role_is_taken_on_where_one_is_named(aws: str) -> None:
    assert aws
    topic = client("sns").create_topic(Name="findings")["TopicArn"]
    url = queue(topic)
    SnsNotifier(topic, role=Role("arn:aws:iam::123456789012:role/publisher", "outside")).tell(NOTICE)
    assert len(arrived(url)) == 1


def test_subscribers_choose_by_attributes(aws: str) -> None:
    assert aws
    topic = client("sns").create_topic(Name="findings")["TopicArn"]
    url = queue(topic, {"kind": ["notice"], "severity": ["critical"]})
    notifier = SnsNotifier(topic)
    notifier.tell(NOTICE)
    notifier.tell(replace(NOTICE, severity=NOTICE.severity.CRITICAL))
    notifier.summarize(Summary("run-1", {"proposed": 2}, {"high": 2}, {"platform": 2}))
    assert [each["MessageAttributes"]["severity"]["Value"] for each in arrived(url)] == ["critical"]


def test_a_fifo_topic_drops_what_comes_twice(aws: str) -> None:
    assert aws
    topic = client("sns").create_topic(Name="findings.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    url = queue(topic, fifo=True)
    for occasion in (Occasion.PULL_REQUEST, Occasion.PULL_REQUEST, Occasion.FIXED):
        SnsNotifier(topic).tell(on(occasion))
    told = [json.loads(each["Message"])["occasion"] for each in arrived(url)]
    assert sorted(set(told)) == ["fixed", "pull_request"]


def test_any_text_is_taken(aws: str) -> None:
    assert aws
    topic = client("sns").create_topic(Name="findings")["TopicArn"]
    url = queue(topic)
    for text in ("", "\U0001f4a9" * 1_600, "\r\n\x00 Bcc: x"):
        SnsNotifier(topic).tell(replace(NOTICE, title=text, reason=text, owner=text, state=text, resource=text))
    messages = arrived(url)
    assert len(messages) == 3
    for message in messages:
        assert message["Subject"].isprintable()
        assert len(message["Message"].encode()) < 256 * 1024


def test_a_topic_that_is_not_there_is_told(aws: str) -> None:
    assert aws
    with pytest.raises(NotifierError, match="findings"):
        SnsNotifier(TOPIC).tell(NOTICE)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(403, ERROR.format("AuthorizationError", "no").encode()), "denies access to the topic"),
        (Answer(400, ERROR.format("InvalidClientTokenId", "no").encode()), "credentials"),
        (Answer(400, ERROR.format("Throttling", "slow").encode()), "now"),
        (Answer(500, ERROR.format("InternalError", "oh").encode()), "now"),
        (Answer(200, b"<html>"), "cannot be read"),
        (Answer(200, b"", promised=-1), "connection"),
    ],
    ids=["denied", "credentials", "throttled", "fault", "not an answer", "cut"],
)
def test_what_stands_in_the_way_is_told(answering: Start, answer: Answer, said: str) -> None:
    answering(answer)
    with pytest.raises(NotifierError, match=said):
        SnsNotifier(TOPIC, make=impatient).tell(NOTICE)


@pytest.mark.parametrize("topic", ["", "findings", "arn:aws:sqs:eu-west-1:123456789012:q", f"{TOPIC}\n", f"{TOPIC}/x"])
def test_what_is_no_topic_is_refused_at_once(topic: str) -> None:
    with pytest.raises(ConfigurationError, match="topic"):
        SnsNotifier(topic)
