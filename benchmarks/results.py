"""RESULTS.md: each script owns one section of it, between two comments, and replaces no other."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version

RESULTS = Path(__file__).with_name("RESULTS.md")


def replaced(page: str, section: str, body: str) -> str:
    """The page with this section's new text, at its old place or at the end."""
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    text = f"{begin}\n{body.strip()}\n{end}"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        return f"{page.rstrip()}\n\n{text}\n".lstrip()
    return f"{before}{text}{after}"


def write(section: str, body: str, results: Path = RESULTS) -> None:
    page = results.read_text() if results.exists() else "# Results\n"
    results.write_text(replaced(page, section, body))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def made_by(command: str) -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}, CPython {python_version()}, `python -m benchmarks.{command}`."


def totals(rows: Sequence[Sequence[object]]) -> tuple[object, ...]:
    """A last row: the sums of all columns but the first."""
    columns = list(zip(*rows, strict=True))[1:]
    return "all", *(sum(cell for cell in column if isinstance(cell, int)) for column in columns)
