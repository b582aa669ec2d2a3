"""The real terraform for tests: its AWS provider from a mirror on this machine, no registry."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import pytest

PROVIDER = "registry.terraform.io/hashicorp/aws"


@cache
def _found() -> Path | None:
    """The folder that holds `registry.terraform.io/`: as the environment names it, else where this machine has one."""
    if named := os.environ.get("IACFIX_TERRAFORM_MIRROR"):
        return Path(named)
    command = ["find", "/", "(", "-path", "/proc", "-o", "-path", "/sys", ")", "-prune"]
    command += ["-o", "-type", "d", "-path", f"*/{PROVIDER}", "-print", "-prune"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        if any(Path(line).glob("[0-9]*/*/terraform-provider-aws*")):  # and no empty or linked folder of an `init`
            return Path(line.removesuffix(PROVIDER))
    return None


def mirror() -> Path:
    """Skips the test where there is none."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    found = _found()
    if found is None:
        pytest.skip("no mirror of the AWS provider: name its folder in IACFIX_TERRAFORM_MIRROR")
    return found


def environment(home: Path) -> dict[str, str]:
    """Nobody's configuration, and the mirror instead of the registry."""
    path = home / "terraform.rc"
    path.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror()}"\n  }}\n}}\n')
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(path),
    }


@cache
def resource_schemas() -> Mapping[str, Mapping[str, object]]:
    """What the provider tells of each type: asked once, for it takes long. Skips the test as `mirror` does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = environment(folder)
        (folder / "main.tf").write_text(
            'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
        )
        subprocess.run(["terraform", "init", "-input=false"], cwd=folder, env=variables, check=True)
        command = ["terraform", "providers", "schema", "-json"]
        told = subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True).stdout
    found = json.loads(told)["provider_schemas"][PROVIDER]["resource_schemas"]
    return cast("Mapping[str, Mapping[str, object]]", found)
