"""The ledger in one file. As many processes as like may use it at once: SQLite lets one of them write at a time."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from iacfix.adapters.stores.rows import entry_of, text_of
from iacfix.domain.audit import AuditRecord, Head, written
from iacfix.domain.errors import LedgerError, StaleEntryError
from iacfix.domain.ledger import LedgerEntry, State

SCHEMA_VERSION = 1
BUSY_SECONDS = 30.0  # a writer holds the file for milliseconds
_TABLES = """
CREATE TABLE entries (key TEXT PRIMARY KEY, state TEXT NOT NULL, version INTEGER NOT NULL, changed_at TEXT NOT NULL,
    entry TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX entries_by_state ON entries (state, changed_at);
CREATE TABLE audit (chain TEXT NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (chain, sequence)) WITHOUT ROWID;
"""


class SqliteLedger:
    """Implements ports.stores.LedgerStore. The file is made when it is first used; its folder has to be there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> LedgerEntry | None:
        with self._reading() as connection:
            row = connection.execute("SELECT entry FROM entries WHERE key = ?", (key,)).fetchone()
        return None if row is None else entry_of(row[0])

    def in_states(self, states: Collection[State]) -> Iterator[LedgerEntry]:
        wanted = sorted(states)
        marks = ", ".join("?" * len(wanted))
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT entry FROM entries WHERE state IN ({marks}) ORDER BY changed_at, key",  # noqa: S608 - question marks
                wanted,
            ).fetchall()
        yield from (entry_of(text) for (text,) in rows)

    def head(self, chain: str) -> Head:
        with self._reading() as connection:
            return _head(connection, chain)

    def write(self, record: AuditRecord, entry: LedgerEntry | None = None) -> None:
        with self._writing() as connection:
            if Head(record.sequence - 1, record.previous) != _head(connection, record.chain):
                msg = f"the audit record {record.chain} has gone on since its end was read"
                raise StaleEntryError(msg)
            if entry is not None:
                _put(connection, entry)
            connection.execute(
                "INSERT INTO audit VALUES (?, ?, ?, ?)",
                (record.chain, record.sequence, record.hash, written(record)),
            )

    def audit(self) -> Iterator[str]:
        with self._reading() as connection:
            for (line,) in connection.execute("SELECT record FROM audit ORDER BY chain, sequence"):
                yield line if isinstance(line, str) else ""  # no record is empty, so that the chain is seen to break

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A snapshot: what others write meanwhile is not seen."""
        with self._open() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The one writer, from the first look to the commit. An error of whoever writes leaves nothing behind."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = FULL")  # what was said to be written has been
                _prepare(connection)
                yield connection
        except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged file, even the error's text cannot be read
            why = str(error) if isinstance(error, sqlite3.Error) else "it is damaged"
            msg = f"the ledger {self._path.name} cannot be used ({why})"
            raise LedgerError(
                msg, remedy="see that the file is one of iacfix, writable, and on a disk with room"
            ) from error


def _prepare(connection: sqlite3.Connection) -> None:
    if (version := _version(connection)) == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    if (version := _version(connection)) == 0:  # nobody made it meanwhile
        for statement in filter(str.strip, _TABLES.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    elif version != SCHEMA_VERSION:
        msg = f"the ledger was written by another version of iacfix (schema {version}, this one knows {SCHEMA_VERSION})"
        raise LedgerError(msg, remedy="use the newer iacfix for it")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _head(connection: sqlite3.Connection, chain: str) -> Head:
    row = connection.execute(
        "SELECT sequence, hash FROM audit WHERE chain = ? ORDER BY sequence DESC LIMIT 1", (chain,)
    ).fetchone()
    if row is None:
        return Head()
    if not (isinstance(row[0], int) and isinstance(row[1], str)):
        raise LedgerError(f"the end of the audit record {chain} cannot be read", remedy="restore the ledger")
    return Head(*row)


def _put(connection: sqlite3.Connection, entry: LedgerEntry) -> None:
    row = connection.execute("SELECT version FROM entries WHERE key = ?", (entry.key,)).fetchone()
    stored = 0 if row is None else row[0]
    if not isinstance(stored, int) or entry.version != stored + 1:
        msg = f"version {entry.version} of {entry.key[:12]} cannot follow version {stored}"
        raise StaleEntryError(msg)
    connection.execute(
        "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)",
        (entry.key, entry.state, entry.version, entry.changed_at, text_of(entry)),
    )
