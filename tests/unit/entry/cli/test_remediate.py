"""What triage says counts for live changes as it does for code."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from iacfix.entry.cli.main import cli

ACCOUNT = "123456789012"
FINDING = {
    "SchemaVersion": "2018-10-08",
    "Id": "finding-1",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
    "GeneratorId": "security-control/S3.14",
    "AwsAccountId": ACCOUNT,
    "Severity": {"Label": "HIGH"},
    "Title": "S3 bucket keeps versions of its objects",
    "Resources": [
        {
            "Type": "AwsS3Bucket",
            "Id": "arn:aws:s3:::logs",
            "Region": "eu-west-1",
            "Tags": {"Environment": "production", "Team": "platform"},
        }
    ],
    "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.14"},
    "Workflow": {"Status": "NEW"},
    "RecordState": "ACTIVE",
}
CONFIGURATION = f"""
remediation:
  accounts: ["{ACCOUNT}"]
  runbook_role_arn: arn:aws:iam::{{account}}:role/iacfix-runbook
triage:
  owners: owners.yaml
  mode: autonomous
"""
EXCEPTION = """exceptions:
  - control: s3-versioning
    resource: arn:aws:s3:::logs
    approver: ann
    reason: It holds nothing that anybody needs twice.
    created: {today}
    until: {today}
"""
ROUTE = "  routes: [{control: s3-versioning, route: iac, reason: live changes here need a ticket}]\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iacfix.yaml").write_text(CONFIGURATION)
    (tmp_path / "finding.json").write_text(json.dumps({"Findings": [FINDING]}))
    (tmp_path / "owners.yaml").write_text(
        "default: governance\nrules: [{name: p, tags: Team=platform, team: platform}]\n"
    )
    (tmp_path / "repo" / ".iacfix").mkdir(parents=True)
    (tmp_path / "repo" / "main.tf").write_text("")
    return tmp_path


def reason_of(*words: str) -> str:
    arguments = ["remediate", "finding.json", "--output", "json", "--ledger", "l.sqlite", *words]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 1, (result.output, result.exception)
    return str(json.loads(result.stdout)["reason"])


def test_what_is_accepted_is_not_changed_live(world: Path) -> None:
    (world / "repo" / ".iacfix" / "exceptions.yaml").write_text(EXCEPTION.format(today=datetime.now(UTC).date()))
    assert reason_of("--repo", "repo", "--dry-run").startswith("triage: exception: ")


def test_what_the_table_sends_to_code_is_not_changed_live(world: Path) -> None:
    (world / "iacfix.yaml").write_text(CONFIGURATION + ROUTE)
    assert "live changes here need a ticket" in reason_of("--repo", "repo", "--dry-run")
