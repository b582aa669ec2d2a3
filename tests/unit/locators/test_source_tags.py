from pathlib import Path

import pytest
from tests.support.code import block, bucket, call, template
from tests.support.repositories import cloud, repository

from iacfix.domain.finding import Finding
from iacfix.domain.location import Location, LocationResult, NotLocated
from iacfix.locators.source_tags import locate

TRACE = "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
TRACED = f'{{ yor_trace = "{TRACE}" }}'


def finding(**tags: str) -> Finding:
    """`path` and `address` are ours; yor's are written as yor writes them."""
    ours = {"path": "iacfix:path", "address": "iacfix:address"}
    return cloud(
        "AwsS3Bucket", "arn:aws:s3:::acme", tags=tuple((ours.get(key, key), text) for key, text in tags.items())
    )


def search(folder: Path, files: dict[str, str], **tags: str) -> LocationResult | None:
    return locate(finding(**tags), repository(folder, files))


def place(folder: Path, files: dict[str, str], **tags: str) -> tuple[str, str, float]:
    result = search(folder, files, **tags)
    assert isinstance(result, Location), result
    return result.path, result.address, result.confidence


FILES = {"a/main.tf": bucket("logs") + bucket("data"), "b/main.tf": bucket("logs"), "a/deep/x.tf": bucket("deep")}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"address": "aws_s3_bucket.data"}, ("a/main.tf", "aws_s3_bucket.data")),
        ({"address": "aws_s3_bucket.logs", "path": "b/main.tf"}, ("b/main.tf", "aws_s3_bucket.logs")),
        ({"address": "aws_s3_bucket.logs", "path": "b"}, ("b/main.tf", "aws_s3_bucket.logs")),
        ({"address": "aws_s3_bucket.logs", "path": "b/"}, ("b/main.tf", "aws_s3_bucket.logs")),
        ({"address": "aws_s3_bucket.deep", "path": "a"}, ("a/deep/x.tf", "aws_s3_bucket.deep")),
        ({"address": 'module.x["k"].module.y.aws_s3_bucket.data[0]'}, ("a/main.tf", "aws_s3_bucket.data")),
    ],
)
def test_our_own_tags_lead_to_the_block(tmp_path: Path, tags: dict[str, str], expected: tuple[str, str]) -> None:
    assert place(tmp_path, FILES, **tags) == (*expected, 0.99)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"address": ""},
        {"path": "a/main.tf"},
        {"address": "aws_s3_bucket.gone"},
        {"address": "aws_s3_bucket"},
        {"address": "aws_s3_bucket.logs.id"},
        {"address": "aws_s3_bucket.logs", "path": "c"},
        {"address": "aws_s3_bucket.logs", "path": "b/main"},
        {"address": "aws_s3_bucket.logs", "path": "/"},
        {"address": "aws_s3_bucket.logs", "path": "../repository/b/main.tf"},
        {"address": "aws_s3_bucket.logs", "path": "/etc/passwd"},
        {"address": "data.aws_s3_bucket.logs"},
        {"address": "module.aws_s3_bucket.logs"},
        {"address": "."},
        {"address": "module."},
        {"address": "[[[[]]]]"},
        {"address": '"],["x'},
        {"address": "aws_s3_bucket.lo\ngs"},
        {"address": "\0"},
        {"address": "module." * 500 + "x"},
        {"address": "[" * 4_000},
        {"git_file": "\0"},
        {"git_file": "../" * 1_000},
        {"git_file": "/"},
        {"git_file": "."},
        {"git_file": "c/main.tf", "yor_name": "logs"},
        {"git_file": "main.tf/", "yor_name": "gone"},
        {"git_file": "/etc/passwd", "yor_name": "logs"},
        {"yor_name": "logs"},
        {"yor_trace": TRACE},
        {"yor_trace": ""},
        {"yor_trace": "*"},
        {"Name": "logs"},
    ],
)  # fmt: skip
def test_tags_that_lead_nowhere_leave_it_to_others(tmp_path: Path, tags: dict[str, str]) -> None:
    assert search(tmp_path, FILES, **tags) is None


def test_an_address_in_two_files_is_left_to_a_person(tmp_path: Path) -> None:
    result = search(tmp_path, FILES, address="aws_s3_bucket.logs")
    assert isinstance(result, NotLocated)
    assert {candidate.path for candidate in result.candidates} == {"a/main.tf", "b/main.tf"}


def test_the_evidence_quotes_what_came_from_outside(tmp_path: Path) -> None:
    result = search(tmp_path, FILES, address='aws_s3_bucket.data["\n\x1b[31m"]', path="a")
    assert isinstance(result, Location)
    (evidence,) = result.evidence
    assert evidence.strategy == "source tags"
    assert evidence.detail.isprintable()
    assert evidence.detail.endswith("iacfix:path 'a'")


def test_the_call_sites_of_a_module_are_told_too(tmp_path: Path) -> None:
    files = {"main.tf": call("x", "./m") + call("y", "./m"), "m/main.tf": bucket()}
    result = search(tmp_path, files, address="module.x.aws_s3_bucket.logs")
    assert isinstance(result, Location)
    assert "2 call sites share this module" in result.evidence[-1].detail


