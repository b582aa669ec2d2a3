"""Branches of a Bitbucket repository: what is on them, and how they are made and moved.

`POST src` makes a commit with all its files at once, on a branch of any name. Where the branch is there, `parents` is
held against its head, and what does not stand there is answered with 409: nobody's commit is lost to it. It only moves
forward, so it can make a branch and cannot replace what is on one; what moves a branch back or aside, or deletes it
only from where it was seen, is git's push alone (moved_branches.py). The answer says nothing of the commit that was
made, so the branch is looked at afterwards.
"""

from collections.abc import Sequence
from dataclasses import replace

from iacfix.adapters.git_hosts.answers import Record, broken, record, records, text, text_or_nothing
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketClient, Upload, branch_path
from iacfix.adapters.git_hosts.bitbucket_files import BitbucketFiles
from iacfix.adapters.git_hosts.git_push import Move, Pushed, push
from iacfix.adapters.git_hosts.moved_branches import Found, MovedBranches
from iacfix.domain.change_request import BranchState, ChangeRequest
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    UnsafePathError,
)
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, content_hash, trailers_in
from iacfix.domain.proposal import Edit

_PAGE = "100"
_CHANGED = "modified"


class BitbucketBranches:
    """What moved_branches.Calls asks for, and what stands on a branch."""

    host = "Bitbucket"

    def __init__(self, client: BitbucketClient, files: BitbucketFiles) -> None:
        self._client = client
        self._files = files

    def state(self, name: str, base: str) -> BranchState | None:
        self._files.require_commit(base)
        found = self.found(name, base)
        return found.state if found is not None else None

    def ensure(self, request: ChangeRequest, *, replacing: str) -> str:
        self._files.require_commit(request.base)
        return MovedBranches(self).ensure(request, replacing=replacing)

    def delete(self, name: str, head: str) -> bool:
        return MovedBranches(self).delete(name, head)

    def head(self, name: str) -> str | None:
        found = self._client.find(f"/refs/branches/{branch_path(name)}")
        return text(record(found.get("target")), "hash") if found is not None else None

    def found(self, name: str, base: str) -> Found | None:
        head = self.head(name)
        if head is None:
            return None
        asked = {"include": head, "exclude": base, "pagelen": _PAGE}
        listed = tuple(self._client.pages("/commits", asked)) if head != base else ()
        ahead = tuple(text(each, "hash") for each in listed)
        if ahead[:1] not in {(), (head,)}:
            raise broken("the commits of a branch do not begin with its head")
        if len(ahead) != 1 or len(parents := records(listed[0], "parents")) != 1:
            return Found(BranchState(name, head, ahead))
        parent = text(parents[0], "hash")
        key, content = self._ours(head, parent, text(listed[0], "message"))
        return Found(BranchState(name, head, ahead, key, content), parent)

    def files(self, request: ChangeRequest) -> tuple[Upload, ...]:
        uploads = []
        for edit in request.edits:
            entry = self._files.entry(edit.path, request.base)
            if entry is None:
                raise GitHostError(f"{edit.path} is not in the commit {request.base}", remedy="commit it first")
            if self._files.content(edit.path, request.base) != edit.before:
                raise HostConflictError(
                    f"{edit.path} is not as it was read", remedy="run it again on the files as they are now"
                )
            uploads.append(Upload(edit.path, edit.after, entry.executable))
        return tuple(uploads)

    def create(self, request: ChangeRequest, branch: str, files: Sequence[Upload]) -> str:
        fields = {"message": request.commit_message, "branch": branch, "parents": request.base}
        self._client.upload("/src", fields, files)
        made = self.found(branch, request.base)
        if made is None or not made.holds(request):
            raise broken(f"the branch {branch} does not hold the commit as it was sent")
        return made.state.head

    def push(self, moves: Sequence[Move]) -> Pushed:
        try:
            pushed = push(self._client.push, moves)
        except HostForbiddenError as error:
            raise HostForbiddenError(
                f"a branch that is there is changed by git over HTTPS alone, and that is not allowed: {error}",
                remedy="give a token that may write to the repository",
            ) from None
        return replace(pushed, words=self._client.said(pushed.words))

    def _ours(self, commit: str, parent: str, message: str) -> tuple[str, str]:
        """Key and content of a commit that is what its trailers say; two empty texts of anything else."""
        trailers = trailers_in(message)
        if not {TRAILER, CONTENT_TRAILER} <= trailers.keys():
            return "", ""
        edits = []
        for each in self._client.pages(f"/diffstat/{commit}", {"renames": "false", "pagelen": _PAGE}):
            path = _changed(each)
            if not path or not self._is_edit(path, parent, commit):
                return "", ""
            edits.append(Edit(path, b"", self._files.content(path, commit)))
        content = trailers[CONTENT_TRAILER]
        return (trailers[TRAILER], content) if content_hash(edits) == content else ("", "")

    def _is_edit(self, path: str, parent: str, commit: str) -> bool:
        try:
            before, after = (self._files.entry(path, at) for at in (parent, commit))
        except UnsafePathError:
            return False
        return before is not None and before == after


def _changed(stat: Record) -> str:
    """The path of a file that is there before and after, "" of one that came, went or was renamed."""
    old, new = (stat.get(name) for name in ("old", "new"))
    if text_or_nothing(stat, "status") != _CHANGED or not isinstance(old, dict) or not isinstance(new, dict):
        return ""
    path = text(record(new), "path")
    return path if text(record(old), "path") == path else ""
