import json

import pytest

from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding, Severity
from iacfix.findings import read_findings


def check(**changes: object) -> dict[str, object]:
    return {
        "check_id": "CKV_AWS_21",
        "check_name": "Buckets keep versions",
        "file_path": "/storage/logs.tf",
        "repo_file_path": "/infra/storage/logs.tf",
        "file_line_range": [3, 9],
        "resource": "aws_s3_bucket.logs",
        "severity": None,
        "guideline": None,
    } | changes


def report(*checks: object, check_type: str = "terraform") -> dict[str, object]:
    return {"check_type": check_type, "results": {"failed_checks": list(checks)}, "summary": {}}


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode())


def one(**changes: object) -> Finding:
    (finding,) = read(report(check(**changes)))
    assert isinstance(finding, Finding)
    return finding


def wrong(**changes: object) -> InvalidFinding:
    (finding,) = read(report(check(**changes)))
    assert isinstance(finding, InvalidFinding)
    return finding


def test_a_failed_check_becomes_a_finding() -> None:
    assert one(severity="HIGH", guideline="https://docs.example.com/s3#versions") == Finding(
        source="checkov",
        id="checkov:CKV_AWS_21:storage/logs.tf:aws_s3_bucket.logs",
        check_id="CKV_AWS_21",
        title="Buckets keep versions",
        resource=CloudResource("aws_s3_bucket", "aws_s3_bucket.logs", "logs"),
        severity=Severity.HIGH,
        hint=Hint("storage/logs.tf", "aws_s3_bucket.logs", 3, 9),
        url="https://docs.example.com/s3#versions",
    )


def test_several_reports_are_read_in_order() -> None:
    reads = read([report(check(check_id="A")), report(check(check_id="B"), check_type="secrets"), report()])
    assert [isinstance(item, Finding) and item.check_id for item in reads] == ["A", "B"]


def test_nothing_scanned_is_nothing_found() -> None:
    assert read({"passed": 0, "failed": 0, "skipped": 0, "resource_count": 0, "checkov_version": "3.2.1"}) == ()


def test_counted_failures_that_are_not_listed_are_not_lost() -> None:
    (item,) = read({"passed": 0, "failed": 2, "checkov_version": "3.2.1"})
    assert isinstance(item, InvalidFinding)
    assert (item.field, item.position) == ("failed", 0)


@pytest.mark.parametrize(
    ("address", "kind", "name", "hint"),
    [
        ("aws_db_instance.default", "aws_db_instance", "default", "aws_db_instance.default"),
        ("aws.default", "aws", "default", "aws.default"),
        ("data.aws_iam_policy_document.x", "aws_iam_policy_document", "x", "data.aws_iam_policy_document.x"),
        (
            "module.a.module.b[0].aws_s3_bucket.this",
            "aws_s3_bucket",
            "this",
            "module.a.module.b.aws_s3_bucket.this",
        ),
        ('module.a["eu.west"].data.aws_ami.os[1]', "aws_ami", "os", "module.a.data.aws_ami.os"),
        ('aws_s3_bucket.b["a]\\"[.x"]', "aws_s3_bucket", "b", "aws_s3_bucket.b"),
        ("aws_s3_bucket.b[each.key]", "aws_s3_bucket", "b", "aws_s3_bucket.b"),
        ("aws_s3_bucket.b[0", "aws_s3_bucket", "b[0", "aws_s3_bucket.b[0"),
        ("module.vpc", "module", "vpc", "module.vpc"),
        ("data.x", "data", "x", "data.x"),
        ("AWS::S3::Bucket.Logs", "AWS::S3::Bucket", "Logs", "AWS::S3::Bucket.Logs"),
        ("d41d8cd98f00b204", "", "d41d8cd98f00b204", "d41d8cd98f00b204"),
    ],
)
def test_the_address_gives_type_name_and_hint(address: str, kind: str, name: str, hint: str) -> None:
    finding = one(resource=address)
    assert finding.resource == CloudResource(kind, address, name)
    assert finding.hint.address == hint
    assert finding.id.endswith(f":{address}")


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/a/b.tf", "a/b.tf"),
        ("a/b.tf", "a/b.tf"),
        ("//etc/passwd", "/etc/passwd"),
        ("/../../etc/passwd", "../../etc/passwd"),
        ("/C:\\infra\\b.tf", "C:\\infra\\b.tf"),
        ("/a\0b\n.tf", "a\0b\n.tf"),
        ("/a\ud800.tf", "a\ufffd.tf"),
    ],
)
def test_the_path_loses_one_slash_and_nothing_else(written: str, path: str) -> None:
    finding = one(file_path=written)
    assert finding.hint.path == path
    assert finding.id.isprintable()


def test_the_path_in_the_repository_stands_in_for_a_missing_one() -> None:
    assert one(file_path=None).hint.path == "infra/storage/logs.tf"
    assert one(file_path=None, repo_file_path=None).hint.path == ""


