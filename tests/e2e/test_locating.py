"""One repository of every kind of code, located by the command itself; each line is as published."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import jsonschema
import pytest
from tests.support.code import block, bucket, call, template, variable

ROOT = Path(__file__).resolve().parents[2]
VALIDATOR = jsonschema.Draft202012Validator(
    cast("Mapping[str, object]", json.loads((ROOT / "docs" / "outcome.schema.json").read_text()))
)
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Record = Mapping[str, object]

FOREIGN = "terraform-aws-modules/kms/aws"
KEY_ARN = "arn:aws:kms:eu-west-1:111111111111:key/0a1b2c3d-0000-4000-8000-000000000000"
MODULES = {
    "Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "key", "Source": FOREIGN, "Dir": ".terraform/modules/key"},
    ]
}
INSTALLED = block('resource "aws_kms_key" "this"', enable_key_rotation="var.enable_key_rotation")
SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: orders }
"""
CDK = """{"Resources": {"Site5C0D": {
  "Type": "AWS::S3::Bucket",
  "Properties": {"BucketName": "acme-site"},
  "Metadata": {"aws:cdk:path": "Web/Site/Resource"}
}}}
"""
VERSIONED = (
    'resource "aws_s3_bucket_versioning" "this" {\n  bucket = aws_s3_bucket.this.id\n'
    "  versioning_configuration {\n    status = var.versioning\n  }\n}\n"
)


def state() -> str:
    instance = {"attributes": {"arn": KEY_ARN, "id": KEY_ARN.rpartition("/")[2]}}
    made = {"module": "module.key", "mode": "managed", "type": "aws_kms_key", "name": "this", "instances": [instance]}
    return json.dumps({"version": 4, "resources": [made]})


FILES = {
    "live/main.tf": call("logs", "../modules/bucket", name='"acme-logs"', versioning='"Suspended"')
    + call("key", FOREIGN, version='"3.1.0"'),
    "live/terraform.tfstate": state(),
    "live/.terraform/modules/modules.json": json.dumps(MODULES),
    "live/.terraform/modules/key/main.tf": INSTALLED + variable("enable_key_rotation", "false"),
    "modules/bucket/main.tf": bucket("this", bucket="var.name") + VERSIONED + variable("name") + variable("versioning"),
    "stacks/uploads.yaml": template({"Uploads": "{ BucketName: !Sub '${AWS::AccountId}-uploads' }"}),
    "sam/template.yaml": SAM,
    "web/cdk.out/Web.template.json": CDK,
    "broken.yaml": template({"Broken": "{}"}) + "  More: [\n",
}


def hub(check: str, kind: str, identifier: str, stack: str = "", logical_id: str = "") -> Mapping[str, object]:
    tags = {"aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": logical_id} if stack else {}
    return {
        "Id": f"finding {identifier}",
        "ProductName": "Security Hub",
        "SchemaVersion": "2018-10-08",
        "AwsAccountId": "111111111111",
        "Title": check,
        "Compliance": {"Status": "FAILED", "SecurityControlId": check},
        "Resources": [{"Type": kind, "Id": identifier, "Tags": tags}],
    }


FINDINGS = (
    hub("S3.14", "AwsS3Bucket", "arn:aws:s3:::acme-logs"),
    hub("KMS.4", "AwsKmsKey", KEY_ARN),
    hub("S3.14", "AwsS3Bucket", "arn:aws:s3:::111111111111-uploads"),
    hub("S3.14", "AwsS3Bucket", "arn:aws:s3:::any", "uploads", "Uploads"),
    hub("Lambda.1", "AwsLambdaFunction", "arn:aws:lambda:eu-west-1:111111111111:function:orders"),
    hub("IAM.1", "AwsIamRole", "arn:aws:iam::111111111111:role/orders-OrdersRole-X", "orders", "OrdersRole"),
    hub("S3.14", "AwsS3Bucket", "arn:aws:s3:::acme-site"),
    hub("S3.14", "AwsS3Bucket", "arn:aws:s3:::gone", "uploads", "Gone\x1b[2J"),
    {"Id": 7, "ProductName": "Security Hub", "SchemaVersion": "2018-10-08"},
)


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / "estate" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "estate" / path).write_text(text)
    return tmp_path / "estate"


