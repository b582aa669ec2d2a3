import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.adapters.git import find_work_tree, open_git
from iacfix.adapters.index_cache import SqliteIndexCache, index_cache
from iacfix.ports import CachedFile

A, B = CachedFile("a" * 40, 1, "[]"), CachedFile("b" * 40, 2, '["ü\\u0000"]')
HELD = {"main.tf": A, "m/ünï.tf": B}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "iacfix" / "index.sqlite"


@pytest.fixture
def cache(path: Path) -> SqliteIndexCache:
    """Holds HELD."""
    cache = SqliteIndexCache(path, "1")
    cache.store(HELD, [])
    return cache


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_answers_what_was_stored(cache: SqliteIndexCache, path: Path) -> None:
    assert cache.load() == HELD
    assert SqliteIndexCache(path, "1").load() == HELD


def test_an_entry_is_replaced_and_what_is_gone_forgotten(cache: SqliteIndexCache) -> None:
    cache.store({"main.tf": B}, ["m/ünï.tf", "never.tf"])
    assert cache.load() == {"main.tf": B}


def test_nothing_is_written_where_nothing_changed(cache: SqliteIndexCache, path: Path) -> None:
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    cache.store({}, [])
    assert cache.load() == HELD
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    untouched = SqliteIndexCache(path.with_name("other.sqlite"), "1")
    untouched.store({}, [])
    assert untouched.load() == {}
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_another_version_wrote_is_forgotten(cache: SqliteIndexCache, path: Path) -> None:
    newer = SqliteIndexCache(path, "2")
    assert newer.load() == {}
    newer.store({"main.tf": B}, [])
    assert newer.load() == {"main.tf": B}
    assert cache.load() == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"not a database, but a text of some length" * 100, b"SQLite format 3\0" + b"\xff" * 5000],
)
def test_a_damaged_file_answers_nothing_and_heals(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    cache = SqliteIndexCache(path, "1")
    assert cache.load() == {}
    cache.store(HELD, [])  # of a damaged file this takes it away, and the next one writes
    cache.store(HELD, [])
    assert cache.load() == HELD


@given(st.data())
def test_a_file_with_any_bytes_turned_is_no_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cache") / "index.sqlite"
    cache = SqliteIndexCache(path, "1")
    cache.store(HELD, [])
    whole = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=20)):
        whole[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    cache.load()
    cache.store({"x.tf": A}, ["main.tf"])
    cache.load()


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE files",),
        ("DROP TABLE written",),
        ("DROP TABLE files", "CREATE TABLE files (path TEXT)"),
        ("DROP TABLE written", "CREATE TABLE written (version TEXT, more TEXT)"),
        ("DROP TABLE files", "CREATE VIEW files AS SELECT 1 AS path"),
        ("INSERT INTO written VALUES ('0')",),
        ("DELETE FROM written",),
    ],
)
def test_tables_of_another_form_answer_nothing_and_heal(
    cache: SqliteIndexCache, path: Path, statements: tuple[str, ...]
) -> None:
    run(path, *statements)
    assert cache.load() == {}
    cache.store(HELD, [])
    cache.store(HELD, [])
    assert cache.load() == HELD


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO files VALUES (NULL, 'b', 1, '[]')",
        "INSERT INTO files VALUES ('x.tf', 'b', 1, NULL)",
        "INSERT INTO files VALUES (x'ff', 'b', 1, '[]')",
        "INSERT INTO files VALUES ('x.tf', 'b', 1, x'5b5d')",
    ],
)
def test_rows_of_other_types_are_passed_over(cache: SqliteIndexCache, path: Path, row: str) -> None:
    run(path, row)
    assert cache.load() == HELD


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO files VALUES ('x.tf', NULL, 1, '[]')",
        "INSERT INTO files VALUES ('x.tf', 'b', NULL, '[]')",
        "INSERT INTO files VALUES ('x.tf', x'00', 'y', '[]')",
    ],
)
def test_a_row_without_blob_or_size_is_of_no_file(cache: SqliteIndexCache, path: Path, row: str) -> None:
    run(path, row)
    held = cache.load().get("x.tf")
    assert held is None or (held.blob, held.size) != ("b", 1)


def test_text_that_is_not_utf_8_answers_nothing(cache: SqliteIndexCache, path: Path) -> None:
    run(path, "INSERT INTO files VALUES ('x.tf', 'b', 1, CAST(x'ff' AS TEXT))")
    assert cache.load() == {}


