"""Pull requests on Bitbucket Cloud, over its REST API 2.0 and git's own push.

What cannot be done in one step there, and in which order it is done instead:
- A branch that is there is replaced by a commit on a branch beside it and one push that compares and swaps
  (bitbucket_branches.py): no commit of anybody's is lost, and a run that is cut off goes on from there.
- A pull request is looked for before and after it is made (bitbucket_pulls.py): of twins the oldest stays open.
- Its reviewers are sent with every change, or they would be taken away.
- Who may write is told to administrators alone (bitbucket_people.py).
"""

from collections.abc import Collection

from iacfix.adapters.git_hosts.answers import record, text
from iacfix.adapters.git_hosts.bitbucket_branches import BitbucketBranches
from iacfix.adapters.git_hosts.bitbucket_client import API, GIT, BitbucketClient, BitbucketToken
from iacfix.adapters.git_hosts.bitbucket_files import BitbucketFiles
from iacfix.adapters.git_hosts.bitbucket_people import BitbucketPeople
from iacfix.adapters.git_hosts.bitbucket_pulls import LIMITS, BitbucketPulls
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
from iacfix.domain.errors import HostNotFoundError
from iacfix.ports.git_host import HostLimits


class BitbucketHost:
    """One repository. Implements ports.git_host.GitHost. Its labels are none: each is answered as not taken."""

    def __init__(  # noqa: PLR0913 - two addresses, and two things that only some know
        self,
        repository: str,
        token: BitbucketToken,
        *,
        url: str = API,
        git_url: str = GIT,
        writers: Collection[str] = (),
        timeout: float = 60.0,
        patience: float = PATIENCE,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`repository` is workspace/name, `writers` UUIDs of those who may give orders where the token is no
        administrator's. Raises ConfigurationError.
        """
        self._client = BitbucketClient(
            repository, token, api=url, git=git_url, timeout=timeout, patience=patience, clock=clock
        )
        self._files = BitbucketFiles(self._client)
        self._branches = BitbucketBranches(self._client, self._files)
        self._people = BitbucketPeople(self._client, writers)
        self._pulls = BitbucketPulls(self._client, self._files, self._people)

    @property
    def name(self) -> str:
        return "bitbucket"

    @property
    def limits(self) -> HostLimits:
        return LIMITS

    def base(self, branch: str = "") -> BaseCommit:
        if not branch:
            main = self._client.get("").get("mainbranch")
            if main is None:
                raise HostNotFoundError("the repository has no commit yet", remedy="commit the files first")
            branch = text(record(main), "name")
        return BaseCommit(branch, require_head(self._branches.head(branch), branch))

    def read(self, path: str, commit: str) -> bytes | None:
        require_plain(path)
        self._files.require_commit(commit)
        entry = self._files.entry(path, commit)
        return self._files.content(path, commit) if entry is not None else None

    def branch(self, name: str, base: str) -> BranchState | None:
        return self._branches.state(name, base)

    def ensure_branch(self, request: ChangeRequest, *, replacing: str = "") -> str:
        check(request, LIMITS)
        return self._branches.ensure(request, replacing=replacing)

    def delete_branch(self, name: str, head: str) -> bool:
        if not OBJECT_ID.fullmatch(head):
            raise HostNotFoundError(f"there is no commit {head[:64]!r}")
        return self._branches.delete(name, head)

    def pull_requests(self, branch: str) -> tuple[HostedPullRequest, ...]:
        return self._pulls.of(branch)

    def open_pull_requests(self) -> tuple[HostedPullRequest, ...]:
        return self._pulls.open()

    def ensure_pull_request(self, request: ChangeRequest, commit: str) -> HostedPullRequest:
        check(request, LIMITS)
        return self._pulls.ensure(request, commit, request.target or self.base().branch)

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        return self._pulls.close(pull_request)

    def ensure_labels(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002 - there are none
        return tuple(dict.fromkeys(labels))

    def ensure_reviewers(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        return self._pulls.review(pull_request, reviewers)

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        return self._pulls.comments(pull_request)

    def ensure_comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        return self._pulls.comment(pull_request, key, body)

    def access(self, login: str) -> Access:
        return self._people.access(login)
