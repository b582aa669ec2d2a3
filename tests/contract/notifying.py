"""Each notifier with the service that it tells, and what that service holds afterwards."""

import base64
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iacfix.adapters.notifiers.azure_devops import AzureDevOpsNotifier, AzureProject
from iacfix.adapters.notifiers.chats import SlackNotifier, TeamsNotifier
from iacfix.adapters.notifiers.jira import JiraNotifier, JiraProject
from iacfix.adapters.notifiers.rest import Limits
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Occasion
from iacfix.ports.notifier import Notifier
from iacfix.testing import azure_devops_server, chat_server, jira_server
from iacfix.testing.azure_devops_server import AzureDevOpsServer
from iacfix.testing.chat_server import ChatServer
from iacfix.testing.jira_server import JiraServer
from iacfix.testing.rest_server import RestServer
from iacfix.workflows.notify import Notifying, Subscription

MAIL = "ann@example.com"
ACCOUNT = "5b10a2844c20165700ede21g"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMITS = Limits(timeout=0.5, longest=2.0, patience=30.0)
NOTICE = Notice(
    key="a1" * 32,
    occasion=Occasion.PULL_REQUEST,
    control="s3-block-public-access",
    title="S3 bucket blocks all public access",
    resource="arn:aws:s3:::logs",
    severity=Severity.HIGH,
    state="pull_request_open",
    reason="a fix by recipe:s3-block-public-access passed every stage",
    account="111122223333",
    region="eu-west-1",
    repository="acme/infra",
    owner="platform",
    contact=MAIL,
    link="https://console.aws.amazon.com/s3/buckets/logs",
    pull_request="https://github.com/acme/infra/pull/7",
)


@dataclass
class SteppedClock:
    """Waits in no time, and says how long."""

    waited: list[float] = field(default_factory=list)

    def now(self) -> float:
        return sum(self.waited)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


@dataclass
class Service:
    """`make` gives one more notifier, as another process has it. `things` are messages or tickets, as JSON; `is_open`
    says of each ticket whether it is.
    """

    server: RestServer
    make: Callable[[], Notifier]
    things: Callable[[], list[Any]]
    clock: SteppedClock
    secrets: tuple[str, ...]
    makes_tickets: bool = False
    is_open: Callable[[], list[bool]] = list
    comments: Callable[[], list[int]] = list

    @property
    def said(self) -> str:
        return json.dumps(self.things(), ensure_ascii=False)


def jira(server: JiraServer, **more: Any) -> Service:
    clock = SteppedClock()

    def make() -> Notifier:
        project = JiraProject(server.url, jira_server.PROJECT, **more)
        return JiraNotifier(project, jira_server.USER, jira_server.TOKEN, limits=LIMITS, clock=clock)

    return Service(
        server,
        make,
        lambda: [{**each.fields, "comments": each.comments} for each in server.issues],
        clock,
        (jira_server.TOKEN, base64.b64encode(f"{jira_server.USER}:{jira_server.TOKEN}".encode()).decode()),
        makes_tickets=True,
        is_open=lambda: [each.state != "Done" for each in server.issues],
        comments=lambda: [len(each.comments) for each in server.issues],
    )


def azure(server: AzureDevOpsServer, **more: Any) -> Service:
    clock = SteppedClock()

    def make() -> Notifier:
        project = AzureProject(server.url, azure_devops_server.PROJECT, **more)
        return AzureDevOpsNotifier(project, azure_devops_server.TOKEN, limits=LIMITS, clock=clock)

    return Service(
        server,
        make,
        lambda: [{**each.fields, "history": each.history} for each in server.items],
        clock,
        (azure_devops_server.TOKEN, base64.b64encode(f":{azure_devops_server.TOKEN}".encode()).decode()),
        makes_tickets=True,
        is_open=lambda: [each.fields["System.State"] != "Done" for each in server.items],
        comments=lambda: [len(each.history) for each in server.items],
    )


def slack(server: ChatServer) -> Service:
    clock = SteppedClock()
    return Service(
        server,
        lambda: SlackNotifier(server.slack, limits=LIMITS, clock=clock),
        lambda: list(server.messages),
        clock,
        (server.slack, chat_server.SLACK, "fakewebhooktoken"),
    )


def teams(server: ChatServer) -> Service:
    clock = SteppedClock()
    return Service(
        server,
        lambda: TeamsNotifier(server.teams, limits=LIMITS, clock=clock),
        lambda: list(server.messages),
        clock,
        (server.teams, chat_server.TEAMS, "fakewebhooksignature"),
    )


def on(occasion: Occasion, notice: Notice = NOTICE, **more: Any) -> Notice:
    return replace(notice, occasion=occasion, **more)


def notifying(service: Service, folder: Path, *, now: datetime = NOW) -> Notifying:
    """As a process of its own has it."""
    return Notifying(
        (Subscription(service.make()),),
        SqliteTold(folder / "told.sqlite"),
        lambda _seconds: None,
        SqliteLedger(folder / "ledger.sqlite"),
        now=lambda: now,
    )


TRACKERS = ["jira", "azure_devops"]


def started(name: str, stack: ExitStack) -> Service:
    match name:
        case "slack":
            return slack(stack.enter_context(ChatServer()))
        case "teams":
            return teams(stack.enter_context(ChatServer()))
        case "jira":
            return jira(stack.enter_context(JiraServer(people={MAIL: ACCOUNT})))
        case _:
            return azure(stack.enter_context(AzureDevOpsServer(people={MAIL})))
