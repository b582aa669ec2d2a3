import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import pytest

from iacfix.domain.change_request import ChangeRequest, PullRequest
from iacfix.domain.errors import GitHostError, IacfixError, UnsafePathError
from iacfix.domain.proposal import Edit
from iacfix.ports import GitHost

BEFORE = b'resource "aws_s3_bucket" "a" {\r\n}\n'
AFTER = b'resource "aws_s3_bucket" "a" {\r\n  acl = "private"\n}\n'
KEY = hashlib.sha256(b"a finding").hexdigest()
BRANCH = f"iacfix/s3-block-public-access/{KEY[:12]}"


class HostUnderTest(Protocol):
    def connect(self) -> GitHost: ...
    def start(self, files: dict[str, bytes], programs: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> str: ...
    def commit_on(self, branch: str, path: str, content: bytes) -> str: ...
    def branches(self) -> dict[str, str]: ...
    def commits(self, branch: str, since: str) -> list[str]: ...
    def message(self, commit: str) -> str: ...
    def changed(self, commit: str) -> dict[str, tuple[str, str, bytes]]: ...
    def pull_requests(self) -> dict[str, bytes]: ...
    def everything(self) -> object: ...


def change(base: str, *edits: Edit, key: str = KEY) -> ChangeRequest:
    return ChangeRequest(
        key=key,
        branch=BRANCH,
        base=base,
        title='Buckets are "private": aws_s3_bucket.a',
        body=f"<!-- iacfix:key={key} -->\n\nA sentence.\n",
        commit_message=f"Buckets are private\n\nWhy: they should be.\n\nIacfix-Key: {key}\n",
        edits=edits or (Edit("main.tf", BEFORE, AFTER),),
    )


def test_base_is_the_commit_that_pull_requests_start_from(host: HostUnderTest) -> None:
    assert host.start({"main.tf": BEFORE}) == host.connect().base()


def test_a_pull_request_is_one_branch_with_one_commit_on_the_base(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE, "other.tf": b"# other\n"})
    answer = host.connect().ensure_pull_request(change(base))
    assert answer == PullRequest(answer.url, BRANCH, host.branches()[BRANCH], created=True)
    assert host.branches().keys() == {"main", BRANCH}
    assert host.branches()["main"] == base
    assert host.commits(BRANCH, base) == [answer.commit]
    assert host.changed(answer.commit) == {"main.tf": ("100644", "100644", AFTER)}
    assert host.message(answer.commit) == change(base).commit_message.strip()
    assert list(host.pull_requests()) == [answer.url]
    assert KEY.encode() in host.pull_requests()[answer.url]
    assert b"A sentence." in host.pull_requests()[answer.url]


def test_several_files_are_one_commit(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE, "a b/ünï.tf": b"", "c.tf": b"# c\n"})
    edits = (Edit("main.tf", BEFORE, AFTER), Edit("a b/ünï.tf", b"", b"\x00\xff\r\n"))
    answer = host.connect().ensure_pull_request(change(base, *edits))
    assert len(host.commits(BRANCH, base)) == 1
    assert {content for _, _, content in host.changed(answer.commit).values()} == {AFTER, b"\x00\xff\r\n"}


def test_a_program_stays_one(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE}, programs=("main.tf",))
    answer = host.connect().ensure_pull_request(change(base))
    assert host.changed(answer.commit) == {"main.tf": ("100755", "100755", AFTER)}


