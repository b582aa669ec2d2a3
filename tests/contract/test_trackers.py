"""A finding has one ticket, which ends and begins again with it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.contract.notifying import ACCOUNT, MAIL, NOTICE, TRACKERS, Service, azure, jira, notifying, on, started

from iacfix.domain.errors import NotifierError, NotifierUnsureError
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Occasion
from iacfix.testing.azure_devops_server import AzureDevOpsServer
from iacfix.testing.jira_server import JiraServer
from iacfix.testing.rest_server import Fault
from iacfix.workflows.notify import Result


@pytest.fixture(params=TRACKERS)
def tracker(request: pytest.FixtureRequest) -> Iterator[Service]:
    with ExitStack() as stack:
        yield started(str(request.param), stack)


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
