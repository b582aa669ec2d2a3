from pathlib import Path

import hcl2
from benchmarks.opened import forget, locate_all, opened
from benchmarks.repository import files, things, write

from iacfix.iac.terraform.syntax import parse


def test_the_repository_is_the_same_every_time() -> None:
    assert list(files(120)) == list(files(120))
    assert list(files(120))[:40] == list(files(40))


def test_it_has_the_files_that_were_asked_for() -> None:
    assert len({file.path for file in files(250)}) == 250


def test_every_file_parses() -> None:
    for file in files(60):
        assert not parse(file.text.encode()).has_error
        assert hcl2.loads(file.text)


def test_everything_in_it_is_located_from_its_arn(tmp_path: Path) -> None:
    write(tmp_path, 60)
    made = things(60)
    assert len(made) > 60
    locate_all(opened(tmp_path), made, len(made))


def test_the_index_is_kept_until_it_is_forgotten(tmp_path: Path) -> None:
    write(tmp_path, 3)
    assert opened(tmp_path).index.folders
    kept = tmp_path / ".git" / "iacfix"
    assert kept.exists()
    forget(tmp_path)
    assert not kept.exists()
