"""SARIF from the command line: beside another output, and what it does not go with."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.support.sarif import applied, run_of

ROOT = Path(__file__).resolve().parents[2]
HUB = str(ROOT / "fixtures" / "demo" / "security_hub.json")
Run = Callable[..., CompletedProcess[bytes]]


def test_each_fix_leads_to_what_its_patch_leads_to(shop: Path, iacfix: Run, tmp_path: Path) -> None:
    """Fixes stand alone: each is for the file as it is, as the diff of the same record is."""
    options = ("--findings", HUB, "--repo", str(shop), "--output", "json", "--sarif", str(tmp_path / "out.sarif"))
    done = iacfix("generate", *options)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    results = run_of((tmp_path / "out.sarif").read_bytes())["results"]
    proposed = [record for record in records if record["status"] == "proposed"]
    assert len(results) == len(proposed) == 4
    for record, result in zip(proposed, results, strict=True):
        (change,) = result["fixes"][0]["artifactChanges"]  # type: ignore[index] # the schema has been held to it
        before = (shop / change["artifactLocation"]["uri"]).read_text()
        after = applied(before, change["replacements"])
        added = [line[1:] for line in record["diff"].splitlines() if line.startswith("+") and line[:3] != "+++"]
        assert len(after.splitlines()) - len(before.splitlines()) <= len(added)
        assert all(line in after.splitlines() for line in added)


@pytest.mark.parametrize("options", [("--output", "diff"), ("--apply",)])
def test_what_adds_up_to_one_patch_is_refused_beside_it(shop: Path, iacfix: Run, options: tuple[str, ...]) -> None:
    done = iacfix("generate", "--findings", HUB, "--repo", str(shop), "--sarif", "out.sarif", *options)
    assert done.returncode == 2
    assert b"stand alone" in done.stderr
