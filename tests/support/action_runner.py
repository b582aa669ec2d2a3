"""Runs a composite action as a runner of GitHub does, as far as action.yml goes: its steps in order, by bash.

Expressions are those that action.yml uses: names of contexts, texts in quotes, `==` and `||`. Others raise.
"""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_NAME = re.compile(r"(inputs|steps)((?:\.[a-z][a-z-]*)+)")
_TEXT = re.compile(r"'([^']*)'")
Environment = Mapping[str, str]


@dataclass
class Ran:
    """`words` are what the steps printed; `outputs` those of the action."""

    code: int = 0
    words: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(frozen=True)
class Runner:
    """`workspace` is where the repository is checked out; `temp` is anew for every job."""

    action: Path
    workspace: Path
    temp: Path
    environment: Environment

    def run(self, event: str, event_file: Path, **inputs: str) -> Ran:
        """Inputs are given with `_` for `-`."""
        action = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert set(given) <= set(action["inputs"])
        values = {f"inputs.{name}": str(each.get("default", "")) for name, each in action["inputs"].items()}
        values |= {f"inputs.{name}": value for name, value in given.items()}
        self.temp.mkdir(parents=True, exist_ok=True)
        around = {
            **self.environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(event_file),
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
        }
        ran = Ran()
        for number, step in enumerate(action["runs"]["steps"]):
            if ran.code == 0 and ("if" not in step or evaluated(step["if"], values) == "true"):
                self._step(number, step, values, around, ran)
        ran.outputs = {name: filled(each["value"], values) for name, each in action["outputs"].items()}
        return ran

    def _step(
        self, number: int, step: Mapping[str, object], values: dict[str, str], around: Environment, ran: Ran
    ) -> None:
        script, output, summary = (self.temp / f"{number}.{kind}" for kind in ("sh", "output", "summary"))
        script.write_text(str(step["run"]), encoding="utf-8")
        output.touch()
        assert step["shell"] == "bash"
        own = {name: filled(text, values) for name, text in cast("dict[str, str]", step.get("env", {})).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace,
            env={**around, "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
        )
        ran.code = done.returncode
        ran.words += done.stdout.decode()
        ran.summary += summary.read_text(encoding="utf-8") if summary.exists() else ""
        values |= {f"steps.{step['id']}.outputs.{name}": value for name, value in outputs(output.read_text()).items()}


def outputs(text: str) -> dict[str, str]:
    """`name=value`, or `name<<end` with the lines up to that end. As the runner, it takes nothing else."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, is_long, end = line.partition("<<")
        if is_long and "=" not in name:
            kept: list[str] = []
            while (following := next(lines)) != end:
                kept.append(following)
            found[name] = "\n".join(kept)
        else:
            name, is_plain, value = line.partition("=")
            assert is_plain, line
            found[name] = value
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: evaluated(match[1], values), text)


def evaluated(expression: str, values: Mapping[str, str]) -> str:
    left, is_equal, right = expression.partition(" == ")
    if is_equal:
        return str(_value(left, values) == _value(right, values)).lower()
    return next((found for part in expression.split(" || ") if (found := _value(part, values))), "")


def _value(text: str, values: Mapping[str, str]) -> str:
    if match := _TEXT.fullmatch(text.strip()):
        return match[1]
    assert _NAME.fullmatch(text.strip()), f"the runner does not know {text!r}"
    return values.get(text.strip(), "")
