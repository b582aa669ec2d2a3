from benchmarks.repository import FILES_IN_A_FOLDER, files
from benchmarks.run import measure, page


def test_the_repository_is_the_same_every_time() -> None:
    assert dict(files(25)) == dict(files(25))
    assert len(list(files(25))) == 25 + 25 // FILES_IN_A_FOLDER + 1


def test_a_run_gives_every_ratio() -> None:
    rows = measure(3, 1)
    assert len(rows) == 6
    assert all(ratio > 0 for _, _, ratio in rows)
    assert "| index | python-hcl2 |" in page(rows, 3)
