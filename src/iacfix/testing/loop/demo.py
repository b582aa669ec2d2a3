"""The whole loop on this machine: vulnerable code deployed, found, fixed, merged, deployed, verified, closed."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from iacfix.testing.loop.account import LocalAccount
from iacfix.testing.loop.deployments import Deployment
from iacfix.testing.loop.detector import RULES, Account, Rule, findings, found_by
from iacfix.testing.loop.rows import Row, rows_of

DONE, NEEDS_A_PERSON = 0, 1
_QUIET = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
_OWNER = ("-c", "user.name=shop", "-c", "user.email=shop@localhost")

Say = Callable[[str], None]
Document = dict[str, object]


class LoopError(Exception):
    """A step did not do what it is there for."""


@dataclass(frozen=True, slots=True)
class Half:
    """One way to make resources. `options` are what `iacfix generate` needs to know of it, `rules` what is looked for;
    `dropped` are controls whose fixes the account does not carry out, so that they have to be caught.
    """

    name: str
    code: Path
    deployment: Deployment
    options: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = RULES
    dropped: frozenset[str] = frozenset()

    def is_right(self, row: Row) -> bool:
        """Whether a finding came to where it belongs."""
        return row.is_left or (row.is_caught if row.check in self.dropped else row.is_round)


@dataclass(frozen=True)
class Loop:
    """`home` is a folder for everything that is written; `command` starts iacfix."""

    home: Path
    account: LocalAccount
    live: Account
    command: Sequence[str]
    say: Say

    def run(self, half: Half) -> list[Row]:
        """Of each finding, how far it came. Raises LoopError, TerraformError."""
        repository, report = self.home / half.name, self.home / f"{half.name}.json"
        shutil.copytree(half.code, repository)
        self._git(repository, "init", "--quiet", "--initial-branch", "main")
        self._git(repository, "add", "--all")
        self._git(repository, *_OWNER, "commit", "--quiet", "--message", "The shop as it runs today")
        self.say(f"deployed as it is: {half.deployment.deploy(repository)}")
        self.account.hub.findings.put(*findings(self.live, half.rules))

        self._iacfix("pull", "security-hub", "--to", str(report))
        given = ("--findings", str(report), "--repo", str(repository), *half.options)
        proposed = self._told("generate", *given, "--open-pr", *self._configured())
        branches = self._merged(repository)
        self.say(f"{len(branches)} pull requests are merged by their owners")
        self.say(f"deployed as merged: {half.deployment.deploy(repository)}")

        # Nothing here takes the minutes that AWS may take.
        seen = self._told("verify", str(report), "--now", "--close", *self._configured())
        rows = rows_of(proposed, seen, self.account.hub.findings, found_by(findings(self.live)))
        for row in rows:
            if not half.is_right(row):
                raise LoopError(f"{row.check} of {row.resource} did not go round: {row}")
        return rows

    def settle(self) -> None:
        """The ledger's last word on all of it. Raises LoopError where the audit record does not hold."""
        ledger = ("--ledger", str(self.home / "ledger.db"))
        self._iacfix("status", *ledger)
        self._iacfix("audit", "verify", *ledger, codes=(DONE,))

    def configure(self, key: str) -> None:
        """`key`: the ARN of the one that things are to be encrypted with."""
        owners = "default: cloud-governance\nrules:\n  - {name: shop, tags: Team=shop, team: shop}\n"
        (self.home / "owners.yaml").write_text(owners)
        (self.home / "iacfix.yaml").write_text(
            "git_host: {folder: pull-requests}\n"
            "pull_requests: {group_by: file}\n"
            f"defaults: {{kms_key_arn: '{key}'}}\n"
            "triage:\n  owners: owners.yaml\n  assume: {tags: {Team: shop, Environment: test}}\n"
        )

    def _configured(self) -> tuple[str, ...]:
        return ("--config", str(self.home / "iacfix.yaml"), "--ledger", str(self.home / "ledger.db"))

    def _merged(self, repository: Path) -> list[str]:
        branches = self._git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads/iacfix").split()
        for branch in branches:
            self._git(repository, *_OWNER, "merge", "--quiet", "--no-ff", "--no-edit", branch)
        return branches

    def _git(self, folder: Path, *arguments: str) -> str:
        variables = {"PATH": self.account.environment["PATH"], "HOME": str(self.home), **_QUIET}
        return self._run(["git", "-C", str(folder), *arguments], variables, (DONE,)).stdout

    def _told(self, *arguments: str) -> list[Document]:
        """What a command says for machines, an object for each finding."""
        done = self._iacfix(*arguments, "--output", "json", shown=False)
        return [cast("Document", json.loads(line)) for line in done.splitlines()]

    def _iacfix(self, *arguments: str, shown: bool = True, codes: Sequence[int] = (DONE, NEEDS_A_PERSON)) -> str:
        self.say("$ iacfix " + " ".join(each.replace(f"{self.home}/", "") for each in arguments))
        variables = {**self.account.environment, **_QUIET}
        done = self._run([*self.command, *arguments], variables, codes)
        if "Traceback" in done.stderr:
            raise LoopError(done.stderr[-2000:])
        if shown:
            self.say((done.stdout + done.stderr).rstrip())
        return done.stdout

    def _run(
        self, command: Sequence[str], variables: Mapping[str, str], codes: Sequence[int]
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, env=variables, cwd=self.home, capture_output=True, text=True, check=False)
        if done.returncode not in codes:
            said = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            raise LoopError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
        return done
