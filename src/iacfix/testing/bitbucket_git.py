"""Files, commits and branches of Bitbucket's API, and git's push, over a real repository.

Cited: "Source" (`POST src`: fields, `parents` and `branch` with 409, files by their whole path, `x-attributes`;
`GET src/{commit}/{path}` with `format=meta`), "Commits" (`include`, `exclude`, `diffstat`), "Refs".
"""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from iacfix.testing.bare_repository import ZERO, Entry, MovedError
from iacfix.testing.bitbucket_state import BitbucketState, RefusedError, User, missing, refused, shown_commit
from iacfix.testing.git_pushes import branches_of, declined

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRITES = {"write", "admin"}
_FIELDS = {"message", "branch", "parents", "author", "files"}
_ATTRIBUTES = {"100644": [], "100755": ["executable"], "120000": ["link"], "160000": ["subrepository"]}
_DISPOSITION = re.compile(
    r'form-data; name="(?P<name>[^"]+)"(?P<file>; filename="[^"/]+"(?:; x-attributes="(?P<more>[a-z]+)")?)?'
)
_ID = re.compile(r"[0-9a-f]{7,40}")


class BitbucketGit:
    def __init__(self, state: BitbucketState) -> None:
        self._state = state
        self._repository = state.repository
        self._names: dict[str, bool] = {}  # asking git takes a process each time

    def branch(self, name: str) -> dict[str, object]:
        head = self._repository.head(name) if self._is_name(name) else None
        if head is None:
            raise missing(f"Branch {name} not found")
        return {"type": "branch", "name": name, "target": self.commit(head)}

    def commit(self, name: str) -> dict[str, object]:
        """An id may be abbreviated."""
        found = self._repository.commit(name) if _ID.fullmatch(name) else None
        if found is None:
            raise missing(f"Commit {name} not found")
        return shown_commit(found)

    def commits(self, include: str, exclude: str) -> list[object]:
        self.commit(include), self.commit(exclude)
        return [self.commit(each) for each in self._repository.ahead(include, exclude)]

    def diffstat(self, spec: str) -> list[object]:
        """One commit: what it has changed against its first parent."""
        self.commit(spec)
        commit = self._repository.commit(spec)
        before = self._repository.files(commit.parents[0]) if commit and commit.parents else {}
        after = self._repository.files(spec)
        changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        return [
            {
                "type": "diffstat",
                "status": "added" if path not in before else "removed" if path not in after else "modified",
                "old": {"type": "commit_file", "path": path} if path in before else None,
                "new": {"type": "commit_file", "path": path} if path in after else None,
            }
            for path in changed
        ]

    def meta(self, commit: str, path: str) -> dict[str, object]:
        self.commit(commit)
        files = self._repository.files(commit)
        if path in files:
            return {"type": "commit_file", "path": path, "attributes": _ATTRIBUTES[files[path].mode]}
        if any(each.startswith(f"{path}/") for each in files):
            return {"type": "commit_directory", "path": path}
        raise missing(f"No such file or directory: {path}")

    def raw(self, commit: str, path: str) -> bytes:
        """A link's contents are what it points to."""
        self.meta(commit, path)
        found = self._repository.files(commit).get(path)
        data = self._repository.blob(found.id) if found is not None else None
        if data is None:
            raise refused("This is a folder: nobody here asks for its pages")
        return data

    def create_commit(self, user: User, kind: str, body: bytes) -> None:
        """As it is documented; `parents` has to be there, and files have to be there before: nothing else is used."""
        fields, files = _form(kind, body)
        if set(fields) != {"message", "branch", "parents"} or not all(fields.values()) or not files:
            raise refused("Bad request", form=[f"fields {sorted(fields)} and {len(files)} files"])
        branch, parent = fields["branch"], fields["parents"]
        if user.permission not in _WRITES or branch in self._state.restricted:
            raise RefusedError(HTTPStatus.FORBIDDEN, f"You do not have permission to write to the branch {branch}")
        if not re.fullmatch(r"[0-9a-f]{40}", parent) or self._repository.commit(parent) is None:
            raise refused("Bad request", parents=[f"{parent} is no commit"])
        if not self._is_name(branch):
            raise refused("Bad request", branch=[f"{branch} is no name of a branch"])
        old = self._repository.head(branch)
        if old not in {None, parent}:
            raise RefusedError(HTTPStatus.CONFLICT, f"{parent} is not the head of {branch}")
        after = dict(self._repository.files(parent))
        for path, (mode, data) in files.items():
            if path not in after:
                raise refused("Bad request", files=[f"{path} is new: nobody here makes one"])
            after[path] = Entry(mode, self._repository.write_blob(data))
        tree = self._repository.write_tree(after)
        made = self._repository.write_commit(
            tree, [parent], fields["message"], name=user.nickname, date=self._state.next_id()
        )
        try:
            self._repository.move(branch, made, expected=old or ZERO)
        except MovedError:
            raise RefusedError(HTTPStatus.CONFLICT, f"{branch} was moved meanwhile") from None

    def push(self, user: User, request: bytes) -> bytes:
        """Git itself compares and swaps."""
        if user.permission not in _WRITES:
            raise RefusedError(HTTPStatus.FORBIDDEN, "Your credentials lack the scope repository:write")
        if refs := [branch for branch in branches_of(request) if branch in self._state.restricted]:
            return declined(refs, "Permission denied to update the branch: see branch restrictions")
        return self._repository.receive(request)

    def _is_name(self, name: str) -> bool:
        if name not in self._names:
            self._names[name] = self._repository.is_branch_name(name)
        return self._names[name]


def _form(kind: str, body: bytes) -> tuple[Mapping[str, str], Mapping[str, tuple[str, bytes]]]:
    """Fields by their names, and files by their paths with mode and content. A file is what has a `filename`."""
    name, _, boundary = kind.partition("; boundary=")
    if name != "multipart/form-data" or not boundary:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Unsupported media type: {kind}")
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for head, data in _parts(f"--{boundary}".encode(), body):
        found = _DISPOSITION.fullmatch(head.get("content-disposition", ""))
        if found is None:
            raise refused("Bad request", form=["a part that is none"])
        if found["file"] is None:
            if found["name"] not in _FIELDS or found["name"] in fields:
                raise refused("Bad request", form=[f"the field {found['name']}"])
            fields[found["name"]] = data.decode()
        else:
            path = found["name"].removeprefix("/")
            if found["more"] not in {None, "executable"} or path in files or not found["name"].startswith("/"):
                raise refused("Bad request", form=[f"the file {path}"])
            files[path] = ("100755" if found["more"] else "100644", data)
    return fields, files


def _parts(line: bytes, body: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
    pieces: Sequence[bytes] = body.split(line)
    if pieces[0] or pieces[-1] != b"--\r\n":
        raise refused("Bad request", form=["it has no beginning or no end"])
    for piece in pieces[1:-1]:
        head, empty, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not empty or not data.endswith(b"\r\n"):
            raise refused("Bad request", form=["a part without an end"])
        named = (each.partition(": ") for each in head.decode().split("\r\n"))
        yield {name.lower(): value for name, _, value in named}, data.removesuffix(b"\r\n")
