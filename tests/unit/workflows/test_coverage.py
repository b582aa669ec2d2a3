from iacfix.controls import Catalogue, load_catalogue
from iacfix.controls.checks import known_checks
from iacfix.domain.finding import CloudResource, Finding, InvalidFinding
from iacfix.workflows.coverage import Check, Share, Standing, of_report, shares

SHIPPED = load_catalogue()
ROTATION = Catalogue(tuple(each for each in SHIPPED if each.id == "kms-key-rotation"))


def finding(check_id: str, kind: str, source: str = "checkov", title: str = "A check") -> Finding:
    return Finding(source, f"{check_id}-{kind}", check_id, title, CloudResource(kind, "x"))


def test_checks_are_counted_by_tool_and_service() -> None:
    counted = shares(ROTATION, {"checkov": {"kms": ["CKV_AWS_7", "CKV_AWS_227"]}, "trivy": {"kms": ["AVD-AWS-0065"]}})
    assert Share("checkov", "kms", 1, 2) in counted
    assert Share("trivy", "kms", 1, 1) in counted


def test_names_that_only_the_catalogue_has_count_as_checks() -> None:
    counted = shares(ROTATION, {"checkov": {}})
    assert all(share.with_control == share.checks for share in counted)
    assert Share("checkov", "kms", 1, 1) in counted


def test_an_empty_catalogue_covers_nothing() -> None:
    assert {share.with_control for share in shares(Catalogue(()), known_checks())} == {0}


def test_every_listed_check_stands_once() -> None:
    for tool, services in known_checks().items():
        checks = [check for listed in services.values() for check in listed]
        assert len(checks) == len(set(checks)), tool


def test_a_report_is_told_check_by_check() -> None:
    reads = (
        finding("CKV_AWS_7", "aws_kms_key"),
        finding("CKV_AWS_7", "aws_kms_key"),
        finding("CKV_AWS_3", "aws_ebs_volume"),
        finding("CKV_AWS_9999", "aws_x"),
        finding("KMS.4", "AwsKmsKey", "security_hub"),
        InvalidFinding("checkov", 0, "check_id", "is missing"),
    )
    ebs, kms, unknown, hub = of_report(reads, SHIPPED)
    assert (kms.standing, kms.findings, kms.control, kms.reason) == (Standing.KNOWN, 2, "kms-key-rotation", "")
    assert (ebs.standing, ebs.control) == (Standing.DECLINED, "ebs-volume-encryption")
    assert "replaces it" in ebs.reason
    reason = "the catalogue does not know CKV_AWS_9999 of checkov"
    assert unknown == Check("checkov", "CKV_AWS_9999", "aws_x", "A check", 1, Standing.UNSUPPORTED, "", reason)
    assert (hub.tool, hub.standing) == ("security_hub", Standing.KNOWN)
