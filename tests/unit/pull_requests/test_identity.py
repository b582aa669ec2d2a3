import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iacfix.domain.finding import CloudResource, Finding, Severity
from iacfix.domain.location import Framework, Location
from iacfix.pull_requests.identity import branch_name, finding_hash, finding_key

FINDING = Finding(
    source="checkov",
    id="1",
    check_id="CKV_AWS_53",
    title="A title",
    resource=CloudResource("aws_s3_bucket", "aws_s3_bucket.a"),
    control="s3-block-public-access",
)
LOCATION = Location("main.tf", "aws_s3_bucket.a", Framework.TERRAFORM, 0, 30, 1, 3, (), 1.0)
KEYS = st.text("0123456789abcdef", min_size=64, max_size=64)


def test_the_key_is_the_one_of_the_first_release() -> None:
    assert finding_key(FINDING, LOCATION) == "1b8cb5d0b7fd6030921aa67ccbcf35d3566bc72a1daed044c9d99d9abf03ef52"


def test_the_key_stays_when_lines_titles_ids_tools_or_severity_change() -> None:
    other = replace(FINDING, source="trivy", id="2", check_id="AVD-AWS-0086", title="B", severity=Severity.HIGH)
    moved = replace(LOCATION, start=100, end=200, start_line=9, end_line=12, confidence=0.5)
    assert finding_key(other, moved) == finding_key(FINDING, LOCATION)


def test_the_key_changes_with_control_address_and_path() -> None:
    keys = {
        finding_key(FINDING, LOCATION),
        finding_key(replace(FINDING, control="s3-versioning"), LOCATION),
        finding_key(replace(FINDING, control=""), LOCATION),
        finding_key(replace(FINDING, control="", source="trivy"), LOCATION),
        finding_key(replace(FINDING, control="", check_id="CKV_AWS_54"), LOCATION),
        finding_key(FINDING, replace(LOCATION, address="aws_s3_bucket.b")),
        finding_key(FINDING, replace(LOCATION, path="b/main.tf")),
    }
    assert len(keys) == 7


PARTS = st.tuples(*[st.text(max_size=4)] * 3)


@given(PARTS, PARTS)
def test_parts_do_not_run_into_each_other(one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    def key(parts: tuple[str, str, str]) -> str:
        control, address, path = parts
        return finding_key(replace(FINDING, control=f"c{control}"), replace(LOCATION, address=address, path=path))

    assert (key(one) == key(two)) == (one == two)


def test_a_text_that_is_not_unicode_has_a_key() -> None:
    assert len(finding_key(replace(FINDING, control="\udcff"), LOCATION)) == 64


@pytest.mark.parametrize(
    ("control", "check", "slug"),
    [
        ("s3-block-public-access", "CKV_AWS_53", "s3-block-public-access"),
        ("", "CKV_AWS_53", "ckv-aws-53"),
        ("", "S3.8", "s3-8"),
        ("", "../../main", "main"),
        ("", "-- .lock", "lock"),
        ("", "ünï", "n"),
        ("", "", "finding"),
        ("", "\0\n", "finding"),
        ("", "a" * 59 + ".b", "a" * 59),
        ("", "a" * 500, "a" * 60),
    ],
)
def test_a_branch_is_named_after_control_or_check(control: str, check: str, slug: str) -> None:
    finding = replace(FINDING, control=control, check_id=check)
    assert branch_name("0123456789ab" + "c" * 52, finding) == f"iacfix/{slug}/0123456789ab"


@settings(max_examples=50)
@given(KEYS, st.text(max_size=100), st.text(max_size=100))
def test_git_takes_every_branch_name(key: str, control: str, check: str) -> None:
    name = branch_name(key, replace(FINDING, control=control, check_id=check))
    subprocess.run(["git", "check-ref-format", "--branch", name], check=True, capture_output=True, cwd="/")


@pytest.mark.parametrize("key", ["", "abc", "A" * 64, "a" * 63 + "\n", "a" * 65, "-->" + "a" * 61])
def test_a_branch_is_named_after_a_key_alone(key: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        branch_name(key, FINDING)


def test_a_finding_is_another_when_its_severity_or_resource_is() -> None:
    same = replace(FINDING, title="B", check_id="CKV_AWS_54")
    other = replace(FINDING, severity=Severity.CRITICAL), replace(FINDING, id="2")
    assert finding_hash(same) == finding_hash(FINDING)
    assert len({finding_hash(each) for each in (FINDING, *other)}) == 3
