"""What every host's adapter keeps to. See ports/git_host.py."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.contract.conftest import HostUnderTest, start

from iacfix.domain.change_request import Access, BaseCommit, ChangeRequest, HostedPullRequest, Person, PullRequestState
from iacfix.domain.errors import GitHostError, HostConflictError, HostNotFoundError, IacfixError, UnsafePathError
from iacfix.domain.marks import content_hash, facts_marker, marker, trailer
from iacfix.domain.proposal import Edit
from iacfix.ports.git_host import GitHost

BEFORE = b'resource "aws_s3_bucket" "a" {\r\n}\n'
AFTER = b'resource "aws_s3_bucket" "a" {\r\n  acl = "private"\n}\n'
BETTER = b'resource "aws_s3_bucket" "a" {\r\n  acl = "log-delivery-write"\n}\n'
KEY, OTHER = (hashlib.sha256(text).hexdigest() for text in (b"a finding", b"another"))
BRANCH = f"iacfix/s3-block-public-access/{KEY[:12]}"
FILES = {"main.tf": BEFORE}


def change(base: str, *edits: Edit, key: str = KEY) -> ChangeRequest:
    edits = edits or (Edit("main.tf", BEFORE, AFTER),)
    content = content_hash(edits)
    return ChangeRequest(
        key=key,
        branch=BRANCH,
        base=base,
        title='Buckets are "private": aws_s3_bucket.a',
        body=f"{marker(key)}\n{facts_marker({'content': content, 'base': base})}\n\nA sentence.\n",
        commit_message=f"Buckets are private\n\nWhy: they should be.\n\n{trailer(key, content)}\n",
        edits=edits,
        content=content,
        target="main",
    )


def opened(host: GitHost, request: ChangeRequest, replacing: str = "") -> HostedPullRequest:
    return host.ensure_pull_request(request, host.ensure_branch(request, replacing=replacing))


def test_base_is_the_head_of_the_default_branch(host: HostUnderTest) -> None:
    base = start(host, FILES)
    assert host.connect().base() == BaseCommit("main", base)
    other = host.repository.commit_files("other", {"x": b""}, "x\n")
    assert host.connect().base("other") == BaseCommit("other", other)
    with pytest.raises(HostNotFoundError):
        host.connect().base("nothing")


def test_files_are_read_at_a_commit(host: HostUnderTest) -> None:
    base = start(host, {"main.tf": BEFORE, "a b/ünï.tf": b"\x00\xff"}, links=("out",))
    later = host.repository.commit_files("main", {"main.tf": AFTER}, "later\n")
    connection = host.connect()
    assert [connection.read("main.tf", each) for each in (base, later)] == [BEFORE, AFTER]
    assert connection.read("a b/ünï.tf", base) == b"\x00\xff"
    assert connection.read("nothing.tf", base) is None
    assert connection.read("a b", base) is None
    for path in ("../main.tf", "/etc/passwd", "out/main.tf", "out"):
        with pytest.raises(UnsafePathError):
            connection.read(path, base)


def test_a_branch_has_one_commit_on_the_base(host: HostUnderTest) -> None:
    base = start(host, {**FILES, "other.tf": b"# other\n"})
    request = change(base)
    commit = host.connect().ensure_branch(request)
    assert dict(host.repository.branches()) == {"main": base, BRANCH: commit}
    made = host.repository.commit(commit)
    assert made is not None
    assert (made.parents, made.message.strip()) == ((base,), request.commit_message.strip())
    before, after = host.repository.files(base), host.repository.files(commit)
    assert {path for path in after if after[path] != before.get(path)} == {"main.tf"}
    assert host.repository.blob(after["main.tf"].id) == AFTER


def test_several_files_are_one_commit(host: HostUnderTest) -> None:
    base = start(host, {"main.tf": BEFORE, "a b/ünï.tf": b"x", "c.tf": b"# c\n"})
    edits = (Edit("main.tf", BEFORE, AFTER), Edit("a b/ünï.tf", b"x", b"\x00\xff\r\n"))
    commit = host.connect().ensure_branch(change(base, *edits))
    assert host.repository.ahead(commit, base) == (commit,)
    after = host.repository.files(commit)
    assert host.repository.blob(after["a b/ünï.tf"].id) == b"\x00\xff\r\n"


def test_a_program_stays_one(host: HostUnderTest) -> None:
    base = start(host, FILES, programs=("main.tf",))
    commit = host.connect().ensure_branch(change(base))
    assert host.repository.files(commit)["main.tf"].mode == "100755"


def test_a_branch_tells_whether_it_is_ours(host: HostUnderTest) -> None:
    base = start(host, FILES)
    connection = host.connect()
    assert connection.branch(BRANCH, base) is None
    request = change(base)
    commit = connection.ensure_branch(request)
    found = connection.branch(BRANCH, base)
    assert found is not None
    assert (found.head, found.ahead, found.key, found.content) == (commit, (commit,), KEY, request.content)
    by_hand = host.repository.commit_files(BRANCH, {"main.tf": b"# by hand\n"}, "by hand\n")
    found = connection.branch(BRANCH, base)
    assert found is not None
    assert (found.head, found.ahead, found.key, found.content) == (by_hand, (by_hand, commit), "", "")


def test_a_commit_with_our_words_and_other_content_is_not_ours(host: HostUnderTest) -> None:
    """As `git commit --amend` leaves it."""
    base = start(host, FILES)
    host.repository.move(BRANCH, base)
    amended = host.repository.commit_files(BRANCH, {"main.tf": b"# amended\n"}, change(base).commit_message)
    found = host.connect().branch(BRANCH, base)
    assert found is not None
    assert (found.head, found.key, found.content) == (amended, "", "")
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(change(base))


def test_a_branch_that_went_no_further_than_the_base_holds_nothing(host: HostUnderTest) -> None:
    base = start(host, FILES)
    host.repository.move(BRANCH, base)
    found = host.connect().branch(BRANCH, base)
    assert found is not None
    assert (found.head, found.ahead, found.content) == (base, (), "")
    assert host.connect().ensure_branch(change(base), replacing=base) == host.repository.head(BRANCH)


def test_doing_it_again_finds_it_and_changes_nothing(host: HostUnderTest) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    assert opened(host.connect(), change(base)) == first
    assert host.repository.ahead(BRANCH, base) == (first.head,)
    assert host.count() == 1


def test_a_pull_request_says_what_it_was_told(host: HostUnderTest) -> None:
    base = start(host, FILES)
    request = change(base)
    found = opened(host.connect(), request)
    assert (found.state, found.branch, found.target, found.title) == (
        PullRequestState.OPEN,
        BRANCH,
        "main",
        request.title,
    )
    assert (found.head, found.key, found.content) == (host.repository.head(BRANCH), KEY, request.content)
    assert found.body.strip() == request.body.strip()
    assert found.url
    assert host.connect().pull_requests(BRANCH) == (found,)
    assert host.connect().open_pull_requests() == (found,)
    assert host.connect().pull_requests("iacfix/another") == ()


def test_another_proposal_takes_the_place_of_ours(host: HostUnderTest) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    later = host.repository.commit_files("main", {"other.tf": b"# new\n"}, "later\n")
    better = replace(change(later, Edit("main.tf", BEFORE, BETTER)), title="Another title")
    second = opened(host.connect(), better, replacing=first.head)
    assert (second.number, second.title, second.state) == (first.number, "Another title", PullRequestState.OPEN)
    assert host.repository.ahead(BRANCH, later) == (second.head,)
    assert host.repository.blob(host.repository.files(BRANCH)["main.tf"].id) == BETTER
    assert host.count() == 1


@pytest.mark.parametrize("replacing", ["", "0" * 40, "base"])
def test_a_branch_is_not_moved_from_where_it_is_not(host: HostUnderTest, replacing: str) -> None:
    base = start(host, FILES)
    head = host.connect().ensure_branch(change(base))
    better = change(base, Edit("main.tf", BEFORE, BETTER))
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(better, replacing=base if replacing == "base" else replacing)
    assert host.repository.head(BRANCH) == head


def test_commits_of_people_stay(host: HostUnderTest) -> None:
    base = start(host, FILES)
    ours = opened(host.connect(), change(base)).head
    by_hand = host.repository.commit_files(BRANCH, {"main.tf": b"# by hand\n"}, "by hand\n")
    for request in (change(base), change(base, Edit("main.tf", BEFORE, BETTER))):
        with pytest.raises(HostConflictError):
            host.connect().ensure_branch(request, replacing=ours)
    assert host.repository.head(BRANCH) == by_hand


def test_a_branch_of_somebody_else_is_not_touched(host: HostUnderTest) -> None:
    base = start(host, FILES)
    theirs = host.repository.commit_files(BRANCH, {"main.tf": b"# mine\n"}, "mine\n")
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(change(base))
    assert host.repository.head(BRANCH) == theirs


def test_of_many_at_once_one_creates_and_all_find(host: HostUnderTest) -> None:
    base = start(host, FILES)
    connections = [host.connect() for _ in range(6)]

    def ensure(connection: GitHost) -> HostedPullRequest:
        return opened(connection, change(base))

    with ThreadPoolExecutor(len(connections)) as pool:
        answers = list(pool.map(ensure, connections))
    assert len({(answer.number, answer.url) for answer in answers}) == 1
    assert {answer.head for answer in answers} == {host.repository.head(BRANCH)}
    assert len(host.repository.ahead(BRANCH, base)) == 1
    assert host.count() == 1


def test_a_branch_is_deleted_where_it_stands(host: HostUnderTest) -> None:
    base = start(host, FILES)
    head = host.connect().ensure_branch(change(base))
    with pytest.raises(HostConflictError):
        host.connect().delete_branch(BRANCH, base)
    assert host.connect().delete_branch(BRANCH, head)
    assert host.repository.head(BRANCH) is None
    assert not host.connect().delete_branch(BRANCH, head)


def test_closing_is_closing_once(host: HostUnderTest) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    closed = host.connect().close(found)
    assert closed == replace(found, state=PullRequestState.CLOSED)
    assert host.connect().close(found) == closed
    assert host.connect().pull_requests(BRANCH) == (closed,)
    assert host.connect().open_pull_requests() == ()
    assert host.repository.head(BRANCH) == found.head


def test_after_one_was_closed_another_is_opened(host: HostUnderTest) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    host.close_by_hand(first.number)
    second = opened(host.connect(), change(base))
    assert second.number != first.number
    states = {each.number: each.state for each in host.connect().pull_requests(BRANCH)}
    assert list(states.items()) == [(second.number, PullRequestState.OPEN), (first.number, PullRequestState.CLOSED)]


def test_one_that_is_merged_stays_merged(host: HostUnderTest) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    host.merge_by_hand(found.number)
    (merged,) = host.connect().pull_requests(BRANCH)
    assert merged.state is PullRequestState.MERGED
    assert host.connect().close(merged).state is PullRequestState.MERGED
    assert host.connect().open_pull_requests() == ()


def test_labels_and_reviewers_are_asked_for(host: HostUnderTest) -> None:
    base = start(host, FILES)
    connection = host.connect()
    found = opened(connection, change(base))
    if connection.limits.labels:
        assert connection.ensure_labels(found, ["security"]) == ()
        assert connection.ensure_labels(found, ["security", "iac"]) == ()
        (labelled,) = connection.pull_requests(BRANCH)
        assert set(labelled.labels) == {"security", "iac"}
    if connection.limits.reviewers:
        assert connection.ensure_reviewers(found, [Person("ann")]) == ()
        assert connection.ensure_reviewers(found, [Person("ann")]) == ()


def test_a_comment_of_ours_is_there_once_and_says_the_last_thing(host: HostUnderTest) -> None:
    base = start(host, FILES)
    connection = host.connect()
    found = opened(connection, change(base))
    if not connection.limits.comments:
        pytest.skip("this host has no comments")
    host.comment_by_hand(found.number, "<!-- iacfix:comment=hands-off -->\nnot from iacfix")
    first = connection.ensure_comment(found, "hands-off", "First.")
    assert connection.ensure_comment(found, "hands-off", "First.") == first
    second = host.connect().ensure_comment(found, "hands-off", "Second.")
    assert second.id == first.id
    connection.ensure_comment(found, "closed", "Closed.")
    said = connection.comments(found)
    assert [each.key for each in said if each.author == first.author] == ["hands-off", "closed"]
    assert [each.body.splitlines()[-1] for each in said] == ["not from iacfix", "Second.", "Closed."]


def test_whoever_is_not_known_may_do_nothing(host: HostUnderTest) -> None:
    start(host, FILES)
    assert host.connect().access("ann") is Access.WRITE
    assert host.connect().access("") is Access.NONE


@pytest.mark.parametrize(
    "path",
    ["../main.tf", "a/../../main.tf", "/etc/passwd", "a\\main.tf", "a\0.tf", ".git/config", "", "out/main.tf", "out"],
)
def test_a_path_that_leaves_the_repository_is_refused(host: HostUnderTest, path: str) -> None:
    base = start(host, FILES, links=("out",))
    with pytest.raises(UnsafePathError):
        host.connect().ensure_branch(change(base, Edit(path, BEFORE, AFTER)))
    assert dict(host.repository.branches()) == {"main": base}


def test_a_file_that_is_not_as_it_was_read_is_in_the_way(host: HostUnderTest) -> None:
    base = start(host, {"main.tf": b"# committed\n"})
    with pytest.raises(HostConflictError, match=r"main\.tf"):
        host.connect().ensure_branch(change(base))
    assert dict(host.repository.branches()) == {"main": base}


def requests_that_cannot_be(base: str) -> dict[str, ChangeRequest]:
    good = change(base)
    return {
        "a file that is not committed": change(base, Edit("new.tf", b"", AFTER)),
        "no change": change(base, Edit("main.tf", BEFORE, BEFORE)),
        "no edits": replace(good, edits=()),
        "the same file twice": replace(good, edits=good.edits * 2),
        "a folder": change(base, Edit("folder", BEFORE, AFTER)),
        "a branch that git does not take": replace(good, branch="iacfix/a..b"),
        "a base that is not there": replace(good, base="0" * 40),
        "a base that is an option": replace(good, base="--all"),
        "a message without the key": replace(good, commit_message="Buckets are private\n"),
        "the key outside the trailers": replace(
            good, commit_message=f"{trailer(KEY, good.content)}\n\nWhy: because.\n"
        ),
        "the key of another": replace(good, commit_message=f"Subject\n\n{trailer(OTHER, good.content)}\n"),
        "other content": replace(good, commit_message=f"Subject\n\n{trailer(KEY, OTHER)}\n"),
        "a body without a marker": replace(good, body="A sentence.\n"),
        "a body that is too long": replace(good, body=good.body + "x" * 1_000_000),
    }


@pytest.mark.parametrize("which", sorted(requests_that_cannot_be("")))
def test_what_cannot_be_is_refused_before_anything_is_made(host: HostUnderTest, which: str) -> None:
    base = start(host, {"main.tf": BEFORE, "folder/x.tf": BEFORE})
    with pytest.raises(IacfixError):
        host.connect().ensure_branch(requests_that_cannot_be(base)[which])
    assert dict(host.repository.branches()) == {"main": base}
    assert host.count() == 0


def test_a_body_at_the_limit_is_taken_whole(host: HostUnderTest) -> None:
    base = start(host, FILES)
    connection = host.connect()
    request = change(base)
    room = connection.limits.max_body_length - len(request.body)
    long = replace(request, body=request.body + "x" * room)
    assert opened(connection, long).body.strip() == long.body.strip()
    with pytest.raises(GitHostError, match="longer than"):
        connection.ensure_pull_request(replace(long, body=long.body + "x"), host.repository.head(BRANCH) or "")
