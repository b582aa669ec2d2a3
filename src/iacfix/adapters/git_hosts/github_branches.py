"""Branches on GitHub: one commit made from objects alone, and a branch that is moved only from where it was seen."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from iacfix.adapters.git_hosts.answers import broken, items, number, record, segment, text
from iacfix.adapters.git_hosts.github_api import Api
from iacfix.adapters.git_hosts.github_trees import Trees
from iacfix.adapters.git_hosts.moved_branches import conflict
from iacfix.adapters.git_hosts.requests import OBJECT_ID, blob_id
from iacfix.domain.change_request import BranchState, ChangeRequest
from iacfix.domain.errors import (
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRefusedError,
)
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, content_hash, trailers_in
from iacfix.domain.proposal import Edit

_ZERO = "0" * 40
_MAX_FILES = 300  # a comparison lists no more ("Compare two commits", GitHub Docs)
_NO_NAME = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|\.$|/$|^/|^-|^\.|^@$|^$")
# GraphQL's updateRefs moves, makes and deletes branches by comparing and swapping: "`RefUpdate.beforeOid` specifies
# that the given reference needs to point to the given value before performing any updates" (GraphQL schema).
_UPDATE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


@dataclass(frozen=True, slots=True)
class _Seen:
    state: BranchState
    merge_base: str

    def holds(self, request: ChangeRequest) -> bool:
        same = (self.state.key, self.state.content) == (request.key, content_hash(request.edits))
        return same and self.merge_base == request.base


class Branches:
    """`node` is GraphQL's id of the repository."""

    def __init__(self, api: Api, trees: Trees) -> None:
        self._api = api
        self._trees = trees

    def head(self, branch: str) -> str | None:
        if not is_branch_name(branch):
            return None
        try:
            found = self._api.get(f"/git/ref/{segment_path(f'heads/{branch}')}")
        except HostNotFoundError:
            return None
        except HostConflictError as error:
            if "empty" in error.what:  # "Git Repository is empty.", with 409
                return None
            raise
        if found.get("ref") != f"refs/heads/{branch}":
            raise broken("another branch than the one that was asked for")
        return text(record(found.get("object")), "sha")

    def state(self, branch: str, base: str) -> BranchState | None:
        seen = self._seen(branch, base)
        return seen.state if seen is not None else None

    def ensure(self, request: ChangeRequest, replacing: str, node: str) -> str:
        """1. a branch that holds the request is answered, 2. the commit is made from objects alone, 3. the branch is
        created or moved if it still is where it was, 4. where GitHub would not, it is looked at again: another process,
        or we before a cut, may have been quicker.
        """
        if not is_branch_name(request.branch):
            raise GitHostError(f"{request.branch[:100]!r} is not a name for a branch")
        seen = self._seen(request.branch, request.base)
        if seen is not None and seen.holds(request):
            return seen.state.head
        if seen is not None and seen.state.head != replacing:
            raise conflict(request.branch)
        commit = self._commit(request)
        try:
            if seen is None:
                self._api.send("POST", "/git/refs", {"ref": f"refs/heads/{request.branch}", "sha": commit})
            else:
                self._swap(node, request.branch, seen.state.head, commit)
        except (HostRefusedError, HostConflictError, HostNotFoundError, HostForbiddenError):
            again = self._seen(request.branch, request.base)
            if again is not None and (again.state.head == commit or again.holds(request)):
                return again.state.head
            if (again.state.head if again is not None else None) != (seen.state.head if seen is not None else None):
                raise conflict(request.branch) from None
            raise
        return commit

    def delete(self, branch: str, head: str, node: str) -> bool:
        found = self.head(branch)
        if found is None:
            return False
        if found != head:
            raise conflict(branch)
        try:
            self._swap(node, branch, head, _ZERO)
        except (HostRefusedError, HostConflictError, HostNotFoundError, HostForbiddenError):
            now = self.head(branch)
            if now is None:
                return False
            if now != head:
                raise conflict(branch) from None
            raise
        return True

    def _swap(self, node: str, branch: str, before: str, after: str) -> None:
        update = {"name": f"refs/heads/{branch}", "beforeOid": before, "afterOid": after, "force": True}
        self._api.graphql(_UPDATE, {"input": {"repositoryId": node, "refUpdates": [update]}})

    def _seen(self, branch: str, base: str) -> _Seen | None:
        if not OBJECT_ID.fullmatch(base):
            raise HostNotFoundError(f"there is no commit {base[:64]!r}")
        head = self.head(branch)
        if head is None:
            return None
        try:
            found, commits = self._compared(base, head)
        except HostNotFoundError:
            self._trees.root(base)  # says so where it is the base that is not there
            return _Seen(BranchState(branch, head, (head,)), "")  # nothing in common: all of it is somebody's
        ahead = tuple(text(each, "sha") for each in reversed(commits))
        key, content = self._ours(found, commits)
        merge_base = text(record(found.get("merge_base_commit")), "sha")
        return _Seen(BranchState(branch, head, ahead, key, content), merge_base)

    def _compared(self, base: str, head: str) -> tuple[Mapping[str, object], list[Mapping[str, object]]]:
        """The comparison, and its commits, oldest first: they come in pages, and the files with the first."""
        found = self._api.get(f"/compare/{base}...{head}", per_page="100", page="1")
        commits = list(items(found, "commits"))
        total = number(found, "ahead_by")
        page = 1
        while len(commits) < total:
            page += 1
            more = items(self._api.get(f"/compare/{base}...{head}", per_page="100", page=str(page)), "commits")
            if not more:
                raise broken("a comparison has fewer commits than it says")
            commits += more
        return found, commits

    def _ours(self, found: Mapping[str, object], commits: list[Mapping[str, object]]) -> tuple[str, str]:
        """Key and content of a single commit that is what its trailers say; two empty texts of anything else."""
        if len(commits) != 1 or len(items(commits[0], "parents")) != 1:
            return "", ""
        trailers = trailers_in(text(record(commits[0].get("commit")), "message"))
        files = items(found, "files")
        if not {TRAILER, CONTENT_TRAILER} <= trailers.keys() or len(files) >= _MAX_FILES:
            return "", ""
        if any(each.get("status") != "modified" for each in files):
            return "", ""
        edits = [Edit(text(each, "filename"), b"", self._trees.blob(text(each, "sha"))) for each in files]
        content = trailers[CONTENT_TRAILER]
        return (trailers[TRAILER], content) if content_hash(edits) == content else ("", "")

    def _commit(self, request: ChangeRequest) -> str:
        """Without a name or a date of ours: GitHub then signs the commit of an App, and names a token's owner."""
        changed = [edit for edit in request.edits if edit.before != edit.after]
        modes = {edit.path: self._mode(request.base, edit) for edit in request.edits}
        tree = [
            {"path": edit.path, "mode": modes[edit.path], "type": "blob", "sha": self._blob(edit)} for edit in changed
        ]
        based = {"base_tree": self._trees.root(request.base), "tree": tree}
        made = text(record(self._api.send("POST", "/git/trees", based)), "sha")
        body = {"message": request.commit_message, "tree": made, "parents": [request.base]}
        return text(record(self._api.send("POST", "/git/commits", body)), "sha")

    def _mode(self, base: str, edit: Edit) -> str:
        entry = self._trees.entry(base, edit.path)
        if entry is None:
            raise GitHostError(f"{edit.path} is not in the commit {base[:12]}", remedy="commit it, and run it again")
        if entry.sha != blob_id(edit.before, like=entry.sha):
            raise HostConflictError(
                f"{edit.path} is not what it was when the fix was made", remedy="run it again on what is there now"
            )
        return entry.mode

    def _blob(self, edit: Edit) -> str:
        body = {"content": base64.b64encode(edit.after).decode("ascii"), "encoding": "base64"}
        made = text(record(self._api.send("POST", "/git/blobs", body)), "sha")
        if made != blob_id(edit.after, like=made):
            raise broken("a file was not kept as it was sent")
        return made


def is_branch_name(name: str) -> bool:
    """As `git check-ref-format` has it."""
    return len(name) <= 244 and not _NO_NAME.search(name)  # noqa: PLR2004 - with refs/heads/, 255 bytes of a file's name


def segment_path(path: str) -> str:
    return "/".join(segment(each) for each in path.split("/"))
