"""Where pull requests live. One shape for every host, whose differences are data (`HostLimits`)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from iacfix.domain.change_request import (
    Access,
    BaseCommit,
    BranchState,
    ChangeRequest,
    Comment,
    HostedPullRequest,
    Person,
)


@dataclass(frozen=True, slots=True)
class HostLimits:
    """What a host can hold and do. Lengths in characters. `folds`: its Markdown shows `<details>` closed."""

    max_title_length: int
    max_body_length: int
    max_comment_length: int
    drafts: bool = True
    labels: bool = True
    reviewers: bool = True
    comments: bool = True
    folds: bool = True


class GitHost(Protocol):
    """One repository on one host. Verbs are idempotent: doing it again finds what is there and answers with it.

    Every verb raises a GitHostError: HostNotFoundError, HostForbiddenError, HostConflictError, HostRateLimitedError,
    HostRefusedError, HostUnavailableError. None of them holds a credential or the address of one.
    """

    @property
    def name(self) -> str:
        """`github`, `gitlab`, `bitbucket`, `codecommit`, `local`."""

    @property
    def limits(self) -> HostLimits: ...

    def base(self, branch: str = "") -> BaseCommit:
        """The head of a branch; "" is the default branch, asked of the host anew. Raises HostNotFoundError."""

    def read(self, path: str, commit: str) -> bytes | None:
        """The regular file at a commit, None where there is none. Raises UnsafePathError where the way is a link."""

    def branch(self, name: str, base: str) -> BranchState | None:
        """A branch, and what stands on it beyond its merge base with the commit `base`. None where there is none."""

    def ensure_branch(self, request: ChangeRequest, *, replacing: str = "") -> str:
        """The branch with one commit on `request.base`, made at once from all edits. Answers with its commit.

        1. Where the branch is there with this very content (see BranchState.content), it is answered as it is.
        2. Where it is there with other content, it is moved only when its head is `replacing`, compared and swapped by
           the host in one step; else HostConflictError.
        3. The base's files have to be what `request.edits` say they were before; else HostConflictError.
        """

    def delete_branch(self, name: str, head: str) -> bool:
        """Deletes it while its head is this commit. False where it is gone; HostConflictError where it moved."""

    def pull_requests(self, branch: str) -> tuple[HostedPullRequest, ...]:
        """Every pull request from this branch of this repository (never of a fork), in any state, newest first."""

    def open_pull_requests(self) -> tuple[HostedPullRequest, ...]:
        """Those whose branch begins with `iacfix/`, from this repository."""

    def ensure_pull_request(self, request: ChangeRequest, commit: str) -> HostedPullRequest:
        """The one open pull request from the branch, with title, body and draft state as the request has them."""

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        """Closed without merging. One that is merged or closed is answered as it is."""

    def ensure_labels(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:
        """Adds them; answers with those that the host does not take."""

    def ensure_reviewers(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        """Asks them; answers with those whom the host does not take: unknown, without access, or the author."""

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        """Oldest first."""

    def ensure_comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        """One comment of ours for each `key`, which a hidden marker in it holds; its text becomes `body`."""

    def access(self, login: str) -> Access:
        """What a person may do in this repository; Access.NONE where the host does not know them."""
