import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


@pytest.fixture
def git_environment() -> Mapping[str, str]:
    return {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def git(git_environment: Mapping[str, str]) -> Callable[..., str]:
    """The user's own git, in a folder."""
    person = {f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}

    def run(folder: Path, *arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(
            command, env={**git_environment, **person}, check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.fixture
def repository(tmp_path: Path, git: Callable[..., str]) -> Path:
    """main.tf, the program run.sh and a link out of the repository, committed."""
    folder = tmp_path / "repository"
    (folder / "stacks" / "logs").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "main.tf").write_bytes(b'resource "aws_s3_bucket" "a" {}\n')
    (folder / "stacks" / "logs" / "logs.tf").write_bytes(b'resource "aws_s3_bucket" "logs" {}\r\n')
    (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (tmp_path / "outside.tf").write_bytes(b"# outside\n")
    (folder / "out.tf").symlink_to("../outside.tf")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=start")
    return folder
