"""The real terraform for tests: its AWS provider from a mirror on this machine, no registry."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from iacfix.testing.terraform import PROVIDER, installed
from iacfix.testing.terraform import environment as environment_of
from iacfix.testing.terraform import mirror as mirror_of


def mirror() -> Path:
    """Skips the test where there is none."""
    if not installed():
        pytest.skip("terraform is not installed")
    found = mirror_of(os.environ.get("IACFIX_TERRAFORM_MIRROR", ""))
    if found is None:
        pytest.skip("no mirror of the AWS provider: name its folder in IACFIX_TERRAFORM_MIRROR")
    return found


def environment(home: Path) -> dict[str, str]:
    """Nobody's configuration, and the mirror instead of the registry."""
    return environment_of(home, os.environ["PATH"], mirror())


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
