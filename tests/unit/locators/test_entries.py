import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.code import bucket, template

from iacfix.locators.entries import MAX_TEMPLATE, PREFIXES, SUFFIXES, Entries, kept, read_entries, version

LOGS = template({"Logs": "{ BucketName: acme }"})
JSON = '{"resource": {"aws_s3_bucket": {"a": {"bucket": "acme"}}}}'


def known(path: str, text: str | bytes) -> Entries:
    found = read_entries(path, text.encode() if isinstance(text, str) else text)
    assert not isinstance(found, str), found
    return found


@pytest.mark.parametrize(
    ("path", "text", "addresses"),
    [
        ("main.tf", bucket("a"), ["aws_s3_bucket.a"]),
        ("main.tofu", bucket("a"), ["aws_s3_bucket.a"]),
        ("main.tf.json", JSON, ["aws_s3_bucket.a"]),
        ("app.yaml", LOGS, ["Resources.Logs"]),
        ("app.yml", LOGS, ["Resources.Logs"]),
        ("app.template", LOGS, ["Resources.Logs"]),
        ("app.json", '{"Resources": {"Logs": {"Type": "AWS::S3::Bucket"}}}', ["Resources.Logs"]),
        ("app.txt", LOGS, []),
        ("values.yaml", "a: 1\n", []),
        ("package.json", '{"name": "x"}', []),
        ("data.json", "{", []),
        ("main.tf", "", []),
        ("README.md", bucket("a"), []),
    ],
)
def test_what_a_file_holds_is_known_by_its_name_and_its_text(path: str, text: str, addresses: list[str]) -> None:
    assert [entry.address for entry in known(path, text)] == addresses


@pytest.mark.parametrize(
    ("path", "text", "texts"),
    [
        ("a.tfvars", 'a = "x"\n', [{"a": '"x"'}]),
        ("a.tfvars.json", '{"a": "x"}', [{"a": '"x"'}]),
        ("a.tfvars.json", "{}", []),
        ("a.tf.json", '{"locals": {"a": "x"}}', [{"a": '"x"'}]),
        ("a.tf", 'locals {\n  a = "x" /* \n */\n}\n', [{"a": '"x"'}]),
        ("a.tf", 'provider "aws" {\n  alias = "west" /* \n */\n  region = "x"\n}\n', [{"alias": '"west"'}]),
        ("a.tf", "locals {\n  a = <<EOF\nx\nEOF\n}\n", [{"a": "<<EOF\nx\nEOF"}]),
        ("a.tfvars.json", f'{{"a": "{"x" * 5000}"}}', [{"a": ""}]),
    ],
)
def test_what_names_depend_on_is_kept(path: str, text: str, texts: list[dict[str, str]]) -> None:
    assert [entry.texts for entry in known(path, text)] == texts


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("broken.tf", "resource {", "broken.tf:1"),
        ("broken.tf.json", "{", "broken.tf.json:1"),
        ("broken.yaml", LOGS + "  More: [\n", "broken.yaml:6"),
        ("deep.tf.json", "[" * 100_000, "deep.tf.json"),
        ("deep.json", '{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": ' + "[" * 100_000, "deep.json"),
        ("deep.tf", "a = " + "[" * 100_000, "deep.tf"),
    ],
)
def test_why_a_file_has_no_entries_is_said_with_its_name(path: str, text: str, said: str) -> None:
    found = read_entries(path, text.encode())
    assert isinstance(found, str)
    assert found.startswith(said)


def test_a_template_that_aws_does_not_take_is_none() -> None:
    filler = f"# {'x' * (MAX_TEMPLATE - len(LOGS) - 3)}\n"
    assert len(known("app.yaml", filler + LOGS)) == 1
    assert known("app.yaml", "#" + filler + LOGS) == ()


def test_the_version_is_that_of_what_is_kept() -> None:
    assert {"bucket", "tags", "count", "for_each", *PREFIXES} <= kept()
    assert version() == version()
    assert version().startswith("3-")


@given(st.sampled_from([f"a{suffix}" for suffix in SUFFIXES]), st.binary(max_size=200))
def test_whatever_stands_in_a_file_it_has_entries_or_a_reason(path: str, data: bytes) -> None:
    assert isinstance(read_entries(path, data), (tuple, str))
