import json

import pytest

from iacfix.domain.finding import CloudResource, Finding, FindingRead, Hint, InvalidFinding, Severity
from iacfix.findings import read_findings

RULE: dict[str, object] = {
    "id": "CKV_AWS_21",
    "shortDescription": {"text": "Buckets keep versions"},
    "helpUri": "https://docs.example.com/s3",
    "properties": {"security-severity": "8.9"},
}
Json = dict[str, object]


def place(uri: object = "storage/logs.tf", **region: object) -> list[Json]:
    lines = {"startLine": 3, "endLine": 9} | region
    return [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": lines}}]


def result(**changes: object) -> Json:
    whole: Json = {"ruleId": "CKV_AWS_21", "ruleIndex": 0, "message": {"text": "wrong"}, "locations": place()}
    return {name: value for name, value in (whole | changes).items() if value is not None}


def log(*results: object, rule: Json = RULE, tool: str = "Checkov") -> Json:
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool, "rules": [rule]}}, "results": [*results]}]}


def read(document: object) -> tuple[FindingRead, ...]:
    return read_findings(json.dumps(document).encode())


def one(document: object) -> Finding:
    (finding,) = read(document)
    assert isinstance(finding, Finding)
    return finding


def test_a_result_becomes_a_finding_of_its_tool() -> None:
    assert one(log(result())) == Finding(
        source="checkov",
        id="checkov:CKV_AWS_21:storage/logs.tf:3",
        check_id="CKV_AWS_21",
        title="Buckets keep versions",
        resource=CloudResource("", "storage/logs.tf:3"),
        severity=Severity.HIGH,
        hint=Hint("storage/logs.tf", "", 3, 9),
        url="https://docs.example.com/s3",
    )


def test_a_rule_may_be_named_by_its_number() -> None:
    finding = one(log(result(ruleId=None)))
    assert (finding.check_id, finding.title) == ("CKV_AWS_21", "Buckets keep versions")


def test_a_result_without_a_rule_speaks_for_itself() -> None:
    finding = one(log(result(ruleId="OTHER_1", ruleIndex=None), tool="Trivy v0.66"))
    assert (finding.source, finding.check_id, finding.title) == ("trivy", "OTHER_1", "wrong")
    assert finding.severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("score", "level", "severity"),
    [
        ("9.5", "note", Severity.CRITICAL),
        ("0.0", "error", Severity.INFORMATIONAL),
        ("high", "error", Severity.HIGH),
        ("", "note", Severity.LOW),
        ("", "none", Severity.UNKNOWN),
    ],
)
def test_the_score_of_the_rule_says_more_than_the_level(score: str, level: str, severity: Severity) -> None:
    rule = RULE | {"properties": {"security-severity": score}}
    assert one(log(result(level=level), rule=rule)).severity is severity


def test_percent_signs_and_single_lines_are_read() -> None:
    found = one(
        log(
            result(
                locations=[
                    {"physicalLocation": {"artifactLocation": {"uri": "a%20b/m.tf"}, "region": {"startLine": 4}}}
                ]
            )
        )
    )
    assert found.hint == Hint("a b/m.tf", "", 4, 4)


@pytest.mark.parametrize(
    "change", [{"kind": "pass"}, {"suppressions": [{"kind": "inSource"}]}, {"kind": "notApplicable"}]
)
def test_what_is_well_or_suppressed_is_no_finding(change: Json) -> None:
    assert read(log(result(**change))) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"locations": []}, "runs[0].results[0].locations"),
        ({"locations": None}, "runs[0].results[0].locations"),
        ({"locations": place(uri="file:///etc/passwd")}, "runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri"),
        ({"locations": place(uri="//host/a")}, "runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri"),
        ({"locations": place(uri="http://[")}, "runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri"),
        ({"locations": place(endLine=1)}, "runs[0].results[0].locations[0].physicalLocation.region"),
        ({"locations": place(startLine="3")}, "runs[0].results[0].locations[0].physicalLocation.region.startLine"),
        ({"ruleId": None, "ruleIndex": 7}, "runs[0].results[0].ruleId"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named_and_costs_no_other_its_turn(change: Json, field: str) -> None:
    broken, whole = read(log(result(**change), result()))
    assert isinstance(broken, InvalidFinding)
    assert isinstance(whole, Finding)
    assert broken.field == field


def test_a_malformed_run_is_one_entry() -> None:
    document = log(result())
    runs = document["runs"]
    assert isinstance(runs, list)
    broken, whole = read({**document, "runs": [{"tool": {}}, *runs]})
    assert isinstance(broken, InvalidFinding)
    assert isinstance(whole, Finding)


def test_one_rule_may_be_broken_twice_on_one_line() -> None:
    assert [getattr(each, "id", "")[-4:] for each in read(log(result(), result()))] == ["tf:3", ":3#2"]
