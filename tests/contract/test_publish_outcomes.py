"""What people and hosts do to a pull request, and what becomes of the next run. docs/git-hosts.md tells it in a table."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.contract.conftest import HOSTS, GitHub, HostUnderTest, start
from tests.contract.publishing import BEFORE, CATALOGUE, FILES, LABELS, NOW, Fix, publish, published, require_all_once

from iacfix.domain.change_request import Action, BaseCommit, Person, PullRequestState
from iacfix.domain.finding import Severity
from iacfix.domain.outcome import Outcome, Status
from iacfix.testing.codecommit_server import Fault
from iacfix.workflows.publish import HANDS_OFF_COMMENT, Place, Publisher

if TYPE_CHECKING:
    from tests.contract.codecommit import CodeCommit
    from tests.contract.conftest import Bitbucket, GitLab

FIX = Fix("data")
THEIRS = b"# mine\n"


def opened(host: HostUnderTest) -> str:
    """The base, once our pull request is there."""
    base = start(host, FILES)
    published(host, FIX, Action.OPENED)
    return base


def require_hands_off(host: HostUnderTest, head: str) -> None:
    """However often it is run: their work stays, and one comment says so."""
    for _ in range(2):
        made = published(host, FIX, Action.HANDS_OFF)
        assert "somebody has worked on" in made.reason
    assert host.repository.head(FIX.branch) == head
    assert host.count() == 1
    connection = host.connect()
    (found,) = connection.pull_requests(FIX.branch)
    assert found.state is PullRequestState.OPEN
    assert [each.key for each in connection.comments(found)] == [HANDS_OFF_COMMENT]


def test_a_commit_of_a_person_on_our_branch_stays(host: HostUnderTest) -> None:
    opened(host)
    require_hands_off(host, host.repository.commit_files(FIX.branch, {"main.tf": THEIRS}, "mine\n"))


def test_what_a_person_pushed_by_force_stays(host: HostUnderTest) -> None:
    """Words and all of our commit, as `git commit --amend` keeps them."""
    base = opened(host)
    ours = host.repository.commit(FIX.branch)
    assert ours is not None
    host.repository.move(FIX.branch, base)
    require_hands_off(host, host.repository.commit_files(FIX.branch, {"main.tf": THEIRS}, ours.message))


def test_a_branch_that_a_person_deleted_is_not_made_again(host: HostUnderTest) -> None:
    """GitHub and CodeCommit close the pull request with it; elsewhere it stays open, without a branch."""
    opened(host)
    host.repository.delete(FIX.branch)
    for _ in range(2):
        published(host, FIX, Action.NOT_WANTED, Action.HANDS_OFF)
    assert host.repository.head(FIX.branch) is None
    assert host.count() == 1


def test_what_a_person_closed_stays_closed_until_the_finding_changes(host: HostUnderTest) -> None:
    opened(host)
    (found,) = host.connect().pull_requests(FIX.branch)
    host.close_by_hand(found.number)
    published(host, FIX, Action.NOT_WANTED)
    assert host.count() == 1
    published(host, replace(FIX, severity=Severity.CRITICAL), Action.OPENED)
    assert host.count() == 2


def test_where_the_default_branch_was_renamed_a_name_in_the_configuration_says_so(host: HostUnderTest) -> None:
    base = start(host, FILES)
    host.repository.move("trunk", base)
    host.repository._git("symbolic-ref", "HEAD", "refs/heads/trunk")
    host.repository.delete("main")
    host.repository.default_branch = "trunk"
    outcome = publish(host, FIX, base="main")
    assert refusal(outcome).count("main")
    assert host.count() == 0
    published(host, FIX, Action.OPENED)
    assert require_all_once(host, FIX, base).target == "trunk"


def _protected_on_codecommit(host: HostUnderTest) -> None:
    """IAM denies it; the branch is made with the 7th request."""
    cast("CodeCommit", host).server.fail(Fault("AccessDeniedException"), at=6)


PROTECTED: dict[str, Callable[[HostUnderTest], object]] = {
    "bitbucket": lambda host: cast("Bitbucket", host).server.state.restricted.add(FIX.branch),
    "codecommit": _protected_on_codecommit,
    "github": lambda host: cast("GitHub", host).server.state.restricted.add(FIX.branch),
    "gitlab": lambda host: cast("GitLab", host).server.state.protected.add(FIX.branch),
}
ARCHIVED: dict[str, Callable[[HostUnderTest], None]] = {
    "github": lambda host: setattr(cast("GitHub", host).server.state, "archived", True),
    "gitlab": lambda host: setattr(cast("GitLab", host).server.state, "archived", True),
}


@pytest.mark.parametrize("host", sorted(PROTECTED), indirect=True)
def test_a_branch_that_may_not_be_pushed_is_told(host: HostUnderTest, request: pytest.FixtureRequest) -> None:
    base = start(host, FILES)
    PROTECTED[request.node.callspec.params["host"]](host)
    assert refusal(publish(host, FIX))
    assert dict(host.repository.branches()) == {"main": base}
    assert host.count() == 0


@pytest.mark.parametrize("host", sorted(ARCHIVED), indirect=True)
def test_an_archived_repository_is_told(host: HostUnderTest, request: pytest.FixtureRequest) -> None:
    base = start(host, FILES)
    ARCHIVED[request.node.callspec.params["host"]](host)
    assert "archived" in refusal(publish(host, FIX))
    assert dict(host.repository.branches()) == {"main": base}
    assert host.count() == 0


def test_a_reviewer_whom_the_host_does_not_know_is_told_and_stands_in_nobodys_way(host: HostUnderTest) -> None:
    start(host, FILES)
    made = publish(host, FIX, reviewers=(Person("nobody"), Person("ann"))).pull_request
    assert made is not None
    assert made.action is Action.OPENED
    limits, (found,) = host.connect().limits, host.connect().pull_requests(FIX.branch)
    if limits.reviewers:
        assert "ann" in host.asked_to_review(found.number)
        assert ("does not take nobody" in made.reason) != ("nobody" in host.asked_to_review(found.number))
    else:
        assert "does not take nobody, ann" in made.reason


def test_a_label_that_the_host_does_not_take_is_told_and_stands_in_no_other_ones_way(host: HostUnderTest) -> None:
    start(host, FILES)
    if isinstance(host, GitHub):
        host.server.state.makes_labels = False
    made = publish(host, FIX, labels=("iac", "bug")).pull_request
    assert made is not None
    assert made.action is Action.OPENED
    limits, (found,) = host.connect().limits, host.connect().pull_requests(FIX.branch)
    assert limits.labels is bool(found.labels)
    assert {label for label in ("iac", "bug") if label not in found.labels} == {
        label for label in ("iac", "bug") if label in made.reason
    }
    assert not limits.labels or "bug" in found.labels


def test_another_title_stays_and_marks_that_were_taken_out_come_back(host: HostUnderTest) -> None:
    base = opened(host)
    (found,) = host.connect().pull_requests(FIX.branch)
    host.edit_by_hand(found.number, "Rotate our key", found.body)
    assert published(host, FIX, Action.KEPT).url == found.url
    assert host.connect().pull_requests(FIX.branch)[0].title == "Rotate our key"
    host.edit_by_hand(found.number, "Rotate our key", "My own words.\n")
    assert "lost the marks" in published(host, FIX, Action.UPDATED).reason
    assert require_all_once(host, FIX, base).number == found.number
    published(host, FIX, Action.KEPT)


def test_a_label_that_a_person_took_away_stays_away(host: HostUnderTest) -> None:
    start(host, FILES)
    publish(host, FIX, labels=LABELS[:1])
    publish(host, FIX)
    if host.connect().limits.labels:
        assert host.connect().pull_requests(FIX.branch)[0].labels == LABELS[:1]
    assert host.count() == 1


def with_base(host: HostUnderTest, base: str) -> Outcome:
    """By a run that looked at the base some time ago."""
    place = Place(host.connect(), BaseCommit("main", base), labels=LABELS, reviewers=lambda _: (Person("ann"),))
    return Publisher(CATALOGUE, lambda _: place, now=lambda: NOW).publish(FIX.outcome)


def test_where_the_base_moved_after_we_looked_the_next_run_follows(host: HostUnderTest) -> None:
    old = start(host, FILES)
    new = host.repository.commit_files("main", {"other.tf": b"# other\n"}, "other\n")
    made = with_base(host, old).pull_request
    assert made is not None
    assert made.action is Action.OPENED
    first = require_all_once(host, FIX, old)
    assert "base has moved" in published(host, FIX, Action.UPDATED).reason
    assert require_all_once(host, FIX, new).number == first.number


def test_where_the_file_moved_on_nothing_is_done(host: HostUnderTest) -> None:
    start(host, {"main.tf": BEFORE})
    new = host.repository.commit_files("main", {"main.tf": THEIRS}, "mine\n")
    assert "main.tf" in refusal(publish(host, FIX))
    assert dict(host.repository.branches()) == {"main": new}


def test_one_that_was_merged_after_we_looked_is_not_opened_again(host: HostUnderTest) -> None:
    base = opened(host)
    (found,) = host.connect().pull_requests(FIX.branch)
    host.merge_by_hand(found.number)
    made = with_base(host, base).pull_request
    assert made is not None
    assert made.action is Action.VERIFICATION_DUE
    assert host.count() == 1


def refusal(outcome: Outcome) -> str:
    assert outcome == replace(outcome, status=Status.GENERATION_FAILED, proposal=None, pull_request=None)
    return outcome.reason


def test_every_host_is_asked() -> None:
    """One that is added says what protects a branch there, and whether a repository can be archived."""
    assert HOSTS.keys() - {"local"} <= PROTECTED.keys()
