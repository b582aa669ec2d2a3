"""Diffs of templates that look like the fix, please a scanner or hide something beside it. None may pass."""

from pathlib import Path

import pytest
import yaml
from tests.support.repositories import finding, repository
from tests.support.stages import passed_but_for_tools

from iacfix.controls import Catalogue, load_catalogue
from iacfix.controls.catalogue_file import read_controls
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import Accepted, Rejected, StageName, Verdict
from iacfix.locators.locate import locate
from iacfix.patches import render_diff
from iacfix.validators import judge
from iacfix.workflows.fix import Fixer

CATALOGUE = load_catalogue()

DATABASE = """AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Public:
    Type: String
    Default: 'true'
  Stage:
    Type: String
Conditions:
  Production: !Equals [!Ref Stage, production]
Mappings:
  Sizes:
    production: {class: db.m6g.large}
Resources:
  # The orders of the shop.
  Orders:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Retain
    UpdateReplacePolicy: Snapshot
    Metadata:
      Team: shop
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      DBInstanceClass: db.m6g.large
      AllocatedStorage: '100'
      PubliclyAccessible: true
      DeletionProtection: true
      MasterUserPassword: correct-horse-battery
  Reports:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: reports
Outputs:
  Address:
    Value: !GetAtt Orders.Endpoint.Address
"""
OPEN, CLOSED = "      PubliclyAccessible: true\n", "      PubliclyAccessible: false\n"
FIXED = DATABASE.replace(OPEN, CLOSED)
TYPE = "    Type: AWS::RDS::DBInstance\n    DeletionPolicy: Retain\n"


def judged(folder: Path, before: str, after: str, *, check: str = "CKV_AWS_17", logical_id: str = "Orders") -> Verdict:
    repo = repository(folder, {"shop.yaml": before})
    kind = yaml.safe_load(before.replace("!", ""))["Resources"][logical_id]["Type"]
    read = finding(check, f"{kind}.{logical_id}", "shop.yaml")
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location), location
    control = CATALOGUE.find("checkov", check, kind)
    diff = render_diff([Edit("shop.yaml", before.encode(), after.encode())])
    return judge(Candidate(diff, "test"), Fixer(CATALOGUE, repo).case(control, location))


def rejected(verdict: Verdict, stage: str, said: str) -> None:
    assert isinstance(verdict, Rejected), verdict
    assert (verdict.stage.value, said in verdict.reason) == (stage, True), verdict.reason


def test_a_right_fix_passes_every_stage(tmp_path: Path) -> None:
    verdict = judged(tmp_path, DATABASE, FIXED)
    assert isinstance(verdict, Accepted), verdict
    assert [stage.name for stage in verdict.stages] == list(StageName)
    assert passed_but_for_tools(verdict.stages)
    assert verdict.changed_lines == 2


def also(old: str, new: str) -> str:
    """The fix, and something beside it."""
    assert old in FIXED, old
    return FIXED.replace(old, new, 1)


