"""The action as a runner runs it: environment, event file, a checkout of a real repository, and a GitHub."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.support.action_runner import Ran, Runner
from tests.support.sarif import run_of

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "fixtures" / "demo"
KEY = "k" * 40
Git = Callable[..., str]


@pytest.fixture
def server(tmp_path: Path, shop: Path, git: Git) -> Iterator[GitHubServer]:
    repository = BareRepository(tmp_path / "hosted")
    assert shop == tmp_path / "shop"  # where git works
    git("push", "-q", str(repository.folder), "main")
    with GitHubServer(repository) as server:
        yield server
        assert server.faults == ()


@pytest.fixture
def command(tmp_path: Path) -> str:
    """An iacfix that is installed already."""
    shim = tmp_path / "bin" / "iacfix"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -P -c "from iacfix.entry.cli.main import main; main()" "$@"\n')
    shim.chmod(0o755)
    return str(shim)


@pytest.fixture
def runner(tmp_path: Path, environment: Mapping[str, str], server: GitHubServer) -> Runner:
    """A job that reads: a checkout of its own, and nothing that could write."""
    workspace = tmp_path / "work" / "infra"
    command = ["git", "clone", "-q", str(server.state.repository.folder), str(workspace)]
    subprocess.run(command, env=environment, check=True)
    for name in ("venv.py", "pip.py", "iacfix.py"):  # what a repository has is not what Python imports
        (workspace / name).write_text("raise SystemExit('the repository ran')\n")
    around = {"GITHUB_REPOSITORY": "acme/infra", "GITHUB_API_URL": server.api_url}
    return Runner(ROOT, workspace, tmp_path / "job-1", {**environment, **around})


def event(folder: Path, payload: object) -> Path:
    path = folder / "event.json"
    path.write_text(json.dumps({"action": "security-finding", "client_payload": payload}))
    return path


def hub_finding() -> dict[str, object]:
    found = json.loads((DEMO / "security_hub.json").read_text())
    listed = found["Findings"] if isinstance(found, dict) else found
    (one,) = [each for each in listed if "RDS.2" in json.dumps(each)][:1]
    assert isinstance(one, dict)
    return one


def opened(runner: Runner, folder: Path, proposals: Path, command: str, **more: str) -> Ran:
    """The second job: another machine, where the proposals file is all that there is of the first."""
    shutil.rmtree(folder, ignore_errors=True)
    job = replace(runner, temp=folder)
    inputs = {"mode": "open-pr", "proposals": str(proposals), "token": DEFAULT_TOKEN, "command": command}
    return job.run("repository_dispatch", proposals.with_name("event.json"), **inputs | more)


def spoilt(proposals: str) -> str:
    """The proposal, the same with another diff, and the same as somebody without the key would seal it."""
    record = json.loads(proposals)
    changed = {**record, "diff": record["diff"].replace("publicly_accessible = false", "publicly_accessible = true")}
    assert changed != record
    return "".join(json.dumps(each) + "\n" for each in (record, changed, {**record, "signature": None}))


def test_a_finding_event_becomes_one_pull_request_however_often(
    runner: Runner, server: GitHubServer, command: str, tmp_path: Path
) -> None:
    sent = event(tmp_path, {"finding": hub_finding()})
    proposed = runner.run("repository_dispatch", sent, command=command, proposals_key=KEY)
    assert proposed.code == 0, proposed.words
    assert server.requests == ()
    assert (proposed.outputs["proposed"], proposed.outputs["needs-a-person"]) == ("1", "0")
    assert proposed.outputs["pull-requests"] == "[]"
    assert "publicly_accessible" in proposed.summary
    (result,) = run_of(Path(proposed.outputs["sarif"]).read_bytes())["results"]
    assert "fixes" in result
    handed = tmp_path / "proposals.jsonl"
    handed.write_text(spoilt(Path(proposed.outputs["proposals"]).read_text()))
    seen = opened(runner, tmp_path / "job-2", handed, command, proposals_key=KEY, dry_run="true")
    assert (seen.code, dict(server.state.pulls)) == (0, {}), seen.words
    first = opened(runner, tmp_path / "job-3", handed, command, proposals_key=KEY)
    inputs = {"proposals_key": KEY, "fail_when_a_person_is_needed": "true"}
    again = opened(runner, tmp_path / "job-4", handed, command, **inputs)
    assert (first.code, again.code) == (0, 1), first.words + again.words
    (pull,) = server.state.pulls.values()
    assert server.state.repository.files(pull.head).keys() == server.state.repository.files(pull.base).keys()
    assert (again.outputs["proposed"], again.outputs["needs-a-person"]) == ("1", "2")
    assert len(json.loads(first.outputs["pull-requests"])) == 1
    assert first.outputs["pull-requests"] == again.outputs["pull-requests"]
    assert "opened" in first.summary
    assert "kept" in again.summary
    assert all(DEFAULT_TOKEN not in each.words + each.summary for each in (proposed, first, again))


def test_a_report_of_the_workflow_is_taken_by_its_path(runner: Runner, command: str, tmp_path: Path) -> None:
    report = shutil.copy(DEMO / "checkov_report.json", tmp_path / "it's a $(touch hacked) `report`.json")
    ran = runner.run("schedule", event(tmp_path, None), command=command, findings=str(report))
    assert (ran.code, ran.outputs["proposed"], ran.outputs["needs-a-person"]) == (0, "27", "10"), ran.words
    assert not (runner.workspace / "hacked").exists()
    assert len(run_of(Path(ran.outputs["sarif"]).read_bytes())["results"]) == 37
    assert ran.summary.count("<details>") == 27


@pytest.mark.parametrize(
    ("inputs", "said"), [({"mode": "both"}, "the input mode"), ({"findings": "nowhere.json"}, "cannot be read")]
)
def test_what_cannot_be_used_is_said_and_ends_it(
    runner: Runner, command: str, tmp_path: Path, inputs: Mapping[str, str], said: str
) -> None:
    ran = runner.run("schedule", event(tmp_path, {}), **{"command": command, **inputs})
    assert ran.code == 2
    assert said in ran.words


# What stands in the workflows themselves.

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
WORKFLOWS = sorted([*(ROOT / ".github" / "workflows").glob("*.yml"), *(ROOT / "docs" / "workflows").glob("*.yml")])
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}|\./")


def steps(path: Path) -> list[dict[str, object]]:
    return [step for job in yaml.safe_load(path.read_text())["jobs"].values() for step in job["steps"]]


def test_no_text_becomes_shell_and_every_action_is_pinned() -> None:
    found = [*ACTION["runs"]["steps"], *(step for path in WORKFLOWS for step in steps(path))]
    assert [step["run"] for step in found if "${{" in str(step.get("run", ""))] == []
    assert [step["uses"] for step in found if "uses" in step and not PINNED.fullmatch(step["uses"])] == []


def test_who_may_write_asks_no_model_and_who_asks_a_model_may_not_write() -> None:
    for path in (ROOT / "docs" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {}
        for job in workflow["jobs"].values():
            given = [step["with"] for step in job["steps"] if "iacfix@" in step.get("uses", "")]
            writes = {name for name, right in job["permissions"].items() if right == "write"} - {"id-token"}
            if any(each["mode"] == "propose" for each in given):
                assert (writes, "token" in given[0]) == (set(), False)
            if any(each["mode"] == "open-pr" for each in given):
                assert "model" not in given[0]
                assert "id-token" not in job["permissions"]


def test_every_input_and_output_is_documented_and_only_those() -> None:
    page = (ROOT / "docs" / "github-action.md").read_text(encoding="utf-8")
    tables = page.partition("## Inputs")[2].partition("## What starts it")[0]
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", tables, re.MULTILINE))
    assert rows == {*ACTION["inputs"], *ACTION["outputs"]}


def test_what_the_action_installs_is_what_is_tested() -> None:
    entry = re.compile(r"^[a-z].*(?:\n    .*)*", re.MULTILINE)
    tested = set(entry.findall((ROOT / "constraints" / "dev.txt").read_text()))
    assert set(entry.findall((ROOT / "constraints" / "action.txt").read_text())) <= tested
