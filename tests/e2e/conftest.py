import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.e2e.terraform_on_moto import estate

__all__ = ["estate"]

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "fixtures" / "demo"
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """Nobody's home, nobody's git configuration, nobody's credentials."""
    who = {f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "COVERAGE_PROCESS_START"} or "COV" in name
    }
    return {
        **kept,
        **who,
        "HOME": str(tmp_path / "home"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing-secret",
        "AWS_REGION": "us-east-1",
    }


@pytest.fixture
def iacfix(tmp_path: Path, environment: Mapping[str, str]) -> Run:
    """The command in a process of its own, in tmp_path."""

    def run(*arguments: str, stdin: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", "from iacfix.entry.cli.main import main; main()", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**environment, **more},
            input=stdin,
            capture_output=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def git(tmp_path: Path, environment: Mapping[str, str]) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path / "shop"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout

    return run


@pytest.fixture
def shop(tmp_path: Path, git: Callable[..., str]) -> Path:
    """The demo's repository, committed on main."""
    folder = shutil.copytree(DEMO / "repository", tmp_path / "shop")
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "as it runs")
    return folder
