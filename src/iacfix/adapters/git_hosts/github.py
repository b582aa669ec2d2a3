"""GitHub and GitHub Enterprise Server as a git host."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

from iacfix.adapters.git_hosts.answers import number, record, text
from iacfix.adapters.git_hosts.github_api import API_URL, Api
from iacfix.adapters.git_hosts.github_branches import Branches
from iacfix.adapters.git_hosts.github_credentials import DEFAULT_PACE, Credentials, Pace
from iacfix.adapters.git_hosts.github_pulls import Pulls, check_comment, hosted
from iacfix.adapters.git_hosts.github_trees import Trees
from iacfix.adapters.git_hosts.moved_branches import conflict
from iacfix.adapters.git_hosts.pacing import SYSTEM_CLOCK, Clock
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
from iacfix.domain.errors import HostForbiddenError, HostNotFoundError, HostRefusedError
from iacfix.ports.git_host import HostLimits

# 65,536 characters; one is left for what GitHub may add at the end.
LIMITS = HostLimits(max_title_length=256, max_body_length=65_535, max_comment_length=65_535)

_OURS = "iacfix/"
_MARKER_ROOM = 120  # the longest marker of a comment, and its end of line
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?")
_MAY_WRITE = {"admin", "write"}


@dataclass(frozen=True, slots=True)
class _Repository:
    id: int
    node: str
    owner: str
    default_branch: str
    archived: bool


class GitHubHost:
    """One repository. Nothing is asked of GitHub before a verb is called, but for the installation of an App that is
    not told. Implements ports.git_host.GitHost.
    """

    def __init__(
        self,
        repository: str,
        credentials: Credentials,
        *,
        api_url: str = API_URL,
        pace: Pace = DEFAULT_PACE,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`repository` is owner/name; `api_url` is https://github.example.com/api/v3 for GitHub Enterprise Server.

        Raises ConfigurationError where these cannot be.
        """
        self._name = repository
        self._api = Api(repository, credentials, api_url, pace, clock)
        self._trees = Trees(self._api)
        self._branches = Branches(self._api, self._trees)
        self._known: _Repository | None = None
        self._made: Pulls | None = None

    @property
    def name(self) -> str:
        return "github"

    @property
    def limits(self) -> HostLimits:
        return LIMITS

    def base(self, branch: str = "") -> BaseCommit:
        repository = self._repository(anew=True)
        wanted = branch or repository.default_branch
        head = self._branches.head(wanted)
        if head is None:
            self._no_branch(wanted, repository)
        return BaseCommit(wanted, head)

    def read(self, path: str, commit: str) -> bytes | None:
        require_plain(path)
        if not OBJECT_ID.fullmatch(commit):
            raise HostNotFoundError(f"there is no commit {commit[:64]!r}")
        entry = self._trees.entry(commit, path)
        return self._trees.blob(entry.sha) if entry is not None else None

    def branch(self, name: str, base: str) -> BranchState | None:
        return self._branches.state(name, base)

    def ensure_branch(self, request: ChangeRequest, *, replacing: str = "") -> str:
        check(request, LIMITS)
        return self._branches.ensure(request, replacing, self._writable().node)

    def delete_branch(self, name: str, head: str) -> bool:
        return self._branches.delete(name, head, self._writable().node)

    def pull_requests(self, branch: str) -> tuple[HostedPullRequest, ...]:
        return tuple(hosted(each) for each in self._pulls().of(branch))

    def open_pull_requests(self) -> tuple[HostedPullRequest, ...]:
        return tuple(hosted(each) for each in self._pulls().open(_OURS))

    def ensure_pull_request(self, request: ChangeRequest, commit: str) -> HostedPullRequest:
        check(request, LIMITS)
        self._writable()
        target = request.target or self._repository(anew=True).default_branch
        if self._branches.head(request.branch) != commit:
            raise conflict(request.branch)
        try:
            return hosted(self._pulls().ensure(request, target))
        except HostRefusedError:
            if self._branches.head(target) is None:
                self._no_branch(target, self._repository(anew=True))
            raise

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        return hosted(self._pulls().close(pull_request.number))

    def ensure_labels(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:
        return self._pulls().add_labels(pull_request.number, labels) if labels else ()

    def ensure_reviewers(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        return self._pulls().ask(pull_request.number, reviewers) if reviewers else ()

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        return self._pulls().comments(pull_request.number)

    def ensure_comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        check_comment(body, LIMITS.max_comment_length - _MARKER_ROOM)
        return self._pulls().ensure_comment(pull_request.number, key, body)

    def access(self, login: str) -> Access:
        """By the permission of a collaborator, those of teams and of the organization included."""
        if not _LOGIN.fullmatch(login):
            return Access.NONE
        try:
            found = self._api.get(f"/collaborators/{login}/permission")
        except HostNotFoundError:
            return Access.NONE
        permission = text(found, "permission")
        if permission in _MAY_WRITE:
            return Access.WRITE
        return Access.READ if permission == "read" else Access.NONE

    def _pulls(self) -> Pulls:
        if self._made is None:
            repository = self._repository()
            self._made = Pulls(self._api, repository.id, repository.owner)
        return self._made

    def _repository(self, *, anew: bool = False) -> _Repository:
        if self._known is None or anew:
            found = self._api.get("")
            if text(found, "full_name").lower() != self._name.lower():
                raise HostNotFoundError(
                    f"the repository {self._name} is now {text(found, 'full_name')}", remedy="use its new name"
                )
            self._known = _Repository(
                number(found, "id"),
                text(found, "node_id"),
                text(record(found.get("owner")), "login"),
                text(found, "default_branch"),
                bool(found.get("archived")),
            )
        return self._known

    def _writable(self) -> _Repository:
        repository = self._repository()
        if repository.archived:
            raise HostForbiddenError(
                "the repository is archived, and nothing can be written to it",
                remedy="unarchive it, or take it off the list",
            )
        return repository

    def _no_branch(self, branch: str, repository: _Repository) -> NoReturn:
        default = repository.default_branch
        hint = "it has no commit yet" if branch == default else f"its default branch is {default}: was it renamed?"
        raise HostNotFoundError(f"the repository has no branch {branch}; {hint}", remedy="name one that is there")
