import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from iacfix.adapters.git import find_work_tree, open_git, without_credentials
from iacfix.domain.errors import GitHostError, InputError

GitRun = Callable[..., str]


def program(folder: Path, name: str, body: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_the_child_gets_nothing_of_the_environment_that_it_does_not_need(
    repository: Path, git_environment: Mapping[str, str], tmp_path: Path
) -> None:
    hostile = {"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/", "GIT_INDEX_FILE": "/x", "AWS_SECRET_ACCESS_KEY": "secret"}
    git = open_git(repository, {**git_environment, **hostile})
    assert not hostile.keys() & git.environment.keys()
    assert git.line("rev-parse", "--show-toplevel") == str(repository)
    assert open_git(tmp_path).environment["PATH"] == os.defpath


def test_a_program_called_git_in_the_repository_is_not_run(
    repository: Path, git_environment: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(repository, "git", f"touch {tmp_path}/ran")
    monkeypatch.chdir(repository)
    for search_path in (f".:{git_environment['PATH']}", f":{git_environment['PATH']}"):
        open_git(repository, {**git_environment, "PATH": search_path}).run("rev-parse", "HEAD")
    assert not (tmp_path / "ran").exists()


def test_without_git_the_error_says_to_install_it(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(GitHostError, match="install git"):
        open_git(repository, {"PATH": str(tmp_path)})


def test_what_the_repository_brings_along_does_not_run(
    repository: Path, git: GitRun, git_environment: Mapping[str, str], tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    ran.mkdir()
    (repository / ".gitattributes").write_text("*.tf filter=ev=il\n")
    for key in ("core.fsmonitor", "filter.ev=il.clean"):
        git(repository, "config", key, str(program(tmp_path, key, f"touch {ran}/{key}\ncat")))
    git(repository, "config", "filter.ev=il.required", "true")
    for hook in ("post-index-change", "reference-transaction"):
        program(repository / ".git" / "hooks", hook, f"touch {ran}/{hook}")
    change = b'resource "aws_s3_bucket" "b" {}\n'
    (repository / "main.tf").write_bytes(change)
    safe = open_git(repository, git_environment)
    for command in (("status",), ("add", "main.tf"), ("update-ref", "refs/heads/other", "HEAD")):
        safe.run(*command)
    assert list(ran.iterdir()) == []
    assert safe.run("cat-file", "blob", ":main.tf") == change
    (repository / "main.tf").write_bytes(b"# another\n")
    for command in (("status",), ("add", "main.tf"), ("update-ref", "refs/heads/another", "HEAD")):
        git(repository, *command)
    assert len(list(ran.iterdir())) == 4, "each of them runs where it is not switched off"


def test_a_failure_speaks_in_gits_words(repository: Path, git_environment: Mapping[str, str]) -> None:
    with pytest.raises(GitHostError, match=r"git rev-parse failed: fatal: .*nowhere"):
        open_git(repository, git_environment).run("rev-parse", "nowhere")


def test_no_transport_is_allowed(repository: Path, git_environment: Mapping[str, str], tmp_path: Path) -> None:
    with pytest.raises(GitHostError, match="not allowed"):
        open_git(repository, git_environment).run("ls-remote", f"ext::touch {tmp_path}/ran")
    assert not (tmp_path / "ran").exists()


def test_a_timeout_is_an_error(repository: Path, git_environment: Mapping[str, str]) -> None:
    git = open_git(repository, git_environment)
    with pytest.raises(GitHostError, match="longer than 0 seconds"):
        type(git)(git.folder, git.environment, timeout=0.0).run("rev-parse", "HEAD")


def test_an_argument_with_a_nul_is_an_error(repository: Path, git_environment: Mapping[str, str]) -> None:
    with pytest.raises(GitHostError, match="could not be run"):
        open_git(repository, git_environment).run("rev-parse", "a\0b")


def test_a_broken_configuration_is_an_error(repository: Path, git_environment: Mapping[str, str]) -> None:
    (repository / ".git" / "config").write_text("[core\n")
    with pytest.raises(InputError, match="bad config line 1"):
        open_git(repository, git_environment)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fatal: https://ann:s3cret@example.com/x.git gone", "fatal: https://***@example.com/x.git gone"),
        ("fatal: https://ann:p@ss@example.com/x gone", "fatal: https://***@example.com/x gone"),
        ("https://example.com/x?token=abc gone", "https://example.com/x?*** gone"),
        ("ssh://example.com/x", "ssh://example.com/x"),
    ],
)
def test_credentials_in_addresses_are_hidden(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


def test_a_work_tree_is_found_from_a_folder_within_it(repository: Path, git_environment: Mapping[str, str]) -> None:
    found = find_work_tree(open_git(repository / "stacks" / "logs", git_environment))
    assert found is not None
    assert (found.top, found.prefix, found.git_dir) == (repository, "stacks/logs/", repository / ".git")


def test_a_linked_work_tree_names_the_folder_it_shares(
    repository: Path, git: GitRun, git_environment: Mapping[str, str], tmp_path: Path
) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    found = find_work_tree(open_git(tmp_path / "linked", git_environment))
    assert found is not None
    assert found.common_dir == repository / ".git"
    assert found.git_dir != found.common_dir


def test_no_repository_is_not_an_error(tmp_path: Path, git_environment: Mapping[str, str]) -> None:
    assert find_work_tree(open_git(tmp_path, git_environment)) is None


def test_a_bare_repository_and_gits_own_folder_are_refused(
    repository: Path, git: GitRun, git_environment: Mapping[str, str], tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare")
    with pytest.raises(InputError, match="is bare: clone it"):
        find_work_tree(open_git(tmp_path / "bare", git_environment))
    with pytest.raises(InputError, match="not in the repository's work tree"):
        find_work_tree(open_git(repository / ".git", git_environment))
