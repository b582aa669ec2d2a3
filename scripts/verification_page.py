"""Writes the table of checks of docs/verification.md from the checks and the catalogue."""

from pathlib import Path

from iacfix.controls import load_catalogue
from iacfix.verification import CHECKS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "verification.md"
MARK = "<!-- scripts/verification_page.py writes what follows -->\n"


def page(text: str) -> str:
    """The page with its table anew."""
    return text.partition(MARK)[0] + MARK + "\n" + table()


def table() -> str:
    """One row for each check."""
    controls: dict[str, list[str]] = {}
    for each in load_catalogue():
        if each.verify:
            controls.setdefault(each.verify, []).append(each.id)
    count = sum(map(len, controls.values()))
    lines = [
        f"{len(CHECKS)} checks look at {count} controls.\n",
        "| check | controls | what has to be so | calls |",
        "|---|---|---|---|",
    ]
    for name, check in sorted(CHECKS.items()):
        calls = ", ".join(f"`{service}:{operation}`" for service, operation in sorted(check.operations))
        asserts = check.asserts.replace("|", "\\|")
        lines.append(f"| `{name}` | {', '.join(f'`{each}`' for each in controls[name])} | {asserts} | {calls} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
