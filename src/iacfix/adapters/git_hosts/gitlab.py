"""Merge requests on GitLab: gitlab.com, or a server of one's own, below a path too."""

from collections.abc import Collection

from iacfix.adapters.git_hosts.answers import Record, broken, number, text
from iacfix.adapters.git_hosts.gitlab_branches import GitLabBranches
from iacfix.adapters.git_hosts.gitlab_client import GitLabClient, GitLabToken
from iacfix.adapters.git_hosts.gitlab_files import GitLabFiles
from iacfix.adapters.git_hosts.gitlab_merges import LIMITS, GitLabMerges
from iacfix.adapters.git_hosts.moved_branches import require_head
from iacfix.adapters.git_hosts.pacing import PATIENCE, SYSTEM_CLOCK, Clock
from iacfix.adapters.git_hosts.requests import OBJECT_ID, check
from iacfix.adapters.paths import require_plain
from iacfix.domain.change_request import (
    Access,
    BaseCommit,
    BranchState,
    ChangeRequest,
    Comment,
    HostedPullRequest,
    Person,
)
from iacfix.domain.errors import HostForbiddenError, HostNotFoundError
from iacfix.ports.git_host import HostLimits

GITLAB = "https://gitlab.com"
_REPORTER, _DEVELOPER = 20, 30  # "Members API", roles


class GitLabHost:
    """One project. A branch that is there is moved and deleted by git's push alone (moved_branches.py): a token that
    may not push over HTTPS opens merge requests, and is refused where one has to change. Implements
    ports.git_host.GitHost.
    """

    def __init__(  # noqa: PLR0913 - all that a connection is
        self,
        project: str,
        token: GitLabToken,
        *,
        url: str = GITLAB,
        timeout: float = 60.0,
        patience: float = PATIENCE,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Raises ConfigurationError. `project` is the full path, or the number."""
        self._client = GitLabClient(url, project, token, timeout=timeout, patience=patience, clock=clock)
        self._files = GitLabFiles(self._client)
        self._branches = GitLabBranches(self._client, self._files)
        self._merges = GitLabMerges(self._client)
        self._known: Record | None = None

    @property
    def name(self) -> str:
        return "gitlab"

    @property
    def limits(self) -> HostLimits:
        return LIMITS

    def base(self, branch: str = "") -> BaseCommit:
        if not branch:
            self._known = None
            found = self._project().get("default_branch")
            if not isinstance(found, str) or not found:
                raise HostNotFoundError("the repository has no commit yet", remedy="commit the files first")
            branch = found
        return BaseCommit(branch, require_head(self._branches.head(branch), branch))

    def read(self, path: str, commit: str) -> bytes | None:
        require_plain(path)
        self._files.require_commit(commit)
        entry = self._files.entry(path, commit)
        return self._files.blob(entry) if entry is not None else None

    def branch(self, name: str, base: str) -> BranchState | None:
        return self._branches.state(name, base)

    def ensure_branch(self, request: ChangeRequest, *, replacing: str = "") -> str:
        check(request, LIMITS)
        return self._branches.ensure(request, self._writable_path(), replacing=replacing)

    def delete_branch(self, name: str, head: str) -> bool:
        if not OBJECT_ID.fullmatch(head):
            raise HostNotFoundError(f"there is no commit {head[:64]!r}")
        return self._branches.delete(name, head, self._writable_path())

    def pull_requests(self, branch: str) -> tuple[HostedPullRequest, ...]:
        return self._merges.of(branch)

    def open_pull_requests(self) -> tuple[HostedPullRequest, ...]:
        return self._merges.open()

    def ensure_pull_request(self, request: ChangeRequest, commit: str) -> HostedPullRequest:
        check(request, LIMITS)
        return self._merges.ensure(request, commit, request.target or self.base().branch)

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        return self._merges.close(pull_request)

    def ensure_labels(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:
        return self._merges.label(pull_request, labels)

    def ensure_reviewers(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        return self._merges.review(pull_request, reviewers)

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        return self._merges.comments(pull_request)

    def ensure_comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        return self._merges.comment(pull_request, key, body)

    def access(self, login: str) -> Access:
        """By their role in the project or a group above it; whoever is no member may read what is public."""
        person = self._merges.user(login)
        if person is None:
            return Access.NONE
        member = self._client.find(f"/members/all/{number(person, 'id')}")
        level = number(member, "access_level") if member is not None and member.get("state") == "active" else 0
        if level >= _DEVELOPER:
            return Access.WRITE
        is_public = self._project().get("visibility") == "public"
        return Access.READ if level >= _REPORTER or is_public else Access.NONE

    def _project(self) -> Record:
        if self._known is None:
            self._known = self._client.get("")
        return self._known

    def _writable_path(self) -> str:
        """For git: the API's own address of the repository may lead to another host."""
        project = self._project()
        if project.get("archived") is True:
            raise HostForbiddenError(
                "the project is archived, and nothing can be written to it",
                remedy="unarchive it, or take it off the list",
            )
        path = text(project, "path_with_namespace")
        if ".." in path or path.startswith("/"):
            raise broken("the project's path is none")
        return path
