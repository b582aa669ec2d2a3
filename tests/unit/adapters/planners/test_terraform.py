"""What terraform is handed, and what its copy of the work tree is. What it plans, tests/e2e/test_plan.py shows."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from iacfix.adapters.planners import copies
from iacfix.adapters.planners.copies import WorkCopy
from iacfix.adapters.planners.terraform import TerraformPlanner
from iacfix.adapters.programs import TooSlowError
from iacfix.config import PlanSettings
from iacfix.domain.errors import UnsafePathError
from iacfix.ports import PlanRefusedError, ToolError

# Writes down how it is called, and plans nothing.
PROGRAM = """#!/bin/sh
echo "$1|$*|$(pwd)" >> {log}
env > {log}.env
case "$1" in
  init) {init};;
  plan) {plan};;
  show) echo '{shown}';;
esac
"""
EMPTY = json.dumps({"format_version": "1.2", "configuration": {"root_module": {}}})


def planner(
    folder: Path, init: str = ":", plan: str = ":", given: Mapping[str, str] | None = None, **settings: object
) -> TerraformPlanner:
    program = folder / "terraform"
    program.write_text(PROGRAM.format(log=folder / "log", init=init, plan=plan, shown=EMPTY))
    program.chmod(0o755)
    (folder / "code" / "live").mkdir(parents=True, exist_ok=True)
    (folder / "code" / "live" / "main.tf").write_text("a")
    options = PlanSettings(enabled=True, command=(str(program),), **settings)  # type: ignore[arg-type] # a shorthand
    return TerraformPlanner(folder / "code", options, {"PATH": "/usr/bin:/bin", **(given or {})})


def calls(folder: Path) -> list[list[str]]:
    return [line.split("|") for line in (folder / "log").read_text().splitlines()]


def test_it_is_initialised_once_and_plans_once_for_the_same_code(tmp_path: Path) -> None:
    terraform = planner(tmp_path, var_files=("env/prod.tfvars",), backend={"bucket": "states"})
    for overlay in ({}, {}, {"live/main.tf": b"b"}):
        assert terraform.plan("live", overlay).changes == ()
    verbs = [verb for verb, _, _ in calls(tmp_path)]
    assert verbs == ["init", "plan", "show", "plan", "show"]
    _, words, folder = calls(tmp_path)[0]
    assert "-backend-config=bucket=states" in words
    assert folder.endswith("/code/live")
    assert not folder.startswith(str(tmp_path)), "it works in a copy"
    plan = calls(tmp_path)[1][1]
    for option in ("-input=false", "-lock=false", "-out=", "-var-file="):
        assert option in plan
    assert "/code/env/prod.tfvars" in plan


def test_it_gets_what_the_cloud_and_terraform_need_and_what_is_named(tmp_path: Path) -> None:
    given = {
        "AWS_PROFILE": "kept",
        "TF_VAR_region": "kept",
        "VAULT_ADDR": "kept",
        "GITHUB_TOKEN": "left",
        "TF_CLI_ARGS_plan": "left",
        "TF_LOG": "left",
        "TF_DATA_DIR": "left",
    }
    planner(tmp_path, given=given, environment=("VAULT_ADDR",)).plan("live", {})
    environment = (tmp_path / "log.env").read_text().splitlines()
    assert {line.partition("=")[0] for line in environment if line.endswith("=kept")} == {
        "AWS_PROFILE",
        "TF_VAR_region",
        "VAULT_ADDR",
    }
    assert not [line for line in environment if line.endswith("=left")]


@pytest.mark.parametrize(
    ("init", "plan", "kind", "said"),
    [
        ("echo 'Error: no provider' >&2; exit 1", ":", ToolError, "terraform init fails: Error: no provider"),
        (":", "echo 'words │ Error: Missing │ name' >&2; exit 1", PlanRefusedError, "fails: Error: Missing name"),
        (":", "echo 'Error: password = \"hunter2-and-more\"' >&2; exit 1", PlanRefusedError, "[redacted]"),
        (":", 'echo "Error: in $(pwd)/main.tf" >&2; exit 1', PlanRefusedError, "Error: in live/main.tf"),
        (":", "exit 3", PlanRefusedError, "exit code 3"),
        (":", "sleep 60", TooSlowError, "took longer than 1 seconds"),
    ],
)
def test_what_fails_is_told_apart(tmp_path: Path, init: str, plan: str, kind: type[ToolError], said: str) -> None:
    terraform = planner(tmp_path, init, plan, timeout=1 if "longer" in said else 20)
    with pytest.raises(ToolError) as error:
        terraform.plan("live", {})
    assert type(error.value) is kind
    assert said in str(error.value)
    with pytest.raises(ToolError):
        terraform.plan("live", {})
    assert len(calls(tmp_path)) == (1 if "init" in said else 2), "a failure is not tried again"


def test_terraform_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = PlanSettings(enabled=True, command=("no-such-terraform",))
    with pytest.raises(ToolError, match="no-such-terraform was not found"):
        TerraformPlanner(tmp_path, settings, {"PATH": "/usr/bin"}).plan("", {})


def test_the_copy_has_the_code_and_nothing_that_leads_out(tmp_path: Path) -> None:
    top = tmp_path / "code"
    for path in ("main.tf", ".git/config", "live/.terraform/x", "live/main.tf"):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(path)
    (tmp_path / "secret").write_text("s")
    (top / "out").symlink_to(tmp_path / "secret")
    (top / "folder").symlink_to(tmp_path)
    (top / "in").symlink_to(top / "main.tf")
    copy = WorkCopy(top)
    there = {str(each.relative_to(copy.top)) for each in copy.top.rglob("*") if each.is_file()}
    assert there == {"main.tf", "in", "live/main.tf"}
    assert copy.beside.stat().st_mode & 0o077 == 0, "states and plans hold secrets"
    copy.close()
    assert not copy.top.exists()


def test_what_was_laid_over_is_taken_away_again(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("a")
    copy = WorkCopy(tmp_path)
    copy.lay({"main.tf": b"b", "new.tf": b"c"})
    assert (copy.top / "main.tf").read_text() == "b"
    copy.lay({"main.tf": b"d"})
    assert ((copy.top / "main.tf").read_text(), (copy.top / "new.tf").exists()) == ("d", False)
    copy.lay({})
    assert (copy.top / "main.tf").read_text() == (tmp_path / "main.tf").read_text() == "a"
    with pytest.raises(UnsafePathError):
        copy.lay({"../x": b""})
    copy.close()


def test_a_work_tree_that_is_too_large_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MAX_FILES", 1)
    for name in "ab":
        (tmp_path / name).write_text("")
    with pytest.raises(ToolError, match="more than 1 files"):
        WorkCopy(tmp_path)
