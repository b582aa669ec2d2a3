"""Every notifier tells once, harms nobody by what it is given, and says why where it cannot tell."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.notifying import NOTICE, NOW, TRACKERS, Service, notifying, on, slack, started, teams

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import AuditResult, read
from iacfix.domain.errors import NotifierError
from iacfix.domain.notice import Notice, Occasion, Summary
from iacfix.ports.notifier import Notifier
from iacfix.testing.chat_server import ChatServer
from iacfix.testing.rest_server import Fault
from iacfix.workflows.notify import LEASE, Result, Subscription

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


@pytest.fixture(params=["slack", "teams", *TRACKERS])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with ExitStack() as stack:
        yield started(str(request.param), stack)


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
    ["x" * 4_000, "\U0001f4a9" * 3_000, "e\u0301\u0300" * 1_000, "", " \t\n"],
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


class KilledError(BaseException):
    """What nobody catches, as a process that ends."""


@dataclass
class Mortal:
    """Ends before it tells, or when it has told."""

    inner: Notifier
    tells: bool

    @property
    def name(self) -> str:
        return self.inner.name

    def tell(self, notice: Notice, before: str = "") -> str:
        if self.tells:
            self.inner.tell(notice, before)
        raise KilledError

    def summarize(self, _summary: Summary) -> None:
        raise KilledError


@pytest.mark.parametrize("tells", [False, True], ids=["before", "after"])
def test_whoever_is_killed_leaves_no_second_ticket(service: Service, tmp_path: Path, *, tells: bool) -> None:
    mortal = replace(notifying(service, tmp_path), subscriptions=(Subscription(Mortal(service.make(), tells)),))
    with pytest.raises(KilledError):
        mortal.tell(NOTICE)
    assert notifying(service, tmp_path).tell(NOTICE)[0].result is Result.FAILED
    later = NOW + timedelta(seconds=LEASE + 1)
    assert notifying(service, tmp_path, now=later).tell(NOTICE)[0].result is Result.TOLD
    assert notifying(service, tmp_path, now=later).tell(NOTICE)[0].result is Result.KNOWN
    assert len(service.things()) == (2 if tells and not service.makes_tickets else 1)


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


@pytest.mark.parametrize("start", [slack, teams])
def test_a_chat_is_not_flooded(start: Callable[[ChatServer], Service]) -> None:
    with ChatServer() as server:
        service = start(server)
        notifier = service.make()
        for number in range(25):
            notifier.tell(on(Occasion.FIXED, key=f"{number:064x}"))
        assert len(server.messages) == 25
        assert sum(service.clock.waited) == 20.0
