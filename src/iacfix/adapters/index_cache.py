"""The index of a repository between runs: SQLite beside the repository's git folder, never in the work tree."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from iacfix.adapters.git import WorkTree
from iacfix.ports import CachedFile

_FOLDER = "iacfix"
_BUSY_SECONDS = 2.0
_IN_USE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class SqliteIndexCache:
    """One file for each work tree. Implements ports.IndexCache.

    `version` names what wrote the entries: what another version wrote is forgotten. A cache that is locked, damaged or
    not writable costs time, nothing else.
    """

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version

    def load(self) -> Mapping[str, CachedFile]:
        try:
            if not self._path.is_file():
                return {}
            with self._open() as connection:
                rows = connection.execute("SELECT path, blob, size, entries FROM files").fetchall()
        except (sqlite3.Error, OSError, UnicodeDecodeError):  # of a damaged file, even the error's text cannot be read
            return {}
        return {path: CachedFile(blob, size, entries) for path, blob, size, entries in rows if _is_row(path, entries)}

    def store(self, changed: Mapping[str, CachedFile], gone: Collection[str]) -> None:
        if not changed and not gone:
            return
        rows = [(path, file.blob, file.size, file.entries) for path, file in changed.items()]
        try:
            self._path.parent.mkdir(exist_ok=True)
            with self._open() as connection:
                connection.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in gone])
                connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            if error.sqlite_errorcode not in _IN_USE:
                self._discard()
        except (OSError, UnicodeDecodeError):
            self._discard()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")  # it can be made anew
            connection.execute("CREATE TABLE IF NOT EXISTS written (version TEXT PRIMARY KEY)")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, blob TEXT, size INTEGER, entries TEXT)"
            )
            if connection.execute("SELECT version FROM written").fetchall() != [(self._version,)]:
                connection.execute("DELETE FROM files")
                connection.execute("DELETE FROM written")
                connection.execute("INSERT INTO written VALUES (?)", (self._version,))
            yield connection

    def _discard(self) -> None:
        """A damaged file would never heal."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return


def _is_row(path: object, entries: object) -> bool:
    return isinstance(path, str) and isinstance(entries, str)


def index_cache(work_tree: WorkTree | None, version: str) -> SqliteIndexCache | None:
    """None where there is no git folder to keep it beside."""
    if work_tree is None:
        return None
    name = work_tree.prefix.replace("%", "%25").replace("/", "%2F") or "top"
    return SqliteIndexCache(work_tree.git_dir / _FOLDER / f"index-{name}.sqlite", version)
