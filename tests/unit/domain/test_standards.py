import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.standards import Rule, rule_of

CIS = "cis-aws-foundations-benchmark"
FSBP = "aws-foundational-security-best-practices"


@pytest.mark.parametrize(
    ("generator", "rule", "check_id"),
    [
        ("security-control/S3.2", Rule("security-control", "", "S3.2"), "S3.2"),
        (f"{FSBP}/v/1.0.0/S3.2", Rule(FSBP, "1.0.0", "S3.2"), "S3.2"),
        (f"arn:aws:securityhub:::ruleset/{CIS}/v/1.2.0/rule/2.3", Rule(CIS, "1.2.0", "2.3"), "CIS.1.2.0/2.3"),
        (f"{CIS}/v/1.4.0/1.16", Rule(CIS, "1.4.0", "1.16"), "CIS.1.4.0/1.16"),
        (f"{CIS}/v/1.4.0/2.1.5.2", Rule(CIS, "1.4.0", "2.1.5.2"), "CIS.1.4.0/2.1.5.2"),
        (f"{CIS}/v/3.0.0/5.6", Rule(CIS, "3.0.0", "5.6"), "CIS.3.0.0/5.6"),
        ("pci-dss/v/3.2.1/PCI.S3.1", Rule("pci-dss", "3.2.1", "PCI.S3.1"), "PCI.S3.1"),
        ("pci-dss/v/4.0.1/S3.1", Rule("pci-dss", "4.0.1", "S3.1"), "S3.1"),
        ("nist-800-53/v/5.0.0/EC2.10", Rule("nist-800-53", "5.0.0", "EC2.10"), "EC2.10"),
        ("aws-resource-tagging-standard/v/1.0.0/ACM.3", Rule("aws-resource-tagging-standard", "1.0.0", "ACM.3"), "ACM.3"),
        (f"arn:aws-cn:securityhub:cn-north-1:111122223333:control/{FSBP}/v/1.0.0/EC2.2", Rule(FSBP, "1.0.0", "EC2.2"), "EC2.2"),
        (f"arn:aws-us-gov:securityhub:::ruleset/{CIS}/v/1.2.0/rule/4.1", Rule(CIS, "1.2.0", "4.1"), "CIS.1.2.0/4.1"),
    ],
)  # fmt: skip
def test_a_generator_names_standard_version_and_rule(generator: str, rule: Rule, check_id: str) -> None:
    assert rule_of(generator) == rule
    assert rule.check_id == check_id


@pytest.mark.parametrize(
    "generator",
    [
        "",
        "S3.2",
        "security-control/",
        "security-control/a/b",
        f"{FSBP}/v/1.0.0/",
        f"arn:aws:securityhub:::ruleset/{CIS}/v/1.2.0",
        f"{CIS}/v/1.2.0/rule/x",
        "acme/v/2/notes",
        "arn:aws:guardduty:eu-west-1:123456789012:detector/abc",
        "prowler-s3_bucket_public_access",
    ],
)
def test_other_generators_name_none(generator: str) -> None:
    assert rule_of(generator) is None


@given(st.text(alphabet="a1./:-S", max_size=400))
def test_any_text_is_read_or_not(text: str) -> None:
    rule = rule_of(text)
    assert rule is None or text.endswith(rule.id)
