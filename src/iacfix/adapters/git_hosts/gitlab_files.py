"""The files of a commit, as GitLab lists them. A commit's files never change, so folders are asked for once."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from iacfix.adapters.git_hosts.answers import broken, segment, text
from iacfix.adapters.git_hosts.gitlab_client import GitLabClient
from iacfix.adapters.git_hosts.requests import OBJECT_ID, blob_id
from iacfix.domain.errors import HostNotFoundError, UnsafePathError

FILE_MODES = frozenset({"100644", "100755"})
EXECUTABLE = "100755"
_LINK_MODE = "120000"
_MAX_FOLDERS = 512


@dataclass(frozen=True, slots=True)
class Entry:
    """`mode` as git writes it; `id` of the blob, the tree or the commit."""

    mode: str
    id: str


class GitLabFiles:
    def __init__(self, client: GitLabClient) -> None:
        self._client = client
        self._folders: dict[tuple[str, str], Mapping[str, Entry]] = {}
        self._commits: set[str] = set()

    def require_commit(self, commit: str) -> None:
        """Raises HostNotFoundError. A commit that is there stays: it is asked for once."""
        if commit in self._commits:
            return
        found = self._client.find(f"/repository/commits/{commit}") if OBJECT_ID.fullmatch(commit) else None
        if found is None or text(found, "id") != commit:
            raise HostNotFoundError(f"there is no commit {commit[:64]!r}")
        self._commits.add(commit)

    def entry(self, path: str, commit: str) -> Entry | None:
        """The regular file that the commit has there. Raises UnsafePathError when the way there is a link."""
        folder = ""
        parts = path.split("/")
        for at, name in enumerate(parts):
            found = self._folder(folder, commit).get(name)
            if found is None:
                return None
            folder = f"{folder}/{name}".lstrip("/")
            if found.mode == _LINK_MODE:
                raise UnsafePathError(
                    f"{path} goes through the link {folder}", remedy="give the path of the file itself"
                )
            if at == len(parts) - 1:
                return found if found.mode in FILE_MODES else None
            if not found.mode.endswith("40000"):
                return None
        return None

    def blob(self, entry: Entry) -> bytes:
        """What it holds is what its id says, or HostUnavailableError."""
        answer = self._client.get(f"/repository/blobs/{segment(entry.id)}")
        try:
            data = base64.b64decode(text(answer, "content"))
        except (ValueError, binascii.Error):
            raise broken("a file is no base64") from None
        if blob_id(data, like=entry.id) != entry.id:
            raise broken("a file is not whole")
        return data

    def _folder(self, folder: str, commit: str) -> Mapping[str, Entry]:
        """Nothing where there is none: GitLab answers 404 since 17.7, and an empty list before."""
        if (commit, folder) not in self._folders:
            if len(self._folders) >= _MAX_FOLDERS:
                self._folders.clear()
            asked = {"ref": commit, "pagination": "keyset", **({"path": folder} if folder else {})}
            try:
                listed = tuple(self._client.pages("/repository/tree", asked))
            except HostNotFoundError:
                listed = ()
            self._folders[commit, folder] = {
                text(each, "name"): Entry(text(each, "mode"), text(each, "id")) for each in listed
            }
        return self._folders[commit, folder]
