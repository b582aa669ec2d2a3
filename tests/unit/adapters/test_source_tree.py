import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from iacfix.adapters.source_tree import FileSystemTree, dirty_files
from iacfix.domain.errors import InputError, UnsafePathError
from iacfix.ports import MAX_FILE_BYTES, ListedFile

GitRun = Callable[..., str]


@pytest.fixture
def tree(repository: Path, git_environment: Mapping[str, str]) -> FileSystemTree:
    return FileSystemTree(repository, environment=git_environment)


def test_lists_what_git_tracks_and_what_it_does_not_ignore(repository: Path, tree: FileSystemTree) -> None:
    (repository / ".gitignore").write_text("ignored.tf\n")
    for name in ("ignored.tf", "new.tf", "new.txt", "stacks/ünï.tf"):
        (repository / name).write_text("")
    assert tree.files((".tf",)) == ("main.tf", "new.tf", "stacks/logs/logs.tf", "stacks/ünï.tf")
    assert tree.files((".txt", ".sh")) == ("new.txt", "run.sh")
    assert tree.files(()) == ()


def test_a_folder_within_the_work_tree_has_its_own_paths(repository: Path, git_environment: Mapping[str, str]) -> None:
    tree = FileSystemTree(repository / "stacks", environment=git_environment)
    assert tree.files((".tf",)) == ("logs/logs.tf",)
    assert tree.read("logs/logs.tf") == b'resource "aws_s3_bucket" "logs" {}\r\n'


def fill_with_what_is_left_out(folder: Path) -> None:
    for vendored in (".terraform/modules/m", "node_modules/n", "stacks/.terragrunt-cache/t"):
        (folder / vendored).mkdir(parents=True)
        (folder / vendored / "main.tf").write_text("")
    (folder / "folder.tf").mkdir()
    os.mkfifo(folder / "pipe.tf")
    (folder / "link.tf").symlink_to("main.tf")
    (folder / "vendored.tf").symlink_to(".terraform/modules/m/main.tf")
    (folder / "loop.tf").symlink_to("loop.tf")
    (folder / "gone.tf").symlink_to("nowhere")
    (folder / "line\nfeed.tf").write_text("")
    (folder / "back\\slash.tf").write_text("")
    Path(os.fsdecode(os.fsencode(folder) + b"/latin\xe9.tf")).write_text("")


def test_leaves_out_vendored_files_odd_names_and_what_is_no_file_of_the_repository(
    repository: Path, tree: FileSystemTree
) -> None:
    fill_with_what_is_left_out(repository)
    assert tree.files((".tf",)) == ("link.tf", "main.tf", "stacks/logs/logs.tf")


def test_leaves_out_the_same_where_there_is_no_git(repository: Path, git_environment: Mapping[str, str]) -> None:
    shutil.rmtree(repository / ".git")
    fill_with_what_is_left_out(repository)
    tree = FileSystemTree(repository, environment=git_environment)
    assert tree.files((".tf",)) == ("link.tf", "main.tf", "stacks/logs/logs.tf")


def test_a_tracked_file_that_was_deleted_is_not_listed(repository: Path, tree: FileSystemTree) -> None:
    (repository / "main.tf").unlink()
    assert tree.files((".tf",)) == ("stacks/logs/logs.tf",)
    assert not tree.exists("main.tf")


@pytest.mark.parametrize("path", ["../outside.tf", "/etc/passwd", "a\\b.tf", "a\0.tf", "a\nb.tf", "", ".git/config"])
def test_unsafe_paths_are_refused(tree: FileSystemTree, path: str) -> None:
    with pytest.raises(UnsafePathError):
        tree.read(path)
    with pytest.raises(UnsafePathError):
        tree.exists(path)


def test_links_that_lead_outside_are_refused(repository: Path, tree: FileSystemTree) -> None:
    (repository / "folder").symlink_to("/etc")
    (repository / "config.tf").symlink_to(".git/config")
    for path in ("out.tf", "folder/passwd", "config.tf"):
        with pytest.raises(UnsafePathError):
            tree.read(path)
        with pytest.raises(UnsafePathError):
            tree.exists(path)


