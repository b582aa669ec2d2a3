import os
import subprocess
from pathlib import Path

import pytest

from iacfix.adapters.commit_tree import CommitTree
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.domain.errors import InputError, UnsafePathError

ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | {
    f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
}


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "main.tf": b"# main\r\n",
        "live/a.tf": b"# a\n",
        "live/sub/b.tf": "# b \u00e4\n".encode(),
        "live/empty.tf": b"",
        "live/notes.txt": b"x",
        "node_modules/x.tf": b"# vendored\n",
        ".gitignore": b".terraform/\n*.tfstate\n",
    }
    git_folder = tmp_path / "repository"
    for path, data in files.items():
        (git_folder / path).parent.mkdir(parents=True, exist_ok=True)
        (git_folder / path).write_bytes(data)
    (git_folder / "live" / "link.tf").symlink_to("/etc/passwd")
    git(git_folder, "init", "-q", "-b", "main")
    git(git_folder, "add", "-A", "-f")
    git(git_folder, "commit", "-qm", "first")
    return git_folder


def tree(folder: Path) -> CommitTree:
    return CommitTree(folder, git(folder, "rev-parse", "HEAD"), environment=ENVIRONMENT)


def test_it_shows_what_is_committed_and_a_clean_work_tree_shows_the_same(folder: Path) -> None:
    (folder / "live" / "link.tf").unlink()
    git(folder, "commit", "-qam", "without the link")
    found, beside = tree(folder), FileSystemTree(folder, environment=ENVIRONMENT)
    assert found.files((".tf",)) == beside.files((".tf",)) == ("live/a.tf", "live/empty.tf", "live/sub/b.tf", "main.tf")
    assert {each.path: each.blob for each in found.listing((".tf",))} == {
        each.path: each.blob for each in beside.listing((".tf",))
    }
    for path in found.files((".tf", ".txt")):
        assert found.read(path) == beside.read(path)
    assert found.names("live") == beside.names("live") == ("a.tf", "empty.tf", "notes.txt", "sub/")


def test_the_work_tree_does_not_matter(folder: Path) -> None:
    found = tree(folder)
    (folder / "main.tf").write_text("changed")
    (folder / "live" / "a.tf").unlink()
    (folder / "live" / "new.tf").write_text("new")
    assert found.read("main.tf") == b"# main\r\n"
    assert found.read("live/a.tf") == b"# a\n"
    assert not found.exists("live/new.tf")
    assert "live/link.tf" not in found.files((".tf",))
    with pytest.raises(InputError, match="no such file"):
        found.read("live/new.tf")
    with pytest.raises(InputError, match="no such file"):
        found.read("live/link.tf")
    for path in ("../x.tf", "/etc/passwd", ".git/config"):
        with pytest.raises(UnsafePathError):
            found.read(path)


def test_a_folder_of_the_repository_has_its_own_paths(folder: Path) -> None:
    found = tree(folder / "live")
    assert found.files((".tf",)) == ("a.tf", "empty.tf", "sub/b.tf")
    assert found.read("sub/b.tf") == "# b \u00e4\n".encode()
    assert found.names("") == ("a.tf", "empty.tf", "notes.txt", "sub/")


def test_states_and_installed_modules_are_never_committed_and_read_all_the_same(folder: Path) -> None:
    (folder / "live" / "terraform.tfstate").write_text("{}")
    (folder / "live" / ".terraform" / "modules").mkdir(parents=True)
    (folder / "live" / ".terraform" / "modules" / "modules.json").write_text("[]")
    found = tree(folder)
    assert found.read("live/terraform.tfstate") == b"{}"
    assert found.exists("live/.terraform/modules/modules.json")
    assert {"terraform.tfstate", ".terraform/"} <= set(found.names("live"))


def test_what_is_too_large_or_not_there_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="larger"):
        tree(folder).read("main.tf", 3)
    for commit in ("0" * 40, "HEAD", "--help"):
        with pytest.raises(InputError, match="does not have the commit"):
            CommitTree(folder, commit, environment=ENVIRONMENT)
    (tmp_path / "plain").mkdir()
    with pytest.raises(InputError, match="not in a git repository"):
        CommitTree(tmp_path / "plain", "0" * 40, environment=ENVIRONMENT)