def test_doing_it_again_finds_it_and_changes_nothing(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    first = host.connect().ensure_pull_request(change(base))
    before = host.everything()
    again = replace(change(base), title="Another title", body=f"Another body {KEY}")
    assert host.connect().ensure_pull_request(again) == replace(first, created=False)
    assert host.everything() == before


def test_it_is_found_after_the_default_branch_went_on(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    first = host.connect().ensure_pull_request(change(base))
    later = host.commit_on("topic", "main.tf", b"# rewritten\n")
    request = change(later, Edit("main.tf", b"# rewritten\n", AFTER))
    assert host.connect().ensure_pull_request(request) == replace(first, created=False)


def test_commits_of_people_on_top_stay(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    host.connect().ensure_pull_request(change(base))
    head = host.commit_on(BRANCH, "main.tf", b"# by hand\n")
    before = host.everything()
    answer = host.connect().ensure_pull_request(change(base))
    assert (answer.commit, answer.created) == (head, False)
    assert host.everything() == before


def test_a_branch_of_somebody_else_is_not_touched(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    host.commit_on(BRANCH, "main.tf", b"# mine\n")
    before = host.everything()
    with pytest.raises(GitHostError, match="not iacfix's"):
        host.connect().ensure_pull_request(change(base))
    assert host.everything() == before


def test_a_branch_for_another_finding_is_somebody_elses(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    host.connect().ensure_pull_request(change(base))
    before = host.everything()
    with pytest.raises(GitHostError, match="not iacfix's"):
        host.connect().ensure_pull_request(change(base, key=hashlib.sha256(b"another").hexdigest()))
    assert host.everything() == before


def test_of_many_at_once_one_creates_and_all_find(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    connections = [host.connect() for _ in range(6)]

    def ensure(connection: GitHost) -> PullRequest:
        return connection.ensure_pull_request(change(base))

    with ThreadPoolExecutor(len(connections)) as pool:
        answers = list(pool.map(ensure, connections))
    assert sorted(answer.created for answer in answers) == [False] * 5 + [True]
    assert len({(answer.url, answer.commit) for answer in answers}) == 1
    assert host.commits(BRANCH, base) == [answers[0].commit]
    assert len(host.pull_requests()) == 1


@pytest.mark.parametrize(
    "path",
    ["../main.tf", "a/../../main.tf", "/etc/passwd", "a\\main.tf", "a\0.tf", ".git/config", "", "out/main.tf", "out"],
)
def test_a_path_that_leaves_the_repository_is_refused(host: HostUnderTest, path: str) -> None:
    base = host.start({"main.tf": BEFORE}, links=("out",))
    with pytest.raises(UnsafePathError):
        host.connect().ensure_pull_request(change(base, Edit(path, BEFORE, AFTER)))
    assert host.branches() == {"main": base}
    assert not host.pull_requests()


def test_a_file_that_is_not_as_it_was_read_is_in_the_way(host: HostUnderTest) -> None:
    base = host.start({"main.tf": b"# committed\n"})
    with pytest.raises(GitHostError, match="uncommitted changes: commit or stash them"):
        host.connect().ensure_pull_request(change(base))
    assert host.branches() == {"main": base}
    assert not host.pull_requests()


def requests_that_cannot_be(base: str) -> dict[str, ChangeRequest]:
    good = change(base)
    return {
        "a file that is not committed": replace(good, edits=(Edit("new.tf", b"", AFTER),)),
        "no change": replace(good, edits=(Edit("main.tf", BEFORE, BEFORE),)),
        "no edits": replace(good, edits=()),
        "the same file twice": replace(good, edits=good.edits * 2),
        "a folder": replace(good, edits=(Edit("folder", BEFORE, AFTER),)),
        "a branch that git does not take": replace(good, branch="iacfix/a..b"),
        "a base that is not there": replace(good, base="0" * 40),
        "a base that is an option": replace(good, base="--all"),
        "a message without the key": replace(good, commit_message="Buckets are private\n"),
        "the key outside the trailers": replace(good, commit_message=f"Iacfix-Key: {KEY}\n\nWhy: because.\n"),
        "an empty key": replace(good, key="", commit_message="Subject\n\nIacfix-Key: \n"),
        "a body that is too long": replace(good, body="x" * 1_000_000),
    }


@pytest.mark.parametrize("which", sorted(requests_that_cannot_be("")))
def test_what_cannot_be_is_refused_before_anything_is_made(host: HostUnderTest, which: str) -> None:
    base = host.start({"main.tf": BEFORE, "folder/x.tf": BEFORE})
    with pytest.raises(IacfixError):
        host.connect().ensure_pull_request(requests_that_cannot_be(base)[which])
    assert host.branches() == {"main": base}
    assert not host.pull_requests()


def test_a_body_at_the_limit_is_taken_whole(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    connection = host.connect()
    marker = f"<!-- iacfix:key={KEY} -->\n"
    request = replace(change(base), body=marker + "x" * (connection.max_body_length - len(marker)))
    answer = connection.ensure_pull_request(request)
    assert request.body.encode() in host.pull_requests()[answer.url]
    with pytest.raises(GitHostError, match="longer than"):
        connection.ensure_pull_request(replace(request, body=request.body + "x"))


def test_a_message_cannot_forge_another_findings_trailer(host: HostUnderTest) -> None:
    base = host.start({"main.tf": BEFORE})
    other = hashlib.sha256(b"another").hexdigest()
    message = f"Subject\n\nIacfix-Key: {other}\n\nIacfix-Key: {KEY}\n"
    host.connect().ensure_pull_request(replace(change(base), commit_message=message))
    with pytest.raises(GitHostError, match="not iacfix's"):
        host.connect().ensure_pull_request(change(base, key=other))
