"""Branches on GitLab: who comes in between, and what may not be done."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.conftest import GitLab, start
from tests.contract.test_git_host import BEFORE, BETTER, BRANCH, FILES, change, opened

from iacfix.domain.errors import HostConflictError, HostForbiddenError, HostRefusedError
from iacfix.domain.proposal import Edit
from iacfix.ports.git_host import GitHost
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.gitlab_server import GitLabServer

BETTER_EDIT = Edit("main.tf", BEFORE, BETTER)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitLab]:
    with GitLabServer(BareRepository(tmp_path / "repository")) as server:
        yield GitLab(server)


def test_a_push_of_a_person_between_our_look_and_ours_stays(host: GitLab) -> None:
    """Git compares: whatever came in, however late, is not written over."""
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    theirs: list[str] = []
    before = len(host.server.asked)
    connection = host.connect()
    connection.branch(BRANCH, base)
    steps = len(host.server.asked) - before

    def push() -> None:
        if host.server.asked[-1].endswith("git-receive-pack"):
            theirs.append(host.repository.commit_files(BRANCH, {"main.tf": b"# theirs\n"}, "theirs\n"))

    host.server.meanwhile = dict.fromkeys(range(before + steps, before + 40), push)
    with pytest.raises(HostConflictError):
        connection.ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
    assert [host.repository.head(BRANCH)] == theirs


def test_a_branch_that_a_person_pushed_to_is_not_deleted(host: GitLab) -> None:
    base = start(host, FILES)
    head = host.connect().ensure_branch(change(base))
    by_hand: list[str] = []

    def push() -> None:
        if host.server.asked[-1].endswith("git-receive-pack"):
            by_hand.append(host.repository.commit_files(BRANCH, {"main.tf": b"# theirs\n"}, "theirs\n"))

    host.server.meanwhile = dict.fromkeys(range(1, 60), push)
    with pytest.raises(HostConflictError):
        host.connect().delete_branch(BRANCH, head)
    assert [host.repository.head(BRANCH)] == by_hand


def test_a_branch_that_somebody_makes_meanwhile_stays(host: GitLab) -> None:
    base = start(host, FILES)
    theirs: list[str] = []

    def push() -> None:
        if host.server.asked[-1].startswith("POST") and not theirs:
            theirs.append(host.repository.commit_files(BRANCH, {"main.tf": b"# theirs\n"}, "theirs\n"))

    host.server.meanwhile = dict.fromkeys(range(1, 40), push)
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(change(base))
    assert [host.repository.head(BRANCH)] == theirs


def test_a_token_that_may_not_push_opens_but_changes_nothing(host: GitLab) -> None:
    base = start(host, FILES)
    host.server.state.may_push = False
    first = opened(host.connect(), change(base))
    with pytest.raises(HostForbiddenError, match=r"git over HTTPS.*You are not allowed to push"):
        host.connect().ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
    with pytest.raises(HostForbiddenError):
        host.connect().delete_branch(BRANCH, first.head)
    assert host.repository.head(BRANCH) == first.head


def test_the_branch_beside_is_not_taken_from_somebody(host: GitLab) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    host.server.state.may_push = False
    with pytest.raises(HostForbiddenError):
        host.connect().ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
    (beside,) = set(host.repository.branches()) - {"main", BRANCH}
    theirs = host.repository.commit_files(beside, {"main.tf": b"# theirs\n"}, "theirs\n")
    host.server.state.may_push = True
    with pytest.raises(HostConflictError, match="iacfix-next/"):
        host.connect().ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
    assert (host.repository.head(beside), host.repository.head(BRANCH)) == (theirs, first.head)


def test_a_protected_branch_is_refused_with_gitlabs_words(host: GitLab) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    host.server.state.protected.add(BRANCH)
    with pytest.raises(HostRefusedError, match="force push code to a protected branch"):
        host.connect().ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
    with pytest.raises(HostRefusedError, match="protected branch"):
        host.connect().delete_branch(BRANCH, first.head)
    assert host.repository.head(BRANCH) == first.head


def test_a_protected_name_and_an_archived_project_are_refused(host: GitLab) -> None:
    base = start(host, FILES)
    host.server.state.protected.add(BRANCH)
    with pytest.raises(HostRefusedError, match="not allowed to push into this branch"):
        host.connect().ensure_branch(change(base))
    host.server.state.protected.clear()
    commit = host.connect().ensure_branch(change(base))
    host.server.state.archived = True
    with pytest.raises(HostForbiddenError, match="archived"):
        host.connect().ensure_pull_request(change(base), commit)
    assert host.count() == 0


def test_a_branch_of_a_person_is_not_ours_even_where_they_name_its_head(host: GitLab) -> None:
    base = start(host, FILES)
    theirs = host.repository.commit_files(BRANCH, {"main.tf": b"# mine\n"}, "mine\n")
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(change(base), replacing=theirs)


def test_a_commit_of_ours_that_was_made_executable_is_not_ours(host: GitLab) -> None:
    base = start(host, FILES)
    commit = host.connect().ensure_branch(change(base))
    entry = host.repository.files(commit)["main.tf"]
    tree = host.repository.write_tree({"main.tf": replace(entry, mode="100755")})
    amended = host.repository.write_commit(tree, [base], change(base).commit_message)
    host.repository.move(BRANCH, amended)
    found = host.connect().branch(BRANCH, base)
    assert found is not None
    assert (found.head, found.content) == (amended, "")


def test_a_branch_that_was_deleted_is_made_again(host: GitLab) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    host.repository.delete(BRANCH)
    assert opened(host.connect(), change(base)).number == first.number
    assert len(host.repository.ahead(BRANCH, base)) == 1


def test_of_many_that_change_at_once_one_does_and_all_find(host: GitLab) -> None:
    base = start(host, FILES)
    first = host.connect().ensure_branch(change(base))
    connections = [host.connect() for _ in range(6)]

    def ensure(connection: GitHost) -> str:
        return connection.ensure_branch(change(base, BETTER_EDIT), replacing=first)

    with ThreadPoolExecutor(len(connections)) as pool:
        answers = set(pool.map(ensure, connections))
    head = host.repository.head(BRANCH)
    assert answers == {head}
    assert host.repository.branches() == {"main": base, BRANCH: head}
