"""A value that only the owner knows is asked for by a new parameter, and a grant that holds nothing is narrowed."""

from pathlib import Path

import pytest
from tests.support.repositories import finding, repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.proposal import Edit
from iacfix.domain.verdict import StageOutcome
from iacfix.patches import render_diff
from iacfix.workflows.fix import Fixer
from iacfix.workflows.validate import judged, unsigned

CATALOGUE = load_catalogue()
SITE = """Parameters:
  Old:
    Type: String
  Empty:
    Type: String
    Default: ''
Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
"""
GRANT = """Parameters:
  Stage:
    Type: String
Resources:
  Grant:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: shop
      Principal: s3.amazonaws.com
"""


def refusal(folder: Path, before: str, after: str, check: str, resource: str) -> str:
    """The stage and its reason; "" where the change is accepted."""
    read = finding(check, resource, "t.yaml")
    assert isinstance(read, Finding)
    fixer = Fixer(CATALOGUE, repository(folder, {"t.yaml": before}))
    outcome = judged(read, unsigned(render_diff([Edit("t.yaml", before.encode(), after.encode())])), fixer)
    refused = [each for each in outcome.stages if each.outcome is StageOutcome.REJECTED]
    assert bool(refused) is (outcome.proposal is None), outcome.reason
    return f"{refused[0].name}: {refused[0].reason}" if refused else ""


def site(folder: Path, parameter: str, value: str = "!Ref Acl") -> str:
    after = SITE.replace("Resources:", f"{parameter}Resources:") + f"        WebACLId: {value}\n"
    return refusal(folder, SITE, after, "CKV_AWS_68", "AWS::CloudFront::Distribution.Site")


def grant(folder: Path, new: str, old: str = "      Principal") -> str:
    return refusal(folder, GRANT, GRANT.replace(old, new), "CKV_AWS_364", "AWS::Lambda::Permission.Grant")


@pytest.mark.parametrize("value", ["!Ref Acl", "!Sub '${Acl}'", "{Ref: Acl}"])
def test_what_a_new_parameter_asks_for_is_set_by_whoever_deploys(tmp_path: Path, value: str) -> None:
    assert site(tmp_path, "  Acl:\n    Type: String\n    Description: ARN of the web ACL\n", value) == ""


def test_a_secret_is_asked_for_without_an_echo(tmp_path: Path) -> None:
    asked = "  Acl:\n    Type: String\n    NoEcho: true\n    MinLength: 16\n    MaxLength: 128\n"
    assert site(tmp_path, asked) == ""


@pytest.mark.parametrize(
    ("parameter", "value", "stage"),
    [
        ("  Acl:\n    Type: String\n    Default: ''\n", "!Ref Acl", "control"),
        ("  Acl:\n    Type: String\n    Default: none\n", "!Ref Acl", "resource_scope"),
        ("  Acl:\n    Type: String\n    MaxLength: 0\n", "!Ref Acl", "control"),
        ("  Acl:\n    Type: String\n    MaxLength: '0'\n", "!Ref Acl", "control"),
        ("  Acl:\n    Type: String\n    AllowedPattern: ''\n", "!Ref Acl", "control"),
        ("  Acl:\n    Type: String\n    AllowedValues: ['', b]\n", "!Ref Acl", "control"),
        ("  Acl:\n    Type: CommaDelimitedList\n", "!Ref Acl", "control"),
        ("", "!Ref Old", "control"),
        ("", "!Ref Empty", "control"),
        ("", "!Ref AWS::NoValue", "hazards"),
        ("", "''", "control"),
    ],
)
def test_what_may_be_nothing_is_not_set(tmp_path: Path, parameter: str, value: str, stage: str) -> None:
    assert site(tmp_path, parameter, value).startswith(f"{stage}: ")


@pytest.mark.parametrize("new", ["SourceAccount: !Ref AWS::AccountId", "SourceArn: !Sub 'arn:aws:s3:::shop-${Stage}'"])
def test_a_grant_is_narrowed_although_another_takes_its_place(tmp_path: Path, new: str) -> None:
    assert grant(tmp_path, f"      {new}\n      Principal") == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      Principal: s3", "      SourceAccount: '999999999999'\n      Principal: s3"),
        ("      Principal: s3", "      SourceAccount: ''\n      Principal: s3"),
        ("      Principal: s3", "      SourceArn: '*'\n      Principal: s3"),
        ("      Principal: s3", "      SourceArn: 'arn:aws:s3:::*'\n      Principal: s3"),
        ("      Principal: s3", "      SourceAccount: !Ref AWS::AccountId\n      Principal: sns"),
        ("      FunctionName: shop", "      SourceAccount: !Ref AWS::AccountId\n      FunctionName: other"),
        ("lambda:InvokeFunction", "lambda:*\n      SourceAccount: !Ref AWS::AccountId"),
    ],
)
def test_and_nothing_else_of_it_is_changed(tmp_path: Path, old: str, new: str) -> None:
    assert grant(tmp_path, new, old)
