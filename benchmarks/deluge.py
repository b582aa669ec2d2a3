"""Thousands of events at once through topic, queue and workers that are killed: what became of each.

    python -m benchmarks.deluge --events 10000

Real queue, topic and table over HTTP (moto), real repositories, real processes that get SIGKILL at random moments. One
in five events is sent twice, one in twenty is malformed, one in fifty belongs to a repository that cannot be reached.
"""

import argparse
import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from benchmarks import results
from boto3.session import Session
from moto.dynamodb import models as dynamodb_models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.server import ThreadedMotoServer
from moto.sqs.responses import SQSResponse
from tests.contract.aws import post
from tests.support.estate import ENVIRONMENT, event, finding, remote, write_configuration
from tests.support.tables import LEDGER, make_tables

from iacfix.adapters.stores.dynamodb import DynamoDbLedger
from iacfix.domain.audit import read
from iacfix.domain.ledger import State
from iacfix.ledger.audit import verify

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION, NOBODY = "eu-west-1", "nobody"
REPOSITORIES = 5
MOST_RECEIVED = 5
MOST_WAITING = 400
UNREACHABLE = "999999999999"
MALFORMED = (
    "{nonsense",
    "[]]",
    '"text"',
    '{"detail-type": "Security Hub Findings - Imported", "detail": 7}',
    "[" * 5000,
)


@dataclass
class Sent:
    """What was sent, and what has to become of it. `fixable`, `held` and `poison` are names of buckets."""

    fixable: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    poison: list[str] = field(default_factory=list)
    malformed: int = 0
    messages: int = 0
    poisonous: int = 0
    bodies: Sequence[str] = ()


@dataclass(frozen=True)
class Estate:
    folder: Path
    endpoint: str

    def client(self, service: str) -> Any:  # noqa: ANN401 - one type for each service
        given = Session(NOBODY, NOBODY, region_name=REGION)
        return given.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload] # one overload for each service

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "COV"))}
        return {
            **ENVIRONMENT,
            **kept,
            "HOME": str(self.folder),
            "IACFIX_CACHE": str(self.folder / "cache"),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": NOBODY,
            "AWS_SECRET_ACCESS_KEY": NOBODY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def options(self) -> Sequence[str]:
        return ("--config", str(self.folder / "conf" / "iacfix.yaml"), "--ledger", f"dynamodb:{LEDGER}")

    def iacfix(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", "from iacfix.entry.cli.main import main; main()", *arguments]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([*command, *self.options], env=self.environment, stdout=log, stderr=log)


@contextmanager
def estate(folder: Path) -> Iterator[Estate]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with _true_to_dynamodb():
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        try:
            post(f"http://{host}:{port}/moto-api/reset")  # what a process has of moto, all its servers have
            yield Estate(folder, f"http://{host}:{port}")
        finally:
            server.stop()


@contextmanager
def _true_to_dynamodb() -> Iterator[None]:
    """moto mixes what comes at once, and copies the whole table for each transaction, to have it back where one fails:
    here one request comes after the other, and what a failing transaction has touched is put back.
    """
    turn, answer, of_queues = Lock(), DynamoHandler.call_action, SQSResponse.call_action
    names, backend = vars(dynamodb_models), DynamoDBBackend
    transact = backend.transact_write_items

    def one_by_one(self: DynamoHandler) -> object:
        with turn:
            return answer(self)

    def delivered_one_by_one(self: SQSResponse) -> object:
        with handing_out:
            return of_queues(self)

    def with_what_is_touched(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        puts = [(self.tables[each["Put"]["TableName"]], each["Put"]["Item"]["pk"]["S"]) for each in transact_items]
        before = [(table, key, dict(table.items[key]) if key in table.items else None) for table, key in puts]
        names["copy"] = _Copying(lambda value: value if isinstance(value, Table) else module.deepcopy(value))
        try:
            transact(self, transact_items)
        except Exception:
            for table, key, items in before:
                table.items.pop(key, None)
                if items is not None:
                    table.items[key] = items
            raise
        finally:
            names["copy"] = module

    module = names["copy"]
    handing_out = Lock()
    SQSResponse.call_action = delivered_one_by_one  # type: ignore[method-assign,assignment] # see above
    DynamoHandler.call_action = one_by_one  # type: ignore[method-assign] # see above
    backend.transact_write_items = with_what_is_touched  # type: ignore[method-assign] # see above
    try:
        yield
    finally:
        SQSResponse.call_action = of_queues  # type: ignore[method-assign] # see above
        DynamoHandler.call_action, backend.transact_write_items = answer, transact  # type: ignore[method-assign] # see above


@dataclass(frozen=True)
class _Copying:
    deepcopy: Any


@dataclass(frozen=True)
class Queues:
    topic: str
    work: str
    dead: str

    def waiting(self, client: "SQSClient", url: str) -> int:
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


def deploy(made: Estate, fixable: int, repositories: int = REPOSITORIES) -> tuple[Queues, Mapping[str, Sequence[str]]]:
    """Answers the buckets of each account, too."""
    make_tables(made.client("dynamodb"))
    sqs, sns = made.client("sqs"), made.client("sns")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MOST_RECEIVED})
    work = sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "30"})[
        "QueueUrl"
    ]
    topic = sns.create_topic(Name="findings")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=work, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    buckets = {
        f"{number + 1:012d}": [f"bucket-{number}-{each}" for each in range(number, fixable, repositories)]
        for number in range(repositories)
    }
    urls = {account: remote(made.folder / "remotes" / account, names) for account, names in buckets.items()}
    write_configuration(made.folder / "conf", {**urls, UNREACHABLE: f"file://{made.folder / 'remotes' / UNREACHABLE}"})
    return Queues(topic, work, dead), buckets


