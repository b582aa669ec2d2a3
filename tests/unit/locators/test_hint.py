from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.code import bucket, call, template
from tests.support.repositories import cloud, repository

from iacfix.domain.finding import Finding, Hint
from iacfix.domain.location import Location, LocationResult, NotLocated
from iacfix.locators.hint import locate

LINES_OF_B = (3, 4)
FILES = {"main.tf": "\n" + bucket("a") + bucket("b"), "stack.yaml": template({"Logs": "{}", "Data": "{}"})}


def hinted(path: str = "main.tf", address: str = "", start: int = 0, end: int = 0) -> Finding:
    return replace(cloud("aws_s3_bucket", "x"), hint=Hint(path, address, start, end))


def search(folder: Path, finding: Finding, files: dict[str, str] | None = None) -> LocationResult:
    return locate(finding, repository(folder, FILES if files is None else files))


def found(folder: Path, finding: Finding, files: dict[str, str] | None = None) -> Location:
    result = search(folder, finding, files)
    assert isinstance(result, Location), result
    return result


def reason(folder: Path, finding: Finding, files: dict[str, str] | None = None) -> str:
    result = search(folder, finding, files)
    assert isinstance(result, NotLocated), result
    return result.reason


@pytest.mark.parametrize("written", ["Logs", "Resources.Logs", "AWS::S3::Bucket.Logs", "Logs[0]"])
def test_a_resource_of_a_template_is_found_as_scanners_write_it(tmp_path: Path, written: str) -> None:
    location = found(tmp_path, hinted("stack.yaml", written))
    assert (location.address, location.confidence) == ("Resources.Logs", 1.0)


@pytest.mark.parametrize(
    ("lines", "address"),
    [((2, 3), "aws_s3_bucket.a"), ((4, 0), "aws_s3_bucket.b"), ((5, 5), "aws_s3_bucket.b"), ((3, 4), ""), ((1, 1), "")],
)
def test_without_an_address_the_lines_fall_in_one_block(tmp_path: Path, lines: tuple[int, int], address: str) -> None:
    if address:
        location = found(tmp_path, hinted("main.tf", "", *lines))
        assert (location.address, location.confidence) == (address, 0.7)
    else:
        assert reason(tmp_path, hinted("main.tf", "", *lines)) == "a block at these lines is not written in main.tf"


def test_the_lines_of_a_known_address_agree_or_do_not(tmp_path: Path) -> None:
    details = [each.detail for each in found(tmp_path, hinted("main.tf", "aws_s3_bucket.a", 2, 3)).evidence]
    assert details == ["aws_s3_bucket.a stands at main.tf:2-3", "the scanner's lines agree"]
    assert len(found(tmp_path, hinted("main.tf", "aws_s3_bucket.a", 9, 9)).evidence) == 1


def test_the_call_sites_of_a_module_are_told(tmp_path: Path) -> None:
    files = {"main.tf": call("x", "./m") + call("y", "./m"), "m/main.tf": bucket("a")}
    location = found(tmp_path, hinted("m/main.tf", "module.x.aws_s3_bucket.a"), files)
    assert "2 call sites share this module" in location.evidence[-1].detail


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("main.py", "main.py is neither Terraform nor a CloudFormation template"),
        ("../main.tf", "leads out of its folder"),
        ("/etc/x.tf", "is absolute"),
        ("a\nb.tf", "holds control characters"),
        ("gone.tf", "the repository has no file gone.tf: give the folder that was scanned as --repo"),
        ("x" * 300 + ".tf", "the repository has no file 'xxx"),
        ("broken.tf", "broken.tf:1"),
        ("values.yaml", "values.yaml holds no block of Terraform and no resource of a template"),
    ],
)
def test_a_path_that_leads_to_no_code_says_why(tmp_path: Path, path: str, words: str) -> None:
    files = {"broken.tf": "resource {", "values.yaml": "a: 1\n"}
    said = reason(tmp_path, hinted(path, "aws_s3_bucket.a"), files)
    assert words in said
    assert said.isprintable()


def test_a_file_too_large_to_be_read_says_so(tmp_path: Path) -> None:
    assert "larger than 5 MiB" in reason(tmp_path, hinted(), {"main.tf": "#" * (5 * 1024 * 1024 + 1)})


def test_a_link_that_leads_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside.tf").write_text(bucket("a"))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "main.tf").symlink_to("../outside.tf")
    assert "link that leads out" in reason(tmp_path / "in", hinted("main.tf", "aws_s3_bucket.a"), {})


def test_an_address_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert reason(tmp_path, hinted("main.tf", "aws_s3_bucket.z")) == "aws_s3_bucket.z is not written in main.tf"
    assert reason(tmp_path, hinted("main.tf")) == "a block at these lines is not written in main.tf"


def test_of_two_files_that_may_be_meant_neither_is_guessed(tmp_path: Path) -> None:
    files = {"a/main.tf": bucket("a"), "b/main.tf": bucket("a"), "c/main.tf": bucket("b")}
    result = search(tmp_path, hinted("main.tf", "aws_s3_bucket.a"), files)
    assert isinstance(result, NotLocated)
    assert [candidate.path for candidate in result.candidates] == ["a/main.tf", "b/main.tf"]
    assert found(tmp_path, hinted("main.tf", "aws_s3_bucket.b"), files).path == "c/main.tf"


def test_lines_are_those_of_what_the_scanner_saw(tmp_path: Path) -> None:
    """What was accepted before moves all that follows: by its lines now, the finding would be about another bucket."""
    there = repository(tmp_path, {"main.tf": bucket("a") + bucket("b")})
    of_b = hinted("main.tf", "", *LINES_OF_B)
    first = locate(of_b, there)
    there.replace("main.tf", (bucket("a") + "\n\n" + bucket("c") + bucket("b")).encode())
    again = locate(of_b, there)
    assert isinstance(first, Location)
    assert isinstance(again, Location)
    assert first.address == again.address == "aws_s3_bucket.b"
    there.replace("main.tf", bucket("a").encode())
    assert isinstance(locate(of_b, there), NotLocated)


def test_lines_of_several_blocks_of_one_address_are_those_of_what_the_scanner_saw(tmp_path: Path) -> None:
    there = repository(tmp_path, {"main.tf": bucket("a") + bucket("a")})
    second = hinted("main.tf", "aws_s3_bucket.a", *LINES_OF_B)
    there.replace("main.tf", ("\n" * 2 + bucket("a") + bucket("a")).encode())
    location = locate(second, there)
    assert isinstance(location, Location)
    assert location.start_line == LINES_OF_B[0] + 2
