"""What the real terraform says of the cases: its formatter, and the AWS provider where a mirror of it is at hand."""

import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from tests.support import terraform

from iacfix.iac.terraform.document import TerraformDocument

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*--*/finding.json"))
SIDES = ("before", "after")
# The mirror holds one version of the provider, and the cases ask for several.
CONSTRAINT = re.compile(rb"\n +version += +\"[~<>=!][^\"]*\"")
OLD_PROVIDER = re.compile(rb"\n +version += +\"~> 3\.")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
]


def test_fmt_is_content_where_it_was_before(tmp_path: Path) -> None:
    for side in SIDES:
        for case in CASES:
            shutil.copytree(case / side, tmp_path / side / case.name)
    command = ["terraform", "fmt", "-check", "-list=true", "-recursive", str(tmp_path)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = [Path(line).resolve().relative_to(tmp_path).parts for line in listed.splitlines()]
    before, after = ({parts[1:] for parts in found if parts[0] == side} for side in SIDES)
    assert after <= before


@dataclass(frozen=True)
class Said:
    """A diagnostic of `terraform validate`, and the folder of the case that it is about."""

    severity: str
    case: str
    side: str
    message: str


@pytest.mark.plan
def test_the_provider_accepts_every_case_and_no_fix_brings_in_what_is_deprecated(tmp_path: Path) -> None:
    environment = terraform.environment(tmp_path)
    _write_root(tmp_path)
    subprocess.run(["terraform", "init", "-input=false"], cwd=tmp_path, env=environment, check=True)
    command = ["terraform", "validate", "-json"]
    validated = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    diagnostics = cast("list[dict[str, object]]", json.loads(validated.stdout)["diagnostics"])
    said = [_said(diagnostic) for diagnostic in diagnostics]
    assert [each for each in said if each.severity == "error"] == []
    before, after = (Counter((each.case, each.message) for each in said if each.side == side) for side in SIDES)
    old = {case.name for case in CASES if any(OLD_PROVIDER.search(path.read_bytes()) for path in case.rglob("*.tf"))}
    assert [each for each in (after - before) if each[0] not in old] == []


def _write_root(root: Path) -> None:
    """One configuration that calls every case as a module, so that the provider starts once."""
    calls = ['variable "unknown" {}\n\nprovider "aws" {\n  region = "eu-west-1"\n}\n']
    for case in CASES:
        for side in SIDES:
            folder = root / case.name / side
            shutil.copytree(case / side, folder)
            for path in folder.rglob("*.tf"):
                path.write_bytes(CONSTRAINT.sub(b"", path.read_bytes()))
            tops = [folder] if any(folder.glob("*.tf")) else sorted({path.parent for path in folder.rglob("*.tf")})
            calls += [_call(root, top) for top in tops]
    (root / "main.tf").write_text("\n".join(calls))


def _call(root: Path, module: Path) -> str:
    """What the module's caller would set is not known here, which is what `validate` is made for."""
    documents = [TerraformDocument.read(path.name, path.read_bytes()) for path in sorted(module.glob("*.tf"))]
    variables = [block for document in documents for block in document.blocks if block.keyword == "variable"]
    source = module.relative_to(root)
    lines = [f"  {block.labels[0]} = var.unknown" for block in variables if block.attribute("default") is None]
    return "\n".join([f'module "{"_".join(source.parts)}" {{', f'  source = "./{source}"', *lines, "}", ""])


def _said(diagnostic: dict[str, object]) -> Said:
    place = cast("dict[str, str]", diagnostic.get("range") or {})
    case, side = [*Path(place.get("filename", "")).parts, "", ""][:2]
    return Said(str(diagnostic["severity"]), case, side, f"{diagnostic['summary']}: {diagnostic.get('detail', '')}")
