"""Diffs of policies and of one item among many, in templates, that only look like the fix. None may pass."""

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

STAR = "                - '*'\n"
KEY = """Parameters:
  Who:
    Type: String
Resources:
  Data:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: Owner
            Effect: Allow
            Principal:
              AWS: arn:aws:iam::111122223333:root
            Action: kms:*
            Resource: '*'
          - Sid: Others
            Effect: Allow
            Principal:
              AWS:
                - '*'
                - arn:aws:iam::444455556666:role/reader
            Action: kms:Decrypt
            Resource: '*'
          - Sid: Never
            Effect: Deny
            Principal: '*'
            Action: kms:ScheduleKeyDeletion
            Resource: '*'
"""
FIXED = KEY.replace(STAR, "")
ROOT, DECRYPT = "AWS: arn:aws:iam::111122223333:root\n", "            Action: kms:Decrypt\n"
ALWAYS = "            Condition:\n              Bool:\n                aws:SecureTransport: 'true'\n"
KEYS = {
    "every account instead": KEY.replace("- '*'", "- arn:aws:iam::*:root"),
    "another account instead": KEY.replace("- '*'", "- arn:aws:iam::999999999999:root"),
    "a parameter instead": KEY.replace("- '*'", "- !Ref Who"),
    "a function instead": KEY.replace("- '*'", "- !Sub '*'"),
    "everybody in another statement": FIXED.replace(ROOT, "AWS: '*'\n"),
    "the other one gone": KEY.replace("                - arn:aws:iam::444455556666:role/reader\n", ""),
    "the owner gone": FIXED.replace(ROOT, "Service: ec2.amazonaws.com\n"),
    "a condition that always holds": KEY.replace(DECRYPT, ALWAYS + DECRYPT),
    "right, and a condition": FIXED.replace(DECRYPT, ALWAYS + DECRYPT),
    "the denial turned around": FIXED.replace("Effect: Deny", "Effect: Allow"),
    "everybody but one": KEY.replace(
        "Principal:\n              AWS:\n                - '*'\n", "NotPrincipal:\n              AWS:\n"
    ),
    "more actions": FIXED.replace(DECRYPT, "            Action: kms:*\n"),
    "a statement less": FIXED[: FIXED.index("          - Sid: Never")],
    "a statement more": FIXED
    + "          - {Effect: Allow, Principal: {AWS: !Ref Who}, Action: kms:*, Resource: '*'}\n",
    "no rotation": FIXED.replace("EnableKeyRotation: true", "EnableKeyRotation: false"),
    "another version of the language": FIXED.replace("2012-10-17", "2008-10-17"),
}


def judged(folder: Path, check: str, address: str, before: str, after: str) -> Verdict:
    repo = repository(folder, {"shop.yaml": before})
    read = finding(check, address, "shop.yaml")
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location), location
    control = CATALOGUE.find("checkov", check, read.resource.type)
    diff = render_diff([Edit("shop.yaml", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location))


def refused(verdict: Verdict, *stages: str) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert verdict.stage in stages, verdict.reason


def test_a_key_that_names_its_users_passes(tmp_path: Path) -> None:
    assert isinstance(judged(tmp_path, "CKV_AWS_33", "AWS::KMS::Key.Data", KEY, FIXED), Accepted)


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_not_closed_by(tmp_path: Path, name: str) -> None:
    assert KEYS[name] not in {KEY, FIXED}
    refused(judged(tmp_path, "CKV_AWS_33", "AWS::KMS::Key.Data", KEY, KEYS[name]), "hazards", "control")


def balancer(*attributes: str) -> str:
    items = "".join(f"        - Key: {key}\n          Value: '{value}'\n" for key, _, value in (each.partition("=") for each in attributes))  # fmt: skip
    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    return f"Resources:\n  Web:\n    Type: {kind}\n    Properties:\n      LoadBalancerAttributes:\n{items}"


DROP = "routing.http.drop_invalid_header_fields.enabled"
BALANCER = balancer("deletion_protection.enabled=true", f"{DROP}=false")
BALANCERS = {
    "another one changed beside it": balancer("deletion_protection.enabled=false", f"{DROP}=true"),
    "another one gone": balancer(f"{DROP}=true"),
    "another one more": balancer("deletion_protection.enabled=true", f"{DROP}=true", "waf.fail_open.enabled=true"),
    "another name": balancer("deletion_protection.enabled=true", f"{DROP}.not=true"),
    "itself again": balancer("deletion_protection.enabled=true", f"{DROP}=true", f"{DROP}=false"),
    "another renamed": balancer(f"{DROP}=true", f"{DROP}=false"),
}


def test_an_item_among_others_passes(tmp_path: Path) -> None:
    after = balancer("deletion_protection.enabled=true", f"{DROP}=true")
    address = "AWS::ElasticLoadBalancingV2::LoadBalancer.Web"
    assert isinstance(judged(tmp_path, "CKV_AWS_131", address, BALANCER, after), Accepted)


@pytest.mark.parametrize("name", BALANCERS)
def test_an_item_among_others_is_not_set_by(tmp_path: Path, name: str) -> None:
    address = "AWS::ElasticLoadBalancingV2::LoadBalancer.Web"
    refused(judged(tmp_path, "CKV_AWS_131", address, BALANCER, BALANCERS[name]), "hazards", "control")
