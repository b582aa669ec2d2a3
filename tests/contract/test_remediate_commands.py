"""The commands, from a finding of Security Hub to a changed bucket of moto and back."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.contract.aws import REGION, client
from tests.contract.remediating import ACCOUNT, bucket, documents

from iacfix.entry.cli.main import cli
from iacfix.testing.ssm_server import AwsWithRunbooks

CONFIGURATION = f"""
remediation:
  accounts: ["{ACCOUNT}"]
  runbook_role_arn: arn:aws:iam::{{account}}:role/iacfix-runbook
"""


@pytest.fixture(scope="module")
def front(moto_url: str) -> Iterator[AwsWithRunbooks]:
    with AwsWithRunbooks(moto_url, documents()) as started:
        started.automation.looks = 0
        yield started


@pytest.fixture
def commands(front: AwsWithRunbooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Commands":
    for name, value in {"AWS_ENDPOINT_URL": front.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iacfix.yaml").write_text(CONFIGURATION)
    (tmp_path / "main.tf").write_text("")
    made = Commands(bucket().rpartition(":")[2])
    (tmp_path / "finding.json").write_text(json.dumps({"Findings": [made.finding()]}))
    return made


class Commands:
    def __init__(self, name: str) -> None:
        self.name = name

    def finding(self) -> dict[str, object]:
        return {
            "SchemaVersion": "2018-10-08",
            "Id": "arn:aws:securityhub:eu-west-1:123456789012:security-control/S3.14/finding/1",
            "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
            "GeneratorId": "security-control/S3.14",
            "AwsAccountId": ACCOUNT,
            "Severity": {"Label": "MEDIUM"},
            "Title": "S3 bucket keeps versions of its objects",
            "Resources": [{"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{self.name}", "Region": REGION}],
            "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.14"},
            "Workflow": {"Status": "NEW"},
            "RecordState": "ACTIVE",
        }

    def run(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, [*words, "--ledger", "ledger.sqlite"])
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def remediate(self, *words: str, code: int = 0) -> dict[str, object]:
        result = self.run("remediate", "finding.json", "--now", "--output", "json", *words, code=code)
        told: dict[str, object] = json.loads(result.stdout)
        return told

    def status(self) -> object:
        return client("s3").get_bucket_versioning(Bucket=self.name).get("Status")

    def listed(self) -> Sequence[str]:
        return self.run("approvals", "list", "--output", "json", code=1).stdout.splitlines()


def test_from_a_dry_run_to_an_approved_change_and_back(commands: Commands) -> None:
    shown = commands.remediate("--unmanaged")
    assert (shown["ending"], shown["before"], shown["state"]) == ("shown", {"Status": ["Suspended"]}, None)
    assert commands.remediate("--unmanaged", "--apply", code=1)["ending"] == "waiting"
    (waiting,) = map(json.loads, commands.listed())
    assert waiting["rollback"].startswith("`iacfix rollback` starts AWS-ConfigureS3BucketVersioning")
    assert commands.name in waiting["blast_radius"]
    assert "token" not in waiting
    assert commands.status() is None
    commands.run("approvals", "approve", waiting["id"][:8], "--as", "ann", "--note", "agreed")
    done = commands.remediate("--unmanaged", "--apply")
    assert (done["ending"], done["state"], commands.status()) == ("fixed", "fixed", "Enabled")
    back = commands.run("rollback", str(done["key"])[:12], "--as", "ann")
    assert "stands as it did before" in back.output
    assert commands.status() == "Suspended"
    assert commands.run("audit", "verify").output.startswith("main=")


def test_what_nobody_looked_for_in_code_is_refused(commands: Commands) -> None:
    refused = commands.remediate("--apply", code=1)
    assert (refused["ending"], refused["state"]) == ("refused", "human_review")
    assert "no repository is named" in str(refused["reason"])
