"""The files of a repository's work tree, as they stand on disk."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from iacfix.adapters.git import Git, WorkTree, find_work_tree, open_git
from iacfix.adapters.paths import is_plain, require_plain
from iacfix.domain.errors import GitHostError, InputError, UnsafePathError
from iacfix.ports import MAX_FILE_BYTES, ListedFile

# An entry of git's index: what it is, its blob, 0 unless it is in conflict, and its name.
_STAGED = re.compile(r"([A-Za-z?] \d{6}) ([0-9a-f]+) (\d)\t([^\0]*)\0")
_REGULAR = frozenset({"H 100644", "H 100755"})
VENDORED = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules"})


class FileSystemTree:
    """A folder, which may be a part of a git work tree. Implements ports.SourceTree.

    Inside a work tree git says which files there are, so that what it ignores is left out; elsewhere all are.
    """

    def __init__(self, root: Path, *, environment: Mapping[str, str] | None = None) -> None:
        """Raises InputError when the root is not a folder that can be used. `environment`: see `open_git`."""
        self._root = _folder(root)
        self._git, self._work_tree = _open(self._root, environment)

    @property
    def work_tree(self) -> WorkTree | None:
        return self._work_tree

    def files(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        names = self._listed() if self._work_tree else self._walked()
        return tuple(sorted({name for name in names if name.endswith(suffixes) and self._is_ours(name)}))

    def listing(self, suffixes: tuple[str, ...]) -> tuple[ListedFile, ...]:
        """What git holds unchanged is known from git, and need not be looked at file by file."""
        if self._work_tree is None:
            return tuple(ListedFile(path) for path in self.files(suffixes))
        with ThreadPoolExecutor(1) as meanwhile:  # git looks at each file, which takes the longest
            asked = meanwhile.submit(self._asked, "ls-files", "-z", "--modified", "--others", "--exclude-standard")
            blobs = dict(self._staged())
            sizes = {path: self._size(path) for path in blobs if path.endswith(suffixes)}
            touched = set(_names(asked.result()))
        found = [ListedFile(path) for path in touched if path.endswith(suffixes) and self._is_ours(path)]
        plain: dict[str, bool] = {}
        for path, blob in blobs.items():
            if not path.endswith(suffixes) or path in touched:
                continue
            folder, _, name = path.rpartition("/")
            if blob and self._is_plain_folder(folder, plain) and _is_plain_name(name):
                found += [ListedFile(path, blob, sizes[path])] if sizes[path] >= 0 else []
            elif self._is_ours(path):
                found.append(ListedFile(path))
        return tuple(sorted(found))

    def _is_plain_folder(self, folder: str, known: dict[str, bool]) -> bool:
        """Whether what git says of its files holds on disk too: it may have become a link since."""
        if folder not in known:
            above, _, name = folder.rpartition("/")
            known[folder] = not folder or (
                self._is_plain_folder(above, known) and _is_kept(name) and not Path(self._root, folder).is_symlink()
            )
        return known[folder]

    def _size(self, path: str) -> int:
        try:
            return os.lstat(f"{self._root}/{path}").st_size
        except OSError:
            return -1

    def _staged(self) -> Iterator[tuple[str, str]]:
        """Path and blob of what git's index holds; no blob for links, submodules and conflicts, nor where git was told
        not to look: the letter in front is then no capital H.
        """
        for head, blob, stage, name in _STAGED.findall(os.fsdecode(self._asked("ls-files", "-z", "--stage", "-v"))):
            yield name, blob if head in _REGULAR and stage == "0" else ""

    def _asked(self, *arguments: str) -> bytes:
        try:
            return self._git.run(*arguments)
        except GitHostError as error:
            raise InputError(f"the files of {self._root} cannot be listed: {error}") from error

    def names(self, folder: str) -> tuple[str, ...]:
        try:
            top = self._resolved(folder) if folder else self._root
            with os.scandir(top) as found:
                kinds = [(each.name, each.is_dir(follow_symlinks=False), each.is_symlink()) for each in found]
        except OSError:
            return ()
        return tuple(sorted(f"{name}/" if is_dir else name for name, is_dir, link in kinds if not link))

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        """Raises InputError also for what is not a regular file."""
        try:
            return _content(self._resolved(path), path, most)
        except OSError as error:
            raise InputError(f"{path!r} cannot be read: {error.strerror}") from error

    def exists(self, path: str) -> bool:
        try:
            return stat.S_ISREG(self._resolved(path).lstat().st_mode)
        except OSError:
            return False

    def _resolved(self, path: str) -> Path:
        """The file itself, links followed. Raises OSError when nothing is there."""
        found = Path(os.path.realpath(self._root / require_plain(path), strict=True))
        if not found.is_relative_to(self._root):
            raise UnsafePathError(
                f"{path!r} is a link that leads out of {self._root}", remedy="replace the link with the file"
            )
        require_plain(found.relative_to(self._root).as_posix())
        return found

    def _is_ours(self, name: str) -> bool:
        if not _is_kept(name):
            return False
        try:
            found = self._resolved(name)
            inside = found.relative_to(self._root)
            return stat.S_ISREG(found.lstat().st_mode) and not VENDORED.intersection(inside.parts)
        except (OSError, UnsafePathError):
            return False

    def _listed(self) -> Iterator[str]:
        return _names(self._asked("ls-files", "-z", "--cached", "--others", "--exclude-standard"))

    def _walked(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if name not in VENDORED]
            relative = Path(folder).relative_to(self._root)
            yield from ((relative / name).as_posix() for name in names)


def _is_plain_name(name: str) -> bool:
    """Of a file, as nearly all are called; what else may be kept is looked at with care."""
    return name.isascii() and name.isprintable() and "\\" not in name and name[:1] != "."


def _is_kept(name: str) -> bool:
    return is_plain(name) and VENDORED.isdisjoint(name.split("/"))


def dirty_files(root: Path, *, environment: Mapping[str, str] | None = None) -> frozenset[str]:
    """Files that differ from the last commit, and untracked ones, relative to root.

    Raises InputError when root is in no work tree. Clean filters do not run, so a file under one (Git LFS) that was
    touched counts as dirty.
    """
    folder = _folder(root)
    git, work_tree = _open(folder, environment)
    if work_tree is None:
        raise InputError(f"{folder} is not in a git repository", remedy="give the work tree of a repository")
    options = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
    try:
        status = git.run("status", *options, "--", ".")
    except GitHostError as error:
        raise InputError(f"the state of {folder} cannot be read: {error}") from error
    # An entry is two letters of state, a space, and the path from the top of the work tree.
    paths = (os.fsdecode(entry[3:]) for entry in status.split(b"\0") if entry)
    return frozenset(path.removeprefix(work_tree.prefix) for path in paths)


def _folder(root: Path) -> Path:
    try:
        resolved = Path(os.path.realpath(root, strict=True))
    except (OSError, ValueError) as error:
        raise InputError(f"the folder {str(root)!r} does not exist", remedy="give the repository's folder") from error
    if not resolved.is_dir():
        raise InputError(f"{str(root)!r} is not a folder", remedy="give the repository's folder")
    return resolved


def _open(folder: Path, environment: Mapping[str, str] | None) -> tuple[Git, WorkTree | None]:
    try:
        git = open_git(folder, environment)
        return git, find_work_tree(git)
    except GitHostError as error:
        raise InputError(error.what, remedy=error.remedy) from error


def _names(listing: bytes) -> Iterator[str]:
    for name in listing.split(b"\0"):
        try:
            yield name.decode()
        except UnicodeDecodeError:
            continue


def _content(file: Path, path: str, most: int) -> bytes:
    if not stat.S_ISREG(file.lstat().st_mode):
        raise InputError(f"{path!r} is not a regular file")
    # It may have become something else since it was looked up: a link is not followed, a pipe not waited for.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise InputError(f"{path!r} is larger than {most // 1024 // 1024} MiB", remedy="split the file")
    return content
