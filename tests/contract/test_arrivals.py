"""Messages out of a real queue: through a topic, wrapped and raw, and through a bus."""

import json

import boto3
import pytest
from tests.support.messages import asff_finding, wiz_issue

from iacfix.domain.finding import Finding
from iacfix.findings.acceptance import Acceptance
from iacfix.findings.arrivals import Arrival, open_message
from iacfix.findings.origin import Origin, Way

pytestmark = pytest.mark.usefixtures("aws")


def queue() -> tuple[str, str]:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="findings")["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(url: str, arn: str, acceptance: Acceptance | None = None) -> tuple[Arrival, ...]:
    (message,) = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    return open_message(message["Body"], Origin(Way.QUEUE, queue=arn, message_id=message["MessageId"]), acceptance)


@pytest.mark.parametrize("raw", ["true", "false"])
def test_a_topic_delivers_into_a_queue(raw: str) -> None:
    url, arn = queue()
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="wiz-issues")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": raw})
    sns.publish(TopicArn=topic, Message=json.dumps(wiz_issue()))
    (arrival,) = received(url, arn, Acceptance(queues=frozenset({arn}), topics=frozenset({topic})))
    assert arrival.shape == "wiz"
    assert arrival.origin.topic == ("" if raw == "true" else topic)
    assert isinstance(arrival.reads[0], Finding)


def test_a_topic_that_is_not_known_is_refused() -> None:
    url, arn = queue()
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="somebody-elses")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message=json.dumps(wiz_issue()))
    (arrival,) = received(url, arn, Acceptance(topics=frozenset({"arn:aws:sns:eu-west-1:1:ours"})))
    assert arrival.refused
    assert topic in getattr(arrival.reads[0], "reason", "")


def test_a_bus_delivers_into_a_queue() -> None:
    url, arn = queue()
    events = boto3.client("events")
    events.put_rule(Name="findings", EventPattern=json.dumps({"source": ["acme.scanner"]}))
    events.put_targets(Rule="findings", Targets=[{"Id": "queue", "Arn": arn}])
    detail = json.dumps({"findings": [asff_finding()]})
    entry = {"Source": "acme.scanner", "DetailType": "Acme Findings", "Detail": detail}
    events.put_events(Entries=[entry])
    (arrival,) = received(url, arn)
    assert (arrival.shape, arrival.origin.event_source, arrival.origin.detail_type) == (
        *("asff", "acme.scanner"),
        "Acme Findings",
    )
    assert isinstance(arrival.reads[0], Finding)


def test_an_event_that_claims_to_be_aws_s_own_is_refused() -> None:
    """Nobody but AWS can put `aws.securityhub` on a bus, and the name of an event alone is not believed."""
    url, arn = queue()
    events = boto3.client("events")
    events.put_rule(Name="findings", EventPattern=json.dumps({"source": ["acme.scanner"]}))
    events.put_targets(Rule="findings", Targets=[{"Id": "queue", "Arn": arn}])
    detail = json.dumps({"findings": [asff_finding()]})
    entry = {"Source": "acme.scanner", "DetailType": "Security Hub Findings - Imported", "Detail": detail}
    events.put_events(Entries=[entry])
    (arrival,) = received(url, arn)
    assert arrival.refused
