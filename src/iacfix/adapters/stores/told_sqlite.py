"""What was told, in one file beside the ledger. As many processes as like may use it at once."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from iacfix.domain.errors import LedgerError
from iacfix.ports.told import Claim, Turn

SCHEMA_VERSION = 1
BUSY_SECONDS = 30.0
_TABLE = """
CREATE TABLE IF NOT EXISTS told (thing TEXT PRIMARY KEY, what TEXT NOT NULL, link TEXT NOT NULL, holder TEXT NOT NULL,
    until INTEGER NOT NULL) WITHOUT ROWID
"""


class SqliteTold:
    """Implements ports.told.ToldStore. The file is made when it is first used; its folder has to be there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def claim(  # noqa: PLR0913 - the port's
        self, thing: str, what: str, holder: str, *, now: int, until: int, over: Collection[str] = ()
    ) -> Claim:
        with self._writing() as connection:
            row = connection.execute("SELECT what, link, holder, until FROM told WHERE thing = ?", (thing,)).fetchone()
            said, link, held, since = _row(row)
            if not {what, *over}.isdisjoint(said):
                return Claim(Turn.TOLD, link)
            if held and since > now:
                return Claim(Turn.BUSY, link)
            connection.execute(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)", (thing, json.dumps(said), link, holder, until)
            )
            return Claim(Turn.MINE, link)

    def told(self, thing: str, what: str, holder: str, link: str) -> None:
        with self._writing() as connection:
            row = connection.execute("SELECT what, link, holder, until FROM told WHERE thing = ?", (thing,)).fetchone()
            said, before, held, until = _row(row)
            kept = (held, until) if held not in {"", holder} else ("", 0)
            connection.execute(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?, ?)",
                (thing, json.dumps(sorted({*said, what})), link or before, *kept),
            )

    def release(self, thing: str, holder: str) -> None:
        with self._writing() as connection:
            connection.execute("UPDATE told SET holder = '', until = 0 WHERE thing = ? AND holder = ?", (thing, holder))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("BEGIN IMMEDIATE")
                _prepare(connection)
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            why = str(error) if isinstance(error, sqlite3.Error) else "it is damaged"
            msg = f"what was told, in {self._path.name}, cannot be used ({why})"
            raise LedgerError(msg, remedy="see that the file is one of iacfix, writable, on a disk with room") from None


def _prepare(connection: sqlite3.Connection) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version not in {0, SCHEMA_VERSION}:
        raise LedgerError(f"what was told was written by another version (schema {version})", remedy="use that one")
    if version == 0:
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
            raise LedgerError("the file is of something else than what was told", remedy="name another file")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _row(row: object) -> tuple[list[str], str, str, int]:
    """Raises LedgerError where a damaged file holds something else."""
    if row is None:
        return [], "", "", 0
    match row:
        case (str() as what, str() as link, str() as holder, int() as until):
            try:
                said: object = json.loads(what)
            except (ValueError, RecursionError):
                said = None
            if isinstance(said, list) and all(isinstance(each, str) for each in said):
                return said, link, holder, until
    raise LedgerError("what was told cannot be read", remedy="restore the file, or remove it: then all is told again")
