import pytest

from iacfix.testing.service_contract import errors_of, is_operation, misfit_of_input, misfit_of_output

GOOD = {"repositoryName": "infra", "branchName": "main", "putFiles": [{"filePath": "a", "fileMode": "NORMAL"}]}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, ""),
        ({"repositoryName": None}, "repositoryName"),
        ({"repositoryName": "a/b"}, "must match"),
        ({"repositoryName": "x" * 101}, "at most 100 characters"),
        ({"branchName": 1}, "Invalid type"),
        ({"unknown": "x"}, "Unknown parameter"),
        ({"putFiles": [{"filePath": "a", "fileMode": "LINK"}]}, "must be one of EXECUTABLE, NORMAL, SYMLINK"),
    ],
)
def test_what_does_not_fit_is_told(changed: dict[str, object], says: str) -> None:
    fault = misfit_of_input("codecommit", "CreateCommit", {**GOOD, **changed})
    assert says in fault
    assert bool(fault) == bool(says)


def test_answers_are_held_against_the_description_too() -> None:
    assert misfit_of_output("codecommit", "GetBranch", {"branch": {"branchName": "main", "commitId": "0"}}) == ""
    assert "Unknown parameter" in misfit_of_output("codecommit", "GetBranch", {"branch": {"name": "main"}})


def test_operations_and_their_errors_are_known() -> None:
    assert is_operation("codecommit", "GetBranch")
    assert not is_operation("codecommit", "UpdateBranch")
    assert "BranchDoesNotExistException" in errors_of("codecommit", "GetBranch")
