"""Files that stand nowhere but in a test, as a source tree."""

from collections.abc import Mapping

from iacfix.domain.errors import InputError
from iacfix.ports import MAX_FILE_BYTES, ListedFile


class InMemoryTree:
    """Implements ports.SourceTree."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {path: text.encode() if isinstance(text, str) else text for path, text in sorted(files.items())}

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
        if len(self._files[path]) > most:
            raise InputError(f"{path!r} is too large")
        return self._files[path]

    def exists(self, path: str) -> bool:
        return path in self._files