def test_a_link_within_the_repository_is_followed(repository: Path, tree: FileSystemTree) -> None:
    (repository / "link.tf").symlink_to("stacks/logs/logs.tf")
    assert tree.exists("link.tf")
    assert tree.read("link.tf") == tree.read("stacks/logs/logs.tf")


def test_what_is_no_regular_file_cannot_be_read(repository: Path, tree: FileSystemTree) -> None:
    os.mkfifo(repository / "pipe.tf")
    (repository / "loop.tf").symlink_to("loop.tf")
    for path in ("pipe.tf", "stacks", "nowhere.tf", "main.tf/x", "loop.tf", "a" * 300):
        assert not tree.exists(path)
        with pytest.raises(InputError):
            tree.read(path)


def test_a_file_is_read_up_to_the_limit_and_not_beyond(repository: Path, tree: FileSystemTree) -> None:
    (repository / "big.tf").write_bytes(b"#" * MAX_FILE_BYTES)
    assert len(tree.read("big.tf")) == MAX_FILE_BYTES
    (repository / "big.tf").write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InputError, match="larger than 5 MiB"):
        tree.read("big.tf")


def test_whoever_reads_may_ask_for_more_or_less(repository: Path, tree: FileSystemTree) -> None:
    (repository / "state").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    assert len(tree.read("state", MAX_FILE_BYTES + 1)) == MAX_FILE_BYTES + 1
    with pytest.raises(InputError, match="larger than"):
        tree.read("main.tf", 3)


def test_names_what_stands_in_a_folder_also_what_is_ignored(repository: Path, tree: FileSystemTree) -> None:
    (repository / ".gitignore").write_text(".terraform/\n")
    fill_with_what_is_left_out(repository)
    assert tree.names(".terraform/modules") == ("m/",)
    assert tree.names(".terraform/modules/m") == ("main.tf",)
    assert {"folder.tf/", "main.tf", "stacks/", ".terraform/"} <= set(tree.names(""))
    assert not {"link.tf", "loop.tf", "gone.tf", "out.tf"} & set(tree.names(""))
    assert tree.names("nowhere") == tree.names("main.tf") == ()
    (repository / "etc").symlink_to("/etc")
    for path in ("..", "/etc", ".git", "etc"):
        with pytest.raises(UnsafePathError):
            tree.names(path)


