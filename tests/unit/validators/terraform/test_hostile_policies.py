"""Diffs of policies and of one setting among many that only look like the fix. None may pass."""

from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import Accepted, Rejected, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()

STAR = 'AWS = ["*", "arn:aws:iam::444455556666:role/reader"]'
CLOSED = 'AWS = ["arn:aws:iam::444455556666:role/reader"]'
KEY = """resource "aws_kms_key" "data" {
  description = "data"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Owner"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Others"
        Effect    = "Allow"
        Principal = { AWS = ["*", "arn:aws:iam::444455556666:role/reader"] }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
      {
        Sid       = "Never"
        Effect    = "Deny"
        Principal = "*"
        Action    = "kms:ScheduleKeyDeletion"
        Resource  = "*"
      },
    ]
  })
}
"""
FIXED = KEY.replace(STAR, CLOSED)


def judged(folder: Path, check: str, address: str, before: str, after: str) -> Verdict:
    repo = repository(folder, {"main.tf": before})
    read = finding(check, address)
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    control = CATALOGUE.find("checkov", check, read.resource.type)
    diff = render_diff([Edit("main.tf", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location))


def refused(verdict: Verdict, *stages: str) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert verdict.stage in stages, verdict.reason


def test_a_key_that_names_its_users_passes(tmp_path: Path) -> None:
    assert isinstance(judged(tmp_path, "CKV_AWS_33", "aws_kms_key.data", KEY, FIXED), Accepted)


KEYS = {
    "every account instead": KEY.replace('"*", "arn', '"arn:aws:iam::*:root", "arn'),
    "another account instead": KEY.replace('"*", "arn', '"arn:aws:iam::999999999999:root", "arn'),
    "everybody in another statement": FIXED.replace('AWS = "arn:aws:iam::111122223333:root"', 'AWS = "*"'),
    "everybody in another list": FIXED.replace(
        'AWS = "arn:aws:iam::111122223333:root"', 'AWS = ["*", "arn:aws:iam::111122223333:root"]'
    ),
    "the other one gone": KEY.replace('["*", "arn:aws:iam::444455556666:role/reader"]', '"*"'),
    "the owner gone": FIXED.replace('{ AWS = "arn:aws:iam::111122223333:root" }', '{ Service = "ec2.amazonaws.com" }'),
    "a condition that always holds": KEY.replace(
        f"{{ {STAR} }}", f'{{ {STAR} }}\n        Condition = {{ Bool = {{ "aws:SecureTransport" = "true" }} }}'
    ),
    "a condition that names the world": KEY.replace(
        f"{{ {STAR} }}", f'{{ {STAR} }}\n        Condition = {{ StringLike = {{ "aws:PrincipalArn" = "*" }} }}'
    ),
    "a condition, and nobody gone": KEY.replace(
        f"{{ {STAR} }}",
        f'{{ {STAR} }}\n        Condition = {{ StringEquals = {{ "aws:PrincipalAccount" = "111122223333" }} }}',
    ),
    "the denial turned around": FIXED.replace('"Deny"', '"Allow"'),
    "the denial gone": FIXED.replace("kms:ScheduleKeyDeletion", "kms:Nothing"),
    "everybody but one": KEY.replace(
        f"Principal = {{ {STAR} }}", 'NotPrincipal = { AWS = "arn:aws:iam::999999999999:root" }'
    ),
    "more actions": FIXED.replace('"kms:Decrypt"', '["kms:Decrypt", "kms:PutKeyPolicy"]'),
    "a statement more": FIXED.replace(
        "Statement = [\n",
        'Statement = [\n      { Effect = "Allow", Principal = { AWS = var.who }, Action = "kms:*", Resource = "*" },\n',
    ),
    "a statement less": FIXED.replace(
        FIXED[FIXED.index('      {\n        Sid       = "Never"') : FIXED.index("    ]\n")], ""
    ),
    "everybody by a variable": KEY.replace('"*", "arn', 'var.everybody, "arn'),
    "everybody by a function": KEY.replace('"*", "arn', 'join("", ["*"]), "arn'),
    "another version of the language": FIXED.replace("2012-10-17", "2008-10-17"),
    "no policy": KEY[: KEY.index("\n  policy")] + "}\n",
    "a policy in another place": KEY.replace("jsonencode(", "local.policy # jsonencode(", 1)[: KEY.index("jsonencode")]
    + "local.policy\n}\n",
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_not_closed_by(tmp_path: Path, name: str) -> None:
    assert KEYS[name] not in {KEY, FIXED}
    refused(judged(tmp_path, "CKV_AWS_33", "aws_kms_key.data", KEY, KEYS[name]), "hazards", "control")


DOCUMENT = """data "aws_iam_policy_document" "topic" {
  statement {
    actions   = ["sns:Publish"]
    resources = ["arn:aws:sns:eu-west-1:111122223333:news"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:role/reader", "*"]
    }
  }
}
"""
NAMED = DOCUMENT.replace(', "*"', "")
DOCUMENTS = {
    "every account instead": DOCUMENT.replace('"*"', '"arn:aws:iam::*:root"'),
    "another kind of everybody": DOCUMENT.replace('"AWS"', '"*"'),
    "more actions": NAMED.replace('"sns:Publish"', '"sns:Publish", "sns:AddPermission"'),
    "a condition that always holds": DOCUMENT.replace(
        "    principals", '    condition {\n      test     = "Bool"\n      variable = "aws:SecureTransport"\n'
        '      values   = ["true"]\n    }\n\n    principals'
    ),
    "a denial": DOCUMENT.replace("    actions ", '    effect    = "Deny"\n    actions '),
    "everybody but one": DOCUMENT.replace("principals {", "not_principals {"),
    "another document": NAMED.replace("  statement {", "  source_policy_documents = [var.more]\n\n  statement {", 1),
    "everybody in a block of its own": NAMED.replace(
        "    principals", '    principals {\n      type        = "AWS"\n      identifiers = ["*"]\n    }\n\n    principals'
    ),
}  # fmt: skip


def test_a_document_that_names_its_principals_passes(tmp_path: Path) -> None:
    address = "data.aws_iam_policy_document.topic"
    assert isinstance(judged(tmp_path, "CKV_AWS_283", address, DOCUMENT, NAMED), Accepted)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_not_closed_by(tmp_path: Path, name: str) -> None:
    address = "data.aws_iam_policy_document.topic"
    refused(judged(tmp_path, "CKV_AWS_283", address, DOCUMENT, DOCUMENTS[name]), "hazards", "control")


def parameter(name: str, value: str) -> str:
    return f'\n  parameter {{\n    name  = "{name}"\n    value = "{value}"\n  }}\n'


def group(*parameters: str) -> str:
    return (
        'resource "aws_docdb_cluster_parameter_group" "shop" {\n  family = "docdb5.0"\n' + "".join(parameters) + "}\n"
    )


TTL, TLS, NO_TLS = parameter("ttl_monitor", "enabled"), parameter("tls", "enabled"), parameter("tls", "disabled")
GROUP = group(TTL, NO_TLS)
GROUPS = {
    "another one changed beside it": group(parameter("ttl_monitor", "disabled"), TLS),
    "another one gone": group(TLS),
    "another one more": group(TTL, TLS, parameter("audit_logs", "disabled")),
    "another name": group(TTL, parameter("tls2", "enabled")),
    "itself again": group(TTL, TLS, NO_TLS),
    "another of that name": group(TTL, NO_TLS, TLS),
    "another renamed": group(parameter("tls", "enabled"), NO_TLS),
    "none at all": group(TTL),
}


def test_a_parameter_among_others_passes(tmp_path: Path) -> None:
    address = "aws_docdb_cluster_parameter_group.shop"
    assert isinstance(judged(tmp_path, "CKV_AWS_90", address, GROUP, group(TTL, TLS)), Accepted)


@pytest.mark.parametrize("name", GROUPS)
def test_a_parameter_among_others_is_not_set_by(tmp_path: Path, name: str) -> None:
    address = "aws_docdb_cluster_parameter_group.shop"
    refused(judged(tmp_path, "CKV_AWS_90", address, GROUP, GROUPS[name]), "hazards", "control")
