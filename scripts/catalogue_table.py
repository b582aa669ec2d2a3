"""Writes the table of controls into docs/catalogue.md, between its two marks."""

from pathlib import Path

from iacfix.controls import load_catalogue
from iacfix.domain.control import Control

PAGE = Path(__file__).resolve().parent.parent / "docs" / "catalogue.md"
START, END = "<!-- controls -->", "<!-- /controls -->"


def table() -> str:
    """Markdown, one row for each control."""
    head = ["| control | what it asks for | Security Hub | Checkov | fix | risk |", "|---|---|---|---|---|---|"]
    return "\n".join([START, *head, *map(_row, load_catalogue()), END])


def page(text: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = text.partition(START)
    return before + table() + rest.partition(END)[2]


def _row(control: Control) -> str:
    fix = "recipe" if any(fix.has_recipe for fix in control.fixes) else "a person plans it"
    hub, checkov = (", ".join(control.names.get(tool, ())) or "none" for tool in ("security_hub", "checkov"))
    return f"| `{control.id}` | {control.title} | {hub} | {checkov} | {fix} | {control.risk} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
