"""AWS CodeCommit. What differs from other hosts:

- A branch is moved and deleted by compare-and-swap through git's own protocol (see codecommit_push.py), because the API
  cannot, and a pull request is closed for good when its branch is deleted. It takes codecommit:GitPush. The new commit
  is made by the API on a branch of its own, `iacfix-next/…`, so that all of it is there before the move.
- A new branch stands at its base for a moment before its commit is there: CodeCommit makes the two in two steps.
- Who may do what is decided by IAM, which answers about others only to administrators. So `access` goes by a list of
  principals (`writers`) that the owner of the repository gives, and everybody else may do nothing.
- There are no labels, no drafts, and no reviewers: approval rules ask for a number of approvals, not for a person.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from iacfix.adapters.git_hosts.requests import check
from iacfix.adapters.paths import require_plain
from iacfix.domain.change_request import (
    Access,
    BaseCommit,
    BranchState,
    ChangeRequest,
    Comment,
    HostedPullRequest,
    Person,
    PullRequestState,
)
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.domain.marks import content_hash
from iacfix.ports import CloudReadError
from iacfix.ports.git_host import HostLimits

if TYPE_CHECKING:
    from mypy_boto3_codecommit.type_defs import PutFileEntryTypeDef, RepositoryMetadataTypeDef

    from iacfix.adapters.aws.role import Role
    from iacfix.adapters.git_hosts.codecommit_push import Pusher

LIMITS = HostLimits(
    max_title_length=150,
    max_body_length=10_239,
    max_comment_length=10_240 - 120,  # with the line of our own above it
    drafts=False,
    labels=False,
    reviewers=False,
)
_OURS = "iacfix/"
_NEXT = "iacfix-next/"
_ZERO = "0" * 40


class CodeCommitGitHost:
    """Implements ports.git_host.GitHost. Timeouts are in seconds; `max_attempts` counts the first call too.

    `writers` are ARNs of users and roles, which hold for every session of the role. `role` is taken on first.
    """

    def __init__(  # noqa: PLR0913 - all that leads to a repository
        self,
        repository: str,
        *,
        region: str = "",
        role: "Role | None" = None,
        writers: Collection[str] = (),
        connect_timeout: float = 5,
        read_timeout: float = 30,
        max_attempts: int = 4,
    ) -> None:
        """Raises GitHostError where there are no credentials or no region."""
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays
        from iacfix.adapters.git_hosts import codecommit_pulls, codecommit_tree  # noqa: PLC0415 - as above

        self._clients = Clients(connect_timeout=connect_timeout, read_timeout=read_timeout, max_attempts=max_attempts)
        try:
            self._session, self._client = self._clients.codecommit(region, role)
        except CloudReadError as error:
            raise _without_client(error) from None
        self._repository = repository
        self._timeouts = (connect_timeout, read_timeout)
        self._principal = codecommit_pulls.principal
        self._writers = frozenset(self._principal(each) for each in writers if each)
        self._tree = codecommit_tree.Tree(self._client, repository)
        self._pulls = codecommit_pulls.Pulls(self._client, repository)
        self._pusher: Pusher | None = None
        self._own = ""

    @property
    def name(self) -> str:
        return "codecommit"

    @property
    def limits(self) -> HostLimits:
        return LIMITS

    def base(self, branch: str = "") -> BaseCommit:
        name = branch or self._metadata().get("defaultBranch", "")
        if not name:
            raise HostNotFoundError(f"the repository {self._repository} has no commit yet", remedy="push one first")
        head = self._tree.head(name)
        if head is None:
            raise HostNotFoundError(f"there is no branch {name}", remedy="name one that is there")
        return BaseCommit(name, head)

    def read(self, path: str, commit: str) -> bytes | None:
        return self._tree.read(require_plain(path), commit)

    def branch(self, name: str, base: str) -> BranchState | None:
        return self._tree.state(name, base)

    def ensure_branch(self, request: ChangeRequest, *, replacing: str = "") -> str:
        """1. the request is checked, 2. a branch that holds it is answered, 3. the files are compared with the base,
        4. a branch that is new or at the base gets the commit, one that is at `replacing` is moved to it.
        """
        check(request, LIMITS)
        found = self._tree.state(request.branch, request.base)
        if found is not None and self._holds(found, request):
            return found.head
        at_base = found is None or found.head == request.base
        if found is not None and not at_base and (found.head != replacing or (found.ahead and not found.content)):
            raise _conflict(request.branch)
        files = self._tree.puts(request.edits, request.base)
        if found is None or at_base:
            made = self._committed(request.branch, request, files, is_there=found is not None)
        else:
            made = self._moved(request, files, found.head)
        if made is not None:
            return made
        again = self._tree.state(request.branch, request.base)
        if again is not None and self._holds(again, request):  # another process was quicker
            return again.head
        raise _conflict(request.branch)

    def delete_branch(self, name: str, head: str) -> bool:
        found = self._tree.head(name)
        if found is None:
            return False
        if found != head or not self._swap(name, head, _ZERO):
            if self._tree.head(name) is None:
                return False
            raise _conflict(name)
        return True

    def pull_requests(self, branch: str) -> tuple[HostedPullRequest, ...]:
        return tuple(each for each in self._pulls.all() if each.branch == branch)

    def open_pull_requests(self) -> tuple[HostedPullRequest, ...]:
        opened = (each for each in self._pulls.all("OPEN") if each.branch.startswith(_OURS))
        return tuple(each for each in opened if each.state is PullRequestState.OPEN)

    def ensure_pull_request(self, request: ChangeRequest, commit: str) -> HostedPullRequest:
        """The branch is the one at `commit`; a pull request into another branch is somebody's decision, and stays."""
        check(request, LIMITS)
        target = request.target or self.base().branch
        there = self.pull_requests(request.branch)
        opened = [each for each in there if each.state is PullRequestState.OPEN]
        if not opened:
            if self._tree.head(request.branch) != commit:
                raise _conflict(request.branch)
            return self._pulls.create(request, target, there[0].number if there else "")
        found = next((each for each in opened if each.target == target), None)
        if found is None:
            raise HostConflictError(
                f"a pull request from {request.branch} into {opened[0].target} is open, not into {target}",
                remedy="close it, and run it again",
            )
        return self._pulls.update(found, request.title, request.body)

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        found = self._pulls.get(pull_request.number)
        return self._pulls.close(found.number) if found.state is PullRequestState.OPEN else found

    def ensure_labels(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002 - the host has none
        return tuple(labels)

    def ensure_reviewers(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:  # noqa: ARG002 - the host has none
        return tuple(reviewers)

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        return self._pulls.comments(pull_request.number, self._self())

    def ensure_comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        if len(body) > LIMITS.max_comment_length:
            raise GitHostError(f"the comment is longer than {LIMITS.max_comment_length} characters")
        return self._pulls.ensure_comment(pull_request.number, key, body, self._self())

    def access(self, login: str) -> Access:
        """Access.WRITE for those whom `writers` names. Nobody else: what IAM lets them do is not known."""
        return Access.WRITE if login and self._principal(login) in self._writers else Access.NONE

    def _holds(self, found: BranchState, request: ChangeRequest) -> bool:
        if (found.key, found.content) != (request.key, content_hash(request.edits)):
            return False
        return self._tree.commit(found.head).parents == (request.base,)

    def _committed(
        self, branch: str, request: ChangeRequest, files: "list[PutFileEntryTypeDef]", *, is_there: bool
    ) -> str | None:
        """The commit on a branch that is at the base or is made there; None where somebody else was quicker."""
        if not is_there:  # where somebody else makes it meanwhile, the commit tells whether it is at the base
            self._tree.create_branch(branch, request.base)
        return self._tree.create_commit(branch, request.base, files, request.commit_message)

    def _moved(self, request: ChangeRequest, files: "list[PutFileEntryTypeDef]", old: str) -> str | None:
        """None where the branch is not at `old` any more. What a cut leaves of `iacfix-next/…` is found and used."""
        beside = f"{_NEXT}{request.key[:12]}"
        found = self._tree.state(beside, request.base)
        if found is not None and found.ahead and not found.content:
            raise _conflict(beside)
        if found is not None and found.head != request.base and not self._holds(found, request):
            self.delete_branch(beside, found.head)
            found = None
        if found is not None and found.head != request.base:
            commit: str | None = found.head
        else:
            commit = self._committed(beside, request, files, is_there=found is not None)
        if commit is None:
            raise _conflict(beside)
        return commit if self._swap(request.branch, old, commit, ending=(beside, commit)) else None

    def _swap(self, branch: str, old: str, new: str, *, ending: tuple[str, str] | None = None) -> bool:
        """False where the branch is not at `old`, in whatever words the host says so."""
        try:
            return self._push().swap(branch, old, new, ending=ending)
        except HostRefusedError:
            if self._tree.head(branch) != old:
                return False
            raise

    def _push(self) -> "Pusher":
        from iacfix.adapters.git_hosts.codecommit_push import Pusher  # noqa: PLC0415 - as above

        if self._pusher is None:
            url = self._metadata().get("cloneUrlHttp", "")
            # The keys' signature goes there: never in the clear, unless the whole service is asked in the clear.
            if urlsplit(url).scheme not in {"https", urlsplit(self._client.meta.endpoint_url).scheme}:
                raise HostRefusedError(f"CodeCommit names no address of https for {self._repository}")
            connect, read = self._timeouts
            self._pusher = Pusher(self._session, url, connect_timeout=connect, read_timeout=read)
        return self._pusher

    def _metadata(self) -> "RepositoryMetadataTypeDef":
        from iacfix.adapters.git_hosts.codecommit_errors import must  # noqa: PLC0415 - as above

        what = f"the repository {self._repository}"
        return must(what, lambda: self._client.get_repository(repositoryName=self._repository)["repositoryMetadata"])

    def _self(self) -> str:
        """Who we are, as comments name us: any session of our role is us."""
        from iacfix.adapters.git_hosts.codecommit_errors import must  # noqa: PLC0415 - as above

        if not self._own:
            try:
                sts = self._clients.sts(self._session)
            except CloudReadError as error:
                raise _without_client(error) from None
            self._own = self._principal(must("our own name", lambda: sts.get_caller_identity()["Arn"]))
        return self._own


def _without_client(error: CloudReadError) -> GitHostError:
    kind = HostUnavailableError if error.again else HostForbiddenError
    return kind(error.what, remedy=error.remedy)


def _conflict(branch: str) -> HostConflictError:
    return HostConflictError(
        f"the branch {branch} is there already and is not as iacfix left it",
        remedy="rename or delete that branch, and run it again",
    )
