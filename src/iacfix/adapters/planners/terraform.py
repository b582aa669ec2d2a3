"""`terraform plan` in a copy of the work tree. It runs what the code names and uses credentials: only where wanted."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from iacfix.adapters.planners.copies import WorkCopy
from iacfix.adapters.planners.kept import KeptPlans
from iacfix.adapters.planners.plan_json import read_plan
from iacfix.adapters.programs import Finished, find_program, run
from iacfix.config import PlanSettings
from iacfix.domain.errors import IacfixError
from iacfix.ports import Plan, PlanRefusedError, ToolError

_INHERITED = re.compile(r"PATH|HOME|TMPDIR|LANG|AWS_\w+|TF_\w+|(?i:https?_proxy|no_proxy)|SSL_CERT_(?:FILE|DIR)")
# These would make it do something else than plan, or write elsewhere than in the copy.
_LEFT_BEHIND = re.compile(r"TF_(?:CLI_ARGS\w*|DATA_DIR|LOG\w*|INPUT)")
_FIXED = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
_FRAME = re.compile(r"[\u2500-\u257f]")
_QUOTED = 400


class TerraformPlanner:
    """`environment` is the caller's; what is not of AWS, Terraform or the settings stays behind.

    Folders are initialised once, and plans are kept: the plan without a change serves all changes of a run.
    """

    def __init__(self, repository: Path, settings: PlanSettings, environment: Mapping[str, str]) -> None:
        self._repository = repository
        self._settings = settings
        self._environment = {name: environment[name] for name in environment if self._needs(name)} | _FIXED
        self._copy: WorkCopy | None = None
        self._ready: dict[str, ToolError | None] = {}
        self._kept = KeptPlans()

    def plan(self, root: str, overlay: Mapping[str, bytes]) -> Plan:
        return self._kept.plan(root, overlay, lambda: self._plan(root, overlay))

    def _plan(self, root: str, overlay: Mapping[str, bytes]) -> Plan:
        program = find_program(self._settings.command[0], self._environment.get("PATH", os.defpath))
        command = [program, *self._settings.command[1:]]
        if self._copy is None:
            self._copy = WorkCopy(self._repository)
        folder = self._copy.top / root
        try:
            self._copy.lay(overlay)
        except (OSError, IacfixError) as error:
            raise ToolError(f"the changed files cannot be written into a copy ({type(error).__name__})") from None
        self._initialise(command, root, folder)
        file = self._copy.beside / "plan"
        variables = [f"-var-file={self._copy.top / each}" for each in self._settings.var_files]
        options = ("-input=false", "-no-color", "-lock=false", f"-out={file}")
        done = self._run([*command, "plan", *options, *variables], folder)
        if done.code != 0:
            raise PlanRefusedError(f"terraform plan fails: {self._error(done)}")
        shown = self._run([*command, "show", "-json", "-no-color", str(file)], folder)
        if shown.code != 0:
            raise ToolError(f"terraform show fails: {self._error(shown)}")
        return read_plan(shown.stdout, root)

    def _initialise(self, command: list[str], root: str, folder: Path) -> None:
        if root not in self._ready:
            self._ready[root] = None
            backend = [f"-backend-config={name}={value}" for name, value in self._settings.backend.items()]
            try:
                done = self._run([*command, "init", "-input=false", "-no-color", *backend], folder)
            except ToolError as error:
                self._ready[root] = error
            else:
                if done.code != 0:
                    self._ready[root] = ToolError(f"terraform init fails: {self._error(done)}")
        if (failed := self._ready[root]) is not None:
            raise failed

    def _run(self, command: list[str], folder: Path) -> Finished:
        return run(command, cwd=folder, environment=self._environment, timeout=self._settings.timeout)

    def _error(self, done: Finished) -> str:
        """The first of its errors, without the places of the copy; secrets are taken out before."""
        words = " ".join(_FRAME.sub("", done.words).split())
        if self._copy is not None:
            words = words.replace(f"{self._copy.top}/", "")
        at = words.find("Error: ")
        return words[max(at, 0) :][:_QUOTED] or f"exit code {done.code}"

    def _needs(self, name: str) -> bool:
        if name in self._settings.environment:
            return True
        return bool(_INHERITED.fullmatch(name)) and not _LEFT_BEHIND.fullmatch(name)
