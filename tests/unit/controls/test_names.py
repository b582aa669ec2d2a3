import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.controls import Catalogue, load_catalogue
from iacfix.controls.catalogue_file import read_controls
from iacfix.controls.names import STANDARDS, canonical, matches, told
from iacfix.domain.errors import ConfigurationError

SHIPPED = load_catalogue()
CONTROL = """
service: t
controls:
  a:
    title: A control for this test
    why: It is here to be tested and for nothing else.
    risk: low
    names: {names}
    terraform: {{targets: [aws_t], fix: [{{set: {{on: true}}}}]}}
"""


def one(names: str, control_id: str = "a") -> Catalogue:
    return Catalogue(read_controls("x", CONTROL.format(names=names).replace("  a:", f"  {control_id}:")))


@pytest.mark.parametrize(
    ("tool", "spelling", "same"),
    [
        ("checkov", "ckv_aws_7", "CKV_AWS_7"),
        ("trivy", "AVD-AWS-0086", "AWS-0086"),
        ("trivy", "avd-aws-0086", "AWS-0086"),
        ("prowler", "prowler-s3_bucket_object_versioning", "s3_bucket_object_versioning"),
        ("config", "S3_BUCKET_VERSIONING_ENABLED", "s3-bucket-versioning-enabled"),
        ("config", "securityhub-s3-bucket-logging-enabled-dd475a05", "s3-bucket-logging-enabled"),
        ("config", "s3-bucket-logging-enabled-conformance-pack-xqkyw2mca", "s3-bucket-logging-enabled"),
        ("security_hub", "security-control/S3.2", "S3.2"),
        ("security_hub", "aws-foundational-security-best-practices/v/1.0.0/S3.2", "s3.2"),
        ("security_hub", "cis-aws-foundations-benchmark/v/1.4.0/2.1.1", "CIS.1.4.0/2.1.1"),
    ],
)
def test_every_spelling_is_one_name(tool: str, spelling: str, same: str) -> None:
    assert canonical(tool, spelling) == canonical(tool, same)


def test_rules_of_older_standards_are_found_where_security_hub_names_them() -> None:
    catalogue = one('{cis_1_2: ["2.3"], pci_3_2_1: [PCI.S3.1]}')
    assert [catalogue.find("security_hub", check, "") is None for check in ("CIS.1.2.0/2.3", "PCI.S3.1")] == [False] * 2
    assert [catalogue.find("security_hub", check, "") for check in ("2.3", "CIS.1.4.0/2.3", "S3.1")] == [None] * 3
    assert told("cis_1_2", "2.3") == "CIS.1.2.0/2.3"


def test_each_standard_has_a_place_in_the_catalogue() -> None:
    used = {tool for control in SHIPPED for tool in control.names}
    assert set(STANDARDS) <= used


def test_two_spellings_of_a_name_are_claimed_as_one() -> None:
    (other,) = one("{trivy: [AVD-AWS-0086]}", "b").controls
    with pytest.raises(ConfigurationError, match="both claim trivy aws-0086 for aws_t"):
        Catalogue((*one("{trivy: [AWS-0086]}").controls, other))
    assert one("{trivy: [AWS-0086, AVD-AWS-0086]}").find("trivy", "AWS-0086", "") is not None


@pytest.mark.parametrize(
    ("pattern", "text", "same"),
    [
        ("s3 bucket * versioning *", "S3 Bucket versioning should be enabled", True),
        ("s3 bucket * versioning *", "S3 buckets should have versioning enabled", True),
        ("s3 bucket * versioning *", "S3 bucket versioning is not enabled", True),
        ("s3 bucket * versioning *", "S3 bucket versioning should have MFA delete enabled", False),
        ("s3 bucket * versioning *", "S3 bucket", False),
        ("s3 bucket * block public access *", "S3 bucket should have all 'Block public access' settings enabled", True),
        ("s3 bucket * block public access *", "S3 bucket without block public access", True),
        ("ebs volume * encrypted", "EBS volume snapshot should be encrypted", False),
        ("rds instance * multi-az *", "RDS instance should have Multi-AZ enabled", True),
        ("", "", True),
        ("", "a thing", False),
    ],
)
def test_a_pattern_leaves_out_what_every_rule_says(pattern: str, text: str, same: bool) -> None:  # noqa: FBT001 - a case of the table
    assert matches(pattern, text) is same


@given(st.text(alphabet="a bs*-", max_size=300), st.text(alphabet="a bs*-", max_size=300))
def test_no_pattern_and_no_text_are_too_odd(pattern: str, text: str) -> None:
    assert isinstance(matches(pattern, text), bool)


def test_a_rule_is_found_by_what_it_is_called() -> None:
    name = "S3 bucket should have all 'Block public access' settings enabled"
    by_title = SHIPPED.find("wiz", "S3-011", "bucket", name)
    assert by_title is not None
    assert by_title.id == "s3-block-public-access"
    assert SHIPPED.find("wiz", name, "bucket") == by_title
    assert SHIPPED.find("checkov", "S3-011", "bucket", name) is None


def test_no_shipped_pattern_takes_what_another_control_means() -> None:
    meant = {pattern: control.id for control in SHIPPED for pattern in control.names.get("wiz", ())}
    for pattern, control_id in meant.items():
        found = SHIPPED.find("wiz", pattern.replace("*", ""), "")
        assert found is not None
        assert found.id == control_id


def test_a_name_that_two_patterns_mean_is_nobodys() -> None:
    (other,) = one('{wiz: ["thing * two *"]}', "b").controls
    catalogue = Catalogue((*one('{wiz: ["thing two *"]}').controls, other))
    assert catalogue.find("wiz", "thing two", "") is None
    assert catalogue.find("wiz", "thing two", "aws_t") is None


@pytest.mark.parametrize(
    ("check_id", "meant"),
    [
        ("CKV_AWS_007", "kms-key-rotation"),
        ("ckv-aws-7", "kms-key-rotation"),
        ("AWS-65", "kms-key-rotation"),
        ("KMS_4", "kms-key-rotation"),
        ("s3_bucket_objects_versioning", "s3-versioning"),
        ("cmk-backing-keys-rotation-enabled", "kms-key-rotation"),
    ],
)
def test_a_name_that_is_nearly_right_is_told(check_id: str, meant: str) -> None:
    assert SHIPPED.nearest("", check_id)[:1] == (meant,)


@pytest.mark.parametrize("check_id", ["CKV_AWS_70001", "", "7", "x" * 100_000, "9" * 100_000])
def test_another_number_is_another_check(check_id: str) -> None:
    assert SHIPPED.nearest("", check_id) == ()
