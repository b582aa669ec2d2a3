"""Branches, commits and files of a repository of CodeCommit, as its API tells them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from iacfix.adapters.aws.session import shown
from iacfix.adapters.git_hosts.codecommit_errors import ask, must
from iacfix.domain.change_request import BranchState
from iacfix.domain.errors import HostConflictError, HostNotFoundError, UnsafePathError
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, content_hash, trailers_in
from iacfix.domain.proposal import Edit

if TYPE_CHECKING:
    from mypy_boto3_codecommit import CodeCommitClient
    from mypy_boto3_codecommit.literals import FileModeTypeEnumType
    from mypy_boto3_codecommit.type_defs import DifferenceTypeDef, GetFolderOutputTypeDef, PutFileEntryTypeDef

_NORMAL, _EXECUTABLE = "100644", "100755"
_MAX_AHEAD = 50
_NO_FOLDER = "FolderDoesNotExistException"


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file."""

    id: str
    is_program: bool


@dataclass(frozen=True, slots=True)
class Written:
    id: str
    parents: tuple[str, ...]
    message: str


class Tree:
    def __init__(self, client: "CodeCommitClient", repository: str) -> None:
        self._client = client
        self._repository = repository

    def head(self, branch: str) -> str | None:
        return ask(
            f"the branch {shown(branch)}",
            lambda: self._client.get_branch(repositoryName=self._repository, branchName=branch)["branch"]["commitId"],
            "BranchDoesNotExistException",
        )

    def state(self, branch: str, base: str) -> BranchState | None:
        """`ahead` is whole where the branch is a line of at most 50 commits; it ends at the first that is a merge."""
        head = self.head(branch)
        if head is None:
            return None
        if head == base:
            return BranchState(branch, head, ())
        newest = self.commit(head)
        fork = base if newest.parents == (base,) else self._merge_base(head, base)
        ahead, at = [], newest
        while at.id != fork:
            ahead.append(at.id)
            if len(at.parents) != 1 or at.parents[0] == fork or len(ahead) == _MAX_AHEAD:
                break
            at = self.commit(at.parents[0])
        ours = len(ahead) == 1 and newest.parents == (fork,)
        key, content = self._marks(newest) if ours else ("", "")
        return BranchState(branch, head, tuple(ahead), key, content)

    def commit(self, commit: str) -> Written:
        found = must(
            f"the commit {commit}",
            lambda: self._client.get_commit(repositoryName=self._repository, commitId=commit)["commit"],
        )
        return Written(commit, tuple(found.get("parents", ())), found.get("message", ""))

    def create_branch(self, name: str, commit: str) -> bool:
        """False where it is there already."""
        answer = ask(
            f"the new branch {shown(name)}",
            lambda: self._client.create_branch(repositoryName=self._repository, branchName=name, commitId=commit),
            "BranchNameExistsException",
        )
        return answer is not None

    def create_commit(self, branch: str, parent: str, files: "list[PutFileEntryTypeDef]", message: str) -> str | None:
        """None where the branch is not at `parent`, and then nothing was done."""
        return ask(
            f"the commit on {shown(branch)}",
            lambda: self._client.create_commit(
                repositoryName=self._repository,
                branchName=branch,
                parentCommitId=parent,
                authorName="iacfix",
                email="iacfix@localhost",
                commitMessage=message,
                putFiles=files,
            )["commitId"],
            "ParentCommitIdOutdatedException",
            "BranchDoesNotExistException",
        )

    def read(self, path: str, commit: str) -> bytes | None:
        entry = self.entry(path, commit)
        return self._blob(entry.id) if entry is not None else None

    def puts(self, edits: Iterable[Edit], base: str) -> "list[PutFileEntryTypeDef]":
        """What the commit is made of; each file keeps its mode. Raises HostConflictError where one is not as it was."""
        made: list[PutFileEntryTypeDef] = []
        for edit in edits:
            entry = self.entry(edit.path, base)
            if entry is None:
                raise HostNotFoundError(f"{edit.path} is not in the commit {base}")
            if _blob_id(edit.before) != entry.id:
                raise HostConflictError(f"{edit.path} is not what the fix was made for", remedy="run it again")
            mode: FileModeTypeEnumType = "EXECUTABLE" if entry.is_program else "NORMAL"
            made.append({"filePath": edit.path, "fileMode": mode, "fileContent": edit.after})
        return made

    def entry(self, path: str, commit: str) -> Entry | None:
        """None where no regular file is there. Raises UnsafePathError when the way there is a link."""
        folder, _, name = path.rpartition("/")
        listed = self._folder(folder, commit)
        if listed is None:
            self._require_no_link(folder, commit)
            return None
        _require_none(path, name, listed)
        for each in listed["files"]:
            if each["relativePath"] == name and each["fileMode"] != "SYMLINK":
                return Entry(each["blobId"], each["fileMode"] == "EXECUTABLE")
        return None

    def _require_no_link(self, path: str, commit: str) -> None:
        """A tree ends at a link, so what lies behind one is not found: only then it is looked for."""
        parts = path.split("/")
        for length in range(len(parts)):
            listed = self._folder("/".join(parts[:length]), commit)
            if listed is None:
                return
            _require_none(path, parts[length], listed)

    def _folder(self, folder: str, commit: str) -> "GetFolderOutputTypeDef | None":
        return ask(
            f"the folder {shown(folder) or '/'} at {commit}",
            lambda: self._client.get_folder(
                repositoryName=self._repository, commitSpecifier=commit, folderPath=folder or "/"
            ),
            _NO_FOLDER,
        )

    def _blob(self, blob: str) -> bytes:
        return must(f"the file {blob}", partial(self._content, blob))

    def _content(self, blob: str) -> bytes:
        return self._client.get_blob(repositoryName=self._repository, blobId=blob)["content"]

    def _merge_base(self, head: str, base: str) -> str:
        return must(
            f"where {head} and {base} parted",
            lambda: self._client.get_merge_options(
                repositoryName=self._repository, sourceCommitSpecifier=head, destinationCommitSpecifier=base
            )["baseCommitId"],
        )

    def _marks(self, commit: Written) -> tuple[str, str]:
        """Key and content of a commit that is what its trailers say; two empty texts of anything else."""
        trailers = trailers_in(commit.message)
        if not {TRAILER, CONTENT_TRAILER} <= trailers.keys():
            return "", ""
        edits = []
        for each in self._differences(commit):
            before, after = each.get("beforeBlob", {}), each.get("afterBlob", {})
            path, mode = after.get("path", ""), after.get("mode", "")
            changed = each.get("changeType") == "M" and before.get("path") == path and before.get("mode") == mode
            if not changed or mode not in {_NORMAL, _EXECUTABLE}:
                return "", ""
            blob = after.get("blobId", "")
            data = ask(f"the file {blob}", partial(self._content, blob), "FileTooLargeException")
            if data is None:  # too large for the API, so none that iacfix has put there
                return "", ""
            edits.append(Edit(path, b"", data))
        content = trailers[CONTENT_TRAILER]
        return (trailers[TRAILER], content) if content_hash(edits) == content else ("", "")

    def _differences(self, commit: Written) -> "list[DifferenceTypeDef]":
        pages = self._client.get_paginator("get_differences")
        return must(
            f"what {commit.id} changed",
            lambda: [
                each
                for page in pages.paginate(
                    repositoryName=self._repository,
                    beforeCommitSpecifier=commit.parents[0],
                    afterCommitSpecifier=commit.id,
                )
                for each in page["differences"]
            ],
        )


def _require_none(path: str, name: str, listed: "GetFolderOutputTypeDef") -> None:
    if any(link["relativePath"] == name for link in listed["symbolicLinks"]):
        raise UnsafePathError(f"{path} goes through the link {name}", remedy="give the path of the file itself")


def _blob_id(data: bytes) -> str:
    """As git names it; not to be safe from anybody."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