def test_ids_stay_unique_and_the_first_one_plain() -> None:
    plain = "checkov:CKV_AWS_21:storage/logs.tf:aws_s3_bucket.logs"
    reads = read([report(check(), check(resource="aws_s3_bucket.logs[0]"), check()), report(check(severity=5))])
    assert [item.id for item in reads] == [plain, f"{plain}[0]", f"{plain}#2", f"{plain}#3"]


@pytest.mark.parametrize(
    ("label", "severity"),
    [
        ("CRITICAL", Severity.CRITICAL),
        ("high", Severity.HIGH),
        ("MEDIUM", Severity.MEDIUM),
        ("MODERATE", Severity.MEDIUM),
        ("LOW", Severity.LOW),
        ("INFO", Severity.INFORMATIONAL),
        (None, Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
        ("terrible", Severity.UNKNOWN),
    ],
)
def test_severities(label: str | None, severity: Severity) -> None:
    assert one(severity=label).severity is severity


@pytest.mark.parametrize(
    "guideline",
    [
        None,
        7,
        "",
        "http://example.com",
        "javascript:alert(1)",
        "https://user:secret@example.com/",
        "https://example.com/a b",
        "https://example.com/)](https://evil.example",
        "https://example.com/\n",
        "https://" + "a" * 5000,
    ],
)
def test_a_link_that_is_no_plain_https_url_is_dropped(guideline: object) -> None:
    assert one(guideline=guideline).url == ""


def test_text_is_one_printable_line() -> None:
    finding = one(check_name="a\r\nb\0c\u202ed\u2028e\ud800", resource="aws_s3_bucket.a\nb", check_id="CKV\t1")
    assert (finding.title, finding.check_id) == ("a  b c d e", "CKV 1")
    assert (finding.resource.identifier, finding.hint.address) == ("aws_s3_bucket.a b", "aws_s3_bucket.a b")


def test_a_title_is_cut_at_500_characters() -> None:
    assert one(check_name="x" * 500).title == "x" * 500
    assert one(check_name="x" * 501).title == "x" * 499 + "…"


@pytest.mark.parametrize("name", [None, "", "\n"])
def test_a_check_without_a_name_is_called_by_its_id(name: str | None) -> None:
    assert one(check_name=name).title == "CKV_AWS_21"


def test_lines_may_be_missing() -> None:
    finding = one(file_line_range=None)
    assert (finding.hint.start_line, finding.hint.end_line) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"check_id": None}, "check_id", "is missing"),
        ({"check_id": " "}, "check_id", "is empty"),
        ({"check_id": 21}, "check_id", "should be a string, is a number"),
        ({"resource": ["a"]}, "resource", "should be a string, is a list"),
        ({"resource": "x" * 4097}, "resource", "has 4,097 characters, the limit is 4,096"),
        ({"file_path": {}}, "file_path", "should be a string, is an object"),
        ({"check_name": True}, "check_name", "should be a string, is a boolean"),
        ({"severity": 1.5}, "severity", "should be a string, is a number"),
        ({"file_line_range": "3-9"}, "file_line_range", "should be a list, is a string"),
        ({"file_line_range": [3]}, "file_line_range", "should hold two numbers, holds 1"),
        ({"file_line_range": [9, 3]}, "file_line_range", "should be a first and a last line, counted from 1"),
        ({"file_line_range": [-1, 3]}, "file_line_range", "should be a first and a last line, counted from 1"),
        ({"file_line_range": [1, "3"]}, "file_line_range[1]", "should be a whole number, is a string"),
        ({"file_line_range": [True, 3]}, "file_line_range[0]", "should be a whole number, is a boolean"),
        ({"file_line_range": [None, 3]}, "file_line_range[0]", "should be a whole number, is null"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, object], field: str, reason: str) -> None:
    item = wrong(**changes)
    assert item.field == f"results.failed_checks[0].{field}"
    assert item.reason == reason


def test_a_wrong_entry_keeps_its_place_its_id_and_its_neighbours() -> None:
    first, second, third, fourth = read(
        [report(check(), "junk"), report(check(file_line_range=0, resource="a.b"), check(resource="a.c"))]
    )
    assert isinstance(first, Finding)
    assert isinstance(fourth, Finding)
    assert second == InvalidFinding(
        "checkov", 1, "[0].results.failed_checks[1]", "should be an object, is a string", ""
    )
    assert third == InvalidFinding(
        "checkov",
        2,
        "[1].results.failed_checks[0].file_line_range",
        "should be a list, is a number",
        "checkov:CKV_AWS_21:storage/logs.tf:a.b",
    )


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (None, "[0]"),
        ({"check_type": "terraform", "results": []}, "[0].results"),
        ({"check_type": "terraform", "results": {}}, "[0].results.failed_checks"),
        ({"check_type": "terraform", "results": {"failed_checks": {}}}, "[0].results.failed_checks"),
        ({"check_type": "terraform"}, "[0].results.failed_checks"),
    ],
)
def test_a_broken_report_costs_the_next_one_nothing(broken: object, field: str) -> None:
    first, second = read([broken, report(check())])
    assert isinstance(first, InvalidFinding)
    assert (first.field, first.position) == (field, 0)
    assert isinstance(second, Finding)
