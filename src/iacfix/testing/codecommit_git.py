"""The operations of CodeCommit on branches, commits and files, over a real repository."""

import base64
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from iacfix.testing.bare_repository import BareRepository, Entry, MovedError

Body = Mapping[str, Any]
Item = TypeVar("Item")
ACCOUNT = "111122223333"
_MODES = {"100644": "NORMAL", "100755": "EXECUTABLE", "120000": "SYMLINK"}
_MAX_FILE = 6_291_456
_ID = re.compile("[0-9a-f]{40}")


class RefusedError(Exception):
    """The service answers with this error instead."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class GitOperations:
    """`page` is how many items a page has at most."""

    def __init__(self, repository: BareRepository, name: str, url: str, page: int) -> None:
        self.repository = repository
        self._name = name
        self.url = url
        self._page = page
        self._names: set[str] = set()

    def get_repository(self, body: Body) -> Body:
        self.require_repository(body)
        head = self.repository.head(self.repository.default_branch)
        default = {"defaultBranch": self.repository.default_branch} if head else {}
        arn = f"arn:aws:codecommit:eu-west-1:{ACCOUNT}:{self._name}"
        facts = {"accountId": ACCOUNT, "repositoryName": self._name, "cloneUrlHttp": self.url, "Arn": arn}
        return {"repositoryMetadata": facts | default}

    def get_branch(self, body: Body) -> Body:
        self.require_repository(body)
        name = self._branch_name(body)
        head = self.repository.head(name)
        if head is None:
            raise RefusedError("BranchDoesNotExistException", f"no branch {name}")
        return {"branch": {"branchName": name, "commitId": head}}

    def create_branch(self, body: Body) -> Body:
        self.require_repository(body)
        name, commit = self._branch_name(body), body["commitId"]
        if not self.repository.has(commit, "commit"):
            raise RefusedError("CommitDoesNotExistException", f"no commit {commit}")
        try:
            self.repository.move(name, commit, expected="0" * 40)
        except MovedError as error:
            raise RefusedError("BranchNameExistsException", str(error)) from None
        return {}

    def get_commit(self, body: Body) -> Body:
        self.require_repository(body)
        found = self.repository.commit(body["commitId"])
        if found is None:
            raise RefusedError("CommitIdDoesNotExistException", f"no commit {body['commitId']}")
        who = {"name": found.author, "email": found.mail, "date": f"{found.date} +0000"}
        facts = {"commitId": found.id, "treeId": found.tree, "parents": list(found.parents), "message": found.message}
        return {"commit": facts | {"author": who, "committer": who}}

    def get_folder(self, body: Body) -> Body:
        self.require_repository(body)
        commit = self._commit(body.get("commitSpecifier", self.repository.default_branch))
        folder = body["folderPath"].strip("/")
        prefix = f"{folder}/" if folder else ""
        files = self.repository.files(commit)
        inside = {path.removeprefix(prefix): entry for path, entry in files.items() if path.startswith(prefix)}
        if not inside:
            raise RefusedError("FolderDoesNotExistException", f"no folder {folder}")
        answer: dict[str, Any] = {"commitId": commit, "folderPath": folder, "treeId": commit}
        answer |= {"subFolders": [], "files": [], "symbolicLinks": [], "subModules": []}
        for name in sorted({path.partition("/")[0] for path in inside}):
            here = {"absolutePath": prefix + name, "relativePath": name}
            entry = inside.get(name)
            if entry is None:
                answer["subFolders"].append({**here, "treeId": commit})
            else:
                kind = "symbolicLinks" if entry.mode == "120000" else "files"
                answer[kind].append({**here, "blobId": entry.id, "fileMode": _MODES[entry.mode]})
        return answer

    def get_blob(self, body: Body) -> Body:
        self.require_repository(body)
        data = self.repository.blob(body["blobId"])
        if data is None:
            raise RefusedError("BlobIdDoesNotExistException", f"no blob {body['blobId']}")
        if len(data) > _MAX_FILE:
            raise RefusedError("FileTooLargeException", "the file is larger than 6 MB")
        return {"content": base64.b64encode(data).decode()}

    def get_differences(self, body: Body) -> Body:
        self.require_repository(body)
        before = self.repository.files(self._commit(body["beforeCommitSpecifier"]))
        after = self.repository.files(self._commit(body["afterCommitSpecifier"]))
        found = []
        for path in sorted(before.keys() | after.keys()):
            one, other = before.get(path), after.get(path)
            if one != other:
                sides = {"beforeBlob": one, "afterBlob": other}
                kind = "A" if one is None else "D" if other is None else "M"
                blobs = {
                    side: {"blobId": entry.id, "path": path, "mode": entry.mode}
                    for side, entry in sides.items()
                    if entry is not None
                }
                found.append({"changeType": kind, **blobs})
        page, more = self.paged(found, body.get("NextToken"))
        return {"differences": page, **({"NextToken": more} if more else {})}

    def get_merge_options(self, body: Body) -> Body:
        self.require_repository(body)
        source, target = (self._commit(body[f"{side}CommitSpecifier"]) for side in ("source", "destination"))
        base = self.repository.merge_base(source, target)
        if base is None:
            raise RefusedError("TipsDivergenceExceededException", "they have no commit in common")
        ids = {"sourceCommitId": source, "destinationCommitId": target, "baseCommitId": base}
        return {"mergeOptions": ["THREE_WAY_MERGE"], **ids}

    def create_commit(self, body: Body) -> Body:
        self.require_repository(body)
        name = self._branch_name(body)
        head, parent = self.repository.head(name), body.get("parentCommitId")
        if head is None:
            raise RefusedError("BranchDoesNotExistException", f"no branch {name}")
        if parent is None:
            raise RefusedError("ParentCommitIdRequiredException")
        if not self.repository.has(parent, "commit"):
            raise RefusedError("ParentCommitDoesNotExistException", f"no commit {parent}")
        if parent != head:
            raise RefusedError("ParentCommitIdOutdatedException", f"{name} is at {head}")
        before = self.repository.files(head)
        after = dict(before)
        self._put(after, body.get("putFiles", []))
        if after == before:
            raise RefusedError("NoChangeException", "nothing changes")
        tree = self.repository.write_tree(after)
        who = {"name": body.get("authorName", "A User"), "mail": body.get("email", "")}
        made = self.repository.write_commit(tree, [head], body.get("commitMessage", "Edited"), **who)
        self.repository.move(name, made, expected=head)
        return {"commitId": made, "treeId": tree, "filesAdded": [], "filesUpdated": [], "filesDeleted": []}

    def require_repository(self, body: Body) -> None:
        if body["repositoryName"] != self._name:
            raise RefusedError("RepositoryDoesNotExistException", f"no repository {body['repositoryName']}")

    def paged(self, items: list[Item], token: str | None) -> tuple[list[Item], str]:
        """One page, and the token of the next one, "" after the last."""
        if token is not None and not token.startswith("after-"):
            raise RefusedError("InvalidContinuationTokenException", "a token of somebody else")
        at = int(token.removeprefix("after-")) if token else 0
        end = at + self._page
        return items[at:end], f"after-{end}" if end < len(items) else ""

    def _put(self, tree: dict[str, Entry], files: list[Body]) -> None:
        if not files:
            raise RefusedError("FileEntryRequiredException")
        if len({each["filePath"] for each in files}) < len(files):
            raise RefusedError("SamePathRequestException", "a path is there twice")
        modes = {name: mode for mode, name in _MODES.items()}
        for each in files:
            path, content = each["filePath"], each.get("fileContent")
            if not path or any(part in {"", ".", "..", ".git"} for part in path.split("/")):
                raise RefusedError("InvalidPathException", f"no path: {path}")
            if content is None:
                raise RefusedError("SourceFileOrContentRequiredException")
            if any(other.startswith(f"{path}/") for other in tree):
                raise RefusedError("FileNameConflictsWithDirectoryNameException", f"{path} is a folder")
            data = base64.b64decode(content, validate=True)
            if len(data) > _MAX_FILE:
                raise RefusedError("FileContentSizeLimitExceededException")
            # Where no mode is told it is a plain file's, whatever it was.
            tree[path] = Entry(modes[each.get("fileMode", "NORMAL")], self.repository.write_blob(data))

    def _branch_name(self, body: Body) -> str:
        name = body.get("branchName")
        if name is None:
            raise RefusedError("BranchNameRequiredException")
        if name not in self._names and not self.repository.is_branch_name(name):
            raise RefusedError("InvalidBranchNameException", f"no name of a branch: {name}")
        self._names.add(name)
        return str(name)

    def _commit(self, name: str) -> str:
        is_id = _ID.fullmatch(name) is not None
        found = self.repository.resolve(name) if is_id else self.repository.head(name)
        if found is None:
            raise RefusedError("CommitDoesNotExistException", f"no commit {name}")
        return found
