"""A Security Hub of one's own for a test, and findings for it."""

from collections.abc import Iterator

import pytest

from iacfix.testing.security_hub_server import ACCOUNT, REGION, SecurityHubServer

PRODUCT = f"arn:aws:securityhub:{REGION}::product/aws/securityhub"
Json = dict[str, object]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecurityHubServer]:
    with SecurityHubServer(page=3) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


def identity(number: int) -> str:
    return f"arn:aws:securityhub:{REGION}:{ACCOUNT}:security-control/S3.9/finding/{number:04d}"


def bucket(name: str = "logs", **tags: str) -> Json:
    return {"Type": "AwsS3Bucket", "Id": f"arn:aws:s3:::{name}", "Region": REGION} | ({"Tags": tags} if tags else {})


def asff(number: int, **changes: object) -> Json:
    whole: Json = {
        "SchemaVersion": "2018-10-08",
        "Id": identity(number),
        "ProductArn": PRODUCT,
        "ProductName": "Security Hub",
        "GeneratorId": "security-control/S3.9",
        "AwsAccountId": ACCOUNT,
        "CreatedAt": "2026-11-01T00:00:00Z",
        "UpdatedAt": f"2026-11-{number % 28 + 1:02d}T00:00:00Z",
        "Severity": {"Label": "MEDIUM"},
        "Title": "S3 buckets should have server access logging",
        "Description": "This control checks whether logging is on.",
        "Resources": [bucket()],
        "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.9"},
        "RecordState": "ACTIVE",
        "Workflow": {"Status": "NEW"},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}
