import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent


def test_the_page_has_every_check_as_it_is() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "verification_page.py"))
    text = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    assert script["page"](text) == text, "run python scripts/verification_page.py"
