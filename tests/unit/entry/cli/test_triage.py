"""`iacfix triage`, `iacfix owners`, and what they hold back from `generate` and `open-pr`."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner, Result
from tests.support.messages import asff_finding, config_change, notification, sqs, wiz_snapshot
from tests.support.repositories import checkov

from iacfix.config import load_settings
from iacfix.controls import Catalogue
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.cli.main import cli
from iacfix.entry.triaging import triage_from
from iacfix.workflows.exceptions import AcceptedRisks
from iacfix.workflows.triage import Triage

Run = Callable[..., Result]
OWNERS = "default: governance\nrules:\n  - {name: platform, tags: Team=platform, team: platform}\n"
ASSUMED: Mapping[str, object] = {"tags": {"Environment": "production", "Team": "platform"}}
KEY = 'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'


@pytest.fixture
def iacfix() -> Run:
    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, arguments, input=stdin)

    return run


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one weakness, a report of it that calls it high, and an ownership table."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "ann")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "main.tf").write_text(KEY)
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "as it runs")):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    report = json.loads(checkov("CKV_AWS_7", "aws_kms_key.data", "main.tf"))
    report["results"]["failed_checks"][0]["severity"] = "HIGH"
    (tmp_path / "report.json").write_text(json.dumps(report))
    (tmp_path / "owners.yaml").write_text(OWNERS)
    return tmp_path


def configure(world: Path, **triage: object) -> None:
    (world / "iacfix.yaml").write_text(json.dumps({"triage": {"owners": "owners.yaml", **triage}}))


def configured(world: Path) -> Triage:
    settings = load_settings(world / "iacfix.yaml", {"HOME": str(world)}).triage
    assert settings is not None
    return triage_from(settings, Catalogue(()), model=False, accepted=lambda _: AcceptedRisks())


def lines(done: Result) -> list[dict[str, object]]:
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return [json.loads(line) for line in done.stdout.splitlines()]


GENERATE = ("generate", "--findings", "report.json", "--repo", "repo", "--output", "json")
TRIAGE = ("triage", "--findings", "report.json", "--output", "json")


def test_generate_heeds_what_triage_decides(world: Path, iacfix: Run) -> None:
    configure(world)
    (decision,) = lines(iacfix(*TRIAGE))
    assert {each["rule"] for each in decision["against"]} == {"environment", "owner"}  # type: ignore[attr-defined] # of our own record
    (held,) = lines(done := iacfix(*GENERATE, "--open-pr"))
    assert (held["status"], held["diff"], done.exit_code) == ("not_eligible", None, 1)
    assert "owner: owner is not known" in str(held["reason"])
    assert "governance looks after it" in str(held["reason"])

    configure(world, assume=ASSUMED, mode="assist")
    (shown,) = lines(done := iacfix(*GENERATE, "--open-pr"))
    assert (shown["status"], done.exit_code) == ("proposed", 0)
    assert shown["pull_request"]["action"] == "nothing"  # type: ignore[index] # of our own record
    (refused,) = lines(iacfix("open-pr", "--proposals", "-", "--repo", "repo", "--output", "json", stdin=done.stdout))
    assert refused["status"] == "not_eligible"
    assert "it is in assist" in str(refused["reason"])

    configure(world, assume=ASSUMED)
    (opened,) = lines(iacfix(*GENERATE, "--open-pr"))
    assert opened["pull_request"]["action"] == "opened"  # type: ignore[index] # of our own record


def test_with_a_ledger_the_hour_has_what_runs_before_let_through(world: Path, iacfix: Run) -> None:
    """One that was let through is not counted twice, and leaves no room for another."""
    ledger = ("--ledger", "ledger.db")
    configure(world, assume=ASSUMED, limits={"hour": 1})
    for _ in range(2):
        assert lines(iacfix(*GENERATE, *ledger))[0]["status"] == "proposed"
    (world / "repo" / "main.tf").write_text(KEY.replace("data", "other"))
    other = (world / "report.json").read_text().replace("aws_kms_key.data", "aws_kms_key.other")
    (world / "report.json").write_text(other)
    (held,) = lines(iacfix(*GENERATE, *ledger))
    assert "blast radius: an hour may touch 1 resources at most, and has" in str(held["reason"])
    assert lines(iacfix(*GENERATE))[0]["status"] == "proposed"


def test_what_several_tools_say_of_one_thing_is_decided_once(world: Path, iacfix: Run) -> None:
    """As it was saved from a queue: Security Hub, AWS Config and Wiz about one bucket, and a message that is none."""
    configure(world, assume=ASSUMED)
    bodies = (asff_finding(), config_change(), notification(wiz_snapshot()), "{")
    (world / "report.json").write_text(json.dumps(sqs(*bodies)))
    decided, invalid = lines(iacfix(*TRIAGE))
    assert (decided["finding_id"], decided["control"]) == ("issue-2", "s3-versioning")
    assert [str(each).partition(":")[0] for each in cast("list[str]", decided["also"])] == ["security_hub", "config"]
    assert (invalid["also"], invalid["eligible"]) == ([], False)
    outcomes = lines(iacfix(*GENERATE))
    assert [(each["status"], len(cast("list[str]", each["also"]))) for each in outcomes] == [
        ("not_eligible", 2),  # nobody owns what is of the team shop
        ("invalid_finding", 0),
    ]


def test_the_table_is_for_people_and_an_accepted_risk_needs_nobody(world: Path, iacfix: Run) -> None:
    configure(world, assume=ASSUMED)
    done = iacfix("triage", "--findings", "report.json")
    assert done.exit_code == 0
    assert "1 of 1 eligible; 1 iac" in done.stdout
    (world / "repo" / ".iacfix").mkdir()
    today = datetime.now(UTC).date()
    days = f"created: {today - timedelta(days=30)}, until: {today + timedelta(days=30)}"
    (world / "repo" / ".iacfix" / "exceptions.yaml").write_text(
        "exceptions:\n  - {control: kms-key-rotation, resource: aws_kms_key.data, approver: ann, reason: It goes., "
        f"{days}}}\n"
    )
    (decision,) = lines(done := iacfix(*TRIAGE, "--repo", "repo"))
    assert (decision["accepted_until"], done.exit_code) == (str(today + timedelta(days=30)), 0)
    assert lines(iacfix(*GENERATE))[0]["status"] == "accepted"


def test_owners_are_explained(world: Path, iacfix: Run) -> None:
    resolved = iacfix("owners", "resolve", "report.json", "--owners", "owners.yaml")
    assert resolved.exit_code == 1
    assert "aws_kms_key.data: governance, by default\n  it has no tags and it has no account" in resolved.stdout
    configure(world, assume=ASSUMED)
    resolved = iacfix("owners", "resolve", "report.json")
    assert (resolved.exit_code, "platform, by tags" in resolved.stdout) == (0, True)
    left = iacfix("owners", "unassigned", "--findings", "report.json")
    assert (left.exit_code, left.stdout) == (0, "every resource is somebody's\n")


@pytest.mark.parametrize(
    ("triage", "said"),
    [
        ({"owners": "none.yaml"}, "none.yaml cannot be read"),
        ({"windows": [{"name": "w", "from": "25:00", "to": "1:00"}]}, "triage.windows: w.from: '25:00' is no time"),
        ({"windows": [{"name": "w", "from": "1:00", "to": "2:00", "zone": "Mars/X"}]}, "'Mars/X' is no time zone"),
        ({"freezes": [{"name": "f", "from": "2026-12-24", "to": "2026-12-01"}]}, "it ends before it begins"),
        ({"exclude_tags": ["a=b,c=d"]}, "triage.exclude_tags"),
        ({"actions": {"delete": "allow"}}, "triage.actions.delete must be one of never"),
        ({"policy": "none"}, "the folder of policies"),
        ({"policy": ".", "opa": {"url": "http://localhost"}}, "both a policy and an OPA server"),
        ({"policy": "bad"}, "http.send is not allowed"),
    ],
)
def test_what_is_wrong_with_the_configuration_is_said_before_anything_is_done(
    world: Path, triage: Mapping[str, object], said: str
) -> None:
    (world / "bad").mkdir()
    (world / "bad" / "a.rego").write_text('package iacfix.eligibility\nallow := http.send({"url": "x"})\n')
    configure(world, **triage)
    with pytest.raises(ConfigurationError) as raised:
        configured(world)
    assert said in str(raised.value)


def test_without_a_word_of_triage_there_is_none(world: Path, iacfix: Run) -> None:
    (world / "iacfix.yaml").write_text("{}")
    assert isinstance(iacfix(*TRIAGE).exception, ConfigurationError)
    (opened,) = lines(iacfix(*GENERATE))
    assert opened["status"] == "proposed"


def test_the_page_has_a_row_for_every_key() -> None:
    root = Path(__file__).resolve().parents[4]
    schema = json.loads((root / "src/iacfix/config/iacfix.schema.json").read_text())
    page = (root / "docs" / "triage.md").read_text()
    assert [key for key in schema["properties"]["triage"]["properties"] if f"| `{key}` |" not in page] == []
