"""The files of a repository as one commit has them, whatever the work tree looks like."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from iacfix.adapters.git import Git, WorkTree, find_work_tree, open_git
from iacfix.adapters.paths import is_plain, require_plain
from iacfix.adapters.source_tree import VENDORED, FileSystemTree
from iacfix.domain.errors import GitHostError, InputError
from iacfix.ports import MAX_FILE_BYTES, ListedFile

_ENTRY = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t([^\0]+)\0")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FILE_MODES = frozenset({b"100644", b"100755"})
# Blobs are asked for together, so that reading a thousand files does not start a thousand programs.
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class _Blob:
    id: str
    size: int


class CommitTree:
    """Implements ports.SourceTree. What is never committed comes from the work tree: Terraform's states, and the
    modules that it has installed in `.terraform`.
    """

    def __init__(self, root: Path, commit: str, *, environment: Mapping[str, str] | None = None) -> None:
        """`root` may be a folder within the work tree: paths are relative to it. Raises InputError where there is no
        repository or it does not have the commit.
        """
        self._beside = FileSystemTree(root, environment=environment)
        self._git = open_git(Path(os.path.realpath(root)), environment)
        self._work_tree = find_work_tree(self._git)
        if self._work_tree is None:
            raise InputError(f"{root} is not in a git repository", remedy="give a clone of the repository")
        if not _COMMIT.fullmatch(commit) or self._git.ask("cat-file", "-e", f"{commit}^{{commit}}").code != 0:
            raise InputError(
                f"the clone in {root} does not have the commit {commit[:12]!r}, which the host has as the base now",
                remedy="fetch it, and run it again",
            )
        self._entries = _entries(self._git, commit, self._work_tree.prefix)
        self._sorted = tuple(sorted(self._entries))
        self._loaded: dict[str, bytes] = {}

    @property
    def work_tree(self) -> WorkTree | None:
        return self._work_tree

    def files(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path for path in self._sorted if path.endswith(suffixes))

    def listing(self, suffixes: tuple[str, ...]) -> tuple[ListedFile, ...]:
        return tuple(
            ListedFile(path, self._entries[path].id, self._entries[path].size) for path in self.files(suffixes)
        )

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        found = self._entries.get(require_plain(path))
        if found is None:
            if _is_never_committed(path):
                return self._beside.read(path, most)
            raise InputError(f"{path!r} cannot be read: the base has no such file")
        if found.size > most:
            raise InputError(f"{path!r} is larger than {most // 1024 // 1024} MiB", remedy="split the file")
        if path not in self._loaded:
            self._load(path)
        return self._loaded[path]

    def exists(self, path: str) -> bool:
        if require_plain(path) in self._entries:
            return True
        return _is_never_committed(path) and self._beside.exists(path)

    def names(self, folder: str) -> tuple[str, ...]:
        within = f"{require_plain(folder)}/" if folder else ""
        below = (path.removeprefix(within).partition("/") for path in self._sorted if path.startswith(within))
        found = {name + slash for name, slash, _ in below}
        return tuple(
            sorted(found | {name for name in self._beside.names(folder) if _is_never_committed(within + name)})
        )

    def _load(self, path: str) -> None:
        """This file and those that stand behind it, as they are likely to be read next."""
        suffix = Path(path).suffix
        start = self._sorted.index(path)
        near = [name for name in self._sorted[start : start + 4 * _TOGETHER] if name.endswith(suffix)][:_TOGETHER]
        wanted = [name for name in near if name == path or self._entries[name].size <= MAX_FILE_BYTES // _TOGETHER]
        ids = "".join(f"{self._entries[name].id}\n" for name in wanted)
        answer = self._git.run("cat-file", "--batch", stdin=ids.encode("ascii"))
        self._loaded = {}
        at = 0
        for name in wanted:
            end, size = answer.find(b"\n", at), self._entries[name].size
            if end < 0 or not answer[at:end].endswith(f" blob {size}".encode("ascii")):
                raise GitHostError(f"git does not have the content of {name}")
            self._loaded[name] = answer[end + 1 : end + 1 + size]
            at = end + 1 + size + 1


def _entries(git: Git, commit: str, prefix: str) -> Mapping[str, _Blob]:
    """Regular files with plain names; links are left out, as nothing may lead out of the repository."""
    where = ("--", prefix) if prefix else ()
    listed = git.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, *where)
    found: dict[str, _Blob] = {}
    for mode, kind, blob, size, name in _ENTRY.findall(listed):
        try:
            path = name.decode().removeprefix(prefix)
        except UnicodeDecodeError:
            continue
        if mode in _FILE_MODES and kind == b"blob" and is_plain(path) and VENDORED.isdisjoint(path.split("/")):
            found[path] = _Blob(blob.decode("ascii"), int(size))
    return found


def _is_never_committed(path: str) -> bool:
    return path.endswith(".tfstate") or ".terraform" in path.split("/")