@pytest.fixture
def records(estate: Path, iacfix: Run) -> Sequence[Record]:
    report = json.dumps({"Findings": FINDINGS}).encode()
    done = iacfix("locate", "--findings", "-", "--repo", str(estate), "--output", "json", stdin=report)
    assert (done.returncode, done.stderr) == (1, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_is_as_published_and_in_the_order_of_the_findings(records: Sequence[Record]) -> None:
    for record in records:
        VALIDATOR.validate(record)
    assert [record["status"] for record in records] == [*["located"] * 6, *["not_located"] * 2, "invalid_finding"]
    assert [record["finding_id"] for record in records[:-1]] == [each["Id"] for each in FINDINGS[:-1]]


def test_each_kind_of_code_is_found(records: Sequence[Record]) -> None:
    assert [(record["path"], record["address"]) for record in records[:6]] == [
        ("modules/bucket/main.tf", "aws_s3_bucket.this"),
        ("live/main.tf", "module.key"),
        ("stacks/uploads.yaml", "Resources.Uploads"),
        ("stacks/uploads.yaml", "Resources.Uploads"),
        ("sam/template.yaml", "Resources.Orders"),
        ("sam/template.yaml", "Resources.Orders"),
    ]


def test_of_modules_the_calls_and_the_place_of_the_fix_are_told(records: Sequence[Record]) -> None:
    local, foreign = (cast("Mapping[str, object]", record["module"]) for record in records[:2])
    assert local["calls"] == local["call_sites"] == [{"path": "live/main.tf", "address": "module.logs", "line": 1}]
    assert (local["fix_at"], local["source"], local["inner"]) == ("call", None, None)
    assert local["inputs"] == [
        {
            "resource": "aws_s3_bucket_versioning.this",
            "attribute": "versioning_configuration.status",
            "variable": "versioning",
        }
    ]
    assert (foreign["fix_at"], foreign["source"], foreign["inner"]) == ("call", FOREIGN, "aws_kms_key.this")
    assert foreign["inputs"] == [
        {"resource": "aws_kms_key.this", "attribute": "enable_key_rotation", "variable": "enable_key_rotation"}
    ]


def test_what_is_not_found_says_why(records: Sequence[Record]) -> None:
    cdk, gone = (str(record["reason"]) for record in records[6:8])
    assert "synthesised by CDK at construct Web/Site/Resource" in cdk
    assert "no template in the repository holds that" in gone
    assert "not read: broken.yaml:6" in gone
    assert gone.isprintable()


def test_what_people_read_holds_no_control_characters(estate: Path, iacfix: Run) -> None:
    report = json.dumps({"Findings": FINDINGS}).encode()
    done = iacfix("locate", "--findings", "-", "--repo", str(estate), stdin=report)
    assert done.returncode == 1
    assert b"module.key" in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr


def test_what_one_repository_cannot_read_stops_no_other(tmp_path: Path, estate: Path, iacfix: Run) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "main.tf").write_text('terraform {\n  backend "s3" {\n    bucket = \n  }\n}\n')
    (tmp_path / "broken" / "terraform.tfstate").write_text("{")
    (tmp_path / "iacfix.yaml").write_text(
        f"repositories:\n- {{path: broken, stacks: [orders]}}\n- {{path: {estate.name}, accounts: ['111111111111']}}\n"
        "- {path: broken, state_buckets: [a, b]}\n"
    )
    report = json.dumps({"Findings": FINDINGS}).encode()
    done = iacfix("locate", "--findings", "-", "--output", "json", stdin=report)
    assert (done.returncode, done.stderr) == (1, b"")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for record in found:
        VALIDATOR.validate(record)
    assert [record["status"] for record in found[:5]] == ["located"] * 5
    assert found[5]["reason"] == "several repositories fit it equally well: broken, estate"
