import json

import pytest
from tests.support.messages import (
    ACCOUNT,
    QUEUE,
    REGION,
    TOPIC,
    asff_finding,
    event,
    events,
    imported,
    notification,
    sns,
    sqs,
    wiz_issue,
)

from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.findings import read_findings
from iacfix.findings.acceptance import SHAPES, Acceptance
from iacfix.findings.arrivals import Arrival, open_message, open_value
from iacfix.findings.origin import Origin, Way
from iacfix.findings.transports import MAX_DEPTH, MAX_RECORDS

OF_QUEUE = Origin(Way.QUEUE, queue=QUEUE, message_id="message-1")


def arrived(body: object, **accepted: frozenset[str]) -> tuple[Arrival, ...]:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return open_message(text, OF_QUEUE, Acceptance(**accepted))


def one(body: object, **accepted: frozenset[str]) -> Finding:
    (arrival,) = arrived(body, **accepted)
    (read,) = arrival.reads
    assert isinstance(read, Finding)
    return read


def wrong(body: object, **accepted: frozenset[str]) -> InvalidFinding:
    (arrival,) = arrived(body, **accepted)
    (read,) = arrival.reads
    assert isinstance(read, InvalidFinding)
    assert arrival.refused
    return read


@pytest.mark.parametrize("shape", list(events()))
def test_an_event_tells_its_shape_and_its_sender(shape: str) -> None:
    (arrival,) = arrived(events()[shape])
    assert arrival.shape == shape
    origin = arrival.origin
    assert (origin.queue, origin.sender, origin.region, origin.message_id) == (QUEUE, ACCOUNT, REGION, "message-1")
    assert origin.detail_type == events()[shape]["detail-type"]
    assert isinstance(arrival.reads[0], Finding)
    assert arrival.reads[0].resource.account == ACCOUNT


def test_what_it_travelled_in_changes_no_finding() -> None:
    for each in (*events().values(), wiz_issue(), asff_finding()):
        plain = one(each)
        wrapped = notification(each)
        for travelled in (wrapped, sqs(each), sqs(wrapped), sns(each), sqs(notification(wrapped)), [each]):
            assert one(travelled) == plain


def test_each_envelope_leaves_its_mark() -> None:
    (arrival,) = open_value(sqs(notification(wiz_issue())), Origin(Way.LAMBDA))
    assert arrival.origin == Origin(Way.QUEUE, queue=QUEUE, topic=TOPIC, message_id="message-1")
    (arrival,) = open_value(sns(wiz_issue()), Origin(Way.LAMBDA))
    assert (arrival.origin.way, arrival.origin.topic) == (Way.TOPIC, TOPIC)


def test_a_message_may_be_json_where_a_text_is_expected() -> None:
    assert one(notification("x") | {"Message": wiz_issue()}) == one(wiz_issue())


def test_a_queue_cannot_be_talked_into_another() -> None:
    """Who polls the queue knows its name; a body that says another, or any at all, is not believed."""
    inner = sqs(wiz_issue())
    inner["Records"][0]["eventSourceARN"] = "arn:aws:sqs:eu-west-1:999999999999:other"  # type: ignore[index] # JSON
    (arrival,) = arrived(inner)
    assert arrival.origin.queue == QUEUE
    for way in (Way.QUEUE, Way.HTTP):
        (arrival,) = open_message(json.dumps(inner), Origin(way))
        assert (arrival.origin.way, arrival.origin.queue) == (way, "")
    (arrival,) = open_value(sqs(inner), Origin(Way.LAMBDA))
    assert (arrival.origin.way, arrival.origin.queue) == (Way.QUEUE, QUEUE)


def test_too_many_envelopes_are_not_opened() -> None:
    body: object = wiz_issue()
    for _ in range(MAX_DEPTH):
        body = notification(body)
    assert isinstance(one(body), Finding)
    assert "more than 4 envelopes" in wrong(notification(body)).reason


def test_each_record_of_a_batch_has_its_own_turn() -> None:
    bodies = ["{", wiz_issue(), "", '"text"', {"a": 1}, notification("no JSON"), asff_finding(), [asff_finding(), 5]]
    arrivals = arrived(sqs(*bodies))
    told = [[type(read) for read in arrival.reads] for arrival in arrivals]
    bad, good = [InvalidFinding], [Finding]
    assert told == [bad, good, bad, bad, bad, bad, good, good, bad]
    fields = [getattr(arrival.reads[0], "field", "") for arrival in arrivals]
    assert fields[0] == "Records[0].body"
    assert fields[5] == "Records[5].body.Message"
    assert fields[8] == "Records[7].body[1]"


def test_the_field_is_named_from_the_top() -> None:
    broken = asff_finding(Resources=[{"Type": "AwsS3Bucket"}])
    assert wrong(sqs(notification(imported(broken)))).field == (
        "Records[0].body.Message.detail.findings[0].Resources[0].Id"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xff\xfe", "UTF-16"),
        (b"\xc3(", "not UTF-8"),
        ("", "is empty"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("17", "no format that iacfix reads: a number"),
        ('{"password": "hunter2"}', 'an object with ["password"]'),
        ({"Records": [{"eventSource": "aws:s3", "s3": {}}]}, "neither a message of SQS nor one of SNS"),
        ({"Records": [{"eventSource": "aws:sqs"}]}, "is missing"),
        ({"Records": [{"EventSource": "aws:sns", "Sns": []}]}, "should be an object"),
        (notification("17"), "should hold JSON, an object or a list, is a number"),
        (notification("x", Type="SubscriptionConfirmation", SubscribeURL="https://sns"), "confirms a subscription"),
        (event("Security Hub Insight Results", "aws.securityhub", {"insightName": "x"}), "no format"),
    ],
)
def test_what_nobody_can_read_is_told_and_not_lost(body: object, said: str) -> None:
    found = wrong(body)
    assert said in f"{found.field} {found.reason}"
    assert "hunter2" not in found.reason


