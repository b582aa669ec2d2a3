"""Branches of a GitLab project: what is on them, and how they are made and moved."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace

from iacfix.adapters.git_hosts.answers import Record, broken, record, segment, text, texts
from iacfix.adapters.git_hosts.git_push import Move, Pushed, push
from iacfix.adapters.git_hosts.gitlab_client import GitLabClient
from iacfix.adapters.git_hosts.gitlab_files import EXECUTABLE, Entry, GitLabFiles
from iacfix.adapters.git_hosts.moved_branches import Found, MovedBranches
from iacfix.adapters.git_hosts.requests import blob_id
from iacfix.domain.change_request import BranchState, ChangeRequest
from iacfix.domain.errors import GitHostError, HostConflictError, HostForbiddenError, UnsafePathError
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, content_hash, trailers_in
from iacfix.domain.proposal import Edit

_COMMITS = "/repository/commits"


class GitLabBranches:
    def __init__(self, client: GitLabClient, files: GitLabFiles) -> None:
        self._client = client
        self._files = files

    def head(self, name: str) -> str | None:
        found = self._client.find(f"/repository/branches/{segment(name)}")
        return text(record(found.get("commit")), "id") if found is not None else None

    def state(self, name: str, base: str) -> BranchState | None:
        self._files.require_commit(base)
        found = self.found(name, base)
        return found.state if found is not None else None

    def ensure(self, request: ChangeRequest, repository: str, *, replacing: str) -> str:
        self._files.require_commit(request.base)
        return self._moved(repository).ensure(request, replacing=replacing)

    def delete(self, name: str, head: str, repository: str) -> bool:
        return self._moved(repository).delete(name, head)

    def create(self, request: ChangeRequest, branch: str, actions: list[Record]) -> str:
        """GitLab refuses it where the branch is there. From the commit itself, not from a branch: `last_commit_id`
        guards files of a `start_branch`, which may move, and files of a `start_sha` cannot.
        """
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
        if texts(made, "parent_ids") != (request.base,):
            raise broken("the commit is not on its base")
        return text(made, "id")

    def push(self, repository: str, moves: Sequence[Move]) -> Pushed:
        try:
            pushed = push(lambda data: self._client.post_git(repository, "git-receive-pack", data), moves)
        except HostForbiddenError as error:
            raise HostForbiddenError(
                f"a branch that is there is changed by git over HTTPS alone, and that is not allowed: {error}",
                remedy="give a token with the scope api or write_repository, and allow git over HTTPS",
            ) from None
        return replace(pushed, words=self._client.said(pushed.words))

    def _moved(self, repository: str) -> MovedBranches[list[Record]]:
        return MovedBranches(_Calls(self, repository))

    def actions(self, request: ChangeRequest) -> list[Record]:
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

    def found(self, name: str, base: str) -> Found | None:
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
            return Found(BranchState(name, head, ahead))
        key, content = self._ours(ahead[0], parents[0], text(listed[0], "message"))
        return Found(BranchState(name, head, ahead, key, content), parents[0])

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


@dataclass(frozen=True, slots=True)
class _Calls:
    branches: GitLabBranches
    repository: str
    host: str = "GitLab"

    def head(self, name: str) -> str | None:
        return self.branches.head(name)

    def found(self, name: str, base: str) -> Found | None:
        return self.branches.found(name, base)

    def files(self, request: ChangeRequest) -> list[Record]:
        return self.branches.actions(request)

    def create(self, request: ChangeRequest, branch: str, files: list[Record]) -> str:
        return self.branches.create(request, branch, files)

    def push(self, moves: Sequence[Move]) -> Pushed:
        return self.branches.push(self.repository, moves)


def _is_edit(before: Entry | None, after: Entry | None) -> bool:
    return before is not None and after is not None and before.mode == after.mode
