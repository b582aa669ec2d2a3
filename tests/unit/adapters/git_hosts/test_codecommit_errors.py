"""Every error that the service's description names for what iacfix asks is one of ours."""

from itertools import combinations

import pytest
from botocore.exceptions import ClientError

from iacfix.adapters.git_hosts.codecommit_errors import KINDS, mapped
from iacfix.testing.service_contract import errors_of

OPERATIONS = (
    "CreateBranch",
    "CreateCommit",
    "CreatePullRequest",
    "GetBlob",
    "GetBranch",
    "GetCommentsForPullRequest",
    "GetCommit",
    "GetDifferences",
    "GetFolder",
    "GetMergeOptions",
    "GetPullRequest",
    "GetRepository",
    "ListPullRequests",
    "PostCommentForPullRequest",
    "UpdateComment",
    "UpdatePullRequestDescription",
    "UpdatePullRequestStatus",
    "UpdatePullRequestTitle",
)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_error_of_an_operation_has_its_kind(operation: str) -> None:
    for code in errors_of("codecommit", operation):
        kinds = [kind for kind, codes in KINDS.items() if code in codes]
        assert len(kinds) == 1, code
        error = ClientError({"Error": {"Code": code, "Message": "words"}}, operation)
        assert type(mapped(error, "it")) is kinds[0]


def test_no_error_has_two_kinds() -> None:
    for one, other in combinations(KINDS.values(), 2):
        assert not one & other


def test_the_wait_is_the_hosts() -> None:
    answer = {
        "Error": {"Code": "ThrottlingException", "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {"retry-after": "7"}},
    }
    assert getattr(mapped(ClientError(answer, "GetBranch"), "it"), "seconds", 0) == 7  # type: ignore[arg-type] # as much as is told


def test_a_signature_is_not_quoted() -> None:
    answer = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "The canonical request is secret"}}
    assert "secret" not in str(mapped(ClientError(answer, "GetBranch"), "it"))  # type: ignore[arg-type] # as much as is told
