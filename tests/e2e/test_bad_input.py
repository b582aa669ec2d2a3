"""Bad input ends with a message that says what and what to do, never with a trace."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repositories import checkov

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
CHECKOV = DEMO / "checkov_report.json"
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., str]


def refused(done: subprocess.CompletedProcess[bytes], said: str, code: int = 2) -> None:
    assert done.returncode == code, done.stderr
    assert said in (done.stdout + done.stderr).decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (CHECKOV.read_bytes()[:500], "JSON"),
        (b'{"a": "\xff"}', "UTF-8"),
        ('{"Findings": []}'.encode("utf-16"), "UTF-8"),
        (b'{"hello": 1}', "--format"),
        (b"[" * 100_000, "nested"),
        (b"x" * 50_000_000, "JSON"),
        (b" " * (64 * 1024 * 1024 + 1), "limit"),
    ],
    ids=["empty", "truncated", "not utf-8", "utf-16", "not findings", "deep", "50 MB of nothing", "too large"],
)
def test_a_findings_file_that_cannot_be_read(shop: Path, iacfix: Run, data: bytes, said: str) -> None:
    refused(iacfix("generate", "--findings", "-", "--repo", str(shop), stdin=data), said)


def test_fifty_megabytes_of_findings_are_read(shop: Path, iacfix: Run) -> None:
    report = json.loads(checkov("CKV_AWS_9999", "aws_kms_key.orders", "storage.tf"))
    (check,) = report["results"]["failed_checks"]
    report["results"]["failed_checks"] = [{**check, "code_block": [[1, "x" * 5000]]}] * 10_000
    data = json.dumps(report).encode()
    assert len(data) > 50_000_000
    done = iacfix("locate", "--findings", "-", "--repo", str(shop), "--output", "json", stdin=data)
    assert len(done.stdout.splitlines()) == 10_000


def test_a_bad_entry_costs_no_other_its_turn(shop: Path, iacfix: Run) -> None:
    report = json.loads(CHECKOV.read_text())
    report["results"]["failed_checks"].insert(0, {"check_id": 7})
    done = iacfix(
        "generate", "--findings", "-", "--repo", str(shop), "--output", "json", stdin=json.dumps(report).encode()
    )
    statuses = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    assert statuses[0] == "invalid_finding"
    assert statuses.count("proposed") == 23


@pytest.mark.parametrize("path", ["../../etc/passwd.tf", "/etc/passwd.tf", "link.tf", "a\nb.tf", "-x.tf"])
def test_a_path_that_leaves_the_repository(shop: Path, iacfix: Run, path: str) -> None:
    (shop / "link.tf").symlink_to("/etc/hostname")
    data = checkov("CKV_AWS_7", "aws_kms_key.orders", path)
    done = iacfix("generate", "--findings", "-", "--repo", str(shop), "--output", "json", stdin=data)
    assert done.returncode == 1
    record = json.loads(done.stdout)
    assert record["status"] == "not_located"
    assert record["reason"]


def test_findings_and_folders_that_are_not_there(shop: Path, iacfix: Run, tmp_path: Path) -> None:
    refused(iacfix("generate", "--findings", "gone.json", "--repo", str(shop)), "gone.json cannot be read")
    refused(iacfix("generate", "--findings", str(tmp_path), "--repo", str(shop)), "cannot be read")
    refused(iacfix("generate", "--findings", str(CHECKOV), "--repo", "gone"), "does not exist")
    refused(iacfix("generate", "--findings", str(CHECKOV), "--repo", str(shop / "storage.tf")), "not a folder")
    refused(iacfix("generate", "--findings", str(CHECKOV), "--repo", str(shop), "--config", "gone.yaml"), "gone.yaml")
    refused(iacfix("generate", "--findings", str(CHECKOV), "--repo", str(shop), "--generator", "model"), "--model")
    refused(iacfix("generate", "--findings", str(CHECKOV), "--repo", str(shop), "--apply", "--open-pr"), "exclude")
    refused(iacfix("validate", "--finding", str(CHECKOV), "--repo", str(shop), "--diff", "-"), "holds 37 findings")


def test_a_repository_that_cannot_take_pull_requests(iacfix: Run, tmp_path: Path, shop: Path, git: Git) -> None:
    command = ("generate", "--findings", str(CHECKOV), "--open-pr", "--repo")
    (tmp_path / "plain").mkdir()
    refused(iacfix(*command, str(tmp_path / "plain")), "git")
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], check=True)
    refused(iacfix(*command, str(tmp_path / "bare.git")), "bare")
    subprocess.run(["git", "init", "-q", str(tmp_path / "unborn")], check=True)
    refused(iacfix(*command, str(tmp_path / "unborn")), "commit")
    (tmp_path / "iacfix.yaml").write_text(f"git_host: {{folder: {shop}/prs}}\n")
    refused(iacfix(*command, str(shop)), "outside")
    assert git("for-each-ref").count("refs/heads/") == 1


def test_a_dirty_file_keeps_its_own_pull_request_from_being_opened(iacfix: Run, shop: Path, git: Git) -> None:
    (shop / "storage.tf").write_text("# mine\n" + (shop / "storage.tf").read_text())
    done = iacfix(
        "generate", "--findings", str(DEMO / "security_hub.json"), "--repo", str(shop), "--open-pr", "--output", "json"
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["status"] for record in records] == [
        "generation_failed",
        "proposed",
        "proposed",
        "proposed",
        "not_located",
    ]
    assert "uncommitted" in records[0]["reason"]
    assert git("for-each-ref").count("refs/heads/") == 4


def test_terraform_that_does_not_parse(iacfix: Run, shop: Path) -> None:
    (shop / "broken.tf").write_text('resource "aws_kms_key" "b" {\n  x = \n}\n')
    data = checkov("CKV_AWS_7", "aws_kms_key.b", "broken.tf")
    done = iacfix("generate", "--findings", "-", "--repo", str(shop), "--output", "json", stdin=data)
    record = json.loads(done.stdout)
    assert record["status"] == "not_located"
    assert "broken.tf" in record["reason"]
    other = iacfix(
        "generate", "--findings", str(CHECKOV), "--repo", str(shop), "--only", "CKV_AWS_7", "--output", "json"
    )
    assert json.loads(other.stdout)["status"] == "proposed"


def test_a_repository_cannot_run_programs(iacfix: Run, shop: Path, git: Git, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external", "filter.x.clean", "filter.x.smudge"):
        git("config", key, str(trap))
    (shop / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-commit", "pre-commit", "reference-transaction", "post-index-change"):
        (shop / ".git" / "hooks" / hook).write_text(trap.read_text())
        (shop / ".git" / "hooks" / hook).chmod(0o755)
    (shop / ".gitattributes").write_text("*.tf filter=x\n")
    (tmp_path / "sprung").unlink(missing_ok=True)
    done = iacfix(
        "generate", "--findings", str(DEMO / "security_hub.json"), "--repo", str(shop), "--open-pr", "--output", "json"
    )
    assert done.stdout.count(b'"proposed"') == 4
    assert not (tmp_path / "sprung").exists()


def test_hostile_file_names_do_no_harm(iacfix: Run, shop: Path, git: Git) -> None:
    for name in ("a\nb.tf", "\x1b[2J.tf", 'qu"ote.tf', "-rf.tf", "größe.tf"):
        (shop / name).write_text(f'resource "aws_kms_key" "k{abs(hash(name))}" {{\n  description = "x"\n}}\n')
    git("add", "-A")
    git("commit", "-qm", "names")
    done = iacfix("generate", "--findings", str(CHECKOV), "--repo", str(shop), "--output", "json")
    assert done.stdout.count(b'"proposed"') == 23
    assert b"Traceback" not in done.stderr