def test_two_who_write_at_once_both_end_and_leave_a_cache(path: Path) -> None:
    """Each in a process of its own, over and over. One that finds it locked may leave the other's."""
    program = (
        "import sys; from pathlib import Path\n"
        "from iacfix.adapters.index_cache import SqliteIndexCache\n"
        "from iacfix.ports import CachedFile\n"
        "cache = SqliteIndexCache(Path(sys.argv[1]), '1')\n"
        "for number in range(40):\n"
        "    cache.store({f'{sys.argv[2]}{number}.tf': CachedFile('a', number, '[]')}, [])\n"
        "    assert all(each.entries == '[]' for each in cache.load().values())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, str(path)]
    both = [subprocess.Popen([*command, name], env=environment, stderr=subprocess.PIPE) for name in ("a", "b")]
    for each in both:
        _, words = each.communicate()
        assert (each.returncode, words) == (0, b"")
    assert set(SqliteIndexCache(path, "1").load().values()) <= {CachedFile("a", number, "[]") for number in range(40)}
    assert len(SqliteIndexCache(path, "1").load()) > 0


def test_while_another_writes_nothing_is_waited_for_long_and_nothing_is_broken(
    cache: SqliteIndexCache, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iacfix.adapters.index_cache._BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert cache.load() == {}
        other.execute("ROLLBACK")
    assert cache.load() == HELD


def test_a_file_that_another_has_locked_is_left_to_it(
    cache: SqliteIndexCache, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iacfix.adapters.index_cache._BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache.store({"x.tf": A}, [])
        other.execute("COMMIT")
    assert cache.load() == HELD


def test_a_folder_that_cannot_be_written_costs_the_cache_and_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "iacfix").write_text("a file where the folder should be")
    for path in (tmp_path / "iacfix" / "index.sqlite", tmp_path / "no" / "such" / "index.sqlite", Path("/proc/x/i")):
        cache = SqliteIndexCache(path, "1")
        cache.store(HELD, [])
        assert cache.load() == {}
    assert (tmp_path / "iacfix").read_text() == "a file where the folder should be"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_git_folder_that_is_read_only_costs_the_cache_and_not_the_run(tmp_path: Path) -> None:
    git_dir = tmp_path / ".git"
    git_dir.mkdir(mode=0o500)
    cache = SqliteIndexCache(git_dir / "iacfix" / "index.sqlite", "1")
    cache.store(HELD, [])
    assert cache.load() == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_cache_that_is_read_only_still_answers(cache: SqliteIndexCache, path: Path) -> None:
    path.chmod(0o400)
    path.parent.chmod(0o500)
    cache.store({"x.tf": A}, ["main.tf"])
    assert cache.load() == HELD
    path.parent.chmod(0o700)


def test_a_cache_that_is_no_file_is_left_alone(path: Path) -> None:
    path.mkdir(parents=True)
    cache = SqliteIndexCache(path, "1")
    cache.store(HELD, [])
    assert cache.load() == {}
    assert path.is_dir()


def test_it_lies_in_the_git_folder_one_for_each_part_of_the_work_tree(
    repository: Path, git: Callable[..., str], git_environment: Mapping[str, str]
) -> None:
    odd = repository / "stacks" / "a%2Fb"
    odd.mkdir()
    found = []
    for folder in (repository, repository / "stacks", repository / "stacks" / "logs", odd):
        cache = index_cache(find_work_tree(open_git(folder, git_environment)), "1")
        assert cache is not None
        cache.store(HELD, [])
        assert cache.load() == HELD
        found.append(cache)
    assert len(list((repository / ".git" / "iacfix").iterdir())) == len(found)
    assert git(repository, "status", "--porcelain") == ""


def test_each_linked_work_tree_has_its_own(
    repository: Path, git: Callable[..., str], git_environment: Mapping[str, str], tmp_path: Path
) -> None:
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    first = index_cache(find_work_tree(open_git(repository, git_environment)), "1")
    second = index_cache(find_work_tree(open_git(tmp_path / "linked", git_environment)), "1")
    assert first is not None
    assert second is not None
    first.store(HELD, [])
    assert second.load() == {}


def test_without_git_there_is_none() -> None:
    assert index_cache(None, "1") is None


def test_a_table_whose_name_is_no_text_answers_nothing_and_heals(cache: SqliteIndexCache, path: Path) -> None:
    """SQLite's own words then hold bytes that are no UTF-8."""
    cache.store(HELD, [])
    path.write_bytes(path.read_bytes().replace(b"tablefilesfiles", b"table\xf3ilesfiles"))
    assert cache.load() == {}
    cache.store(HELD, [])
    cache.store(HELD, [])
    assert cache.load() == HELD
