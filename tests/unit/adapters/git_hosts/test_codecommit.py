"""What CodeCommit has of its own; what every host does is in tests/contract/test_git_host.py."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.codecommit import CodeCommit, codecommit
from tests.contract.conftest import start

from iacfix.adapters.aws.role import Role
from iacfix.adapters.git_hosts.codecommit import CodeCommitGitHost
from iacfix.domain.change_request import Access, ChangeRequest, HostedPullRequest, Person, PullRequestState
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.domain.marks import content_hash, marker, trailer
from iacfix.domain.proposal import Edit
from iacfix.ports.git_host import GitHost
from iacfix.testing.codecommit_server import MOVED, Fault

BEFORE, AFTER, BETTER = b"a = 1\n", b"a = 2\n", b"a = 3\n"
KEY = hashlib.sha256(b"a finding").hexdigest()
BRANCH = f"iacfix/a-control/{KEY[:12]}"
OPENING = (
    "GetRepository",
    "GetBranch",
    "GetBranch",
    "GetFolder",
    "CreateBranch",
    "CreateCommit",
    "ListPullRequests",
    "GetBranch",
    "CreatePullRequest",
)
MOVING = (
    "GetBranch",
    "GetCommit",
    "GetMergeOptions",
    "GetDifferences",
    "GetBlob",
    "GetFolder",
    "GetBranch",
    "CreateBranch",
    "CreateCommit",
    "GetRepository",
    "GitPush",
    "ListPullRequests",
    "GetPullRequest",
    "UpdatePullRequestTitle",
    "UpdatePullRequestDescription",
)
CONFLICTS = {
    "CreateBranch": "BranchNameExistsException",
    "CreateCommit": "ParentCommitIdOutdatedException",
    "CreatePullRequest": "IdempotencyParameterMismatchException",
}
FAULTS: dict[str, Callable[[str], Fault]] = {
    "500": lambda _: Fault("InternalFailure", 500),
    "throttled": lambda _: Fault("ThrottlingException", 429),
    "conflict": lambda step: Fault(CONFLICTS.get(step, MOVED)),
    "cut before": lambda _: Fault(cut=True),
    "cut after": lambda _: Fault(cut=True, acted=True),
}


FORESEEN = (HostConflictError, HostRateLimitedError, HostUnavailableError)
"""The errors that say: run it again."""
WRITES = [(at, step) for at, step in enumerate(MOVING) if not step.startswith(("Get", "List"))]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[CodeCommit]:
    with codecommit(tmp_path) as made:
        yield made


def change(base: str, after: bytes = AFTER, title: str = "A title", target: str = "") -> ChangeRequest:
    edits = (Edit("main.tf", BEFORE, after),)
    content = content_hash(edits)
    message = f"Subject\n\n{trailer(KEY, content)}\n"
    body = f"{marker(KEY)}\n\n{title}.\n"
    return ChangeRequest(KEY, BRANCH, base, title, body, message, edits, content, target)


def opened(connection: GitHost, request: ChangeRequest, replacing: str = "") -> HostedPullRequest:
    return connection.ensure_pull_request(request, connection.ensure_branch(request, replacing=replacing))


def opened_on_main(connection: GitHost) -> HostedPullRequest:
    return opened(connection, change(connection.base().commit, target="main"))


def is_one_of_each(host: CodeCommit, base: str, head: str, after: bytes) -> bool:
    repository = host.repository
    assert dict(repository.branches()) == {"main": base, BRANCH: head}
    assert repository.ahead(head, base) == (head,)
    assert repository.blob(repository.files(head)["main.tf"].id) == after
    return host.count() == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_breaks_on_the_way_a_second_run_opens_one(host: CodeCommit, fault: str) -> None:
    """Every step of opening, one after the other, each in a repository as it was at first."""
    base = start(host, {"main.tf": BEFORE})
    connection = host.connect()
    for at, step in enumerate(OPENING):
        host.server.fail(FAULTS[fault](step), at=at)
        first = len(host.server.operations)
        with pytest.raises(FORESEEN):
            opened_on_main(connection)
        found = opened_on_main(connection)
        assert host.server.operations[first + at] == step
        assert is_one_of_each(host, base, found.head, AFTER), step
        host.repository.delete(BRANCH)
        host.server.pulls.pulls.clear()
        host.server.pulls.tokens.clear()


@pytest.mark.parametrize("fault", ["conflict", "cut before", "cut after"])
def test_whatever_breaks_on_the_way_a_second_run_moves_the_one(host: CodeCommit, fault: str) -> None:
    """Every step that writes, one after the other; what breaks before the first of them leaves all as it was."""
    base = start(host, {"main.tf": BEFORE})
    old = opened(host.connect(), change(base, target="main"))
    later = host.repository.commit_files("main", {"other.tf": b"# new\n"}, "later\n")
    better = change(later, BETTER, "Better", target="main")
    for at, step in WRITES:
        connection = host.connect()
        host.server.fail(FAULTS[fault](step), at=at)
        first = len(host.server.operations)
        with pytest.raises(FORESEEN):
            opened(connection, better, old.head)
        assert host.server.operations[first + at] == step
        found = opened(connection, better, host.repository.head(BRANCH) or "")
        assert (found.number, found.state) == (old.number, PullRequestState.OPEN)
        assert is_one_of_each(host, later, found.head, BETTER), step
        host.repository.move(BRANCH, old.head)
        pull = host.server.pulls.pulls[old.number]
        pull.title, pull.description = old.title, old.body


def test_the_tables_hold_every_step(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    old = opened_on_main(host.connect())
    assert tuple(host.server.operations) == OPENING
    later = host.repository.commit_files("main", {"other.tf": b"# new\n"}, "later\n")
    host.server.operations.clear()
    opened(host.connect(), change(later, BETTER, "Better", target="main"), old.head)
    assert tuple(host.server.operations) == MOVING
    assert base != later


def test_a_commit_that_comes_just_before_the_move_stays(host: CodeCommit) -> None:
    """Between the last look and the push: git compares."""
    base = start(host, {"main.tf": BEFORE})
    connection = host.connect()
    old = opened(connection, change(base, target="main"))
    theirs: list[str] = []
    receive = host.server.git.repository.receive

    class Late:
        def __getattr__(self, name: str) -> object:
            return getattr(host_repository, name)

        def receive(self, push: bytes) -> bytes:
            if not theirs:
                theirs.append(host_repository.commit_files(BRANCH, {"main.tf": b"# mine\n"}, "mine\n"))
            return receive(push)

    host_repository = host.server.git.repository
    host.server.git.repository = Late()  # type: ignore[assignment] # a repository where somebody is quicker
    with pytest.raises(HostConflictError):
        connection.ensure_branch(change(base, BETTER, "Better", target="main"), replacing=old.head)
    assert dict(host_repository.branches()) == {"main": base, BRANCH: theirs[0]}
    (found,) = connection.pull_requests(BRANCH)
    assert (found.state, found.head) == (PullRequestState.OPEN, theirs[0])


def test_a_commit_that_comes_just_before_the_deletion_stays(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    connection = CodeCommitGitHost(host.server.name, max_attempts=1)
    head = connection.ensure_branch(change(base))
    push = connection._push()
    theirs = host.repository.commit_files(BRANCH, {"main.tf": b"# mine\n"}, "mine\n")
    assert not push.swap(BRANCH, head, "0" * 40)
    assert not push.swap(BRANCH, head, base)
    assert host.repository.head(BRANCH) == theirs


def test_somebody_elses_branch_in_the_way_of_the_move_stays(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    old = opened_on_main(host.connect())
    beside = f"iacfix-next/{KEY[:12]}"
    theirs = host.repository.commit_files(beside, {"main.tf": b"# mine\n"}, "mine\n")
    with pytest.raises(HostConflictError, match=beside):
        host.connect().ensure_branch(change(base, BETTER), replacing=old.head)
    assert host.repository.head(beside) == theirs
    assert host.repository.head(BRANCH) == old.head


def test_what_a_cut_left_of_another_move_is_cleared_away(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    old = opened_on_main(host.connect())
    beside = f"iacfix-next/{KEY[:12]}"
    host.repository.move(beside, base)
    host.repository.commit_files(beside, {"main.tf": b"a = 4\n"}, change(base, b"a = 4\n").commit_message)
    commit = host.connect().ensure_branch(change(base, BETTER), replacing=old.head)
    assert is_one_of_each(host, base, commit, BETTER)


def test_a_persons_branch_is_not_moved_even_where_it_is_named(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    theirs = host.repository.commit_files(BRANCH, {"main.tf": b"# mine\n"}, "mine\n")
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(change(base), replacing=theirs)
    assert host.repository.head(BRANCH) == theirs


def test_a_branch_that_was_deleted_closes_its_pull_request(host: CodeCommit) -> None:
    start(host, {"main.tf": BEFORE})
    connection = host.connect()
    found = opened_on_main(connection)
    assert connection.delete_branch(BRANCH, found.head)
    (closed,) = connection.pull_requests(BRANCH)
    assert closed.state is PullRequestState.CLOSED
    again = opened_on_main(connection)
    assert again.number != found.number


def test_a_pull_request_into_another_branch_is_in_the_way(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    host.repository.move("release", base)
    connection = host.connect()
    opened_on_main(connection)
    with pytest.raises(HostConflictError, match="release"):
        opened(connection, change(base, target="release"))
    assert host.count() == 1


def test_two_with_other_words_at_once_do_not_open_two(host: CodeCommit) -> None:
    """The second one has looked before the first one opened: the service refuses its token."""
    base = start(host, {"main.tf": BEFORE})
    connection = CodeCommitGitHost(host.server.name, max_attempts=1)
    request = change(base, target="main")
    connection.ensure_branch(request)
    connection._pulls.create(request, "main", "")
    other = replace(request, title="Other words")
    with pytest.raises(HostConflictError):
        connection._pulls.create(other, "main", "")
    assert host.count() == 1


def test_lists_are_read_to_their_end(host: CodeCommit) -> None:
    start(host, {"main.tf": BEFORE})
    connection = host.connect()
    numbers = []
    for _ in range(5):
        numbers.append(opened_on_main(connection).number)
        host.close_by_hand(numbers[-1])
    assert [each.number for each in host.connect().pull_requests(BRANCH)] == numbers[::-1]
    found = opened_on_main(connection)
    for at in range(5):
        host.comment_by_hand(found.number, f"{at}")
    assert [each.body for each in connection.comments(found)] == ["0", "1", "2", "3", "4"]


def test_what_is_closed_is_asked_for_once(host: CodeCommit) -> None:
    start(host, {"main.tf": BEFORE})
    connection = host.connect()
    host.close_by_hand(opened_on_main(connection).number)
    for _ in range(3):
        connection.pull_requests(BRANCH)
    assert host.server.operations.count("GetPullRequest") == 1


def test_a_comment_that_was_deleted_is_written_anew(host: CodeCommit) -> None:
    start(host, {"main.tf": BEFORE})
    connection = host.connect()
    found = opened_on_main(connection)
    first = connection.ensure_comment(found, "a-key", "Words.")
    host.server.pulls.said[0].deleted = True
    assert connection.comments(found) == ()
    second = connection.ensure_comment(found, "a-key", "Words.")
    assert second.id != first.id
    assert connection.comments(found) == (second,)


def test_it_takes_no_labels_and_no_reviewers(host: CodeCommit) -> None:
    start(host, {"main.tf": BEFORE})
    connection = host.connect()
    found = opened_on_main(connection)
    people = (Person("ann"), Person("org/team", is_team=True))
    assert connection.ensure_labels(found, ["security"]) == ("security",)
    assert connection.ensure_reviewers(found, people) == people
    with pytest.raises(GitHostError, match="longer than"):
        connection.ensure_comment(found, "a-key", "x" * 10_240)


@pytest.mark.parametrize(
    ("login", "access"),
    [
        ("arn:aws:iam::111122223333:user/ann", Access.WRITE),
        ("arn:aws:iam::111122223333:user/bob", Access.NONE),
        ("arn:aws:iam::999999999999:user/ann", Access.NONE),
        ("arn:aws:sts::111122223333:assumed-role/Owner/any-session", Access.WRITE),
        ("arn:aws:sts::999999999999:assumed-role/Owner/any-session", Access.NONE),
        ("arn:aws:iam::111122223333:user/Owner", Access.NONE),
        ("ann", Access.NONE),
        ("", Access.NONE),
    ],
)
def test_whoever_is_on_the_list_may_write(host: CodeCommit, login: str, access: Access) -> None:
    writers = ("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:role/a/path/Owner", "")
    assert CodeCommitGitHost(host.server.name, writers=writers).access(login) is access


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("ThrottlingException"), HostRateLimitedError),
        (Fault("TooManyRequestsException", 429), HostRateLimitedError),
        (Fault("AccessDeniedException"), HostForbiddenError),
        (Fault("ExpiredTokenException"), HostForbiddenError),
        (Fault("RepositoryDoesNotExistException"), HostNotFoundError),
        (Fault("SomethingNewException"), HostRefusedError),
        (Fault("InternalFailure", 500), HostUnavailableError),
        (Fault(cut=True), HostUnavailableError),
    ],
)
def test_errors_are_ours(host: CodeCommit, fault: Fault, error: type[GitHostError]) -> None:
    start(host, {"main.tf": BEFORE})
    host.server.fail(fault, at=0)
    with pytest.raises(error) as raised:
        host.connect().base()
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, HostForbiddenError), (404, HostNotFoundError), (429, HostRateLimitedError), (400, HostRefusedError)],
)
def test_a_push_that_is_refused_says_why(host: CodeCommit, status: int, error: type[GitHostError]) -> None:
    base = start(host, {"main.tf": BEFORE})
    connection = host.connect()
    head = connection.ensure_branch(change(base))
    host.server.fail(Fault("Refused", status), at=2)
    with pytest.raises(error) as raised:
        connection.delete_branch(BRANCH, head)
    assert "git-receive-pack" not in str(raised.value)
    assert host.repository.head(BRANCH) == head


def test_keys_that_are_wrong_push_nothing(host: CodeCommit, monkeypatch: pytest.MonkeyPatch) -> None:
    base = start(host, {"main.tf": BEFORE})
    head = host.connect().ensure_branch(change(base))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    with pytest.raises(HostForbiddenError, match="codecommit:GitPush") as raised:
        host.connect().delete_branch(BRANCH, head)
    assert "another-secret" not in str(raised.value)
    assert host.repository.head(BRANCH) == head


def test_no_keys_are_told_of(host: CodeCommit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(HostForbiddenError, match="credentials"):
        host.connect().base()


def test_a_push_goes_only_where_the_service_itself_is_asked_safely(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    connection = host.connect()
    head = connection.ensure_branch(change(base))
    host.server.clone_from("ftp://127.0.0.1/v1/repos/infra")
    with pytest.raises(HostRefusedError, match="https"):
        connection.delete_branch(BRANCH, head)
    assert host.repository.head(BRANCH) == head


def test_a_push_that_is_refused_in_unknown_words_is_a_conflict_where_the_branch_moved(host: CodeCommit) -> None:
    base = start(host, {"main.tf": BEFORE})
    connection = CodeCommitGitHost(host.server.name, max_attempts=1)
    head = connection.ensure_branch(change(base))
    theirs = host.repository.commit_files(BRANCH, {"main.tf": b"# mine\n"}, "mine\n")
    host.server.fail(Fault("Refused", 400), at=1)  # after the repository's address
    assert not connection._swap(BRANCH, head, base)
    assert host.repository.head(BRANCH) == theirs
    host.repository.move(BRANCH, head)
    host.server.fail(Fault("Refused", 400), at=0)
    with pytest.raises(HostRefusedError):
        connection._swap(BRANCH, head, base)
    assert host.repository.head(BRANCH) == head


def test_a_role_that_cannot_be_taken_on_is_told_of(host: CodeCommit) -> None:
    with pytest.raises(HostForbiddenError, match="role/of-another"):
        CodeCommitGitHost(host.server.name, role=Role("arn:aws:iam::1:role/of-another"), max_attempts=1)
