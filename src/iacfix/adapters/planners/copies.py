"""A copy of a work tree for a program to work in: what it writes, and what is tried out, never reaches the original."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from iacfix.adapters.paths import require_plain
from iacfix.ports import ToolError

MAX_FILES, MAX_BYTES = 50_000, 1024**3
LEFT_OUT = frozenset({".git", ".terraform"})


class WorkCopy:
    """Gone with the object, or by `close`. Raises ToolError when the tree is too large to be copied or not readable."""

    def __init__(self, original: Path) -> None:
        self._original = Path(os.path.realpath(original))
        holder = os.path.realpath(tempfile.mkdtemp(prefix="iacfix-plan-"))  # its mode keeps others out
        self._remove = weakref.finalize(self, shutil.rmtree, holder)
        self.top = Path(holder) / "code"
        self._laid: dict[str, bytes | None] = {}
        try:
            self._copy()
        except OSError as error:
            self.close()
            raise ToolError(f"the work tree cannot be copied: {error.strerror}") from None
        except ToolError:
            self.close()
            raise

    @property
    def beside(self) -> Path:
        """A folder for what is none of the code."""
        return self.top.parent

    def close(self) -> None:
        self._remove()

    def lay(self, overlay: Mapping[str, bytes]) -> None:
        """These files read so, all others as when the copy was made. Raises UnsafePathError."""
        for path in self._laid.keys() - overlay.keys():
            if (data := self._laid.pop(path)) is not None:
                (self.top / path).write_bytes(data)
            else:
                (self.top / path).unlink()
        for path, new in overlay.items():
            file = self.top / require_plain(path)
            if path not in self._laid:
                self._laid[path] = file.read_bytes() if file.exists() else None
            file.write_bytes(new)

    def _copy(self) -> None:
        self.top.mkdir()
        files = size = 0
        for source, relative in _walk(self._original):
            files, size = files + 1, size + source.stat().st_size
            if files > MAX_FILES or size > MAX_BYTES:
                raise ToolError(f"the work tree has more than {MAX_FILES} files or {MAX_BYTES} bytes")
            target = self.top / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def _walk(top: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    """Plain files and what links to one inside; a link that leads out is left out, one to a folder too."""
    for name, folders, files in os.walk(top):
        folders[:] = sorted(each for each in folders if each not in LEFT_OUT)
        for file in sorted(files):
            path = Path(name) / file
            real = Path(os.path.realpath(path))
            if real.is_relative_to(top) and real.is_file():
                yield real, PurePosixPath(path.relative_to(top).as_posix())
