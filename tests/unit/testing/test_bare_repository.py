from pathlib import Path

import pytest

from iacfix.testing.bare_repository import ZERO, BareRepository, Entry, GitRefusedError, MovedError


@pytest.fixture
def repository(tmp_path: Path) -> BareRepository:
    made = BareRepository(tmp_path / "r.git")
    made.commit_files("main", {"main.tf": b"a\r\n", "a b/\u00fcn\u00ef.tf": b"\x00"}, "First\n\nWhy: x\n")
    return made


def test_what_is_committed_is_read_back(repository: BareRepository) -> None:
    head = repository.head("main")
    assert head is not None
    commit = repository.commit(head)
    assert commit is not None
    assert (commit.parents, commit.message, commit.author, commit.date) == ((), "First\n\nWhy: x\n", "A Person", 1)
    files = repository.files(head)
    assert {path: repository.blob(entry.id) for path, entry in files.items()} == {
        "main.tf": b"a\r\n",
        "a b/\u00fcn\u00ef.tf": b"\x00",
    }
    assert repository.has(commit.tree, "tree")
    assert not repository.has(commit.tree, "blob")
    assert repository.blob(ZERO) is None


def test_branches_grow_apart(repository: BareRepository) -> None:
    first = repository.head("main")
    assert first is not None
    there = repository.commit_files("fix", {"main.tf": b"b"}, "Second\n")
    other = repository.commit_files("main", {"main.tf": None}, "Third\n")
    assert repository.branches() == {"main": other, "fix": there}
    assert repository.merge_base(there, other) == first
    assert repository.ahead(there, other) == (there,)
    assert repository.is_ancestor(first, there)
    assert not repository.is_ancestor(other, there)
    assert "main.tf" not in repository.files(other)


def test_refs_are_compared_and_swapped(repository: BareRepository) -> None:
    head = repository.head("main")
    assert head is not None
    repository.move("fix", head, expected=ZERO)
    with pytest.raises(MovedError):
        repository.move("fix", head, expected=ZERO)
    made = repository.write_commit(
        repository.write_tree({"x": Entry("100755", repository.write_blob(b""))}), [head], "m"
    )
    repository.move("fix", made, expected=head)
    with pytest.raises(MovedError):
        repository.delete("fix", expected=head)
    repository.delete("fix", expected=made)
    assert repository.head("fix") is None


def test_what_git_refuses_is_an_error(repository: BareRepository) -> None:
    with pytest.raises(GitRefusedError):
        repository.write_commit(ZERO, [], "m")
    assert repository.resolve("--all") is None
    assert repository.commit("nothing") is None
    assert not repository.is_branch_name("a..b")


def test_it_is_found_again(repository: BareRepository) -> None:
    assert BareRepository(repository.folder).branches() == repository.branches()