BESIDE = {
    "another resource": (also("reports\n", "reports\n      PubliclyAccessible: false\n"), "resource_scope", "Reports"),
    "another resource removed": (
        FIXED[: FIXED.index("  Reports:")] + FIXED[FIXED.index("Outputs:") :],
        "resource_scope",
        "no resource may be removed",
    ),
    "a resource that nobody asked for": (
        also("Outputs:", "  Extra:\n    Type: AWS::S3::Bucket\nOutputs:"),
        "resource_scope",
        "Resources.Extra is added",
    ),
    "a parameter's default": (also("Default: 'true'", "Default: 'false'"), "resource_scope", "Parameters.Public"),
    "a new parameter": (
        also("  Stage:\n", "  Other:\n    Type: String\n  Stage:\n"),
        "resource_scope",
        "Parameters.Other is added",
    ),
    "a condition": (also("production]", "staging]"), "resource_scope", "Conditions.Production"),
    "a mapping": (also("db.m6g.large}", "db.m6g.small}"), "resource_scope", "Mappings.Sizes"),
    "an output": (also("Endpoint.Address", "Endpoint.Port"), "resource_scope", "Outputs.Address"),
    "a macro for the whole": (also("Parameters:\n", "Transform: Mine\nParameters:\n"), "resource_scope", "Transform"),
    "metadata for a linter": (
        also("Parameters:\n", "Metadata:\n  cfn-lint: {config: {ignore_checks: [E3002]}}\nParameters:\n"),
        "resource_scope",
        "Metadata",
    ),
    "a loop": (
        also("Outputs:", "  Fn::ForEach::Copies:\n    - Name\n    - [A]\n    - ${Name}: {Type: AWS::S3::Bucket}\nOutputs:"),
        "resource_scope",
        "Fn::ForEach",
    ),
    "an include beside the resources": (
        also("Outputs:", "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://a/b}}\nOutputs:"),
        "resource_scope",
        "Fn::Transform",
    ),
    "the resource deleted": (
        FIXED[: FIXED.index("  # The orders")] + FIXED[FIXED.index("  Reports:") :],
        "hazards",
        "deleted",
    ),
    "the resource renamed": (also("  Orders:", "  Database:"), "resource_scope", "Resources.Database is added"),
    "the resource of another type": (also(TYPE, TYPE.replace("DBInstance", "DBCluster")), "hazards", "Type of"),
    "the resource under a condition": (
        also(TYPE, TYPE + "    Condition: Production\n"),
        "hazards",
        "Condition of Resources.Orders is changed",
    ),
    "what is kept when it goes": (also("DeletionPolicy: Retain", "DeletionPolicy: Delete"), "hazards", "DeletionPolicy"),
    "what is kept when it is no longer said": (also("    DeletionPolicy: Retain\n", ""), "hazards", "DeletionPolicy"),
    "what is kept when it is replaced": (also("Policy: Snapshot", "Policy: Delete"), "hazards", "UpdateReplacePolicy"),
    "what it waits for": (also(TYPE, TYPE + "    DependsOn: Reports\n"), "hazards", "DependsOn"),
    "metadata for cfn_nag": (
        also("Team: shop", "Team: shop\n      cfn_nag: {rules_to_suppress: [{id: F22}]}"),
        "hazards",
        "Metadata",
    ),
    "metadata for checkov": (
        also("Team: shop", "Team: shop\n      checkov: {skip: [{id: CKV_AWS_17}]}"),
        "hazards",
        "Metadata",
    ),
    "a comment for checkov": (also(TYPE, "    # checkov:skip=CKV_AWS_17\n" + TYPE), "hazards", "look away"),
    "a comment for trivy": (also("  Orders:\n", "  Orders: # trivy:ignore:AVD-AWS-0180\n"), "hazards", "look away"),
    "a comment for kics": (also(CLOSED, "      # kics-scan ignore-line\n" + CLOSED), "hazards", "look away"),
    "an include in the resource": (
        also(CLOSED, CLOSED + "      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://a/b}}\n"),
        "hazards",
        "Fn::Transform",
    ),
    "a property taken away by a reference": (
        also("DeletionProtection: true", "DeletionProtection: !Ref AWS::NoValue"),
        "hazards",
        "AWS::NoValue",
    ),
    "a property chosen at deployment": (
        also("DeletionProtection: true", "DeletionProtection: !If [Production, true, false]"),
        "hazards",
        "Fn::If",
    ),
    "a guard given up": (also("DeletionProtection: true", "DeletionProtection: false"), "hazards", "given up"),
    "a guard removed": (also("      DeletionProtection: true\n", ""), "hazards", "given up"),
    "a name that replaces it": (also("Identifier: orders", "Identifier: orders2"), "hazards", "replaces"),
    "a secret": (also(CLOSED, CLOSED + "      MasterUsername: AKIAIOSFODNN7EXAMPLE\n"), "hazards", ""),
    "a secret in another place": (
        also(CLOSED, CLOSED + "      MasterUsername: correct-horse-battery\n"),
        "hazards",
        "copied",
    ),
    "a setting that the finding is not about": (also("'100'", "'200'"), "hazards", "AllocatedStorage"),
    "most of its settings gone": (
        also("      DBInstanceIdentifier: orders\n      Engine: postgres\n      DBInstanceClass: db.m6g.large\n      AllocatedStorage: '100'\n", ""),
        "hazards",
        "loses most",
    ),
    "a character that nobody sees": (also("Team: shop", "Team: sh\u200bop"), "syntax", "U+200B"),
    "a key written twice": (also(CLOSED, CLOSED + OPEN), "resource_scope", "written twice"),
    "a tag that is no function": (also("Engine: postgres", "Engine: !Engine postgres"), "syntax", "no function"),
    "text that is no template": (also("Resources:", "Resource:"), "apply", "no Resources"),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_nothing_passes_beside_the_fix(tmp_path: Path, name: str) -> None:
    after, stage, said = BESIDE[name]
    rejected(judged(tmp_path, DATABASE, after), stage, said)


INSTEAD = {
    "by a parameter": ("!Ref Public", "control", "nothing shows that it is so"),
    "by a condition": ("!If [Production, false, true]", "hazards", "Fn::If"),
    "by a mapping": ("!FindInMap [Sizes, production, class]", "control", "nothing shows"),
    "by a value from elsewhere": ("!ImportValue public", "control", "nothing shows"),
    "left as it was": ("'true'", "control", "not yet so"),
}


@pytest.mark.parametrize("name", INSTEAD)
def test_what_does_not_show_that_it_is_right_is_no_fix(tmp_path: Path, name: str) -> None:
    value, stage, said = INSTEAD[name]
    rejected(judged(tmp_path, DATABASE, DATABASE.replace(OPEN, OPEN.replace("true", value))), stage, said)


SHARED = """Resources:
  First:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: &common
        InstanceType: m6i.large
        MetadataOptions: {HttpTokens: optional}
  Second:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData: *common
"""


def test_a_change_behind_an_anchor_changes_all_that_refer_to_it(tmp_path: Path) -> None:
    after = SHARED.replace("optional", "required")
    verdict = judged(tmp_path, SHARED, after, check="CKV_AWS_79", logical_id="First")
    rejected(verdict, "resource_scope", "Resources.Second is changed")


GROUP = """Resources:
  Web:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        NetworkInterfaces:
          - DeviceIndex: 0
"""


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("    AssociatePublicIpAddress: true\n", "switched on"),
        ("    SubnetId: 0.0.0.0/0\n", "every address"),
        ("    SubnetId: '*'\n", "wildcard"),
        ("    SubnetId: s3:*\n", "wildcard"),
    ],
)
def test_nothing_is_opened_or_widened(tmp_path: Path, extra: str, said: str) -> None:
    after = GROUP + "        " + extra
    rejected(judged(tmp_path, GROUP, after, check="CKV_AWS_79", logical_id="Web"), "hazards", said)


