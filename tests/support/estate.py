"""A small estate: a remote repository with buckets, a configuration that triages, findings of its resources."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

ACCOUNT, REGION = "123456789012", "eu-west-1"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{role}_{part}": "ann@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")},
}
OWNERS = "default: nobody\nrules:\n  - name: shop\n    tags: Team=shop\n    team: shop\n    contact: shop@example.com\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True, text=True).stdout


def remote(folder: Path, buckets: Iterable[str]) -> str:
    """A repository with a file for each bucket. Answers its url."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for name in buckets:
        (folder / f"{name}.tf").write_text(f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{name}"\n}}\n')
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "start")
    return f"file://{folder}"


def write_configuration(folder: Path, urls: Mapping[str, str], limits: str = "") -> Path:
    """`urls` by account."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "owners.yaml").write_text(OWNERS)
    repositories = "".join(f'  - {{url: "{url}", accounts: ["{account}"]}}\n' for account, url in urls.items())
    (folder / "iacfix.yaml").write_text(
        f"generator: recipe\ntriage:\n  owners: owners.yaml\n{limits}git_host: {{kind: local, folder: pulls}}\n"
        f"repositories:\n{repositories}"
    )
    return folder / "iacfix.yaml"


def finding(bucket: str, *, account: str = ACCOUNT, severity: str = "HIGH", identity: str = "") -> dict[str, object]:
    """As Security Hub has it: versioning is off."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": identity or f"arn:aws:securityhub:{REGION}:{account}:finding/{bucket}",
        "ProductArn": f"arn:aws:securityhub:{REGION}::product/aws/securityhub",
        "GeneratorId": "security-control/S3.14",
        "AwsAccountId": account,
        "Region": REGION,
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": "2026-11-01T00:00:00Z",
        "UpdatedAt": "2026-11-01T00:00:00Z",
        "Severity": {"Label": severity},
        "Title": "S3 general purpose buckets should have versioning enabled",
        "Description": "versioning is off",
        "Resources": [
            {
                "Type": "AwsS3Bucket",
                "Id": f"arn:aws:s3:::{bucket}",
                "Region": REGION,
                "Tags": {"Team": "shop", "Environment": "production"},
            }
        ],
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.14"},
        "WorkflowState": "NEW",
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
    }


def event(*findings: Mapping[str, object]) -> str:
    """As EventBridge brings them."""
    return json.dumps(
        {
            "version": "0",
            "id": "8e5622f9-d81c-4d81-612a-9319e7ee2506",
            "detail-type": "Security Hub Findings - Imported",
            "source": "aws.securityhub",
            "account": ACCOUNT,
            "time": "2026-11-01T00:00:00Z",
            "region": REGION,
            "resources": [],
            "detail": {"findings": list(findings)},
        }
    )
