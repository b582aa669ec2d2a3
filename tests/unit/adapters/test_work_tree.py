import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from iacfix.adapters.work_tree import write_edits, write_file
from iacfix.domain.errors import InputError, UnsafePathError
from iacfix.domain.proposal import Edit

GitRun = Callable[..., str]
MAIN = b'resource "aws_s3_bucket" "a" {}\n'
LOGS = b'resource "aws_s3_bucket" "logs" {}\r\n'


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def write(repository: Path, git_environment: Mapping[str, str]) -> Callable[..., tuple[str, ...]]:
    return lambda *edits: write_edits(repository, edits, environment=git_environment)


Write = Callable[..., tuple[str, ...]]


def test_each_file_reads_as_its_edit_says(repository: Path, write: Write, git: GitRun) -> None:
    assert write(Edit("main.tf", MAIN, b"# new\n"), Edit("stacks/logs/logs.tf", LOGS, b"\xef\xbb\xbf# x\r\n")) == (
        "main.tf",
        "stacks/logs/logs.tf",
    )
    assert (repository / "main.tf").read_bytes() == b"# new\n"
    assert (repository / "stacks" / "logs" / "logs.tf").read_bytes() == b"\xef\xbb\xbf# x\r\n"
    assert git(repository, "status", "--porcelain").splitlines() == [" M main.tf", " M stacks/logs/logs.tf"]


def test_nothing_else_is_left_behind(repository: Path, write: Write) -> None:
    before = everything(repository)
    write(Edit("main.tf", MAIN, b"# new\n"))
    assert {**before, "main.tf": b"# new\n"} == everything(repository)


def test_no_edits_write_nothing(repository: Path, write: Write) -> None:
    before = everything(repository)
    assert write() == ()
    assert everything(repository) == before


def test_a_file_keeps_its_mode(repository: Path, write: Write) -> None:
    write(Edit("run.sh", b"#!/bin/sh\n", b"#!/bin/sh\ntrue\n"))
    assert stat.S_IMODE((repository / "run.sh").stat().st_mode) == 0o755


def test_a_file_that_was_changed_meanwhile_stops_every_edit(repository: Path, write: Write) -> None:
    before = everything(repository)
    with pytest.raises(InputError, match=r"logs\.tf was changed while iacfix ran: run it again"):
        write(Edit("main.tf", MAIN, b"# new\n"), Edit("stacks/logs/logs.tf", b"otherwise\n", b"# new\n"))
    assert everything(repository) == before


def test_uncommitted_changes_of_a_file_stop_every_edit(repository: Path, write: Write) -> None:
    (repository / "stacks" / "logs" / "logs.tf").write_bytes(b"# by hand\n")
    (repository / "new.tf").write_bytes(b"# untracked\n")
    before = everything(repository)
    edits = [Edit("main.tf", MAIN, b"# x\n"), Edit("stacks/logs/logs.tf", b"# by hand\n", b"# x\n")]
    with pytest.raises(InputError, match=r"^new\.tf, stacks/logs/logs\.tf has uncommitted changes: commit or stash"):
        write(*edits, Edit("new.tf", b"# untracked\n", b"# x\n"))
    assert everything(repository) == before


def test_uncommitted_changes_of_other_files_stop_nothing(repository: Path, write: Write) -> None:
    (repository / "stacks" / "logs" / "logs.tf").write_bytes(b"# by hand\n")
    assert write(Edit("main.tf", MAIN, b"# x\n")) == ("main.tf",)
    assert (repository / "stacks" / "logs" / "logs.tf").read_bytes() == b"# by hand\n"


@pytest.mark.parametrize("path", ["../outside.tf", "/etc/passwd", ".git/config", "out.tf", "a\\b", ""])
def test_a_path_or_link_that_leads_outside_is_refused(repository: Path, write: Write, path: str) -> None:
    before = everything(repository.parent)
    with pytest.raises(UnsafePathError):
        write(Edit("main.tf", MAIN, b"# x\n"), Edit(path, b"# outside\n", b"# x\n"))
    assert everything(repository.parent) == before


def test_a_file_that_is_not_there_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        write(Edit("nowhere.tf", b"", b"# x\n"))


def test_a_link_within_the_repository_stays_one(repository: Path, write: Write, git: GitRun) -> None:
    (repository / "link.tf").symlink_to("main.tf")
    git(repository, "add", "link.tf")
    git(repository, "commit", "--quiet", "--message=link")
    write(Edit("link.tf", MAIN, b"# new\n"))
    assert (repository / "link.tf").is_symlink()
    assert (repository / "main.tf").read_bytes() == b"# new\n"


def test_uncommitted_changes_behind_a_link_stop_the_edit(repository: Path, write: Write, git: GitRun) -> None:
    (repository / "link.tf").symlink_to("main.tf")
    git(repository, "add", "link.tf")
    git(repository, "commit", "--quiet", "--message=link")
    (repository / "main.tf").write_bytes(b"# by hand\n")
    with pytest.raises(InputError, match="uncommitted changes"):
        write(Edit("link.tf", b"# by hand\n", b"# new\n"))


def test_a_part_of_a_work_tree_has_its_own_paths(repository: Path, git_environment: Mapping[str, str]) -> None:
    edit = Edit("logs/logs.tf", LOGS, b"# new\n")
    assert write_edits(repository / "stacks", [edit], environment=git_environment) == ("logs/logs.tf",)
    with pytest.raises(InputError, match="uncommitted changes"):
        write_edits(repository / "stacks", [Edit("logs/logs.tf", b"# new\n", LOGS)], environment=git_environment)


def test_outside_a_repository_nothing_can_be_uncommitted(tmp_path: Path, git_environment: Mapping[str, str]) -> None:
    (tmp_path / "main.tf").write_bytes(MAIN)
    for before, after in ((MAIN, b"# one\n"), (b"# one\n", b"# two\n")):
        write_edits(tmp_path, [Edit("main.tf", before, after)], environment=git_environment)
    assert (tmp_path / "main.tf").read_bytes() == b"# two\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error_and_leaves_the_file(repository: Path, write: Write) -> None:
    folder = repository / "stacks" / "logs"
    folder.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        write(Edit("stacks/logs/logs.tf", LOGS, b"# new\n"))


def test_one_file_is_made_or_replaced_where_it_stands_as_it_was_read(tmp_path: Path) -> None:
    write_file(tmp_path, ".iacfix/a.yaml", None, b"one")
    write_file(tmp_path, ".iacfix/a.yaml", b"one", b"two")
    assert (tmp_path / ".iacfix" / "a.yaml").read_bytes() == b"two"
    for before in (None, b"one"):
        with pytest.raises(InputError, match="was changed meanwhile"):
            write_file(tmp_path, ".iacfix/a.yaml", before, b"three")


def test_one_file_stays_within_its_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (tmp_path / "outside").mkdir()
    root.mkdir()
    (root / ".iacfix").symlink_to(tmp_path / "outside")
    with pytest.raises(UnsafePathError):
        write_file(root, ".iacfix/a.yaml", None, b"one")
    assert list((tmp_path / "outside").iterdir()) == []
