import re
from pathlib import Path

from iacfix.entry.cli.exits import Exit

PAGE = Path(__file__).resolve().parents[4] / "docs" / "exit-codes.md"


def test_the_page_has_a_row_for_every_exit_code_and_no_other() -> None:
    rows = re.findall(r"^\| (\d+) \|", PAGE.read_text(), flags=re.MULTILINE)
    assert [int(row) for row in rows] == sorted(Exit)
