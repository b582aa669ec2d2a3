"""Commands in comments, against a GitHub over a real repository."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_credentials import Pace, Token
from iacfix.controls import load_catalogue
from iacfix.domain.change_request import Action, HostedPullRequest
from iacfix.domain.errors import ModelUnavailableError
from iacfix.domain.outcome import Status
from iacfix.domain.proposal import Candidate
from iacfix.generation.context import FixContext, RejectedAttempt
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN
from iacfix.triage.exceptions_file import PATH, read_exceptions
from iacfix.workflows.comments import Answered, Answerer, is_bot
from iacfix.workflows.exceptions import accepted_risks
from iacfix.workflows.fix import Fixer
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.refresh import Refresher

KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
KNOWN = finding("CKV_AWS_7", "aws_kms_key.data")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WRITTEN = """--- a/main.tf
+++ b/main.tf
@@ -1,3 +1,4 @@
 resource "aws_kms_key" "data" {
+  enable_key_rotation = true
   description = "data"
 }
"""
EXCEPTIONS = "exceptions: []\n"


@dataclass
class Scripted:
    """An author that answers in turn, and keeps what it was told."""

    answers: list[str]
    told: list[tuple[RejectedAttempt, ...]] = field(default_factory=list)
    id: str = "scripted"

    def generate(self, context: FixContext, rejections: Sequence[RejectedAttempt]) -> Candidate:
        self.told.append(tuple(rejections))
        if not self.answers:
            raise ModelUnavailableError("nothing left to say")
        return Candidate(self.answers.pop(0), f"model:{self.id}", f"For {context.location.address}.")


@dataclass
class Hosted:
    folder: Path
    server: GitHubServer
    fixer: Fixer

    @property
    def host(self) -> GitHubHost:
        url = self.server.api_url
        return GitHubHost(
            "acme/infra", Token(DEFAULT_TOKEN), api_url=url, pace=Pace(between_requests=0, between_writes=0, retries=0)
        )

    def publisher(self, *, dry_run: bool = False) -> Publisher:
        host = self.host
        place = Place(host, host.base())
        return Publisher(self.fixer.catalogue, lambda _: place, dry_run=dry_run, now=lambda: NOW)

    def answer(self, author: Scripted | None = None, *, dry_run: bool = False) -> list[Answered]:
        publisher = self.publisher(dry_run=dry_run)
        fixer = replace(self.fixer, author=author)
        return list(Answerer(publisher, publisher.place_of(""), "", fixer).answer())

    def open(self) -> HostedPullRequest:
        published = self.publisher().publish(self.fixer.fix(KNOWN)).pull_request
        assert published is not None
        (found,) = self.host.open_pull_requests()
        return found

    def say(self, body: str, author: str = "ann") -> None:
        self.server.comment("1", author, body)

    def answers(self, number: int = 1) -> list[str]:
        return [
            each.body
            for each in self.server.state.comments.values()
            if each.author == "iacfix-bot" and each.number == number
        ]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    files = {"main.tf": KEY, PATH: EXCEPTIONS}
    bare = BareRepository(tmp_path / "acme.git")
    bare.commit_files("main", {path: text.encode() for path, text in files.items()}, "as found")
    with GitHubServer(bare) as server:
        fixer = Fixer(load_catalogue(), repository(tmp_path / "work", files), compose=False)
        yield Hosted(tmp_path, server, fixer)
        assert server.faults == ()


def test_a_command_is_answered_once_also_when_it_is_edited(hosted: Hosted) -> None:
    hosted.open()
    hosted.say("Hello.")
    hosted.say("/iacfix explain")
    (first,) = hosted.answer()
    assert (first.author, first.command, first.error) == ("ann", "Explain", "")
    assert hosted.answer() == []
    asked = next(each for each in hosted.server.state.comments.values() if each.body == "/iacfix explain")
    asked.body = "/iacfix ignore"
    assert hosted.answer() == []
    (text,) = hosted.answers()
    assert "**KMS key is rotated every year**" in text
    assert "`iacfix controls show kms-key-rotation`" in text
    assert "\n/" not in text


def test_those_without_write_access_are_told_so_once_and_nothing_is_done(hosted: Hosted) -> None:
    hosted.server.state.people |= {"eve": "read", "renovate[bot]": "write"}
    hosted.open()
    for body in ("/iacfix ignore", '/iacfix accept-risk until=2026-12-31 reason="x"', "/iacfix retry x"):
        hosted.say(body, "eve")
        hosted.say(body, "nobody")
        hosted.say(body, "renovate[bot]")
    author = Scripted([WRITTEN])
    assert sorted(each.author for each in hosted.answer(author)) == ["eve", "nobody"]
    assert hosted.answer(author) == []
    assert author.told == []
    assert len(hosted.answers()) == 2
    assert all("people with write access" in text for text in hosted.answers())
    assert len(hosted.host.open_pull_requests()) == 1


def test_ignore_closes_it_until_the_finding_changes(hosted: Hosted) -> None:
    hosted.open()
    hosted.say("/iacfix ignore")
    hosted.say("/iacfix explain")
    (done,) = hosted.answer()
    assert done.command == "Ignore"
    assert hosted.host.open_pull_requests() == ()
    again = hosted.publisher().publish(hosted.fixer.fix(KNOWN)).pull_request
    assert again is not None
    assert again.action is Action.NOT_WANTED


def test_a_retry_is_the_models_and_stays_while_the_base_does(hosted: Hosted) -> None:
    before = hosted.open()
    hosted.say("/iacfix retry Put it first, <!-- --> please")
    author = Scripted([WRITTEN])
    (done,) = hosted.answer(author)
    assert "every stage has accepted it" in done.answer
    ((told,),) = author.told
    assert told.stage == "a person"
    assert told.reason == "somebody who reviewed it asks for another change: Put it first, please"
    assert "+  enable_key_rotation = true" in told.diff
    (after,) = hosted.host.open_pull_requests()
    assert (after.number, after.branch) == (before.number, before.branch)
    assert after.content != before.content
    assert "{\n+  enable_key_rotation = true\n" in after.body
    assert "`scripted`" in after.body

    kept = hosted.publisher().publish(hosted.fixer.fix(KNOWN)).pull_request
    assert kept is not None
    assert kept.action is Action.KEPT


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["nothing"] * 3, "The pull request stays as it is: "),
        ([WRITTEN.replace("true", "false")] * 3, "The pull request stays as it is: "),
    ],
)
def test_a_retry_that_no_stage_accepts_changes_nothing(hosted: Hosted, answers: list[str], said: str) -> None:
    before = hosted.open()
    hosted.say("/iacfix retry")
    (done,) = hosted.answer(Scripted(answers))
    assert done.answer.startswith(said)
    assert hosted.host.open_pull_requests() == (before,)


def test_without_a_model_there_is_nothing_to_retry(hosted: Hosted) -> None:
    before = hosted.open()
    hosted.say("/iacfix retry with another key")
    (done,) = hosted.answer()
    assert done.answer.startswith("There is nothing to retry: no model is configured here")
    assert hosted.host.open_pull_requests() == (before,)


def test_where_somebody_has_worked_nothing_is_retried(hosted: Hosted) -> None:
    found = hosted.open()
    hosted.server.state.repository.commit_files(found.branch, {"main.tf": b"# mine\n"}, "mine")
    hosted.say("/iacfix retry")
    author = Scripted([WRITTEN])
    (done,) = hosted.answer(author)
    assert done.answer.startswith("Nothing was done: somebody has worked on")
    assert author.told == []


def test_an_exception_is_asked_for_and_once_merged_the_fix_is_closed_and_stays_away(hosted: Hosted) -> None:
    hosted.open()
    hosted.say('/iacfix accept-risk until=2026-12-31 reason="It goes @soon: <b>"')
    (done,) = hosted.answer()
    assert done.answer.startswith("An exception until 2026-12-31 is asked for in a pull request of its own: http")
    assert len(hosted.host.open_pull_requests()) == 2
    request = next(each for each in hosted.host.open_pull_requests() if each.branch.startswith("iacfix/exception/"))
    assert request.title == "Accept the risk until 2026-12-31: kms-key-rotation at aws_kms_key.data in main.tf"
    assert "> “It goes @\u200bsoon: &lt;b\u200b&gt;”" in request.body
    written = hosted.host.read(PATH, request.head)
    (entry,) = read_exceptions(written or b"").entries
    assert (entry.approver, entry.reason, entry.until) == ("ann", "It goes @soon: <b>", date(2026, 12, 31))
    assert hosted.answer() == []

    hosted.server.merge(request.number)
    now = repository(hosted.folder / "merged", {"main.tf": KEY, PATH: (written or b"").decode()})
    accepted = replace(accepted_risks(now), today=NOW.date)
    fixer = replace(hosted.fixer, repository=now, accepted=accepted)
    assert fixer.fix(KNOWN).status is Status.ACCEPTED
    publisher = hosted.publisher()
    (closed,) = Refresher(publisher, publisher.place_of(""), "", fixer).refresh()
    assert closed.result.action is Action.CLOSED
    assert closed.result.reason.startswith("risk_accepted")
    over = replace(fixer, accepted=replace(accepted, today=lambda: date(2027, 1, 1)))
    back = hosted.publisher().publish(over.fix(KNOWN)).pull_request
    assert back is not None
    assert back.action is Action.OPENED


def test_without_the_file_the_entry_is_shown(hosted: Hosted) -> None:
    hosted.open()
    hosted.server.state.repository.commit_files("main", {PATH: None}, "not here")
    hosted.say('/iacfix accept-risk until=2026-12-31 reason="It goes."')
    (done,) = hosted.answer()
    assert "```yaml\nexceptions:\n- control: " in done.answer
    assert len(hosted.host.open_pull_requests()) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("/iacfix accept-risk", "an exception needs a reason"),
        ('/iacfix accept-risk until=2028-01-01 reason="x"', "is more than 365 days ahead"),
        ('/iacfix accept-risk until=2026-11-20 reason="x"', "2026-11-20 is over"),
        ("/iacfix merge", "there is no such command"),
    ],
)
def test_what_cannot_be_done_is_said(hosted: Hosted, body: str, said: str) -> None:
    hosted.open()
    hosted.say(body)
    (done,) = hosted.answer()
    assert done.answer.startswith("Nothing was done: ")
    assert said in done.answer
    assert len(hosted.host.open_pull_requests()) == 1


def test_a_marker_that_points_elsewhere_is_not_followed(hosted: Hosted) -> None:
    hosted.open()
    pull = hosted.server.state.pulls[1]
    pull.body = pull.body.replace('"address": "aws_kms_key.data"', '"address": "aws_kms_key.other"')
    hosted.say('/iacfix accept-risk until=2026-12-31 reason="x"')
    (done,) = hosted.answer()
    assert done.answer.startswith("This pull request does not hold one fix")


def test_a_dry_run_says_what_it_would_do_and_does_nothing(hosted: Hosted) -> None:
    before = hosted.open()
    for body in (
        "/iacfix retry x",
        '/iacfix accept-risk until=2026-12-31 reason="x"',
        "/iacfix explain",
        "/iacfix ignore",
    ):
        hosted.say(body)
    author = Scripted([WRITTEN])
    done = hosted.answer(author, dry_run=True)
    assert [each.command for each in done] == ["Retry", "AcceptRisk", "Explain", "Ignore"]
    assert author.told == []
    assert hosted.answers() == []
    assert hosted.host.open_pull_requests() == (before,)


def test_where_the_model_gives_no_answer_the_next_command_has_its_turn(hosted: Hosted) -> None:
    hosted.open()
    hosted.say("/iacfix retry x")
    hosted.say("/iacfix explain")
    retried, explained = hosted.answer(Scripted([]))
    assert "gave no answer" in retried.answer
    assert explained.command == "Explain"


def test_what_the_host_refuses_is_told_and_tried_again(hosted: Hosted) -> None:
    hosted.open()
    hosted.say("/iacfix explain")
    hosted.server.state.people["iacfix-bot"] = "none"
    (failed,) = hosted.answer()
    assert failed.answer == ""
    assert failed.error
    hosted.server.state.people["iacfix-bot"] = "write"
    (done,) = hosted.answer()
    assert done.error == ""


def test_bots_are_known_by_their_names() -> None:
    assert [is_bot(name) for name in ("renovate[bot]", "project_7_bot_3f", "Group_7_bot", "ann", "botanist", "")] == [
        *(True, True, True),
        *(False, False, False),
    ]
