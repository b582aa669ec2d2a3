"""The files of a commit, as Bitbucket tells of them. A commit's files never change, so each is asked for once."""

from dataclasses import dataclass
from urllib.parse import quote

from iacfix.adapters.git_hosts.answers import text, texts
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketClient
from iacfix.adapters.git_hosts.requests import OBJECT_ID
from iacfix.domain.errors import HostNotFoundError, UnsafePathError

_FILE = "commit_file"
_MAX_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file."""

    executable: bool


class BitbucketFiles:
    def __init__(self, client: BitbucketClient) -> None:
        self._client = client
        self._kinds: dict[tuple[str, str], tuple[str, frozenset[str]] | None] = {}
        self._contents: dict[tuple[str, str], bytes] = {}
        self._commits: dict[str, str] = {}

    def require_commit(self, commit: str) -> None:
        """Raises HostNotFoundError."""
        if not OBJECT_ID.fullmatch(commit) or self.whole(commit) != commit:
            raise HostNotFoundError(f"there is no commit {commit[:64]!r}")

    def whole(self, commit: str) -> str:
        """The whole id of an abbreviated one, which pull requests have; itself where the host knows none."""
        if commit not in self._commits:
            found = self._client.find(f"/commit/{quote(commit, safe='')}")
            if found is None:
                return "" if OBJECT_ID.fullmatch(commit) else commit
            self._commits[commit] = text(found, "hash")
        return self._commits[commit]

    def entry(self, path: str, commit: str) -> Entry | None:
        """The regular file that the commit has there. Raises UnsafePathError when the way there is a link."""
        found = self._kind(path, commit)
        if found is None:
            self._require_no_link(path, commit)
            return None
        kind, attributes = found
        if "link" in attributes:
            raise _link(path, path)
        if kind != _FILE or "subrepository" in attributes:
            return None
        return Entry("executable" in attributes)

    def content(self, path: str, commit: str) -> bytes:
        if (commit, path) not in self._contents:
            if len(self._contents) >= _MAX_KNOWN:
                self._contents.clear()
            self._contents[commit, path] = self._client.raw(_address(path, commit))
        return self._contents[commit, path]

    def _require_no_link(self, path: str, commit: str) -> None:
        """Git finds nothing behind a link, so one can only stand where nothing was found."""
        while "/" in path:
            folder = path.rpartition("/")[0]
            if (found := self._kind(folder, commit)) is not None:
                if "link" in found[1]:
                    raise _link(path, folder)
                return
            path = folder

    def _kind(self, path: str, commit: str) -> tuple[str, frozenset[str]] | None:
        if (commit, path) not in self._kinds:
            if len(self._kinds) >= _MAX_KNOWN:
                self._kinds.clear()
            found = self._client.find(_address(path, commit), {"format": "meta"})
            if found is None:
                self._kinds[commit, path] = None
            else:
                attributes = texts(found, "attributes") if "attributes" in found else ()
                self._kinds[commit, path] = text(found, "type"), frozenset(attributes)
        return self._kinds[commit, path]


def _address(path: str, commit: str) -> str:
    return f"/src/{commit}/{quote(path, safe='/')}"


def _link(path: str, link: str) -> UnsafePathError:
    return UnsafePathError(f"{path} goes through the link {link}", remedy="give the path of the file itself")