def test_a_text_with_half_a_character_is_told() -> None:
    assert "not UTF-8" in wrong("\ud800").reason
    assert "not UTF-8" in wrong(notification("\ud800")).reason


def test_a_batch_is_bounded() -> None:
    arrivals = arrived({"Records": [{}] * (MAX_RECORDS + 1)})
    assert len(arrivals) == MAX_RECORDS + 1
    assert "the rest was not read" in getattr(arrivals[-1].reads[0], "reason", "")


def test_what_holds_nothing_says_nothing() -> None:
    assert [arrival.reads for arrival in arrived("[]")] == [()]
    assert [arrival.reads for arrival in arrived(imported())] == [()]


@pytest.mark.parametrize("shape", [*events(), "wiz"])
def test_a_list_of_shapes_lets_in_no_other(shape: str) -> None:
    body = events().get(shape) or wiz_issue()
    assert isinstance(one(body, shapes=frozenset({shape})), Finding)
    refused = wrong(body, shapes=SHAPES - {shape})
    assert refused.field == "shape"
    assert refused.reason.startswith(f"refused: it is {shape}, which is not accepted (queue {QUEUE}")


def test_an_event_of_aws_comes_from_the_service_that_sends_it() -> None:
    forged = event("Security Hub Findings - Imported", "acme.app", {"findings": [asff_finding()]})
    assert "sent by aws.securityhub" in wrong(forged).reason
    mixed = event("GuardDuty Finding", "aws.guardduty", {"findings": [asff_finding()]})
    assert "is asff, and this detail-type holds guardduty" in wrong(mixed).reason


def test_an_event_of_aws_tells_what_is_wrong_with_what_it_holds() -> None:
    assert wrong(imported({"Id": "1"})).field == "detail.findings[0].GeneratorId"
    odd = event("GuardDuty Finding", "aws.guardduty", {"id": "1"})
    assert (wrong(odd).field, wrong(odd).id) == ("detail.type", "1")


def test_an_event_of_ones_own_is_of_the_shape_of_what_it_holds() -> None:
    (arrival,) = arrived(event("Issue", "aws.partner/wiz.io/1", wiz_issue()))
    assert arrival.shape == "wiz"


@pytest.mark.parametrize(
    ("accepted", "field"),
    [
        ({"accounts": frozenset({"999999999999"})}, "account"),
        ({"queues": frozenset({"arn:aws:sqs:eu-west-1:1:other"})}, "queue"),
        ({"topics": frozenset({"arn:aws:sns:eu-west-1:1:other"})}, "topic"),
        ({"senders": frozenset({"999999999999"})}, "account"),
    ],
)
def test_what_is_not_on_a_list_is_refused_with_the_reason(accepted: dict[str, frozenset[str]], field: str) -> None:
    body = notification(imported(asff_finding()))
    refused = wrong(body, **accepted)
    assert refused.field == field
    assert refused.reason.startswith("refused: ")
    own = Acceptance(
        accounts=frozenset({ACCOUNT}),
        queues=frozenset({QUEUE}),
        topics=frozenset({TOPIC}),
        senders=frozenset({ACCOUNT}),
    )
    (arrival,) = open_message(json.dumps(body), OF_QUEUE, own)
    assert isinstance(arrival.reads[0], Finding)


def test_accounts_are_asked_of_each_finding() -> None:
    theirs = asff_finding(Id="2", AwsAccountId="999999999999")
    arn = "arn:aws:sns:eu-west-1:999999999999:topic"
    hidden = asff_finding(Id="3", Resources=[{"Type": "AwsSnsTopic", "Id": arn}])
    nobody = asff_finding(Id="4", AwsAccountId=None)
    (arrival,) = arrived(imported(theirs, asff_finding(), hidden, nobody), accounts=frozenset({ACCOUNT}))
    assert [type(read) for read in arrival.reads] == [InvalidFinding, Finding, InvalidFinding, InvalidFinding]
    assert [getattr(read, "id", "")[-1] for read in arrival.reads] == ["2", "1", "3", "4"]
    assert not arrival.refused


def of_file(document: object, name: str = "auto") -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode(), format=name)


def test_a_file_of_messages_is_opened_too() -> None:
    batch = sqs(notification(wiz_issue()), "{", events()["config_compliance"], imported(asff_finding(), 5))
    found = of_file(batch)
    assert [getattr(each, "source", "") for each in found] == ["wiz", "message", "config", "security_hub", "asff"]
    assert [each.position for each in found if isinstance(each, InvalidFinding)] == [1, 4]
    assert of_file([*events().values()])[3:] == (
        *of_file(events()["config_compliance"]),
        *of_file(events()["guardduty_finding"]),
    )


def test_a_named_format_holds_for_each_message() -> None:
    found = of_file(sqs(wiz_issue(), asff_finding()), "wiz")
    assert isinstance(found[0], Finding)
    assert getattr(found[1], "reason", "") == "the findings file is not wiz, it looks like asff"