@pytest.mark.parametrize("written", ["a/main.tf", "/a/main.tf", "./a/main.tf", "top/a/main.tf", "x/../a/main.tf"])
def test_yors_file_and_name_lead_to_the_block(tmp_path: Path, written: str) -> None:
    assert place(tmp_path, FILES, git_file=written, yor_name="data") == ("a/main.tf", "aws_s3_bucket.data", 0.9)


def test_yors_file_alone_is_enough_where_it_holds_one_block_of_the_type(tmp_path: Path) -> None:
    assert place(tmp_path, FILES, git_file="b/main.tf") == ("b/main.tf", "aws_s3_bucket.logs", 0.75)
    assert search(tmp_path, FILES, git_file="a/main.tf") is None
    assert search(tmp_path, FILES, git_file="b/main.tf", yor_name="renamed") is None


def test_yors_trace_stands_in_the_code(tmp_path: Path) -> None:
    files = {"a.tf": bucket("a", tags=TRACED), "b.tf": bucket("b", tags=TRACED.replace("0b", "1b"))}
    assert place(tmp_path, files, yor_trace=TRACE) == ("a.tf", "aws_s3_bucket.a", 0.98)
    assert place(tmp_path, files, yor_trace=TRACE, git_file="gone.tf") == ("a.tf", "aws_s3_bucket.a", 0.98)


def test_a_trace_goes_before_the_name(tmp_path: Path) -> None:
    files = {"a.tf": bucket("renamed", tags=TRACED) + bucket("logs")}
    assert place(tmp_path, files, yor_trace=TRACE, git_file="a.tf", yor_name="logs")[1] == "aws_s3_bucket.renamed"


def test_a_trace_in_a_block_of_another_type_is_another_thing(tmp_path: Path) -> None:
    assert search(tmp_path, {"a.tf": block('resource "aws_sqs_queue" "q"', tags=TRACED)}, yor_trace=TRACE) is None


def test_a_trace_that_was_copied_with_its_block_is_left_to_a_person(tmp_path: Path) -> None:
    files = {"a.tf": bucket("a", tags=TRACED) + bucket("b", tags=TRACED)}
    result = search(tmp_path, files, yor_trace=TRACE)
    assert isinstance(result, NotLocated)
    assert len(result.candidates) == 2


@pytest.mark.parametrize("trace", ["-" * 36, "a" * 36, TRACE[:-1], TRACE + "0", ""])
def test_a_trace_is_an_id_and_not_whatever_stands_in_a_block(tmp_path: Path, trace: str) -> None:
    text = f'resource "aws_s3_bucket" "x" {{\n  # {"-" * 80}\n  # {"a" * 80} {TRACE}00\n}}\n'
    assert search(tmp_path, {"a.tf": text}, yor_trace=trace) is None


def test_a_block_without_a_name_is_none_of_them(tmp_path: Path) -> None:
    files = {"a.tf": 'resource "aws_s3_bucket" {\n  acl = "x"\n}\nresource "aws_s3_bucket" "b" {\n  acl = "x"\n}\n'}
    assert place(tmp_path, files, git_file="a.tf", yor_name="b")[1] == "aws_s3_bucket.b"
    assert search(tmp_path, files, git_file="a.tf", yor_name="") is None


def test_our_own_tags_go_before_yors(tmp_path: Path) -> None:
    tags = {"address": "aws_s3_bucket.deep", "git_file": "b/main.tf"}
    assert place(tmp_path, FILES, **tags)[1] == "aws_s3_bucket.deep"
    assert place(tmp_path, FILES, address="aws_s3_bucket.gone", git_file="b/main.tf")[0] == "b/main.tf"


def test_a_file_that_has_gone_since_it_was_read_holds_no_trace(tmp_path: Path) -> None:
    repo = repository(tmp_path, {"a.tf": bucket("a", tags=TRACED)})
    assert repo.index.file("a.tf")
    (tmp_path / "a.tf").unlink()
    assert locate(finding(yor_trace=TRACE), repo) is None


def test_resources_of_templates_carry_the_same_tags(tmp_path: Path) -> None:
    traced = f"{{ Tags: [{{ Key: yor_trace, Value: {TRACE} }}] }}"
    files = {"a/s.yaml": template({"Logs": traced, "Data": "{}"}), "b/s.yaml": template({"Logs": "{}"})}
    here = ("a/s.yaml", "Resources.Logs")
    assert place(tmp_path, files, address="Resources.Logs", path="a") == (*here, 0.99)
    assert place(tmp_path, files, yor_trace=TRACE) == (*here, 0.98)
    assert place(tmp_path, files, git_file="a/s.yaml", yor_name="Logs") == (*here, 0.9)
    assert place(tmp_path, files, git_file="b/s.yaml") == ("b/s.yaml", "Resources.Logs", 0.75)
    assert search(tmp_path, files, address="Resources") is None
    assert search(tmp_path, files, address="Resources.Gone") is None
