"""Notices by several processes that are killed at random and started again, a fifth of the notices twice: what stands
in a tracker and in a chat afterwards. Both are doubles over HTTP on this machine; the store of what was told is SQLite.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import results

from iacfix.adapters.notifiers.chats import SlackNotifier
from iacfix.adapters.notifiers.jira import JiraNotifier, JiraProject
from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Occasion
from iacfix.testing.chat_server import ChatServer
from iacfix.testing.jira_server import PROJECT, TOKEN, USER, JiraServer
from iacfix.workflows.notify import LEASE, Notifying, Result, Subscription

TWICE = 0.2
LAG = 25
Delivery = tuple[int, str]


@dataclass
class Counts:
    """`deliveries` with those that came twice; `late` were told after their claim had run out."""

    findings: int = 0
    deliveries: int = 0
    kills: int = 0
    late: int = 0
    tickets: int = 0
    closed: int = 0
    comments: int = 0
    findings_with_several_tickets: int = 0
    messages: int = 0
    messages_twice: int = 0
    seconds: float = 0.0


@dataclass
class Worker:
    """A process that tells of its deliveries one after the other, and prints the number of each that is done."""

    setup: dict[str, str]
    todo: list[Delivery]
    process: "subprocess.Popen[str]" = field(init=False)
    done: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.notified", "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({**self.setup, "deliveries": self.todo}))
        self.process.stdin.close()

    def ended(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.wait()


def notice(number: int, occasion: str) -> Notice:
    return Notice(
        key=f"{number:064x}",
        occasion=Occasion(occasion),
        control="s3-block-public-access",
        title="S3 bucket blocks all public access",
        resource=f"arn:aws:s3:::bucket-{number}",
        severity=Severity.HIGH,
        state=occasion,
        reason="as it is",
    )


class Hurried:
    """A clock that waits in no time: how fast a chat is told is no subject here."""

    def __init__(self) -> None:
        self._waited = 0.0

    def now(self) -> float:
        return self._waited

    def sleep(self, seconds: float) -> None:
        self._waited += seconds


def work() -> None:
    """As a worker: the setup comes on stdin, `number occasion result…` leaves for each delivery."""
    given = json.loads(sys.stdin.read())
    now = datetime.fromtimestamp(float(given["now"]), UTC)
    jira = JiraNotifier(JiraProject(given["jira"], PROJECT), USER, TOKEN)
    told = Notifying(
        (Subscription(jira), Subscription(SlackNotifier(given["slack"], clock=Hurried()))),
        SqliteTold(Path(given["told"])),
        lambda _seconds: None,
        now=lambda: now,
    )
    for number, occasion in given["deliveries"]:
        found = [each.result for each in told.tell(notice(number, occasion))]
        print(number, occasion, *found, flush=True)


def measured(findings: int, workers: int, kills: int, seed: int = 7) -> Counts:
    """Every finding gets a pull request; when all are told, half of them are fixed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    counts = Counts(findings=findings)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, JiraServer(lag=LAG) as jira, ChatServer() as chat:
        setup = {"jira": jira.url, "slack": chat.slack, "told": str(Path(folder) / "told.sqlite")}
        now = datetime(2026, 11, 1, tzinfo=UTC)
        fixed = chance.sample(range(findings), findings // 2)
        for occasion, numbers in ((Occasion.PULL_REQUEST, range(findings)), (Occasion.FIXED, fixed)):
            wanted = [(number, occasion.value) for number in numbers]
            wanted += chance.sample(wanted, int(len(wanted) * TWICE))
            chance.shuffle(wanted)
            counts.deliveries += len(wanted)
            left = wanted
            for attempt in range(3):
                stamped = {**setup, "now": str(now.timestamp())}
                killing = kills // 2 if not attempt else 0
                failed = list(delivered(left, stamped, workers, killing, chance, counts))
                now += timedelta(seconds=LEASE + 1)
                counts.late += len(failed)
                left = failed
                if not left:
                    break
            assert not left, "what is not told after two more rounds is lost"
        by_label = Counter(str(each.fields["labels"]) for each in jira.issues)
        counts.tickets = len(jira.issues)
        counts.findings_with_several_tickets = sum(count > 1 for count in by_label.values())
        counts.closed = sum(each.state == "Done" for each in jira.issues)
        counts.comments = sum(len(each.comments) for each in jira.issues)
        said = Counter(json.dumps(each) for each in chat.messages)
        counts.messages = len(chat.messages)
        counts.messages_twice = sum(count - 1 for count in said.values())
    counts.seconds = time.monotonic() - started
    return counts


def delivered(  # noqa: PLR0913, PLR0917 - what a round is made of
    wanted: Sequence[Delivery], setup: dict[str, str], workers: int, kills: int, chance: random.Random, counts: Counts
) -> Iterator[Delivery]:
    """Answers the deliveries that could not be told. A process is killed after a number of deliveries by chance, at
    whatever it is doing by then; the next one goes on with what that one had not said to be done.
    """
    running = [Worker(setup, list(wanted[at::workers])) for at in range(workers)]
    share = max(len(wanted) // max(kills, 1), 2)
    left = kills
    while running:
        worker = running[0]
        running = [*running[1:], worker]
        limit = chance.randrange(share) if left else len(worker.todo) + 1
        assert worker.process.stdout is not None
        for _ in range(limit):
            line = worker.process.stdout.readline()
            if not line:
                break
            number, occasion, *found = line.split()
            worker.todo.remove((int(number), occasion))
            if Result.FAILED in found:
                yield int(number), occasion
        if not worker.todo:
            worker.ended()
            running.remove(worker)
            continue
        if left:
            time.sleep(chance.random() * 0.02)
            worker.process.kill()
            worker.ended()
            left -= 1
            counts.kills += 1
            worker.start()


def table(counts: Counts) -> str:
    rows = [(name.replace("_", " "), value) for name, value in vars(counts).items() if name != "seconds"]
    return results.table(("what", "count"), rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--findings", type=int, default=500)
    options.add_argument("--workers", type=int, default=4)
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--write", action="store_true", help="keep the table in RESULTS.md")
    given = options.parse_args()
    if given.worker:
        work()
        return
    counts = measured(given.findings, given.workers, given.kills)
    text = table(counts)
    print(text)
    print(f"{counts.seconds:.0f} seconds")
    if given.write:
        command = f"notified --findings {given.findings} --workers {given.workers} --kills {given.kills} --write"
        results.write("notified", f"## Notices\n\n{results.made_by(command)}\n\n{__doc__}\n{text}")


if __name__ == "__main__":
    main()
