import json

import pytest

from iacfix.domain.errors import InputError
from iacfix.findings import FORMATS, read_findings
from iacfix.findings.detect import READERS

CHECKOV: dict[str, object] = {"check_type": "terraform", "results": {"failed_checks": []}, "summary": {"failed": 0}}
ASFF: dict[str, object] = {"Findings": []}
TRIVY: dict[str, object] = {"SchemaVersion": 2, "ArtifactName": "."}
SARIF: dict[str, object] = {"version": "2.1.0", "runs": []}


def test_the_formats_are_those_of_the_table() -> None:
    assert FORMATS == ("checkov", "asff", "trivy", "sarif", "ocsf", "wiz", "config", "guardduty")
    assert all(reader.description for reader in READERS)


@pytest.mark.parametrize("name", ["auto", *FORMATS])
def test_an_empty_list_holds_nothing_in_any_format(name: str) -> None:
    assert read_findings(b"[]", format=name) == ()


@pytest.mark.parametrize(("report", "name"), [(CHECKOV, "checkov"), (ASFF, "asff"), (TRIVY, "trivy"), (SARIF, "sarif")])
def test_a_report_without_findings_is_recognised_and_can_be_named(report: object, name: str) -> None:
    data = json.dumps(report).encode()
    assert read_findings(data) == ()
    assert read_findings(data, format=name) == ()


def test_each_report_is_recognised_by_one_reader_only() -> None:
    for report in (CHECKOV, ASFF, TRIVY, SARIF):
        assert len([reader.name for reader in READERS if reader.recognises(report)]) == 1


@pytest.mark.parametrize("name", ["auto", *FORMATS])
@pytest.mark.parametrize("data", [b"null", b"42", b'"findings"', b"true"])
def test_a_bare_value_is_no_findings_file(data: bytes, name: str) -> None:
    with pytest.raises(InputError, match="neither a JSON object nor a list"):
        read_findings(data, format=name)


@pytest.mark.parametrize("data", [b"{}", b'{"name": "package", "version": "1"}', b"[1, 2]", b'{"Findings": [{}]}'])
def test_other_json_is_refused_with_the_formats_and_the_option(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_findings(data)
    assert all(word in caught.value.remedy for word in (*FORMATS, "--format"))


def test_an_unknown_format_is_refused_with_those_known() -> None:
    with pytest.raises(InputError, match="checkov") as caught:
        read_findings(b"[]", format="kics")
    assert "'kics'" in caught.value.what


def test_the_wrong_format_is_refused_with_the_right_one() -> None:
    with pytest.raises(InputError, match="use --format checkov"):
        read_findings(json.dumps(CHECKOV).encode(), format="asff")


def test_a_named_format_reads_what_is_too_broken_to_be_recognised() -> None:
    (read,) = read_findings(b'{"Findings": [{}]}', format="asff")
    assert getattr(read, "field", "") == "Findings[0].GeneratorId"
