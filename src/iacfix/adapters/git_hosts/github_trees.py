"""Files of a commit, read tree by tree: GitHub's own way to read a file follows links."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from iacfix.adapters.git_hosts.answers import broken, items, record, text
from iacfix.adapters.git_hosts.github_api import Api
from iacfix.adapters.git_hosts.requests import blob_id
from iacfix.domain.errors import HostRefusedError, UnsafePathError

T = TypeVar("T")

_FILE_MODES = frozenset({"100644", "100755"})
_LINK_MODE = "120000"
_MAX_TREES = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    mode: str
    kind: str
    sha: str


class Trees:
    """What is at an id never changes, so it is asked for once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._trees: dict[str, Mapping[str, Entry]] = {}
        self._roots: dict[str, str] = {}

    def root(self, commit: str) -> str:
        """The tree of a commit. Raises HostNotFoundError."""
        if commit not in self._roots:
            found = self._api.get(f"/git/commits/{commit}")
            self._remember(self._roots, commit, text(record(found.get("tree")), "sha"))
        return self._roots[commit]

    def entry(self, commit: str, path: str) -> Entry | None:
        """The regular file at a path. Raises UnsafePathError when the way there is a link."""
        tree = self.root(commit)
        parts = path.split("/")
        for depth, name in enumerate(parts, start=1):
            found = self._tree(tree).get(name)
            if found is None:
                return None
            if found.mode == _LINK_MODE:
                way = "/".join(parts[:depth])
                raise UnsafePathError(f"{path} goes through the link {way}", remedy="give the path of the file itself")
            if depth == len(parts):
                return found if found.mode in _FILE_MODES else None
            if found.kind != "tree":
                return None
            tree = found.sha
        return None

    def blob(self, sha: str) -> bytes:
        found = self._api.get(f"/git/blobs/{sha}")
        try:
            data = base64.b64decode(text(found, "content"))
        except binascii.Error as error:
            raise broken("a file is not in base64") from error
        if blob_id(data, like=sha) != sha:
            raise broken("a file is not what its id says")
        return data

    def _tree(self, sha: str) -> Mapping[str, Entry]:
        if sha not in self._trees:
            found = self._api.get(f"/git/trees/{sha}")
            if found.get("truncated"):
                raise HostRefusedError("a folder of the repository has more files than GitHub lists")
            listed = items(found, "tree")
            entries = {
                text(each, "path"): Entry(text(each, "mode"), text(each, "type"), text(each, "sha")) for each in listed
            }
            self._remember(self._trees, sha, entries)
        return self._trees[sha]

    @staticmethod
    def _remember(kept: dict[str, T], key: str, value: T) -> None:
        if len(kept) >= _MAX_TREES:
            kept.clear()
        kept[key] = value