def written(buckets: Mapping[str, Sequence[str]], events: int, chance: random.Random) -> Sent:
    """`events` different ones; one in five of them twice."""
    sent = Sent()
    bodies: list[tuple[str, bool]] = []
    fixable = [(account, name) for account, names in buckets.items() for name in names]
    for number in range(events):
        if number % 20 == 0:
            bodies.append((MALFORMED[number // 20 % len(MALFORMED)], False))
        elif number % 50 == 1:
            name = f"far-{number}"
            sent.poison.append(name)
            bodies.append((event(finding(name, account=UNREACHABLE)), True))
        elif fixable and chance.random() < 2 * len(fixable) / (events - number):
            account, name = fixable.pop()
            sent.fixable.append(name)
            bodies.append((event(finding(name, account=account)), False))
        else:
            name = f"low-{number}"
            sent.held.append(name)
            bodies.append((event(finding(name, account=chance.choice(list(buckets)), severity="LOW")), False))
    bodies += chance.sample(bodies, len(bodies) // 5)
    chance.shuffle(bodies)
    sent.malformed = sum(body in MALFORMED for body, _ in bodies)
    sent.poisonous = sum(poisonous for _, poisonous in bodies)
    sent.messages = len(bodies)
    sent.bodies = [body for body, _ in bodies]
    return sent


def publish(made: Estate, queues: Queues, bodies: Sequence[str]) -> None:
    """No faster than the workers are: each message costs moto a walk over all that wait."""
    sns, sqs = made.client("sns"), made.client("sqs")
    for start in range(0, len(bodies), 10):
        entries = [{"Id": str(at), "Message": body} for at, body in enumerate(bodies[start : start + 10])]
        sns.publish_batch(TopicArn=queues.topic, PublishBatchRequestEntries=entries)
        while queues.waiting(sqs, queues.work) > MOST_WAITING:
            time.sleep(0.2)


def work(  # noqa: PLR0913, PLR0917 - what a run is made of
    made: Estate,
    queues: Queues,
    bodies: Sequence[str],
    workers: int,
    kills: int,
    chance: random.Random,
    pause: float,
    hold: int = 10,
) -> int:
    """Until nothing is left to do. Answers how many workers were killed."""

    def start() -> "subprocess.Popen[bytes]":
        return made.iacfix("work", "--queue", queues.work, "--wait", "0", "--hold", str(hold), "--retry", "0")

    running = [start() for _ in range(workers)]
    publishing = Thread(target=publish, args=(made, queues, bodies), daemon=True)
    publishing.start()
    sqs, killed = made.client("sqs"), 0
    while publishing.is_alive() or queues.waiting(sqs, queues.work):
        if any(each.poll() is not None for each in running):
            raise RuntimeError(f"a worker ended by itself: {(made.folder / 'log').read_text()[-2000:]}")
        time.sleep(chance.uniform(pause / 2, pause * 1.5) if killed < kills else min(pause, 1.0))
        if killed < kills and queues.waiting(sqs, queues.work):
            at = chance.randrange(workers)
            running[at].kill()
            running[at].wait()
            running[at] = start()
            killed += 1
    for each in running:
        each.send_signal(signal.SIGTERM)
    for each in running:
        each.wait(timeout=60)
    return killed


def counted(made: Estate, queues: Queues, sent: Sent) -> dict[str, tuple[int, int]]:
    """What has to be, and what is, under a name for each."""
    store = DynamoDbLedger(made.client("dynamodb"), LEDGER)
    entries = list(store.in_states(frozenset(State)))
    states = Counter(each.state for each in entries)
    by_name = {each.resource.rpartition(":")[2]: each for each in entries}
    lines = list(store.audit())
    events = [read(line).event for line in lines]
    moves = Counter((each.key, each.action) for each in events if each.action.startswith("finding.") and each.key)
    steady = [
        count for (_, action), count in moves.items() if action not in {"finding.attempt_failed", "finding.amended"}
    ]
    rejected = {each.finding for each in events if each.action == "input.rejected" and each.reason}
    documents = list((made.folder / "conf" / "pulls").glob("*.md"))
    wanted = [*sent.fixable, *sent.held, *sent.poison]
    sqs = made.client("sqs")
    return {
        "findings in the ledger": (len(wanted), len(entries)),
        "of them known by their resource": (len(wanted), sum(name in by_name for name in wanted)),
        "pull request open": (
            len(sent.fixable),
            sum(by_name[name].state is State.PULL_REQUEST_OPEN for name in sent.fixable if name in by_name),
        ),
        "held for a person": (
            len(sent.held),
            sum(by_name[name].state is State.HUMAN_REVIEW for name in sent.held if name in by_name),
        ),
        "where they stood, with the reason": (
            len(sent.poison),
            sum("cannot be cloned" in by_name[name].reason for name in sent.poison if name in by_name),
        ),
        "pull requests of the host": (states[State.PULL_REQUEST_OPEN], len(documents)),
        "steps of a finding that were taken twice": (0, sum(count > 1 for count in steady)),
        "malformed messages in the audit record, with reason": (sent.malformed, len(rejected)),
        "dead letters": (sent.poisonous, queues.waiting(sqs, queues.dead)),
        "left in the queue": (0, queues.waiting(sqs, queues.work)),
        "audit records that hold": (len(lines), len(lines) if isinstance(verify(lines), dict) else 0),
    }


def mend(made: Estate, sent: Sent) -> None:
    """The repository is there now."""
    remote(made.folder / "remotes" / UNREACHABLE, sent.poison)
    sent.fixable += sent.poison
    sent.poison, sent.poisonous = [], 0


def wrong(counts: Mapping[str, tuple[int, int]]) -> Mapping[str, tuple[int, int]]:
    return {name: pair for name, pair in counts.items() if pair[0] != pair[1]}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000)
    options.add_argument("--fixable", type=int, default=300)
    options.add_argument("--workers", type=int, default=3)
    options.add_argument("--kills", type=int, default=30)
    options.add_argument("--pause", type=float, default=6.0, help="seconds between kills, about")
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--write", action="store_true", help="keep the table in RESULTS.md")
    given = options.parse_args()
    chance = random.Random(given.seed)  # noqa: S311 - an order of events, not a secret
    with tempfile.TemporaryDirectory() as folder, estate(Path(folder)) as made:
        queues, buckets = deploy(made, given.fixable)
        sent = written(buckets, given.events, chance)
        print(f"{given.events:,} events, {sent.messages:,} messages", flush=True)
        start = time.monotonic()
        killed = work(made, queues, sent.bodies, given.workers, given.kills, chance, given.pause)
        print(f"{killed} workers killed; {time.monotonic() - start:.0f} s", flush=True)
        first = counted(made, queues, sent)
        mend(made, sent)
        replay = made.iacfix("dlq", "replay", "--queue", queues.dead, "--rate", "1000", "--count", "100000")
        if replay.wait(timeout=600):
            raise RuntimeError((made.folder / "log").read_text()[-2000:])
        work(made, queues, (), given.workers, 0, chance, 1.0)
        second = counted(made, queues, sent)
        rows = [(name, *map(str, first[name]), *map(str, second[name])) for name in first]
        text = results.table(("", "wanted", "found", "wanted after the replay", "found"), rows)
        print(text)
        if given.write:
            told = f"{given.events:,} events, {sent.messages:,} messages, {killed} workers killed."
            results.write("deluge", f"## Thousands of events at once\n\n{results.made_by('deluge')} {told}\n\n{text}")
        if wrong(first) or wrong(second):
            print((made.folder / "log").read_text()[-3000:])
            raise SystemExit(1)


if __name__ == "__main__":
    main()
