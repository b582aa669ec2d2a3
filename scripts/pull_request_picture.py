"""Draws docs/pull-request.svg, a picture in README.md: what a real pull request over fixtures/demo says.

Its HTML is that of the body as GitHub shows such Markdown, with the diff unfolded; HEIGHT is chosen by looking at it.
"""

import html
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.findings import read_findings
from iacfix.locators.repository import Repository
from iacfix.pull_requests import Notes, compose, finding_key, title
from iacfix.pull_requests.drafts import Draft, draft_reason
from iacfix.workflows.fix import Fixer

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "fixtures" / "demo"
WIDTH, HEIGHT = 860, 985
STYLE = """
svg { background: #ffffff }
.page { font: 14px/1.5 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; color: #1f2328; padding: 12px 24px }
h1 { font-size: 22px; font-weight: 400; margin: 0 0 12px; padding-bottom: 8px; border-bottom: 1px solid #d1d9e0 }
p { margin: 0 0 12px }
code { font: 12px monospace; background: #eff1f3; border-radius: 6px; padding: 2px 5px }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; margin: 8px 0 12px; line-height: 1.45 }
pre code { background: none; padding: 0; white-space: pre }
table { border-collapse: collapse; margin: 0 0 12px; font-size: 14px }
th, td { border: 1px solid #d1d9e0; padding: 5px 13px; text-align: left }
ul { margin: 0 0 12px; padding-left: 28px }
a { color: #0969da }
.ins { background: #dafbe1 }
.del { background: #ffebe9 }
.fold { color: #59636e }
"""
CHANGED = {"+": "ins", "-": "del"}


def draw() -> str:
    """The picture as SVG that needs nothing from elsewhere."""
    name, body = said()
    shown = body[body.rindex(" -->") + 4 :]
    markdown, _, below = shown.partition("<details>")
    folded = re.findall(r"<summary>(.*?)</summary>", below)
    diff = re.search(r"```diff\n(.*?)\n```", below, re.DOTALL)
    lines = "\n".join(coloured(diff[1].split("\n") if diff else []))
    page = (
        f"<h1>{html.escape(name)}</h1>{MarkdownIt('commonmark', {'xhtmlOut': True}).enable('table').render(markdown)}"
        f'<p class="fold">▾ {folded[0]}</p><pre><code>{lines}</code></pre>'
        + "".join(f'<p class="fold">▸ {each}</p>' for each in folded[1:])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<style>{STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff" stroke="#d1d9e0"/>'
        f'<foreignObject width="{WIDTH}" height="{HEIGHT}"><div xmlns="http://www.w3.org/1999/xhtml" class="page">'
        f"{page}</div></foreignObject></svg>\n"
    )


def said() -> tuple[str, str]:
    """Title and body of the first finding that is fixed."""
    catalogue = load_catalogue()
    with tempfile.TemporaryDirectory() as folder:
        repository = shutil.copytree(DEMO / "repository", Path(folder) / "shop")
        fixer = Fixer(catalogue, Repository(FileSystemTree(repository)), compose=False)
        for read in read_findings((DEMO / "security_hub.json").read_bytes()):
            fixed = fixer.fix(read)
            finding, location, proposal = fixed.finding, fixed.location, fixed.proposal
            if isinstance(finding, Finding) and location is not None and proposal is not None:
                control, key = catalogue.get(finding.control), finding_key(finding, location)
                notes = Notes(draft_reason(Draft.AUTO, proposal), commands=True)
                body = compose(finding, control, location, proposal, key, max_length=65_535, notes=notes)
                return title(finding, control, location), body
    msg = "no finding of the demo is fixed"
    raise SystemExit(msg)


def coloured(lines: list[str]) -> Iterator[str]:
    start = next((number for number, line in enumerate(lines) if line.startswith("@@")), 0)
    for number, line in enumerate(lines):
        kind = CHANGED.get(line[:1], "") if number > start else ""
        yield f'<span class="{kind}">{html.escape(line)}</span>' if kind else html.escape(line)


if __name__ == "__main__":
    (ROOT / "docs" / "pull-request.svg").write_text(draw(), encoding="utf-8")
