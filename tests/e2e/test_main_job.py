"""The main job as a user runs it: processes, files and git repositories."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from iacfix.testing.bedrock_script import Failure, Reply, Text
from iacfix.testing.bedrock_server import ScriptedBedrock

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "fixtures" / "demo"
CHECKOV, HUB = str(DEMO / "checkov_report.json"), str(DEMO / "security_hub.json")
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., str]


def lines(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_finding_has_its_status_in_order(shop: Path, iacfix: Run) -> None:
    done = iacfix("generate", "--findings", CHECKOV, "--repo", str(shop), "--output", "json")
    found = lines(done)
    asked = json.loads(Path(CHECKOV).read_text())["results"]["failed_checks"]
    assert [record["check_id"] for record in found] == [check["check_id"] for check in asked]
    assert Counter(record["status"] for record in found) == {"proposed": 23, "already_fixed": 3, "unsupported": 11}
    assert done.returncode == 1
    assert done.stderr == b""


def test_one_patch_holds_all_and_git_takes_it(shop: Path, iacfix: Run, git: Git, tmp_path: Path) -> None:
    done = iacfix("generate", "--findings", CHECKOV, "--repo", str(shop), "--output", "diff")
    (tmp_path / "all.patch").write_bytes(done.stdout)
    assert b"CKV_AWS_136" in done.stderr
    git("apply", str(tmp_path / "all.patch"))
    again = iacfix("generate", "--findings", CHECKOV, "--repo", str(shop), "--output", "json")
    assert Counter(record["status"] for record in lines(again)) == {"already_fixed": 26, "unsupported": 11}


def test_the_same_changes_are_written_into_the_work_tree(shop: Path, iacfix: Run, git: Git) -> None:
    done = iacfix("generate", "--findings", CHECKOV, "--repo", str(shop), "--output", "diff", "--apply")
    assert done.returncode == 1
    assert git("diff", "--stat").splitlines()[-1].strip().startswith("3 files changed")


def test_a_change_in_the_way_is_not_written_over(shop: Path, iacfix: Run) -> None:
    mine = "# mine\n" + (shop / "database.tf").read_text()
    (shop / "database.tf").write_text(mine)
    done = iacfix("generate", "--findings", CHECKOV, "--repo", str(shop), "--output", "diff", "--apply")
    assert done.returncode == 2
    assert b"database.tf has uncommitted changes" in done.stderr
    assert (shop / "database.tf").read_text() == mine


def test_pull_requests_are_opened_once_and_each_stands_alone(shop: Path, iacfix: Run, git: Git, tmp_path: Path) -> None:
    (tmp_path / "iacfix.yaml").write_text("git_host: {folder: prs}\n")
    command = ("generate", "--findings", HUB, "--repo", str(shop), "--open-pr", "--output", "json")
    first = lines(iacfix(*command))
    state = (
        git("for-each-ref"),
        git("status", "--porcelain"),
        {path: path.read_bytes() for path in (tmp_path / "prs").iterdir()},
    )
    opened = [record["pull_request"] for record in first if record["pull_request"]]
    assert len(opened) == 4
    assert state[1] == ""
    for request in opened:
        assert isinstance(request, dict)
        assert request["created"]
        assert len(git("diff", "--name-only", "main", str(request["branch"])).splitlines()) == 1
        assert git("rev-parse", f"{request['branch']}^") == git("rev-parse", "main")
    again = lines(iacfix(*command))
    assert [record["pull_request"] for record in again if record["pull_request"]] == [
        {**request, "created": False, "action": "kept", "reason": "it is there, and as it should be"}
        for request in opened
        if isinstance(request, dict)
    ]
    assert state == (
        git("for-each-ref"),
        git("status", "--porcelain"),
        {p: p.read_bytes() for p in (tmp_path / "prs").iterdir()},
    )


def test_findings_come_from_standard_input_and_are_picked_by_control(shop: Path, iacfix: Run) -> None:
    for name in ("kms-key-rotation", "ckv_aws_7"):
        done = iacfix(
            "generate",
            "--findings",
            "-",
            "--repo",
            str(shop),
            "--output",
            "json",
            "--only",
            name,
            stdin=Path(CHECKOV).read_bytes(),
        )
        (record,) = lines(done)
        assert (record["control"], done.returncode) == ("kms-key-rotation", 0)
    unknown = iacfix("generate", "--findings", CHECKOV, "--repo", str(shop), "--only", "nothing")
    assert unknown.returncode == 2
    assert b"--only nothing" in unknown.stderr


def test_text_shows_panels_and_a_summary(shop: Path, iacfix: Run) -> None:
    shown = iacfix("generate", "--findings", HUB, "--repo", str(shop)).stdout.decode()
    for part in ("publicly_accessible = false", "✔ resource scope", "not located", "Summary", "storage.tf:2-6"):
        assert part in shown
    located = iacfix("locate", "--findings", HUB, "--repo", str(shop)).stdout.decode()
    for part in ("static match", "confidence 0.95", "4 of 5 located", "aws_instance.worker"):
        assert part in located


def test_hostile_text_reaches_no_terminal(shop: Path, iacfix: Run) -> None:
    report = json.loads(Path(CHECKOV).read_text())
    (check,) = [each for each in report["results"]["failed_checks"] if each["check_id"] == "CKV_AWS_7"]
    check |= {"check_name": "\x1b[2Jgone [bold]x[/bold] AKIAIOSFODNN7EXAMPLE \u202e"}
    report["results"]["failed_checks"] = [check]
    shown = iacfix(
        "generate", "--findings", "-", "--repo", str(shop), stdin=json.dumps(report).encode()
    ).stdout.decode()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "AKIA" not in shown
    assert "[bold]" in shown


@pytest.mark.parametrize(
    "command", [(), ("generate",), ("locate",), ("validate",), ("controls",), ("controls", "show")]
)
def test_every_command_explains_itself(iacfix: Run, command: tuple[str, ...]) -> None:
    done = iacfix(*command, "--help")
    assert done.returncode == 0
    assert b"Usage:" in done.stdout


def test_the_catalogue_is_shown(iacfix: Run) -> None:
    assert b"s3-versioning" in iacfix("controls").stdout
    assert iacfix("controls", "list").stdout == iacfix("controls").stdout
    assert b"CKV_AWS_7" in iacfix("controls", "show", "KMS.4").stdout
    assert iacfix("controls", "show", "KMS.99").returncode == 2


GOOD = "```diff\n--- a/storage.tf\n+++ b/storage.tf\n@@ @@\n   deletion_window_in_days = 30\n+  enable_key_rotation     = true\n```"
WRONG = GOOD.replace("+  enable_key_rotation     = true", "+  count = 0")
OFF = GOOD.replace("= true", "= false")
OTHER = "```diff\n--- a/storage.tf\n+++ b/storage.tf\n@@ @@\n-  force_destroy = false # partners read from here\n+  force_destroy = true\n```"


@pytest.mark.parametrize(
    ("replies", "status", "attempts"),
    [
        ([Text(GOOD)], "proposed", 1),
        ([Text(WRONG), Text(OFF), Text(GOOD)], "proposed", 3),
        ([Text(WRONG), Text(OFF), Text("no")], "generation_failed", 3),
        ([Text(WRONG), Text(OTHER)], "generation_failed", 2),  # harm of another kind ends it
        ([Failure("AccessDeniedException")], "generation_failed", 0),
    ],
)
def test_the_model_is_asked_over_http(
    shop: Path, iacfix: Run, replies: Sequence[Reply], status: str, attempts: int
) -> None:
    with ScriptedBedrock(replies) as server:
        done = iacfix(
            *("generate", "--findings", CHECKOV, "--repo", str(shop), "--output", "json", "--only", "CKV_AWS_7"),
            *("--generator", "model", "--model", "test.model"),
            AWS_ENDPOINT_URL_BEDROCK_RUNTIME=server.endpoint_url,
        )
        assert len(server.requests) == len(replies)
    (record,) = lines(done)
    assert (record["status"], record["attempts"], done.returncode) == (
        status,
        attempts,
        0 if status == "proposed" else 1,
    )
    if attempts == 3 and status == "generation_failed":
        assert "FIX_GENERATION_FAILED: attempt 1: hazards" in str(record["reason"])
        assert "attempt 2: control" in str(record["reason"])
        assert "attempt 3: parse" in str(record["reason"])


def test_the_demo_runs_as_the_readme_says(tmp_path: Path, environment: Mapping[str, str]) -> None:
    for name in ("scripts", "fixtures/demo"):
        shutil.copytree(ROOT / name, tmp_path / "checkout" / name)
    shim = tmp_path / "bin" / "iacfix"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from iacfix.entry.cli.main import main; main()" "$@"\n')
    shim.chmod(0o755)
    path = {"PATH": f"{shim.parent}{os.pathsep}{environment['PATH']}"}
    command = [str(tmp_path / "checkout" / "scripts" / "demo.sh")]
    done = subprocess.run(command, env={**environment, **path}, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert b"ECR tags cannot be moved" in done.stdout
    assert sorted(each.name for each in (tmp_path / "checkout").iterdir()) == [".demo", "fixtures", "scripts"]
