"""Draws docs/demo.svg, the picture in README.md, from a real run over fixtures/demo."""

import io
import re
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.controls import load_catalogue
from iacfix.entry.cli.text import show_outcomes
from iacfix.findings import read_findings
from iacfix.locators.repository import Repository
from iacfix.workflows.fix import Fixer

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "fixtures" / "demo"
FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw() -> str:
    """The picture as SVG, without the addresses of fonts that rich puts in."""
    console = Console(record=True, width=96, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    with tempfile.TemporaryDirectory() as folder:
        repository = shutil.copytree(DEMO / "repository", Path(folder) / "shop")
        fixer = Fixer(load_catalogue(), Repository(FileSystemTree(repository)), compose=False)
        findings = read_findings((DEMO / "security_hub.json").read_bytes())
        show_outcomes(console, [fixer.fix(finding) for finding in findings])
    svg = console.export_svg(title="iacfix generate --findings security_hub.json --repo .", unique_id="iacfix")
    return FONT.sub("", svg).replace("font-family: Fira Code, monospace", "font-family: monospace")


if __name__ == "__main__":
    (ROOT / "docs" / "demo.svg").write_text(draw(), encoding="utf-8")
