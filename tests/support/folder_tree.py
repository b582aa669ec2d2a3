"""A folder as a source tree without git: thousands of small cases would spend their time starting it."""

from pathlib import Path

from iacfix.domain.errors import InputError
from iacfix.ports import MAX_FILE_BYTES, ListedFile


class FolderTree:
    """Implements ports.SourceTree for folders of our own, whose paths are plain."""

    def __init__(self, root: Path) -> None:
        self._files = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()}

    def files(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path for path in self._files if path.endswith(suffixes))

    def listing(self, suffixes: tuple[str, ...]) -> tuple[ListedFile, ...]:
        return tuple(ListedFile(path) for path in self.files(suffixes))

    def names(self, folder: str) -> tuple[str, ...]:
        within = f"{folder}/" if folder else ""
        below = (path.removeprefix(within).partition("/") for path in self._files if path.startswith(within))
        return tuple(sorted({name + slash for name, slash, _ in below}))

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes:
        if path not in self._files:
            raise InputError(f"{path!r} cannot be read: there is no such file")
        data = self._files[path].read_bytes()
        if len(data) > most:
            raise InputError(f"{path!r} is too large")
        return data

    def exists(self, path: str) -> bool:
        return path in self._files
