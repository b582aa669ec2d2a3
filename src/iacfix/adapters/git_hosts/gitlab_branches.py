"""Branches of a GitLab project: what is on them, and how they are made and moved."""

import base64
import hashlib
import json
from dataclasses import dataclass

from iacfix.adapters.git_hosts.gitlab_client import GitLabClient, Record, record, segment, text, texts
from iacfix.adapters.git_hosts.gitlab_errors import broken
from iacfix.adapters.git_hosts.gitlab_files import EXECUTABLE, Entry, GitLabFiles, blob_id
from iacfix.adapters.git_hosts.gitlab_push import Move, Pushed, push
from iacfix.domain.change_request import BranchState, ChangeRequest
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRefusedError,
    UnsafePathError,
)
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, content_hash, trailers_in
from iacfix.domain.proposal import Edit

_COMMITS = "/repository/commits"


@dataclass(frozen=True, slots=True)
class _Found:
    """`parent` is that of the one commit that is ahead, else ""."""

    state: BranchState
    parent: str = ""

    def holds(self, request: ChangeRequest) -> bool:
        ours = (request.key, content_hash(request.edits), request.base)
        return (self.state.key, self.state.content, self.parent) == ours


class GitLabBranches:
    def __init__(self, client: GitLabClient, files: GitLabFiles) -> None:
        self._client = client
        self._files = files

    def head(self, name: str) -> str | None:
        found = self._client.find(f"/repository/branches/{segment(name)}")
        return text(record(found.get("commit")), "id") if found is not None else None

    def state(self, name: str, base: str) -> BranchState | None:
        self._files.require_commit(base)
        found = self._found(name, base)
        return found.state if found is not None else None

    def ensure(self, request: ChangeRequest, repository: str, *, replacing: str) -> str:
        """A new branch is made by one commit call, which GitLab refuses where the branch is there already.

        One that is there is never written over by such a call. The commit is made on a branch beside it, whose name
        comes from what is asked for, and then a push moves the one and takes the other away: each only from where it
        was seen. A run that is cut off in between finds the commit there.
        """
        self._files.require_commit(request.base)
        found = self._found(request.branch, request.base)
        if found is not None and found.holds(request):
            return found.state.head
        actions = self._actions(request)
        if found is None:
            return self._created(request, request.branch, actions)
        if found.state.head != replacing or (found.state.ahead and not found.state.content):
            raise _conflict(request.branch)
        try:
            commit = self._beside(request, actions)
        except HostRefusedError:
            again = self._found(request.branch, request.base)  # another process may have done it all meanwhile
            if again is not None and again.holds(request):
                return again.state.head
            raise
        moves = (Move(request.branch, replacing, commit), Move(_beside(request), commit))
        return self._moved(request, repository, moves)

    def delete(self, name: str, head: str, repository: str) -> bool:
        there = self.head(name)
        if there is None:
            return False
        if there != head:
            raise _conflict(name)
        pushed = self._pushed(repository, (Move(name, head),))
        if name in pushed.moved:
            return True
        there = self.head(name)
        if there == head:
            raise HostRefusedError(f"GitLab did not delete the branch {name}: {pushed.words}")
        if there is None:
            return False
        raise _conflict(name)

    def _beside(self, request: ChangeRequest, actions: list[Record]) -> str:
        there = self._found(_beside(request), request.base)
        if there is None:
            return self._created(request, _beside(request), actions)
        if not there.holds(request):
            raise _conflict(_beside(request))
        return there.state.head

    def _created(self, request: ChangeRequest, branch: str, actions: list[Record]) -> str:
        """From the commit itself, not from a branch: `last_commit_id` guards files of a `start_branch`, which may move,
        and files of a `start_sha` cannot.
        """
        try:
            made = self._client.post(
                _COMMITS,
                {
                    "branch": branch,
                    "start_sha": request.base,
                    "commit_message": request.commit_message,
                    "actions": actions,
                    "stats": False,
                },
            )
        except (HostRefusedError, HostConflictError):
            found = self._found(branch, request.base)  # another process may have been quicker
            if found is None:
                raise
            if found.holds(request):
                return found.state.head
            raise _conflict(branch) from None
        if texts(made, "parent_ids") != (request.base,):
            raise broken("the commit is not on its base")
        return text(made, "id")

    def _moved(self, request: ChangeRequest, repository: str, moves: tuple[Move, Move]) -> str:
        pushed = self._pushed(repository, moves)
        if request.branch in pushed.moved:
            return moves[0].new
        again = self._found(request.branch, request.base)
        if again is not None and again.holds(request):
            return again.state.head
        if again is not None and again.state.head == moves[0].old:
            raise HostRefusedError(f"GitLab did not move the branch {request.branch}: {pushed.words}")
        raise _conflict(request.branch)

    def _pushed(self, repository: str, moves: tuple[Move, ...]) -> Pushed:
        try:
            return push(self._client, repository, moves)
        except HostForbiddenError as error:
            raise HostForbiddenError(
                f"a branch that is there is changed by git over HTTPS alone, and that is not allowed: {error}",
                remedy="give a token with the scope api or write_repository, and allow git over HTTPS",
            ) from None

    def _actions(self, request: ChangeRequest) -> list[Record]:
        """Raises HostConflictError where a file is not as the edit says it was."""
        actions: list[Record] = []
        for edit in request.edits:
            entry = self._files.entry(edit.path, request.base)
            if entry is None:
                raise GitHostError(f"{edit.path} is not in the commit {request.base}", remedy="commit it first")
            if blob_id(edit.before, like=entry.id) != entry.id:
                raise HostConflictError(
                    f"{edit.path} is not as it was read", remedy="run it again on the files as they are now"
                )
            content = base64.b64encode(edit.after).decode("ascii")
            actions.append({"action": "update", "file_path": edit.path, "content": content, "encoding": "base64"})
            if entry.mode == EXECUTABLE:
                actions.append({"action": "chmod", "file_path": edit.path, "execute_filemode": True})
        return actions

    def _found(self, name: str, base: str) -> _Found | None:
        head = self.head(name)
        if head is None:
            return None
        listed = (
            tuple(self._client.pages(_COMMITS, {"ref_name": f"{base}..{head}", "order": "topo"}))
            if head != base
            else ()
        )
        ahead = tuple(text(each, "id") for each in listed)
        if head != base and ahead[:1] not in {(), (head,)}:
            raise broken("the commits of a branch do not begin with its head")
        if len(ahead) != 1 or len(parents := texts(listed[0], "parent_ids")) != 1:
            return _Found(BranchState(name, head, ahead))
        key, content = self._ours(ahead[0], parents[0], text(listed[0], "message"))
        return _Found(BranchState(name, head, ahead, key, content), parents[0])

    def _ours(self, commit: str, parent: str, message: str) -> tuple[str, str]:
        """Key and content of a commit that is what its trailers say; two empty texts of anything else."""
        trailers = trailers_in(message)
        if not {TRAILER, CONTENT_TRAILER} <= trailers.keys():
            return "", ""
        edits = []
        for each in self._client.pages(f"{_COMMITS}/{commit}/diff"):
            path = text(each, "new_path")
            try:
                before, after = (self._files.entry(path, at) for at in (parent, commit))
            except UnsafePathError:
                return "", ""
            if text(each, "old_path") != path or not _is_edit(before, after):
                return "", ""
            edits.append(Edit(path, b"", self._files.blob(after) if after is not None else b""))
        content = trailers[CONTENT_TRAILER]
        return (trailers[TRAILER], content) if content_hash(edits) == content else ("", "")


def _is_edit(before: Entry | None, after: Entry | None) -> bool:
    return before is not None and after is not None and before.mode == after.mode


def _beside(request: ChangeRequest) -> str:
    """The same for the same change, and no folder of another branch's name."""
    material = json.dumps([request.branch, request.base, request.key, content_hash(request.edits)])
    return f"iacfix-next/{hashlib.sha256(material.encode()).hexdigest()[:40]}"


def _conflict(branch: str) -> HostConflictError:
    return HostConflictError(
        f"the branch {branch} is there already and is not as iacfix left it",
        remedy="rename or delete that branch, and run it again",
    )


def require_head(head: str | None, branch: str) -> str:
    if head is None:
        raise HostNotFoundError(f"there is no branch {branch}", remedy="name one that is there")
    return head
