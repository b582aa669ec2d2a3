"""Stages that ask a program, from the configuration to what is printed and what stands in the pull request."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.e2e.conftest import Run
from tests.support.fake_checkov import install
from tests.support.repositories import checkov

KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'


@pytest.fixture
def path(tmp_path: Path, environment: Mapping[str, str]) -> str:
    """Where the scanner of the tests is found first."""
    programs = tmp_path / "programs"
    programs.mkdir()
    install(programs)
    return os.pathsep.join((str(programs), environment["PATH"]))


@pytest.fixture
def code(shop: Path, tmp_path: Path, git: Callable[..., str]) -> Path:
    (shop / "keys").mkdir()
    (shop / "keys" / "main.tf").write_text(KEY)
    git("add", "-A")
    git("commit", "-qm", "a key")
    (tmp_path / "report.json").write_bytes(checkov("CKV_AWS_7", "aws_kms_key.data", "keys/main.tf"))
    return shop


@pytest.mark.usefixtures("code")
def test_a_scanner_on_path_is_asked_and_the_pull_request_tells_it(iacfix: Run, path: str, tmp_path: Path) -> None:
    (tmp_path / "iacfix.yaml").write_text("git_host: {folder: prs}\nstages: {required: [rescan]}\n")
    done = iacfix("generate", "--findings", "report.json", "--repo", "shop", "--open-pr", "--output", "json", PATH=path)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    told = {stage["name"]: (stage["result"], stage["reason"]) for stage in record["stages"]}
    said = "CKV_AWS_7 failed and passes now, and nothing new fails"
    assert told["rescan"] == ("passed", f"Checkov 3.2.459: {said}")
    assert told["plan"][0] == "skipped"
    bodies = [each.read_text() for each in (tmp_path / "prs").rglob("*") if each.is_file()]
    assert any(said.replace("_", "\\_") in body or said in body for body in bodies)


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize("required", ["plan", "rescan"])
def test_without_what_is_required_nothing_is_proposed(iacfix: Run, tmp_path: Path, required: str) -> None:
    (tmp_path / "iacfix.yaml").write_text(
        f"stages: {{required: [{required}]}}\nrescan: {{command: [no-such-scanner]}}\n"
    )
    done = iacfix("generate", "--findings", "report.json", "--repo", "shop", "--output", "json")
    assert done.returncode == 1, done.stderr
    record = json.loads(done.stdout)
    assert (record["status"], record["diff"]) == ("generation_failed", None)
    assert record["reason"].startswith(f"{required}: the configuration requires it, and ")
