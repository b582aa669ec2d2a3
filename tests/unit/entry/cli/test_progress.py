import pytest

from iacfix.entry.cli.progress import each


@pytest.mark.parametrize(("total", "lines"), [(99, 0), (100, 10), (1234, 10)])
def test_a_log_gets_ten_lines_of_a_long_batch(total: int, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(each(range(total), str, "fixing")) == [str(number) for number in range(total)]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == lines
    if lines:
        assert told[-1] == f"fixing: {total}/{total}"
