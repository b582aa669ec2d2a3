"""Writes docs/controls.md from the catalogue."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from iacfix.controls import load_catalogue
from iacfix.controls.demands import beyond_recipe
from iacfix.controls.names import told
from iacfix.controls.words import describe
from iacfix.domain.control import Control, LanguageFix

PAGE = Path(__file__).resolve().parent.parent / "docs" / "controls.md"
TOOLS = {
    "security_hub": "Security Hub",
    "cis_1_2": "CIS 1.2",
    "cis_1_4": "CIS 1.4",
    "cis_3_0": "CIS 3.0",
    "pci_3_2_1": "PCI DSS 3.2.1",
    "config": "AWS Config",
    "checkov": "Checkov",
    "trivy": "Trivy",
    "prowler": "Prowler",
    "kics": "KICS",
    "wiz": "Wiz",
}
HEAD = """# Controls

Made from the catalogue by `scripts/controls_page.py`; how a control is written is told in [catalogue.md](catalogue.md).
`iacfix controls show ID` tells the same of one, found by its id or by any tool's name for it.
"""


def page() -> str:
    catalogue = sorted(load_catalogue(), key=lambda control: (control.service, control.id))
    parts = [HEAD, table(catalogue)]
    for service, controls in groupby(catalogue, key=lambda control: control.service):
        parts += [f"## {service}\n", *map(section, controls)]
    return "\n".join(parts)


def table(controls: list[Control]) -> str:
    """One row for each control."""
    lines = ["| control | what it asks for | Terraform | CloudFormation | risk |", "|---|---|---|---|---|"]
    for each in controls:
        fixes = f"{_fix(each.terraform)} | {_fix(each.cloudformation)}"
        lines.append(f"| [`{each.id}`](#{each.id}) | {each.title} | {fixes} | {each.risk} |")
    return "\n".join(lines) + "\n"


def section(control: Control) -> str:
    return "\n".join(_lines(control)) + "\n"


def _lines(control: Control) -> Iterator[str]:
    yield f"### {control.id}\n"
    yield f"{control.title}. {control.why}\n"
    yield f"- **risk**: {control.risk}{'; ' + control.effect if control.effect else ''}"
    for tool, names in control.names.items():
        yield f"- **{TOOLS[tool]}**: {', '.join(f'`{told(tool, name)}`' for name in names)}"
    for language, fix in (("Terraform", control.terraform), ("CloudFormation", control.cloudformation)):
        if fix is not None:
            yield f"- **{language}** ({', '.join(f'`{target}`' for target in fix.targets)}):"
            yield from (f"  {line}" for line in describe(fix))
            yield from (f"  - a change makes true: {line}" for line in beyond_recipe(fix))


def _fix(fix: LanguageFix | None) -> str:
    if fix is None:
        return ""
    return "recipe" if fix.has_recipe else "a person plans it"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
