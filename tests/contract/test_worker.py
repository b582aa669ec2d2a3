"""The worker and the commands for dead letters, over queues as moto has them and a ledger in a file."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import move

import pytest
from click.testing import CliRunner, Result
from tests.contract.aws import client
from tests.support.estate import ENVIRONMENT, event, finding, remote, write_configuration

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import read
from iacfix.domain.ledger import State
from iacfix.entry.cli.main import cli

Cli = Callable[..., Result]
FAR = "999999999999"


@pytest.fixture
def queues(aws: str) -> tuple[str, str]:
    sqs = client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    work = sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    assert aws
    return str(work), str(dead)


@pytest.fixture
def iacfix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    here = remote(tmp_path / "origin", ["logs", "data"])
    path = write_configuration(tmp_path / "conf", {"123456789012": here, FAR: f"file://{tmp_path}/far"})
    for name, value in {**ENVIRONMENT, "HOME": str(tmp_path), "IACFIX_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, answer: str = "") -> Result:
        given = ["--config", str(path), "--ledger", str(tmp_path / "ledger.sqlite")]
        return CliRunner().invoke(cli, [*arguments, *given], input=answer, catch_exceptions=False)

    return run


def work(iacfix: Cli, queue: str) -> Result:
    return iacfix("work", "--queue", queue, "--once", "--wait", "0", "--retry", "0")


def test_what_a_queue_delivers_is_worked_on(iacfix: Cli, queues: tuple[str, str], tmp_path: Path) -> None:
    for body in (event(finding("logs")), event(finding("logs")), event(finding("data", severity="LOW")), "{"):
        client("sqs").send_message(QueueUrl=queues[0], MessageBody=body)
    done = work(iacfix, queues[0])
    assert done.exit_code == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(each["state"] for each in lines) == [
        *("human_review", "pull_request_open", "pull_request_open", "rejected"),
    ]
    assert len(list((tmp_path / "conf" / "pulls").glob("*.md"))) == 1
    assert work(iacfix, queues[0]).stdout == ""


def test_dead_letters_are_listed_sent_again_and_discarded(iacfix: Cli, queues: tuple[str, str], tmp_path: Path) -> None:
    sqs, (queue, dead) = client("sqs"), queues
    bodies = [event(finding(name, account=FAR)) for name in ("logs", "more")]
    for body in (event(finding("data")), *bodies):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    failed = work(iacfix, queue)
    assert failed.exit_code == 1
    assert "cannot be cloned" in failed.stdout

    listed = iacfix("dlq", "list", "--queue", dead, "--output", "json")
    letters = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {each["findings"][0]["resource"] for each in letters} == {"arn:aws:s3:::logs", "arn:aws:s3:::more"}
    assert all("cannot be cloned" in each["findings"][0]["reason"] for each in letters)
    assert iacfix("dlq", "list", "--queue", dead, "--older-than", "1d").stdout == ""
    fitting = ("--newer-than", "1d", "--reason", "CLONED", "--control", "s3-*", "--account", FAR, "--count", "1")
    assert len(iacfix("dlq", "list", "--queue", dead, *fitting).stdout.splitlines()) == 1
    message = next(each["message"] for each in letters if each["findings"][0]["resource"].endswith("more"))
    assert "AwsAccountId" in json.loads(iacfix("dlq", "show", message, "--queue", dead).stdout)["body"]

    discard = ("dlq", "discard", "--queue", dead, "--because", "a drill")
    assert iacfix(*discard, "--count", "1", answer="n\n").exit_code == 1
    remote(tmp_path / "made", ["logs", "more"])
    move(tmp_path / "made", tmp_path / "far")
    assert iacfix("dlq", "replay", "--queue", dead, "--rate", "1000").stdout == "2 sent again\n"
    sqs.send_message(QueueUrl=queue, MessageBody=bodies[0])  # as if it had been cut short between sending and deleting
    assert work(iacfix, queue).exit_code == 0
    store = SqliteLedger(tmp_path / "ledger.sqlite")
    assert {each.state for each in store.in_states(frozenset(State))} == {State.PULL_REQUEST_OPEN}
    assert len(list((tmp_path / "conf" / "pulls").glob("*.md"))) == 3

    sqs.send_message(QueueUrl=dead, MessageBody="{}")
    assert iacfix(*discard, "--yes").stdout == "1 deleted\n"
    noted = [read(line).event for line in store.audit()]
    assert [each.action for each in noted].count("message.replayed") == 2
    (discarded,) = (each.reason for each in noted if each.action == "message.discarded")
    assert discarded.startswith("a drill (about ")