def test_a_root_that_cannot_be_used_is_refused(
    repository: Path, git: GitRun, git_environment: Mapping[str, str], tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare")
    for root, words in (
        (tmp_path / "nowhere", "does not exist"),
        (repository / "main.tf", "is not a folder"),
        (tmp_path / "bare", "is bare: clone it"),
    ):
        with pytest.raises(InputError, match=words):
            FileSystemTree(root, environment=git_environment)
        with pytest.raises(InputError, match=words):
            dirty_files(root, environment=git_environment)


def test_without_git_the_root_cannot_be_used(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="install git"):
        FileSystemTree(repository, environment={"PATH": str(tmp_path)})


def test_a_work_tree_that_is_configured_to_lie_elsewhere_is_refused(
    repository: Path, git: GitRun, git_environment: Mapping[str, str]
) -> None:
    git(repository, "config", "core.worktree", "/etc")
    with pytest.raises(InputError, match="not in the repository's work tree"):
        FileSystemTree(repository, environment=git_environment)


def test_dirty_files_are_those_changed_staged_deleted_or_new(
    repository: Path, git: GitRun, git_environment: Mapping[str, str]
) -> None:
    assert dirty_files(repository, environment=git_environment) == frozenset()
    (repository / "main.tf").write_text("# changed\n")
    (repository / "staged.tf").write_text("")
    git(repository, "add", "staged.tf")
    (repository / "run.sh").unlink()
    (repository / "stacks" / "new").mkdir()
    (repository / "stacks" / "new" / "a b.tf").write_text("")
    assert dirty_files(repository, environment=git_environment) == {
        "main.tf",
        "staged.tf",
        "run.sh",
        "stacks/new/a b.tf",
    }
    assert dirty_files(repository / "stacks", environment=git_environment) == {"new/a b.tf"}


def test_dirty_files_of_a_renamed_file_are_both_names(
    repository: Path, git: GitRun, git_environment: Mapping[str, str]
) -> None:
    git(repository, "mv", "main.tf", "other.tf")
    assert dirty_files(repository, environment=git_environment) == {"main.tf", "other.tf"}


def test_dirty_files_needs_a_repository(tmp_path: Path, git_environment: Mapping[str, str]) -> None:
    with pytest.raises(InputError, match="not in a git repository"):
        dirty_files(tmp_path, environment=git_environment)


def test_the_index_is_not_refreshed_on_the_way(repository: Path, git_environment: Mapping[str, str]) -> None:
    index = repository / ".git" / "index"
    os.utime(repository / "main.tf", (1, 1))
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    assert dirty_files(repository, environment=git_environment) == frozenset()
    FileSystemTree(repository, environment=git_environment).files((".tf",))
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_a_repository_that_git_cannot_read_is_an_error_and_not_an_empty_one(
    repository: Path, git_environment: Mapping[str, str]
) -> None:
    tree = FileSystemTree(repository, environment=git_environment)
    (repository / ".git" / "index").write_bytes(b"not an index")
    with pytest.raises(InputError, match="cannot be listed: git ls-files failed"):
        tree.files((".tf",))
    with pytest.raises(InputError, match="cannot be read: git status failed"):
        dirty_files(repository, environment=git_environment)


def test_a_repository_in_a_format_of_tomorrow_is_refused_in_gits_words(
    repository: Path, git: GitRun, git_environment: Mapping[str, str]
) -> None:
    git(repository, "config", "core.repositoryFormatVersion", "99")
    with pytest.raises(InputError, match=r"git refuses .*99"):
        FileSystemTree(repository, environment=git_environment)


def listed(tree: FileSystemTree) -> dict[str, ListedFile]:
    """Always the same files as `files` names, in its order."""
    found = tree.listing((".tf",))
    assert tuple(file.path for file in found) == tree.files((".tf",))
    return {file.path: file for file in found}


def test_what_is_unchanged_is_listed_with_gits_id_and_its_size(
    repository: Path, tree: FileSystemTree, git: GitRun
) -> None:
    found = listed(tree)
    assert list(found) == ["main.tf", "stacks/logs/logs.tf"]
    for path, file in found.items():
        assert file.blob == git(repository, "hash-object", "--no-filters", path).strip()
        assert file.size == len(tree.read(path))


def test_what_differs_from_gits_index_is_listed_without_an_id(
    repository: Path, tree: FileSystemTree, git: GitRun
) -> None:
    (repository / "main.tf").write_bytes(b'resource "aws_s3_bucket" "b" {}\n')  # of the same length
    (repository / "new.tf").write_text("")
    (repository / "staged.tf").write_text("# staged\n")
    git(repository, "add", "staged.tf")
    (repository / "stacks" / "logs" / "logs.tf").unlink()
    found = listed(tree)
    assert list(found) == ["main.tf", "new.tf", "staged.tf"]
    assert found["main.tf"] == ListedFile("main.tf")
    assert found["new.tf"] == ListedFile("new.tf")
    assert found["staged.tf"].blob == git(repository, "hash-object", "staged.tf").strip()
    (repository / "staged.tf").write_text("# and more\n")
    assert listed(tree)["staged.tf"] == ListedFile("staged.tf")


def test_lists_neither_ignored_nor_vendored_nor_odd_files_tracked_or_not(
    repository: Path, tree: FileSystemTree, git: GitRun
) -> None:
    (repository / ".gitignore").write_text("ignored.tf\n")
    (repository / "ignored.tf").write_text("")
    fill_with_what_is_left_out(repository)
    (repository / "pipe.tf").unlink()
    expected = ["link.tf", "main.tf", "stacks/logs/logs.tf"]
    assert list(listed(tree)) == expected
    git(repository, "add", "--all", "--force", "--", ":!ignored.tf")
    git(repository, "commit", "--quiet", "--message=all")
    assert list(listed(tree)) == expected
    assert listed(tree)["link.tf"] == ListedFile("link.tf"), "its content is that of another file"


def test_an_ignored_file_that_is_tracked_is_listed(repository: Path, tree: FileSystemTree) -> None:
    (repository / ".gitignore").write_text("main.tf\n")
    assert listed(tree)["main.tf"].blob


def test_a_file_in_conflict_has_no_id(repository: Path, tree: FileSystemTree, git: GitRun) -> None:
    for branch, text in (("other", "# theirs\n"), ("main", "# ours\n")):
        git(repository, "checkout", "--quiet", *(["-b", branch] if branch == "other" else [branch]))
        (repository / "main.tf").write_text(text)
        git(repository, "commit", "--quiet", "--all", f"--message={branch}")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "--quiet", "other")
    assert listed(tree)["main.tf"] == ListedFile("main.tf")


