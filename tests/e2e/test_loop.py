"""The whole way of a finding, as `make loop-demo` shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import terraform


def run(*arguments: str) -> str:
    command = [sys.executable, "-m", "iacfix.entry.cli", "loop", "demo", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_stacks_go_round_and_what_was_not_deployed_is_caught(tmp_path: Path) -> None:
    said = run("--only", "cloudformation", "--keep", str(tmp_path / "kept"))
    assert "5 findings of 5 controls went round: fixed, proven, closed" in said
    assert "1 was merged, and is not live: seen, and kept open (ECR.1)" in said
    (request,) = (tmp_path / "kept" / "pull-requests").glob("*partner*.md")
    text = request.read_text()
    assert text.count("Verified: the weakness is gone from the live resource") == 3
    assert "The weakness is still there in the live resource" in text


@pytest.mark.plan
def test_terraform_goes_round() -> None:
    terraform.mirror()
    said = run("--only", "terraform")
    found = re.search(r"(\d+) findings of (\d+) controls went round", said)
    assert found is not None
    assert int(found[2]) >= 12
    assert "3 were left to people by triage" in said


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    command = [sys.executable, "-m", "iacfix.entry.cli", "loop", "demo", "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
