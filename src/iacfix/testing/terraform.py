"""The real terraform, its AWS provider from a mirror on this machine where there is one, else from its registry."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws"
_OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n  max_retries       = 5\n}\n'
_SECONDS = 600.0


class TerraformError(Exception):
    """With what terraform said last."""


def installed() -> bool:
    return shutil.which("terraform") is not None


def mirror(named: str = "") -> Path | None:
    """The folder that holds `registry.terraform.io/`: as it is named, else where this machine has one."""
    return Path(named) if named else _found()


@cache
def _found() -> Path | None:
    command = ["find", "/", "(", "-path", "/proc", "-o", "-path", "/sys", ")", "-prune"]
    command += ["-o", "-type", "d", "-path", f"*/{PROVIDER}", "-print", "-prune"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        if any(Path(line).glob("[0-9]*/*/terraform-provider-aws*")):  # and no empty or linked folder of an `init`
            return Path(line.removesuffix(PROVIDER))
    return None


def environment(home: Path, path: str, provider: Path | None) -> dict[str, str]:
    """Nobody's configuration; `provider` instead of the registry, where it is given."""
    file = home / "terraform.rc"
    block = f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(provider))}\n  }}\n}}\n"
    file.write_text(block if provider is not None else "")
    return {"PATH": path, "HOME": str(home), "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(file)}


class Terraform:
    """Code of a folder, applied to what answers at `endpoint`. Its state stays in `work`."""

    def __init__(self, work: Path, environment: Mapping[str, str]) -> None:
        self.state = work / "terraform.tfstate"
        self._work = work
        self._environment = environment

    def apply(self, code: Path) -> str:
        """What terraform says it did. Raises TerraformError."""
        self._work.mkdir(parents=True, exist_ok=True)
        for old in self._work.glob("*.tf"):
            old.unlink()
        for file in code.glob("*.tf"):
            shutil.copy(file, self._work)
        (self._work / "local_override.tf").write_text(_OVERRIDE)
        if not (self._work / ".terraform").is_dir():
            self._run("init", "-input=false", "-no-color")
        said = self._run("apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=30")
        return next((line for line in said.splitlines() if line.startswith("Apply complete!")), "")

    def drifted(self) -> bool:
        """Whether another apply would change something."""
        return "No changes." not in self._run("plan", "-input=false", "-no-color")

    def _run(self, *arguments: str) -> str:
        command = ["terraform", f"-chdir={self._work}", *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
        if done.returncode != 0:
            raise TerraformError(f"terraform {arguments[0]}: {done.stderr.strip()[-2000:]}")
        return done.stdout