def test_a_submodule_is_not_listed_whatever_its_name(repository: Path, tree: FileSystemTree, git: GitRun) -> None:
    head = git(repository, "rev-parse", "HEAD").strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},sub.tf")
    (repository / "sub.tf").mkdir()
    assert "sub.tf" not in listed(tree)


def test_a_folder_that_became_a_link_outside_is_not_listed(
    repository: Path, tree: FileSystemTree, tmp_path: Path
) -> None:
    (repository / "stacks" / "logs").rename(tmp_path / "logs")
    (repository / "stacks" / "logs").symlink_to(tmp_path / "logs")
    assert list(listed(tree)) == ["main.tf"]


def test_a_part_of_a_work_tree_lists_its_own_paths(repository: Path, git_environment: Mapping[str, str]) -> None:
    found = listed(FileSystemTree(repository / "stacks", environment=git_environment))
    assert list(found) == ["logs/logs.tf"]
    assert found["logs/logs.tf"].size == 36


def test_in_a_repository_without_a_commit_every_file_is_listed(
    tmp_path: Path, git: GitRun, git_environment: Mapping[str, str]
) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.tf").write_text("")
    (tmp_path / "b.tf").write_text("")
    git(tmp_path, "add", "a.tf")
    found = listed(FileSystemTree(tmp_path, environment=git_environment))
    assert {path: bool(file.blob) for path, file in found.items()} == {"a.tf": True, "b.tf": False}


def test_without_git_the_listing_knows_nothing_but_paths(repository: Path, git_environment: Mapping[str, str]) -> None:
    shutil.rmtree(repository / ".git")
    found = listed(FileSystemTree(repository, environment=git_environment))
    assert list(found.values()) == [ListedFile("main.tf"), ListedFile("stacks/logs/logs.tf")]


def test_a_listing_that_git_cannot_make_is_an_error_and_not_empty(repository: Path, tree: FileSystemTree) -> None:
    (repository / ".git" / "index").write_bytes(b"not an index")
    with pytest.raises(InputError, match="cannot be listed: git ls-files failed"):
        tree.listing((".tf",))


def test_what_a_sparse_checkout_leaves_out_is_not_listed(repository: Path, tree: FileSystemTree, git: GitRun) -> None:
    git(repository, "sparse-checkout", "set", "--no-cone", "/main.tf")
    assert not tree.exists("stacks/logs/logs.tf")
    assert list(listed(tree)) == ["main.tf"]


def test_a_file_that_git_was_told_to_take_for_unchanged_has_no_id(
    repository: Path, tree: FileSystemTree, git: GitRun
) -> None:
    git(repository, "update-index", "--assume-unchanged", "main.tf")
    (repository / "main.tf").write_bytes(b'resource "aws_s3_bucket" "b" {}\n')
    assert listed(tree)["main.tf"].blob == ""
