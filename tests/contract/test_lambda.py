"""The handler as Lambda calls it, over DynamoDB as moto has it, with a repository that it clones."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from shutil import move
from time import time
from typing import Any

import pytest
from tests.contract.aws import client
from tests.contract.lambda_context import Context
from tests.contract.security_hub import asff, bucket, hub
from tests.support.estate import ENVIRONMENT, event, finding, remote, write_configuration
from tests.support.tables import IDEMPOTENCY, LEDGER, make_tables

from iacfix.adapters.stores.dynamodb import DynamoDbLedger
from iacfix.domain.audit import read
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.entry import lambda_handler
from iacfix.findings.authentication import signature
from iacfix.ledger.audit import verify
from iacfix.testing.security_hub_server import SecurityHubServer

__all__ = ["hub"]

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:iacfix"


@dataclass(frozen=True)
class Deployed:
    folder: Path
    store: DynamoDbLedger

    def call(self, *bodies: str, context: Context | None = None) -> Any:
        records = [_record(f"message-{number}", body) for number, body in enumerate(bodies)]
        return lambda_handler.handler({"Records": records}, context or Context())

    def entries(self) -> Mapping[str, LedgerEntry]:
        return {each.resource.rpartition(":")[2]: each for each in self.store.in_states(frozenset(State))}

    def pull_requests(self) -> int:
        return len(list((self.folder / "conf" / "pulls").glob("*.md")))

    def actions(self) -> list[tuple[str, str]]:
        found = [read(line).event for line in self.store.audit()]
        return [(each.action, each.reason) for each in found]


@pytest.fixture
def deployed(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    make_tables(client("dynamodb"))
    url = remote(tmp_path / "origin", ["logs", "data"])
    values = {
        **ENVIRONMENT,
        "HOME": str(tmp_path),
        "IACFIX_CACHE": str(tmp_path / "cache"),
        "IACFIX_CONFIG": str(write_configuration(tmp_path / "conf", {"123456789012": url})),
        "IACFIX_LEDGER": f"dynamodb:{LEDGER}",
        "IACFIX_IDEMPOTENCY_TABLE": IDEMPOTENCY,
        "AWS_XRAY_SDK_ENABLED": "false",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(lambda_handler, "parts", lambda_handler.Parts())
    lambda_handler.idempotency.cache_clear()
    lambda_handler._reserve.cache_clear()
    assert aws
    yield Deployed(tmp_path, DynamoDbLedger(client("dynamodb"), LEDGER))
    lambda_handler.idempotency.cache_clear()


def test_findings_of_a_batch_come_to_their_states(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = StringIO()
    monkeypatch.setattr(lambda_handler.logger.registered_handler, "stream", log)
    bodies = [event(finding("logs")), event(finding("data", severity="LOW")), "{nonsense", event(finding("logs"))]
    assert deployed.call(*bodies) == {"batchItemFailures": []}
    logs, data = deployed.entries()["logs"], deployed.entries()["data"]
    assert (logs.state, logs.owner, deployed.pull_requests()) == (State.PULL_REQUEST_OPEN, "shop", 1)
    assert (data.state, data.pull_request) == (State.HUMAN_REVIEW, "")
    assert "LOW" in data.reason
    rejected = [reason for action, reason in deployed.actions() if action == "input.rejected"]
    assert len(rejected) == 1
    assert "not valid JSON" in rejected[0]
    before = deployed.actions()
    assert deployed.call(*bodies) == {"batchItemFailures": []}
    assert (deployed.actions(), deployed.pull_requests()) == (before, 1), "what comes again does nothing"
    assert isinstance(verify(deployed.store.audit()), dict)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    handled = next(each for each in lines if each.get("finding") == logs.key)
    assert (handled["correlation_id"], handled["state"]) == ("message-0", "pull_request_open")
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {each["State"] for each in metrics if "State" in each} == {"pull_request_open", "human_review", "rejected"}
    assert sum(sum(each["FindingsReceived"]) for each in metrics if "FindingsReceived" in each) == 3


def test_what_cannot_be_begun_goes_back_as_it_came(deployed: Deployed) -> None:
    bodies = [event(finding("logs")), event(finding("data"))]
    answer = deployed.call(*bodies, context=Context([300_000, 250_000, 1_000]))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert set(deployed.entries()) == {"logs"}
    assert deployed.call(*bodies) == {"batchItemFailures": []}
    assert {each.state for each in deployed.entries().values()} == {State.PULL_REQUEST_OPEN}


def test_a_failure_goes_back_with_its_reason_and_is_done_when_its_cause_is_gone(deployed: Deployed) -> None:
    move(deployed.folder / "origin", deployed.folder / "gone")
    assert deployed.call(event(finding("logs"))) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    stood = deployed.entries()["logs"]
    assert stood.state is State.RECEIVED
    assert "cannot be cloned" in stood.reason
    move(deployed.folder / "gone", deployed.folder / "origin")
    assert deployed.call(event(finding("logs"))) == {"batchItemFailures": []}
    assert deployed.entries()["logs"].state is State.PULL_REQUEST_OPEN
    assert "attempt failed" not in deployed.entries()["logs"].reason


def test_a_bus_and_a_topic_may_call_directly(deployed: Deployed) -> None:
    context: Any = Context()
    lambda_handler.handler(json.loads(event(finding("logs"))), context)
    notification = {"Type": "Notification", "MessageId": "n", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t"}
    record = {"EventSource": "aws:sns", "Sns": {**notification, "Message": event(finding("data", severity="LOW"))}}
    lambda_handler.handler({"Records": [record]}, context)
    assert {name: each.state.value for name, each in deployed.entries().items()} == {
        "logs": "pull_request_open",
        "data": "human_review",
    }


def _record(message_id: str, body: str) -> dict[str, object]:
    return {
        "messageId": message_id,
        "receiptHandle": message_id,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        "awsRegion": "eu-west-1",
    }


SECRET = "a secret that nobody could guess"


def test_over_http_nobody_is_let_in_without_a_secret(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    body = event(finding("data", severity="LOW"))
    request = {"requestContext": {"http": {"method": "POST"}, "requestId": "r-1"}, "headers": {}, "body": body}
    context: Any = Context()
    assert lambda_handler.handler(request, context) == {"statusCode": 403}
    config = deployed.folder / "conf" / "iacfix.yaml"
    config.write_text(f"{config.read_text()}intake: {{http: {{secrets: [IACFIX_WEBHOOK_SECRET]}}}}\n")
    client("secretsmanager").create_secret(Name="webhook", SecretString=json.dumps({"now": SECRET}))
    monkeypatch.setenv("IACFIX_WEBHOOK_SECRET_FROM", "secretsmanager:webhook#now")
    monkeypatch.setattr(lambda_handler, "parts", lambda_handler.Parts())
    assert lambda_handler.handler(request, context) == {"statusCode": 401}
    assert deployed.entries() == {}
    stamp = str(int(time()))
    signed = {"x-iacfix-timestamp": stamp, "x-iacfix-signature": signature(SECRET.encode(), stamp, body.encode())}
    assert lambda_handler.handler({**request, "headers": signed}, context) == {"statusCode": 202}
    assert set(deployed.entries()) == {"data"}
    assert "IACFIX_WEBHOOK_SECRET" not in os.environ


def test_a_schedule_pulls_what_no_event_told(
    deployed: Deployed, hub: SecurityHubServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.findings.put(*(asff(number, Resources=[bucket(f"b{number}")]) for number in range(4)))
    asked: dict[str, object] = {"iacfix": {"pull": "security-hub"}}
    context: Any = Context()
    with pytest.raises(ConfigurationError, match="no queue is named"):
        lambda_handler.handler(asked, context)
    queue = client("sqs").create_queue(QueueName="work")["QueueUrl"]
    monkeypatch.setenv("IACFIX_QUEUE", queue)
    assert lambda_handler.handler(asked, context) == {"pulled": 4}
    messages = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert deployed.call(*(each["Body"] for each in messages)) == {"batchItemFailures": []}
    assert set(deployed.entries()) == {"b0", "b1", "b2", "b3"}
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"Stuck", "FailureRate", "FindingsPulled"} <= {name for each in told for name in each}
