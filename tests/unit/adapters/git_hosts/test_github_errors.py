"""Every way in which GitHub says no, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.adapters.git_hosts.github_errors import failure
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)

SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
LIMITS: list[tuple[int, str, dict[str, str], float]] = [
    (403, SECONDARY, {"retry-after": "30"}, 30),
    (403, SECONDARY, {}, 60),
    (403, SECONDARY, {"retry-after": "soon"}, 60),
    (403, "API rate limit exceeded for user ID 1.", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225700", "date": DATE}, 101),
    (403, "API rate limit exceeded for user ID 1.", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1", "date": DATE}, 1),
    (403, SECONDARY, {"x-ratelimit-remaining": "12", "x-ratelimit-reset": "1767225700", "date": DATE}, 60),
    (403, "You have triggered an abuse detection mechanism.", {}, 60),
    (429, "Too many requests", {"retry-after": "5"}, 5),
]  # fmt: skip


@pytest.mark.parametrize(("status", "message", "headers", "seconds"), LIMITS)
def test_a_limit_says_when_to_come_back(status: int, message: str, headers: dict[str, str], seconds: float) -> None:
    error = failure(status, {"message": message}, headers, "")
    assert isinstance(error, HostRateLimitedError)
    assert error.seconds == seconds


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (301, "Moved Permanently", HostUnavailableError),
        (400, "Problems parsing JSON", HostRefusedError),
        (401, "Bad credentials", HostForbiddenError),
        (403, "Resource not accessible by integration", HostForbiddenError),
        (403, "Repository was archived so is read-only.", HostForbiddenError),
        (404, "Not Found", HostNotFoundError),
        (405, "Method not allowed", HostRefusedError),
        (409, "Conflict", HostConflictError),
        (410, "Issues are disabled for this repo", HostNotFoundError),
        (413, "Payload too large", HostRefusedError),
        (422, "Validation Failed", HostRefusedError),
        (451, "Repository access blocked", HostForbiddenError),
        (500, "Server Error", HostUnavailableError),
        (502, "Bad Gateway", HostUnavailableError),
        (503, "Service unavailable", HostUnavailableError),
    ],
)
def test_a_status_is_an_error_with_githubs_words(status: int, message: str, kind: type[GitHostError]) -> None:
    error = failure(status, {"message": message}, {}, "")
    assert type(error) is kind
    assert message in str(error)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("NOT_FOUND", HostNotFoundError),
        ("FORBIDDEN", HostForbiddenError),
        ("INSUFFICIENT_SCOPES", HostForbiddenError),
        ("RATE_LIMITED", HostRateLimitedError),
        ("SERVICE_UNAVAILABLE", HostUnavailableError),
        ("UNPROCESSABLE", HostRefusedError),
        (None, HostRefusedError),
    ],
)
def test_graphql_tells_by_a_word(kind: str | None, error: type[GitHostError]) -> None:
    found = failure(400, {"data": None, "errors": [{"type": kind, "message": "no"}]}, {}, "")
    assert type(found) is error
    assert "no" in str(found)


def test_the_words_of_a_validation_are_told_once() -> None:
    errors: list[object] = [
        {"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for acme:x."},
        {"resource": "PullRequest", "field": "base", "code": "invalid"},
        "in plain text",
        "in plain text",
    ]
    words = "Validation Failed A pull request already exists for acme:x. PullRequest base invalid in plain text"
    assert (
        failure(422, {"message": "Validation Failed", "errors": errors}, {}, "").what == f"GitHub refused it: {words}"
    )


@given(
    st.integers(300, 599),
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["message", "errors", "type"]), inner)
        ),
    ),
    st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"]), st.text()),
)
def test_no_answer_breaks_it_or_has_a_secret_told(status: int, data: object, headers: dict[str, str]) -> None:
    error = failure(status, data, headers, "secret-word")
    assert len(str(error)) < 800
    assert "secret-word" not in str(
        failure(status, {"message": "a secret-word", "errors": data}, headers, "secret-word")
    )