# --- companions

WITH_POLICY = """
service: t
controls:
  bucket-policy:
    title: A bucket has a policy of its own
    why: It is here to be tested and for nothing else.
    risk: low
    names: {checkov: [CKV_AWS_9001]}
    cloudformation:
      targets: [AWS::S3::Bucket]
      companions: [AWS::S3::BucketPolicy]
      fix:
        - steps:
            - companion: AWS::S3::BucketPolicy
              link: {Bucket: Ref}
              set: {PolicyDocument.Version: '2012-10-17'}
"""
BUCKETS = """Conditions:
  Never: !Equals [a, b]
Resources:
  Archive:
    Type: AWS::S3::Bucket
  Other:
    Type: AWS::S3::Bucket
"""
POLICY = """  ArchivePolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Archive
      PolicyDocument:
        Version: '2012-10-17'
"""


def beside(folder: Path, policy: str, before: str = BUCKETS) -> Verdict:
    repo = repository(folder, {"shop.yaml": before})
    (control,) = read_controls("t.yaml", WITH_POLICY)
    read = finding("CKV_AWS_9001", "AWS::S3::Bucket.Archive", "shop.yaml")
    assert isinstance(read, Finding)
    location = locate(read, repo)
    assert isinstance(location, Location)
    diff = render_diff([Edit("shop.yaml", before.encode(), (BUCKETS + policy).encode())])
    return judge(Candidate(diff, "test"), Fixer(Catalogue((control,)), repo).case(control, location))


def test_a_companion_that_refers_to_the_target_passes(tmp_path: Path) -> None:
    assert isinstance(beside(tmp_path, POLICY), Accepted)


@pytest.mark.parametrize(
    ("policy", "stage", "said"),
    [
        (POLICY.replace("!Ref Archive", "!Ref Other"), "resource_scope", "does not refer"),
        (POLICY.replace("!Ref Archive", "archive"), "resource_scope", "does not refer"),
        (POLICY.replace("!Ref Archive", "!If [Never, !Ref Archive, !Ref Other]"), "resource_scope", "does not refer"),
        (POLICY.replace("!Ref Archive", "other # !Ref Archive"), "resource_scope", "does not refer"),
        (POLICY.replace("::BucketPolicy", "::AccessPoint"), "resource_scope", "may not touch"),
        (POLICY.replace("    Properties", "    Condition: Never\n    Properties"), "hazards", "only under the condition"),
        (POLICY.replace("    Properties", "    DeletionPolicy: Retain\n    Properties"), "hazards", "brings DeletionPolicy"),
        (POLICY + "        Statement: []\n", "hazards", "Statement"),
        (POLICY.replace("2012-10-17", "2008-10-17"), "control", "not yet so"),
    ],
)  # fmt: skip
def test_a_companion_that_is_none_is_refused(tmp_path: Path, policy: str, stage: str, said: str) -> None:
    rejected(beside(tmp_path, policy), stage, said)


def test_a_companion_that_belonged_to_another_stays_theirs(tmp_path: Path) -> None:
    theirs = BUCKETS + POLICY.replace("!Ref Archive", "!Ref Other")
    rejected(beside(tmp_path, POLICY, theirs), "resource_scope", "did not refer")


# --- JSON

JSON = """{
  "Resources": {
    "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}}
  }
}
"""


def test_a_template_in_json_stays_json(tmp_path: Path) -> None:
    after = JSON.replace('"jobs"}', '"jobs", SqsManagedSseEnabled: true}')
    verdict = judged(tmp_path, JSON, after, check="CKV_AWS_27", logical_id="Jobs")
    rejected(verdict, "syntax", "was JSON")
