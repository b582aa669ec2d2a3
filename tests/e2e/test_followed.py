"""A fix that goes to another file than the resource's: as a user gets it, and as git takes it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "fixtures" / "elb-deletion-protection--argument"
SCHEMA = json.loads((ROOT / "docs" / "outcome.schema.json").read_text())
SETTING = "aws_lb.this.enable_deletion_protection"
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., str]


@pytest.fixture
def balancer(tmp_path: Path, git: Git) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(CASE / "before", folder)
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "--message=As it is")
    return folder


def asked(folder: Path, *more: str) -> tuple[str, ...]:
    return ("generate", "--findings", str(CASE / "finding.json"), "--repo", str(folder), *more)


def test_the_call_is_changed_and_git_takes_it(balancer: Path, iacfix: Run, git: Git, tmp_path: Path) -> None:
    done = iacfix(*asked(balancer, "--output", "json"))
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    jsonschema.validate(record, SCHEMA)
    assert (record["path"], record["address"]) == ("modules/balancer/main.tf", "aws_lb.this")
    assert record["changed_at"] == {
        "by": "argument",
        "path": "main.tf",
        "address": "module.shop",
        "attribute": "protected",
        "start_line": 1,
        "end_line": 6,
        "why": [
            f"{SETTING} is var.protected, which the argument protected of module.shop at main.tf:5 sets",
        ],
    }
    (tmp_path / "fix.patch").write_text(record["diff"])
    git("apply", str(tmp_path / "fix.patch"))
    assert git("diff", "--name-only").split() == ["main.tf"]
    assert (balancer / "main.tf").read_bytes() == (CASE / "after" / "main.tf").read_bytes()


def test_the_text_shows_both_places(balancer: Path, iacfix: Run) -> None:
    shown = " ".join(iacfix(*asked(balancer), COLUMNS="300").stdout.decode().split())
    assert "modules/balancer/main.tf:1-5" in shown
    assert "changed at module.shop in main.tf" in shown


def test_the_pull_request_tells_both_places(balancer: Path, iacfix: Run, git: Git, tmp_path: Path) -> None:
    (tmp_path / "iacfix.yaml").write_text("git_host: {folder: prs}\n")
    record = json.loads(iacfix(*asked(balancer, "--output", "json", "--open-pr")).stdout)
    assert git("diff", "--name-only", "main", record["pull_request"]["branch"]).split() == ["main.tf"]
    told = "".join(path.read_text() for path in (tmp_path / "prs").iterdir())
    assert "`aws_lb.this` in `modules/balancer/main.tf`, lines 1 to 5" in told
    assert (
        "It is made where the value is decided, not at the resource: `module.shop` in `main.tf`, lines 1 to 6." in told
    )


def test_the_diff_is_accepted_as_a_given_one(balancer: Path, iacfix: Run, tmp_path: Path) -> None:
    (tmp_path / "fix.patch").write_bytes(iacfix(*asked(balancer, "--output", "diff")).stdout)
    options = ("--finding", str(CASE / "finding.json"), "--diff", "fix.patch", "--repo", str(balancer))
    record = json.loads(iacfix("validate", *options, "--output", "json").stdout)
    assert (record["status"], record["changed_at"]["address"]) == ("proposed", "module.shop")
