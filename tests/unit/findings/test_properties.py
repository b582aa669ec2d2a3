import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.findings import test_ocsf, test_sarif, test_trivy

from iacfix.domain.errors import InputError
from iacfix.domain.finding import Finding
from iacfix.findings import FORMATS, read_findings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(("auto", *FORMATS))

CHECK: dict[str, object] = {
    "check_id": "CKV_AWS_1",
    "check_name": "A name",
    "file_path": "/a.tf",
    "repo_file_path": "/b/a.tf",
    "file_line_range": [1, 2],
    "resource": "aws_s3_bucket.a",
    "severity": "LOW",
    "guideline": "https://example.com/",
}
ASFF: dict[str, object] = {
    "SchemaVersion": "2018-10-08",
    "Id": "one",
    "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
    "ProductName": "Security Hub",
    "GeneratorId": "security-control/S3.8",
    "AwsAccountId": "123456789012",
    "Region": "eu-west-1",
    "UpdatedAt": "2024-05-01",
    "Severity": {"Label": "HIGH", "Normalized": 70},
    "Title": "A title",
    "Remediation": {"Recommendation": {"Url": "https://example.com/"}},
    "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::a", "Region": "eu-west-1", "Tags": {"a": "b"}}],
    "Compliance": {"Status": "FAILED", "SecurityControlId": "S3.8"},
    "Workflow": {"Status": "NEW"},
    "RecordState": "ACTIVE",
}

Path = tuple[str | int, ...]


def paths(value: object, start: Path = ()) -> list[Path]:
    """Every place in the value, the whole of it first."""
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [start] + [path for key, child in children for path in paths(child, (*start, key))]


def replaced(value: object, path: Path, new: object) -> object:
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict):
        return {key: replaced(child, tuple(rest), new) if key == first else child for key, child in value.items()}
    assert isinstance(value, list)
    return [replaced(child, tuple(rest), new) if index == first else child for index, child in enumerate(value)]


def settle(data: bytes, name: str) -> None:
    """Anything but a result or an InputError fails the test."""
    with contextlib.suppress(InputError):
        for read in read_findings(data, format=name):
            sound(read)


@given(JSON, NAMES)
def test_any_json_is_read_or_refused(value: object, name: str) -> None:
    settle(json.dumps(value).encode(), name)


@given(st.binary(), NAMES)
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    settle(data, name)


@given(JSON, st.sampled_from(paths({"check_type": "terraform", "results": {"failed_checks": [CHECK]}})))
def test_a_checkov_report_with_anything_anywhere_is_read_or_refused(value: object, path: Path) -> None:
    report = {"check_type": "terraform", "results": {"failed_checks": [CHECK]}}
    settle(json.dumps(replaced(report, path, value)).encode(), "auto")


@given(JSON, st.sampled_from(paths(CHECK)))
def test_anything_in_one_failed_check_leaves_the_others_readable(value: object, path: Path) -> None:
    others = [{**CHECK, "resource": "aws_s3_bucket.first"}, {**CHECK, "resource": "aws_s3_bucket.last"}]
    checks = [others[0], replaced(CHECK, path, value), others[1]]
    reads = read_findings(json.dumps({"check_type": "terraform", "results": {"failed_checks": checks}}).encode())
    assert len(reads) == len(checks)
    assert [read.resource.name for read in (reads[0], reads[2]) if isinstance(read, Finding)] == ["first", "last"]
    assert len({read.id for read in reads if read.id}) == len([read for read in reads if read.id])
    sound(reads[1])


@given(JSON, st.sampled_from(paths(ASFF)))
def test_anything_in_one_asff_finding_leaves_the_others_readable(value: object, path: Path) -> None:
    entries = [{**ASFF, "Id": "first"}, replaced(ASFF, path, value), {**ASFF, "Id": "last"}]
    reads = read_findings(json.dumps({"Findings": entries}).encode())
    assert len(reads) >= len(entries)
    assert isinstance(reads[0], Finding)
    assert isinstance(reads[-1], Finding)
    assert (reads[0].id, reads[-1].id) == ("first", "last")
    for read in reads[1:-1]:
        sound(read)


WHOLE: dict[str, dict[str, object]] = {
    "trivy": test_trivy.report(test_trivy.misconfiguration()),
    "sarif": test_sarif.log(test_sarif.result()),
    "prowler": {"Findings": [test_ocsf.finding()]},
    "security_hub": {"detail": {"findings": [test_ocsf.of_security_hub()]}},
}
PLACES = [(name, path) for name, document in WHOLE.items() for path in paths(document)]


@given(JSON, st.sampled_from(PLACES))
def test_a_report_with_anything_anywhere_is_read_or_refused(value: object, place: tuple[str, Path]) -> None:
    name, path = place
    settle(json.dumps(replaced(WHOLE[name], path, value)).encode(), "auto")


def sound(read: object) -> None:
    """What every value keeps to, whatever was read: printable, and with a reason where it is refused."""
    if isinstance(read, Finding):
        texts = (read.id, read.title, read.check_id, read.source, read.resource.identifier, read.hint.address, read.url)
        assert all(text.isprintable() for text in texts)
        assert read.id
        assert read.check_id
        assert read.title
    else:
        assert getattr(read, "field", "")
        assert getattr(read, "reason", "")
