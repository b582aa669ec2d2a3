import pytest

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.validators.cloudformation.secret_places import moved_secrets

TEMPLATE = """Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      DBName: "é"
      MasterUserPassword: &it "hunter2-and-more"
      Tags:
        - {Key: Team, Value: shop}
        - Key: Old
          Value: AKIAIOSFODNN7EXAMPLE # a key
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: alarms
"""
JSON = """{"Resources": {"Db": {"Type": "AWS::RDS::DBInstance", "Properties": {
  "MasterUserPassword": "hunter2-and-more",
  "DBName": "shop"
}}}}
"""


def moved(before: str, after: str) -> str:
    assert before != after
    return moved_secrets(*(CloudFormationDocument.read("t.yaml", text.encode()) for text in (before, after)))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("MasterUserPassword: &it", "MasterUsername: &it", "Resources.Db.Properties.MasterUsername"),
        ('      MasterUserPassword: &it "', '      # MasterUserPassword: "', "a comment"),
        ("  Db:", "  Other:", "Resources.Other.Properties.MasterUserPassword"),
        ("Key: Old", "Key: Public", "Resources.Db.Properties.Tags.Public.Value"),
        ("DisplayName: alarms", "DisplayName: *it", "Resources.Topic.Properties.DisplayName"),
        ("Value: shop", "Value: *it", "Resources.Db.Properties.Tags.Team.Value"),
        (
            "DisplayName: alarms",
            "DisplayName: alarms\n      KmsMasterKeyId: AKIAIOSFODNN7EXAMPLE",
            "Resources.Topic.Properties.KmsMasterKeyId",
        ),
    ],
)
def test_a_secret_that_stands_elsewhere_is_named_by_its_place(old: str, new: str, place: str) -> None:
    assert moved(TEMPLATE, TEMPLATE.replace(old, new)) == f"a secret is moved to {place}"


def test_it_is_the_same_in_json() -> None:
    assert moved(JSON, JSON.replace("MasterUserPassword", "MasterUsername")) == (
        "a secret is moved to Resources.Db.Properties.MasterUsername"
    )
    assert moved(JSON, JSON.replace('"DBName"', '"StorageEncrypted": true,\n  "DBName"')) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      Tags", "      StorageEncrypted: true\n      Tags"),
        ('&it "hunter2-and-more"', "!Ref Password"),
        ("        - {Key: Team, Value: shop}\n", ""),
        ("        - {Key", "        - {Key: New, Value: one}\n        - {Key"),
        ('MasterUserPassword: &it "', 'MasterUserPassword:   &it "'),
        ("  Topic:", "  Key:\n    Type: AWS::KMS::Key\n  Topic:"),
    ],
)
def test_what_leaves_secrets_where_they_stand_passes(old: str, new: str) -> None:
    assert moved(TEMPLATE, TEMPLATE.replace(old, new)) == ""


def test_a_new_secret_is_for_others_to_see() -> None:
    assert moved(TEMPLATE, TEMPLATE.replace("alarms", "ASIAIOSFODNN7EXAMPLE")) == ""
