"""What runs leave behind in a ledger, and what the commands say of it."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.e2e.conftest import DEMO, Run


@pytest.fixture
def ledger(iacfix: Run, tmp_path: Path) -> Path:
    """After two runs over the demo's findings, of which the second finds everything done."""
    shutil.copytree(DEMO / "repository", tmp_path / "shop")
    arguments = [
        "generate",
        "--findings",
        str(DEMO / "security_hub.json"),
        "--repo",
        "shop",
        "--ledger",
        "ledger.sqlite",
    ]
    for _ in range(2):
        done = iacfix(*arguments, "--output", "json")
        assert done.returncode in {0, 1}, done.stderr
    return tmp_path / "ledger.sqlite"


def test_a_ledger_is_kept_verified_and_told(iacfix: Run, ledger: Path) -> None:
    told = iacfix("status", "--ledger", ledger.name, "--output", "json")
    counts = json.loads(told.stdout)["states"]
    assert counts["proposed"] >= 1
    assert "proposed" in iacfix("status", "--ledger", ledger.name).stdout.decode()
    verified = iacfix("audit", "verify", "--ledger", ledger.name)
    exported = iacfix("audit", "export", "--ledger", ledger.name).stdout.decode().splitlines()
    chain, _, head = verified.stdout.decode().strip().partition("=")
    assert (verified.returncode, chain, head) == (0, "main", f"{len(exported)}:{json.loads(exported[-1])['hash']}")
    actions = [json.loads(line)["action"] for line in exported]
    assert actions.count("finding.received") == sum(counts.values()), "the second run has received nothing new"

    with sqlite3.connect(ledger) as connection:
        connection.execute("UPDATE audit SET record = replace(record, 'iacfix/', 'nobody/') WHERE sequence = 2")
    broken = iacfix("audit", "verify", "--ledger", ledger.name)
    assert (broken.returncode, broken.stdout) == (1, b"")
    assert b"does not hold at its line 2 (record 2 of main)" in broken.stderr


def test_a_ledger_that_cannot_be_used_stops_the_run_before_it_begins(iacfix: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("this is not a ledger, and it is not to be written over " * 40)
    findings = str(DEMO / "security_hub.json")
    done = iacfix("generate", "--findings", findings, "--repo", str(DEMO / "repository"), "--ledger", "notes.txt")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"the ledger notes.txt cannot be used" in done.stderr
    assert iacfix("audit", "verify", "--ledger", "nowhere").returncode == 2
    assert iacfix("audit", "verify", "--ledger", "notes.txt", "--head", "x").returncode == 2
