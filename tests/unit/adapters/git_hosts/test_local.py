import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.domain.change_request import ChangeRequest, HostedPullRequest
from iacfix.domain.errors import ConfigurationError, GitHostError, InputError
from iacfix.domain.marks import content_hash, marker, trailer
from iacfix.domain.proposal import Edit

GitRun = Callable[..., str]
Connect = Callable[[Path], LocalGitHost]

KEY = hashlib.sha256(b"a finding").hexdigest()
BRANCH = f"iacfix/s3/{KEY[:12]}"
BEFORE = b'resource "aws_s3_bucket" "a" {}\n'
AFTER = b'resource "aws_s3_bucket" "a" { acl = "private" }\n'


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "pull requests"


@pytest.fixture
def connect(out: Path, git_environment: Mapping[str, str]) -> Connect:
    return lambda repo: LocalGitHost(repo, out, environment=git_environment)


@pytest.fixture
def host(repository: Path, connect: Connect) -> LocalGitHost:
    return connect(repository)


@pytest.fixture
def request_(host: LocalGitHost) -> ChangeRequest:
    return asked(host.base().commit, Edit("main.tf", BEFORE, AFTER))


def asked(base: str, edit: Edit) -> ChangeRequest:
    return ChangeRequest(
        key=KEY,
        branch=BRANCH,
        base=base,
        title='Say "---": now',
        body=f"{marker(KEY)}\n\nA sentence.",
        commit_message=f"Subject\n\n{trailer(KEY, content_hash([edit]))}\n",
        edits=(edit,),
        target="main",
    )


def opened(host: LocalGitHost, request: ChangeRequest) -> HostedPullRequest:
    return host.ensure_pull_request(request, host.ensure_branch(request))


