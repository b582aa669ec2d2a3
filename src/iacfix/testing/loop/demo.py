"""The whole loop on this machine: vulnerable code deployed, found, fixed, merged, deployed, verified, closed."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from boto3.session import Session

from iacfix.testing.loop.account import LocalAccount
from iacfix.testing.loop.deployments import Deployment, StackDeployment, TerraformDeployment
from iacfix.testing.loop.detector import Account, findings
from iacfix.testing.terraform import Terraform, environment, installed, mirror

SHOP = Path(__file__).parent / "shop"
# moto drops an update of these stacks' resources, and honours their properties when it makes them.
MADE_ANEW = frozenset({"parcels"})
NEEDS_A_PERSON = 1
_NO_CONFIG = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
_OWNER = ("-c", "user.name=shop", "-c", "user.email=shop@localhost")

Say = Callable[[str], None]


class LoopError(Exception):
    """A step did not do what it is there for."""


@dataclass(frozen=True, slots=True)
class Half:
    """One way to make resources. `options` are what `iacfix generate` needs to know of it."""

    name: str
    code: Path
    deployment: Deployment
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loop:
    """`home` is an empty folder for everything that is written; `command` starts iacfix."""

    home: Path
    account: LocalAccount
    command: Sequence[str]
    say: Say
    live: Account = field(init=False)

    def __post_init__(self) -> None:
        session = Session("testing", "testing", region_name=self.account.region)
        object.__setattr__(self, "live", Account(session, self.account.endpoint, self.account.number))

    def halves(self, named_mirror: str) -> list[Half]:
        stacks = Half("cloudformation", SHOP / "cloudformation", StackDeployment(self.live, MADE_ANEW))
        if not installed():
            self.say("terraform is not on PATH: the loop runs with CloudFormation alone")
            return [stacks]
        work = self.home / "terraform-work"
        variables = environment(self.home, self.account.environment["PATH"], mirror(named_mirror))
        terraform = Terraform(work, {**self.account.environment, **variables})
        state = ("--state", str(terraform.state))
        return [Half("terraform", SHOP / "terraform", TerraformDeployment(terraform), state), stacks]

    def run(self, half: Half) -> None:
        """Raises LoopError, TerraformError."""
        repository, reports = self.home / half.name, self.home / f"{half.name}.json"
        shutil.copytree(half.code, repository)
        self._git(repository, "init", "--quiet", "--initial-branch", "main")
        self._git(repository, "add", "--all")
        self._git(repository, *_OWNER, "commit", "--quiet", "--message", "The shop as it runs today")
        self.say(f"deployed: {half.deployment.deploy(repository)}")

        found = findings(self.live)
        self.account.hub.findings.put(*found)
        self.say(f"found: {len(found)} weaknesses of live resources, which stand in Security Hub")

        self._iacfix("pull", "security-hub", "--to", str(reports))
        given = ("--findings", str(reports), "--repo", str(repository))
        self._iacfix("generate", *given, *half.options, "--open-pr", *self._configured())
        merged = self._merge(repository)
        self.say(f"merged by its owners: {len(merged)} pull requests")
        self.say(f"deployed: {half.deployment.deploy(repository)}")
        self._iacfix("verify", str(reports), "--wait", "30", "--close", *self._configured())
        self._iacfix("status", "--ledger", str(self.home / "ledger.db"))
        self._iacfix("audit", "verify", "--ledger", str(self.home / "ledger.db"))

    def configure(self, key: str) -> None:
        (self.home / "owners.yaml").write_text(
            "default: cloud-governance\nrules:\n  - {name: shop, tags: Team=shop, team: shop}\n"
        )
        (self.home / "iacfix.yaml").write_text(
            "git_host: {folder: pull-requests}\n"
            "pull_requests: {group_by: file}\n"
            f"defaults: {{kms_key_arn: '{key}'}}\n"
            "triage:\n  owners: owners.yaml\n  assume: {tags: {Team: shop, Environment: test}}\n"
        )

    def _configured(self) -> tuple[str, ...]:
        return ("--config", str(self.home / "iacfix.yaml"), "--ledger", str(self.home / "ledger.db"))

    def _merge(self, repository: Path) -> list[str]:
        branches = self._git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads/iacfix").split()
        for branch in branches:
            self._git(repository, *_OWNER, "merge", "--quiet", "--no-ff", "--no-edit", branch)
        return branches

    def _git(self, folder: Path, *arguments: str) -> str:
        variables = {"PATH": self.account.environment["PATH"], "HOME": str(self.home), **_NO_CONFIG}
        return self._run(["git", "-C", str(folder), *arguments], variables, shown=False)

    def _iacfix(self, *arguments: str) -> str:
        return self._run([*self.command, *arguments], {**self.account.environment, **_NO_CONFIG}, shown=True)

    def _run(self, command: Sequence[str], variables: Mapping[str, str], *, shown: bool) -> str:
        if shown:
            self.say("$ iacfix " + " ".join(each.replace(f"{self.home}/", "") for each in command[len(self.command) :]))
        done = subprocess.run(command, env=variables, cwd=self.home, capture_output=True, text=True, check=False)
        if done.returncode not in {0, NEEDS_A_PERSON if shown else 0}:
            raise LoopError(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            )
        if shown:
            self.say(done.stdout + done.stderr)
        return done.stdout
