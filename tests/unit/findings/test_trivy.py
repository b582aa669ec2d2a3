import json

import pytest

from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding, Severity
from iacfix.findings import read_findings


def misconfiguration(**changes: object) -> dict[str, object]:
    return {
        "Type": "Terraform Security Check",
        "ID": "AWS-0090",
        "Title": "Versions are not kept",
        "Severity": "MEDIUM",
        "PrimaryURL": "https://avd.example.com/misconfig/aws-0090",
        "Status": "FAIL",
        "CauseMetadata": {"Resource": "aws_s3_bucket.logs", "Provider": "AWS", "StartLine": 3, "EndLine": 9},
    } | changes


def report(*found: object, **changes: object) -> dict[str, object]:
    result = {"Target": "storage/logs.tf", "Class": "config", "Type": "terraform", "Misconfigurations": list(found)}
    return {"SchemaVersion": 2, "ArtifactName": ".", "Results": [result | changes]}


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode())


def test_a_misconfiguration_becomes_a_finding() -> None:
    assert read(report(misconfiguration())) == (
        Finding(
            source="trivy",
            id="trivy:AWS-0090:storage/logs.tf:aws_s3_bucket.logs",
            check_id="AWS-0090",
            title="Versions are not kept",
            resource=CloudResource("aws_s3_bucket", "aws_s3_bucket.logs", "logs"),
            severity=Severity.MEDIUM,
            hint=Hint("storage/logs.tf", "aws_s3_bucket.logs", 3, 9),
            url="https://avd.example.com/misconfig/aws-0090",
        ),
    )


def test_a_module_and_a_template_name_their_blocks() -> None:
    in_module = misconfiguration(CauseMetadata={"Resource": "module.a.aws_s3_bucket.this", "StartLine": 1})
    in_template = misconfiguration(CauseMetadata={"Resource": "Logs", "StartLine": 4, "EndLine": 6})
    first, second = read(report(in_module, in_template))
    assert isinstance(first, Finding)
    assert isinstance(second, Finding)
    assert (first.resource.type, first.resource.name) == ("aws_s3_bucket", "this")
    assert (second.resource, second.hint.address) == (CloudResource("", "Logs", "Logs"), "Logs")


def test_a_check_without_a_block_is_told_by_its_line() -> None:
    (finding,) = read(report(misconfiguration(CauseMetadata={"StartLine": 7, "EndLine": 7})))
    assert isinstance(finding, Finding)
    assert (finding.id, finding.hint) == ("trivy:AWS-0090:storage/logs.tf:7", Hint("storage/logs.tf", "", 7, 7))


def test_one_check_of_one_block_may_be_told_twice() -> None:
    assert [getattr(each, "id", "")[-3:] for each in read(report(misconfiguration(), misconfiguration()))] == [
        "ogs",
        "s#2",
    ]


@pytest.mark.parametrize("status", ["PASS", "EXCEPTION"])
def test_what_is_right_is_no_finding(status: str) -> None:
    assert read(report(misconfiguration(Status=status))) == ()


def test_other_results_are_left_alone() -> None:
    found = report(misconfiguration())
    found["Results"] = [{"Target": "image", "Vulnerabilities": [{}]}, *found["Results"]]  # type: ignore[misc] # a list
    assert len(read(found)) == 1
    assert read({"SchemaVersion": 2, "ArtifactName": "."}) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ID": None}, "Results[0].Misconfigurations[0].ID"),
        ({"CauseMetadata": {"StartLine": "3"}}, "Results[0].Misconfigurations[0].CauseMetadata.StartLine"),
        ({"CauseMetadata": {"StartLine": -1}}, "Results[0].Misconfigurations[0].CauseMetadata.StartLine"),
        ({"CauseMetadata": []}, "Results[0].Misconfigurations[0].CauseMetadata"),
    ],
)
def test_what_is_malformed_is_named_and_costs_no_other_its_turn(change: dict[str, object], field: str) -> None:
    broken, whole = read(report(misconfiguration(**change), misconfiguration()))
    assert isinstance(broken, InvalidFinding)
    assert isinstance(whole, Finding)
    assert broken.field == field


def test_a_malformed_result_is_one_entry() -> None:
    found = report(misconfiguration())
    broken, whole = read({**found, "Results": [{"Misconfigurations": 4}, *found["Results"]]})  # type: ignore[misc] # a list
    assert isinstance(broken, InvalidFinding)
    assert isinstance(whole, Finding)