def state(folder: Path) -> dict[Path, tuple[int, int, bytes]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {file: (file.stat().st_mtime_ns, file.stat().st_mode, file.read_bytes()) for file in files}


def test_work_tree_index_and_head_stay_as_they_are(
    host: LocalGitHost, request_: ChangeRequest, repository: Path, git: GitRun
) -> None:
    (repository / "run.sh").write_text("# dirty, but not in the way\n")
    (repository / "staged.tf").write_text("# staged\n")
    git(repository, "add", "staged.tf")
    (repository / "untracked.tf").write_text("# untracked\n")
    before = state(repository)
    opened(host, request_)
    after = state(repository)
    assert {path: after[path] for path in before} == before
    made = {path.relative_to(repository / ".git").parts[0] for path in after.keys() - before.keys()}
    assert made <= {"objects", "refs", "logs"}


def test_the_document_holds_front_matter_and_body(host: LocalGitHost, request_: ChangeRequest, out: Path) -> None:
    answer = opened(host, request_)
    file = out / f"iacfix-s3-{KEY[:12]}.md"
    assert answer.url == file.as_uri()
    assert file.read_text() == (
        f'---\nnumber: "1"\nbranch: "{BRANCH}"\ntarget: "main"\nbase: "{request_.base}"\ncommit: "{answer.head}"\n'
        f'title: "Say \\"---\\": now"\nkey: "{KEY}"\nstate: "open"\ndraft: false\nlabels: []\nreviewers: []\n'
        f"comments: []\n---\n\n{request_.body}\n"
    )
    assert list(out.iterdir()) == [file]


def test_the_commit_is_the_same_wherever_it_is_made(
    host: LocalGitHost, request_: ChangeRequest, repository: Path, git: GitRun
) -> None:
    first = opened(host, request_).head
    git(repository, "branch", "--quiet", "-D", BRANCH)
    assert opened(host, request_).head == first
    who = git(repository, "show", "--no-patch", "--format=%an <%ae> %cn <%ce>", first).strip()
    assert who == "iacfix <iacfix@localhost> iacfix <iacfix@localhost>"


def test_hooks_and_filters_of_the_repository_do_not_run(
    connect: Connect, request_: ChangeRequest, repository: Path, git: GitRun, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    for name in ("reference-transaction", "post-index-change", "pre-commit", "commit-msg", "post-commit"):
        hook = repository / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
        hook.chmod(0o755)
    (repository / ".git" / "info" / "attributes").write_text("*.tf filter=evil\n")
    git(repository, "config", "filter.evil.clean", f"touch {ran}; cat")
    git(repository, "config", "commit.gpgSign", "true")
    git(repository, "config", "gpg.program", str(repository / ".git" / "hooks" / "pre-commit"))
    fresh = connect(repository)
    assert opened(fresh, request_) == opened(fresh, request_)
    assert not ran.exists()
    git(repository, "update-ref", "refs/heads/other", "HEAD")
    assert ran.exists(), "a hook runs where it is not switched off"


def test_a_missing_document_is_written_again_for_the_head_that_is_there(
    host: LocalGitHost, request_: ChangeRequest, out: Path
) -> None:
    first = opened(host, request_)
    (file,) = out.iterdir()
    before = file.read_bytes()
    file.unlink()
    assert opened(host, request_) == first
    assert file.read_bytes() == before


@pytest.mark.parametrize("kind", ["text", "folder", "link"])
def test_a_file_of_somebody_else_in_the_documents_place_is_kept(
    host: LocalGitHost, request_: ChangeRequest, out: Path, repository: Path, kind: str
) -> None:
    out.mkdir()
    file = out / f"iacfix-s3-{KEY[:12]}.md"
    if kind == "text":
        file.write_text("mine\n")
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(repository / "main.tf")
    with pytest.raises(GitHostError, match="move it away"):
        host.pull_requests(BRANCH)
    with pytest.raises(GitHostError, match="move it away"):
        opened(host, request_)
    assert (repository / "main.tf").read_bytes() == BEFORE


def test_paths_are_relative_to_the_folder_and_the_commit_is_not(
    repository: Path, connect: Connect, git: GitRun, request_: ChangeRequest
) -> None:
    host = connect(repository / "stacks")
    edit = Edit("logs/logs.tf", b'resource "aws_s3_bucket" "logs" {}\r\n', b"# logs\r\n")
    commit = opened(host, asked(request_.base, edit)).head
    assert git(repository, "diff", "--name-only", "HEAD", commit) == "stacks/logs/logs.tf\n"
    with pytest.raises(GitHostError, match=r"stacks/main\.tf is not in the last commit"):
        opened(host, replace(request_, branch="iacfix/other"))


def test_a_linked_work_tree_will_do(
    repository: Path, tmp_path: Path, connect: Connect, git: GitRun, request_: ChangeRequest
) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    answer = opened(connect(tmp_path / "linked"), request_)
    assert answer.head == git(repository, "rev-parse", BRANCH).strip()


def test_the_git_folder_that_work_trees_share_is_no_place_for_pull_requests(
    repository: Path, tmp_path: Path, git: GitRun, git_environment: Mapping[str, str]
) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    with pytest.raises(ConfigurationError, match="choose a folder outside it"):
        LocalGitHost(tmp_path / "linked", repository / ".git" / "out", environment=git_environment)


def test_a_sha256_repository_will_do(tmp_path: Path, connect: Connect, git: GitRun, request_: ChangeRequest) -> None:
    folder = tmp_path / "sha256"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    (folder / "main.tf").write_bytes(BEFORE)
    git(folder, "add", "main.tf")
    git(folder, "commit", "--quiet", "--message=start")
    host = connect(folder)
    answer = opened(host, replace(request_, base=host.base().commit))
    assert len(answer.head) == 64
    assert git(folder, "rev-parse", BRANCH).strip() == answer.head


def test_a_repository_without_a_commit_has_no_base(tmp_path: Path, connect: Connect, git: GitRun) -> None:
    (tmp_path / "new").mkdir()
    git(tmp_path / "new", "init", "--quiet", "--initial-branch=main")
    with pytest.raises(GitHostError, match="no commit yet: commit the files first"):
        connect(tmp_path / "new").base()


def test_what_is_no_work_tree_is_refused(repository: Path, tmp_path: Path, connect: Connect, git: GitRun) -> None:
    (tmp_path / "plain").mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare")
    for folder, words in (
        (tmp_path / "plain", "not in a git repository"),
        (tmp_path / "bare", "is bare: clone it"),
        (tmp_path / "nowhere", "not a folder"),
        (repository / "main.tf", "not a folder"),
    ):
        with pytest.raises(InputError, match=words):
            connect(folder)


def test_the_folder_for_pull_requests_lies_outside_the_repository(
    repository: Path, tmp_path: Path, git_environment: Mapping[str, str]
) -> None:
    (tmp_path / "link").symlink_to(repository / "stacks")
    for folder in (repository, repository / "out", repository / ".git" / "out", tmp_path / "link" / "out"):
        with pytest.raises(ConfigurationError, match="choose a folder outside it"):
            LocalGitHost(repository / "stacks" / "logs", folder, environment=git_environment)
    with pytest.raises(ConfigurationError, match="is a file: choose a folder"):
        LocalGitHost(repository, tmp_path / "outside.tf", environment=git_environment)


def test_a_folder_that_cannot_be_made_is_an_error_and_the_branch_is_found_later(
    repository: Path, tmp_path: Path, git_environment: Mapping[str, str], request_: ChangeRequest
) -> None:
    out = tmp_path / "later" / "out"
    host = LocalGitHost(repository, out, environment=git_environment)
    (tmp_path / "later").write_text("in the way")
    with pytest.raises(GitHostError, match="run it again"):
        opened(host, request_)
    (tmp_path / "later").unlink()
    assert opened(host, request_).number == "1"
    assert len(list(out.iterdir())) == 1


def test_a_branch_in_the_way_of_the_name_is_an_error_in_gits_words(
    host: LocalGitHost, request_: ChangeRequest, repository: Path, out: Path, git: GitRun
) -> None:
    git(repository, "branch", "iacfix")
    with pytest.raises(GitHostError, match=r"could not be written: .*refs/heads/iacfix"):
        opened(host, request_)
    assert not out.exists()


def test_a_commit_that_was_amended_with_a_sign_off_is_still_ours(
    host: LocalGitHost, request_: ChangeRequest, repository: Path, git: GitRun
) -> None:
    opened(host, request_)
    git(repository, "switch", "--quiet", BRANCH)
    git(repository, "commit", "--quiet", "--amend", "--no-edit", "--signoff")
    head = git(repository, "rev-parse", "HEAD").strip()
    answer = opened(host, request_)
    assert answer.head == head
