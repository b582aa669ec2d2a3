"""The state machine of remediation, run by the interpreter of moto. Its tasks find moto, and before it an AWS in which
runbooks run: moto asks for AWS at `http://localhost:$MOTO_PORT`, so that this is the port of that server.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.contract.aws import REGION, client, post
from tests.contract.remediating import ACCOUNT, ROLE, ROOT, WITH_RUNBOOK, Clock, House, bucket, documents, finding

from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.entry.cli.main import cli
from iacfix.entry.remediation_steps import answer, step_of
from iacfix.runtime.approvals import Asking
from iacfix.testing.ssm_automation import End
from iacfix.testing.ssm_server import AwsWithRunbooks
from iacfix.workflows.machine import Machine

DEFINITION = ROOT / "deploy" / "statemachine" / "remediation.asl.json"
RUNBOOK = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock"
PATIENCE = 60.0
Start = Callable[..., "Running"]


class Running:
    """One execution, and what it is about."""

    def __init__(self, house: House, found: Finding, topic: str, queue: str, execution: str) -> None:
        self.house, self.found, self.topic, self.queue, self.execution = house, found, topic, queue, execution

    def question(self) -> bytes:
        """As a queue of the topic gets it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for each in client("sqs").receive_message(QueueUrl=self.queue, WaitTimeSeconds=1).get("Messages", []):
                return str(each["Body"]).encode()
        pytest.fail(f"nobody asked: {self._told()}")

    def answered(self, verb: str) -> None:
        runner = CliRunner()
        ledger = ["--ledger", str(self.house.file)]
        received = runner.invoke(cli, ["approvals", "receive", "-", *ledger], input=self.question())
        assert received.exit_code == 0, received.output
        identity = received.output.split()[0]
        refused = runner.invoke(cli, ["approvals", verb, identity, "--as", "iacfix/test", *ledger])
        assert refused.exit_code != 0  # who asks does not answer
        given = runner.invoke(cli, ["approvals", verb, identity, "--as", "ann", "--note", "as agreed", *ledger])
        assert given.exit_code == 0, given.output

    def ended(self) -> LedgerEntry:
        until = time.monotonic() + PATIENCE
        while (told := self._told())["status"] == "RUNNING" and time.monotonic() < until:
            time.sleep(0.05)
        assert told["status"] == "SUCCEEDED", (told, self._history())
        entries = list(self.house.store.in_states(frozenset(State)))
        (mine,) = [each for each in entries if each.resource == self.found.resource.identifier]
        return mine

    def _told(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = client("stepfunctions").describe_execution(executionArn=self.execution)
        return told

    def _history(self) -> object:
        return client("stepfunctions").get_execution_history(executionArn=self.execution)["events"][-3:]


@pytest.fixture(scope="module")
def front(moto_url: str) -> Iterator[AwsWithRunbooks]:
    post(f"{moto_url}/moto-api/config", b'{"stepfunctions": {"execute_state_machine": true}}')
    with AwsWithRunbooks(moto_url, documents()) as started:
        yield started
    post(f"{moto_url}/moto-api/config", b'{"stepfunctions": {"execute_state_machine": false}}')


@pytest.fixture
def start(front: AwsWithRunbooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    for name, value in {"AWS_ENDPOINT_URL": front.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MOTO_PORT", str(front.port))
    front.automation.ends.clear()
    front.automation.looks = 0

    def begin(*, lasts: timedelta = timedelta(hours=1), after: Callable[[str], object] = str) -> Running:
        house = House(front, tmp_path / "ledger.sqlite", Clock(datetime.now(UTC)))

        def step(event: Mapping[str, object]) -> object:
            made = house.remediator()
            rules = replace(made.rules, asking=Asking("iacfix/test", "policy 1", lasts))
            said = answer(event, Machine(replace(made, rules=rules), ROLE, pause=0, looks=3, wait=0))
            after(step_of(event))
            return said

        front.functions["remediation"] = step
        topic = str(client("sns").create_topic(Name="approvals")["TopicArn"])
        queue = str(client("sqs").create_queue(QueueName=f"approvals-{tmp_path.name}"[:80])["QueueUrl"])
        queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue.rpartition('/')[2]}"
        client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
        definition = DEFINITION.read_text().replace("${VerifyFunctionArn}", "remediation")
        definition = definition.replace("${ApprovalTopicArn}", topic)
        machine = client("stepfunctions").create_state_machine(
            name=f"remediation-{tmp_path.name}"[:80], definition=definition, roleArn=ROLE.replace("{account}", ACCOUNT)
        )["stateMachineArn"]
        found = finding(WITH_RUNBOOK["s3-block-public-access"], bucket())
        told = {"finding": asdict(found), "owned": "by_nobody", "mode": "supervised"}
        given = json.dumps({"request": told})
        execution = client("stepfunctions").start_execution(stateMachineArn=machine, input=given)["executionArn"]
        return Running(house, found, topic, queue, str(execution))

    yield begin
    front.automation.looks = 1


def test_what_is_approved_is_changed_and_verified(start: Start) -> None:
    running = start()
    running.answered("approve")
    entry = running.ended()
    assert (entry.state, bool(entry.execution), bool(entry.verification)) == (State.FIXED, True, True)


def test_what_is_denied_is_left_alone(start: Start) -> None:
    running = start()
    before = len(running.house.aws.automation.executions)
    running.answered("deny")
    entry = running.ended()
    assert entry.state is State.DENIED
    assert "as agreed" in entry.reason
    assert len(running.house.aws.automation.executions) == before


def test_what_nobody_answers_goes_to_a_person(start: Start) -> None:
    entry = start(lasts=timedelta(seconds=2)).ended()
    assert entry.state is State.HUMAN_REVIEW
    assert "nobody answered in time" in entry.reason


@pytest.mark.parametrize(
    ("end", "state"), [(End.FAILS, State.REMEDIATION_FAILED), (End.HANGS, State.REMEDIATION_FAILED)]
)
def test_a_runbook_that_fails_is_looked_at_and_told(start: Start, end: End, state: State) -> None:
    running = start()
    running.house.aws.automation.ends[RUNBOOK] = end
    running.answered("approve")
    assert running.ended().state is state


def test_a_runbook_that_lies_is_caught(start: Start) -> None:
    running = start()
    running.house.aws.automation.ends[RUNBOOK] = End.LIES
    running.answered("approve")
    assert running.ended().state is State.STILL_OPEN


def test_a_role_that_cannot_be_taken_on_starts_nothing(start: Start, front: AwsWithRunbooks) -> None:
    def denied(step: str) -> None:
        if step == "begin":
            front.spoil("GetCallerIdentity", "AccessDenied", status=403)

    running = start(after=denied)
    before = len(running.house.aws.automation.executions)
    running.answered("approve")
    entry = running.ended()
    assert entry.state is State.REMEDIATION_FAILED
    assert "as the test wants it" in entry.reason
    assert len(running.house.aws.automation.executions) == before


def test_every_task_of_the_machine_catches_everything() -> None:
    states = json.loads(DEFINITION.read_text())["States"]
    tasks = {name: each for name, each in states.items() if each["Type"] == "Task"}
    assert len(tasks) > 8
    assert [name for name, each in tasks.items() if each["Catch"][-1]["ErrorEquals"] != ["States.ALL"]] == []
    ends = {each["Catch"][-1]["Next"] for each in tasks.values()}
    assert ends <= {"ToAPerson", "NotStarted", "Unseen", "OutOfTime", "Lost", "Failed"}
