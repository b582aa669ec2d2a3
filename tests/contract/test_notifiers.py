"""Every notifier tells once, harms nobody by what it is given, and says why where it cannot tell."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.contract.notifying import ACCOUNT, MAIL, NOTICE, Service, azure, jira, on, slack, teams

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.adapters.stores.told_sqlite import SqliteTold
from iacfix.domain.audit import AuditResult, read
from iacfix.domain.errors import NotifierError, NotifierUnsureError
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Occasion, Summary
from iacfix.testing.azure_devops_server import AzureDevOpsServer
from iacfix.testing.chat_server import ChatServer
from iacfix.testing.jira_server import JiraServer
from iacfix.testing.rest_server import Fault
from iacfix.workflows.notify import LEASE, Notifying, Result, Subscription

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "AKIAIOSFODNN7EXAMPLE"  # gitleaks:allow - AWS's own example
HOSTILE = (
    f'<!channel> @here <@U012AB3CD> @everyone [click](https://evil.example/x) <https://evil.example|ok> "}}]}} '
    f"<script>alert(1)</script> <img src=x onerror=y> *b* {{{{DATE(2026)}}}} https://evil.example \u202egnp {SECRET} "
    f'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY" \r\n\r\nX: y'
)
NOT_SHOWN = (
    SECRET,
    "wJalrXUtnFEMI",
    "\u202e",
    "\r",
    "<!channel>",
    "@here",
    "@everyone",
    "<@U012AB3CD>",
    "<script>",
    "<img",
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


@pytest.fixture(params=["slack", "teams", *TRACKERS])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with ExitStack() as stack:
        yield started(str(request.param), stack)


@pytest.fixture(params=TRACKERS)
def tracker(request: pytest.FixtureRequest) -> Iterator[Service]:
    with ExitStack() as stack:
        yield started(str(request.param), stack)


def notifying(service: Service, folder: Path, *, now: datetime = NOW) -> Notifying:
    """As a process of its own has it."""
    return Notifying(
        (Subscription(service.make()),),
        SqliteTold(folder / "told.sqlite"),
        lambda _seconds: None,
        SqliteLedger(folder / "ledger.sqlite"),
        now=lambda: now,
    )


def test_a_notice_says_what_it_is_about(service: Service) -> None:
    service.make().tell(NOTICE)
    assert len(service.things()) == 1
    for part in ("arn:aws:s3:::logs", "S3 bucket blocks all public access", "platform", "pull/7", "111122223333"):
        assert part in service.said.replace("\u200b", "")


def test_told_again_it_is_told_once(service: Service, tmp_path: Path) -> None:
    for _ in range(3):
        notifying(service, tmp_path).tell(NOTICE)
    assert len(service.things()) == 1
    assert service.comments() in ([], [0])
    assert [each.result for each in notifying(service, tmp_path).tell(NOTICE)] == [Result.KNOWN]


def test_what_comes_back_is_told_again(service: Service, tmp_path: Path) -> None:
    for round_ in (1, 2):
        (told,) = notifying(service, tmp_path).tell(on(Occasion.NEEDS_A_PERSON, round=round_))
        assert told.result is Result.TOLD
    assert len(service.things()) == (1 if service.makes_tickets else 2)


def test_several_processes_at_once_tell_once(service: Service, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: notifying(service, tmp_path).tell(NOTICE)[0].result, range(6)))
    assert len(service.things()) == 1
    assert results.count(Result.TOLD) == 1


@pytest.mark.parametrize("field", ["title", "resource", "reason", "control", "owner", "repository", "state"])
def test_hostile_text_stays_text(service: Service, field: str) -> None:
    hostile = {**{name: getattr(NOTICE, name) for name in NOTICE.__slots__}, field: HOSTILE}
    service.make().tell(Notice(**hostile))
    assert len(service.things()) == 1, "it is taken as it is meant"
    assert [each for each in NOT_SHOWN if each in service.said] == []
    assert "https://evil.example" not in service.said, "an address of theirs is not made a link by anybody"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "http://example.com/",
        "https://user:word@example.com/",
        "https://example.com/|<!channel>",
        'https://example.com/"><script>',
        f"https://example.com/?key={SECRET}",
        "https://ex\u0430mple.com/",
    ],
)
def test_an_address_that_is_not_plain_is_no_link(service: Service, link: str) -> None:
    service.make().tell(on(Occasion.PULL_REQUEST, link=link, pull_request=link))
    assert len(service.things()) == 1
    assert link not in service.said
    assert "The finding" not in service.said


@pytest.mark.parametrize(
    "text",
    ["x" * 8_000, "\U0001f4a9" * 8_000, "e\u0301\u0300" * 4_000, "", " \t\n"],
    ids=["long", "wide", "marked", "empty", "blank"],
)
def test_any_length_is_taken(service: Service, text: str) -> None:
    service.make().tell(on(Occasion.NEEDS_A_PERSON, title=text, reason=text, resource=text, owner=text))
    assert len(service.things()) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_whoever_is_put_off_comes_back_when_asked(service: Service, status: int) -> None:
    service.server.faults[1] = Fault(status, headers={"Retry-After": "7"})
    service.make().tell(NOTICE)
    assert len(service.things()) == 1
    assert service.clock.waited == [7.0]


def test_nobody_waits_for_longer_than_is_reasonable(service: Service) -> None:
    service.server.faults[1] = Fault(429, headers={"Retry-After": "3600"})
    with pytest.raises(NotifierError, match="rate limit"):
        service.make().tell(NOTICE)
    assert service.clock.waited == []


def test_a_fault_of_the_service_is_told(service: Service) -> None:
    service.server.faults = {number: Fault(500) for number in range(1, 50)}
    with pytest.raises(NotifierError, match="fault"):
        service.make().tell(NOTICE)
    assert len(service.server.asked) <= 3
    assert service.things() == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_who_is_denied_does_not_insist(service: Service, status: int) -> None:
    service.server.faults = {number: Fault(status, '{"message": "no"}') for number in range(1, 50)}
    with pytest.raises(NotifierError) as raised:
        service.make().tell(NOTICE)
    assert len(service.server.asked) == 1
    assert raised.value.remedy


def test_a_redirect_is_not_followed(service: Service) -> None:
    with ChatServer() as other:
        service.server.faults = {number: Fault(307, headers={"Location": other.slack}) for number in range(1, 50)}
        with pytest.raises(NotifierError, match="somewhere else"):
            service.make().tell(NOTICE)
        assert other.asked == []


def test_no_error_holds_a_credential(service: Service) -> None:
    for secret in service.secrets:
        service.server.faults = {number: Fault(400, f'{{"message": "you sent {secret}"}}') for number in range(1, 50)}
        notifier = service.make()
        with pytest.raises(NotifierError) as raised:
            notifier.tell(NOTICE)
        assert "you sent" in str(raised.value)
        assert secret not in f"{raised.value!r} {vars(notifier)!r}"


def test_an_answer_that_does_not_come_is_not_asked_for_again(service: Service, tmp_path: Path) -> None:
    """Where it may have been told it stays claimed, and is looked for when the claim has run out."""
    last = 2 if service.makes_tickets else 1
    service.server.faults[last] = Fault(0, after=True)
    first = notifying(service, tmp_path)
    notice = on(Occasion.PULL_REQUEST, contact="")
    (told,) = first.tell(notice)
    assert told.result is Result.FAILED
    assert len(service.things()) == 1
    service.server.faults = {}
    assert notifying(service, tmp_path).tell(notice)[0].result is Result.FAILED, "another process does not know either"
    later = notifying(service, tmp_path, now=NOW + timedelta(seconds=LEASE + 1))
    assert later.tell(notice)[0].result is Result.TOLD
    assert len(service.things()) == (1 if service.makes_tickets else 2), "a chat is told rather twice than never"


def test_a_failing_notifier_is_in_the_audit_record_and_nowhere_else(service: Service, tmp_path: Path) -> None:
    service.server.faults = {number: Fault(403) for number in range(1, 50)}
    (told,) = notifying(service, tmp_path).tell(NOTICE)
    assert told.result is Result.FAILED
    (record,) = [read(line) for line in SqliteLedger(tmp_path / "ledger.sqlite").audit()]
    assert record.event.result is AuditResult.FAILED
    assert record.event.action == f"notify.{told.notifier}"
    assert record.event.key == NOTICE.key
    service.server.faults = {}
    assert notifying(service, tmp_path).tell(NOTICE)[0].result is Result.TOLD, "nothing stands in the way afterwards"


def test_a_run_is_summed_up_once(service: Service, tmp_path: Path) -> None:
    teams_ = {f"team-{number} <!here>": number for number in range(1, 60)}
    summary = Summary("run-1", {"proposed": 40, "not_located": 2}, {"critical": 2, "low": 40}, teams_)
    for _ in range(2):
        notifying(service, tmp_path).summarize(summary)
    if service.makes_tickets:
        assert service.things() == []
        return
    assert len(service.things()) == 1
    assert "2 critical, 40 low" in service.said
    assert "59 team-59" in service.said
    assert "<!here>" not in service.said


# Of trackers alone.


def test_a_ticket_ends_and_begins_again_with_its_finding(tracker: Service, tmp_path: Path) -> None:
    links = set()
    for occasion, round_, is_open in (
        (Occasion.PULL_REQUEST, 1, True),
        (Occasion.STILL_OPEN, 1, True),
        (Occasion.FIXED, 1, False),
        (Occasion.NEEDS_A_PERSON, 2, True),
        (Occasion.ACCEPTED, 2, False),
    ):
        (told,) = notifying(tracker, tmp_path).tell(on(occasion, round=round_))
        links.add(told.link)
        assert tracker.is_open() == [is_open], occasion
    assert len(links) == 1
    assert tracker.comments() == [4]


def test_what_comes_late_does_not_open_a_ticket_again(tracker: Service, tmp_path: Path) -> None:
    for occasion in (Occasion.NEEDS_A_PERSON, Occasion.FIXED, Occasion.PULL_REQUEST):
        notifying(tracker, tmp_path).tell(on(occasion))
    assert tracker.is_open() == [False]
    assert tracker.comments() == [1]


def test_nothing_is_made_of_what_is_over(tracker: Service) -> None:
    assert not tracker.make().tell(on(Occasion.FIXED))
    assert tracker.things() == []


def test_the_owner_gets_it_with_the_priority_of_its_severity(tracker: Service) -> None:
    tracker.make().tell(NOTICE)
    (ticket,) = tracker.things()
    assert ticket.get("assignee") == {"accountId": ACCOUNT} or ticket.get("System.AssignedTo") == MAIL
    assert ticket.get("priority") == {"name": "High"} or ticket.get("Microsoft.VSTS.Common.Priority") == 2


@pytest.mark.parametrize("contact", ["", "#platform", "nobody@example.com", "a b@c"])
def test_a_ticket_of_nobody_is_still_a_ticket(tracker: Service, contact: str) -> None:
    tracker.make().tell(on(Occasion.PULL_REQUEST, contact=contact, severity=Severity.UNKNOWN))
    (ticket,) = tracker.things()
    assert "assignee" not in ticket
    assert "System.AssignedTo" not in ticket


def test_two_processes_without_a_common_store_leave_one_open(tracker: Service) -> None:
    """Both look before either has made one."""
    other = tracker.make()
    tracker.server.meanwhile[2] = lambda: None

    def make_another() -> None:
        tracker.server.meanwhile.clear()
        tracker.server._lock.release()  # the other process is served in between
        try:
            other.tell(NOTICE)
        finally:
            tracker.server._lock.acquire()

    tracker.server.meanwhile[2] = make_another
    tracker.make().tell(NOTICE)
    assert len(tracker.things()) == 2
    tracker.make().tell(on(Occasion.STILL_OPEN))
    assert tracker.is_open() == [True, False], "the oldest stays"


def test_a_ticket_that_was_deleted_is_made_anew(tracker: Service, tmp_path: Path) -> None:
    notifying(tracker, tmp_path).tell(NOTICE)
    tracker.things().clear()
    server = tracker.server
    if isinstance(server, JiraServer):
        server.issues.clear()
    elif isinstance(server, AzureDevOpsServer):
        server.items.clear()
    (told,) = notifying(tracker, tmp_path).tell(on(Occasion.STILL_OPEN))
    assert told.result is Result.TOLD
    assert len(tracker.things()) == 1


def test_a_link_of_somebody_elses_ticket_is_not_believed(tracker: Service) -> None:
    mine = tracker.make()
    theirs = mine.tell(on(Occasion.PULL_REQUEST, key="b2" * 32))
    assert mine.tell(NOTICE, theirs) != theirs
    assert mine.tell(NOTICE, "https://evil.example/browse/SEC-1") != theirs
    assert len(tracker.things()) == 2


def test_no_more_is_found_than_was_made_where_the_line_breaks_before_anything_is(tracker: Service) -> None:
    tracker.server.faults[2] = Fault(0)
    with pytest.raises(NotifierUnsureError):
        tracker.make().tell(on(Occasion.PULL_REQUEST, contact=""))
    assert tracker.things() == []


def test_jira_is_behind_and_the_link_is_not(tmp_path: Path) -> None:
    with JiraServer(lag=1_000, people={MAIL: ACCOUNT}) as server:
        service = jira(server)
        for occasion in (Occasion.PULL_REQUEST, Occasion.STILL_OPEN, Occasion.FIXED):
            notifying(service, tmp_path).tell(on(occasion))
        assert service.is_open() == [False]


def test_jira_that_lets_nothing_through_says_so_in_the_ticket(tmp_path: Path) -> None:
    with JiraServer() as server:
        service = jira(server)
        notifying(service, tmp_path).tell(NOTICE)
        server.stuck = True
        (told,) = notifying(service, tmp_path).tell(on(Occasion.FIXED))
        assert told.result is Result.TOLD
        assert "by hand" in service.said


def test_many_twins_are_found_page_by_page() -> None:
    with JiraServer(page=2) as server:
        service = jira(server)
        service.make().tell(NOTICE)
        for number in range(2, 8):
            twin = server.issues[0].__class__(number, server.issues[0].fields, "To Do", 0)
            server.issues.append(twin)
        service.make().tell(on(Occasion.STILL_OPEN))
        assert service.is_open() == [True, *[False] * 6]


def test_a_state_of_azure_that_is_barred_leaves_a_remark() -> None:
    with AzureDevOpsServer(barred={"Done"}) as server:
        service = azure(server)
        service.make().tell(NOTICE)
        service.make().tell(on(Occasion.FIXED))
        assert service.is_open() == [True]
        assert "by hand" in service.said


def test_whoever_changed_a_work_item_meanwhile_keeps_their_change() -> None:
    with AzureDevOpsServer() as server:
        service = azure(server)
        service.make().tell(NOTICE)
        start = len(server.asked)

        def edit() -> None:
            server.items[0].fields["System.Title"] = "as a person has it"
            server.items[0].rev += 1

        server.meanwhile[start + 4] = edit
        service.make().tell(on(Occasion.STILL_OPEN))
        assert server.items[0].fields["System.Title"] == "as a person has it"
        assert service.comments() == [1]


def test_azure_s_page_to_sign_in_is_no_work_item() -> None:
    with AzureDevOpsServer() as server:
        server.faults[1] = Fault(203, "<html>Sign in</html>")
        with pytest.raises(NotifierError, match="does not take the token"):
            azure(server).make().tell(NOTICE)
