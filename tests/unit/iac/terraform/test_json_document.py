import json

import pytest

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.compare import COMMENTS, changed_blocks, check_strict
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.json_document import JsonTerraformDocument, read_document
from iacfix.iac.terraform.values import Known, ListValue, ObjectValue, Reference, Template, Unknown, Value

BASE = """{
  "//": "about the file",
  "resource": {
    "aws_s3_bucket": {
      "//": "about buckets",
      "logs": {
        "//": "why",
        "bucket": "größe-${var.env}",
        "force_destroy": true,
        "count": 1,
        "versioning": [{"enabled": true}, {"enabled": false}],
        "dynamic": {"rule": {"for_each": [], "content": {}}},
        "depends_on": ["aws_kms_key.k"]
      }
    }
  },
  "provider": {"aws": [{"region": "x"}, {"alias": "west"}]},
  "locals": {"a": 1, "b": "two"},
  "variable": {"env": {"default": "${literal}", "type": "string"}},
  "moved": [{"from": "aws_s3_bucket.a", "to": "aws_s3_bucket.logs"}],
  "terraform": {},
  "output": null
}
"""


def read(text: str, path: str = "main.tf.json") -> JsonTerraformDocument:
    return JsonTerraformDocument.read(path, text.encode())


def value_of(value: object) -> Value:
    return read(json.dumps({"locals": {"x": value}})).blocks[0].attributes[0].value


def test_addresses_are_those_of_terraform() -> None:
    assert [block.address for block in read(BASE).blocks] == [
        "aws_s3_bucket.logs",
        "provider.aws",
        "provider.aws.west",
        "locals",
        "var.env",
        "moved.aws_s3_bucket.a",
        "terraform",
    ]


def test_a_list_of_objects_is_read_as_one() -> None:
    document = read('[{"locals": {"a": 1}}, {"locals": [{"b": 2}]}, {"resource": [{"t": [{"n": [{}]}]}]}]')
    assert [block.address for block in document.blocks] == ["locals", "locals", "t.n"]


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_spans_are_bytes_of_the_file_as_it_is(prefix: str, newline: str) -> None:
    document = read(prefix + BASE.replace("\n", newline))
    block = document.blocks[0]
    assert document.text(block.start, block.end).startswith('"logs": {')
    assert document.text(block.start, block.end).endswith("}")
    assert (block.start_line, block.end_line, block.one_line) == (6, 14, False)
    bucket = block.attribute("bucket")
    assert bucket is not None
    assert document.text(bucket.value_start, bucket.value_end) == '"größe-${var.env}"'
    assert (bucket.start_line, bucket.multiline) == (8, False)
    assert document.newline == newline
    assert document.text(block.body_start, block.body_end).strip().startswith('"//"')


def test_nested_blocks_are_found_by_name() -> None:
    block = read(BASE).blocks[0]
    assert [each.attributes[0].value for each in block.nested("versioning")] == [Known(True), Known(False)]
    assert block.dynamic("rule")
    assert not block.dynamic("versioning")
    assert not block.nested("bucket")
    assert not block.nested("missing")
    assert block.attribute("//") is None
    assert [item.name for item in read(BASE).items(block)][:2] == ["bucket", "force_destroy"]


def test_references_are_found_in_templates_and_where_names_stand_plain() -> None:
    logs, *_, moved, _ = read(BASE).blocks
    assert logs.references() == (("var", "env"), ("aws_kms_key", "k"))
    assert moved.references() == (("aws_s3_bucket", "a"), ("aws_s3_bucket", "logs"))
    call = read('{"module": {"m": {"providers": {"aws": "aws.west"}, "x": {"${local.k}": 1}, "to": "plain.text"}}}')
    assert call.blocks[0].references() == (("aws", "west"), ("local", "k"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (True, Known(True)),
        (None, Known(None)),
        (1, Known(1)),
        (1.5, Known(1.5)),
        ("", Known("")),
        ('a"b\n\\n', Known('a"b\n\\n')),
        ("${var.x}", Reference(("var", "x"))),
        ("a ${var.x}\n", Template((Known("a "), Reference(("var", "x")), Known("\n")))),
        ("$${x} %%{y}", Known("${x} %{y}")),
        ("${var.x", Unknown("${var.x")),
        ("a  ${~ var.x ~}  b", Template((Known("a"), Reference(("var", "x")), Known("b")))),
        ('${"EOF"}', Known("EOF")),
        ([1, "a"], ListValue((Known(1), Known("a")))),
        ({"a": {"b": 1}}, ObjectValue((("a", ObjectValue((("b", Known(1)),))),))),
    ],
)
def test_every_string_is_a_template(written: object, value: Value) -> None:
    found = value_of(written)
    assert found == value
    assert type(getattr(found, "value", None)) is type(getattr(value, "value", None))


def test_defaults_and_variable_files_are_literal() -> None:
    env = read(BASE).by_address["var.env"][0].attribute("default")
    assert env is not None
    assert env.value == Known("${literal}")
    document = read('{"//": "why", "a": "${x}", "b": {"c": ["%{y}"]}}', "terraform.tfvars.json")
    assert not document.blocks
    assert {item.name: item.value for item in document.assignments} == {
        "a": Known("${x}"),
        "b": ObjectValue((("c", ListValue((Known("%{y}"),))),)),
    }
    assert not read(BASE).assignments


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "does not parse"),
        ("{", 1, "key"),
        ('{\n"a": 1,\n}', 3, "key"),
        ('{"a": 1\n"b": 2}', 2, "comma"),
        ('{"locals": {"a": 1,\n"a": 2}}', 2, "written twice"),
        ('{"locals":\n[1]}', 2, "no JSON object"),
        ('{"resource": {"t": "x"}}', 1, "resource.t is no JSON object"),
        ("[1]", 1, "no JSON object"),
        ('"x"', 1, "no JSON object"),
        ("{} x", 1, "follows the end"),
        ('{"a" 1}', 1, "colon"),
        ('{"a": "\\x"}', 1, "escape"),
        ('{"a": "\\ud800"}', 1, "surrogate"),
        ('{"a":\n01}', 2, "parse"),
        ('{"a": NaN}', 1, "parse"),
        ("[" * 500 + "]" * 500, 1, "nested more than"),
        ("[" * 100_000, 1, "nested more than"),
    ],
)
def test_what_does_not_parse_is_named_with_file_and_line(text: str, line: int, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        read(text)
    assert caught.value.what.startswith(f"main.tf.json:{line}: ")
    assert caught.value.line == line


def test_a_variable_is_set_once() -> None:
    with pytest.raises(DocumentError, match="a is set twice"):
        read('[{"a": 1}, {"a": 2}]', "x.auto.tfvars.json")
    with pytest.raises(DocumentError, match="not UTF-8"):
        JsonTerraformDocument.read("a.tf.json", b'{"a": "\xff"}')


def test_the_name_of_a_file_says_how_it_is_read() -> None:
    assert isinstance(read_document("a.tf.json", b"{}"), JsonTerraformDocument)
    assert isinstance(read_document("a.tofu.json", b"{}"), JsonTerraformDocument)
    assert isinstance(read_document("a.tofu", b""), TerraformDocument)
    with pytest.raises(DocumentError, match="JSON"):
        TerraformDocument.read("a.tf.json", b"{}")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  ", "\t", []),
        ("\n", "\r\n", []),
        ('"a": 1, "b": "two"', '"b": "two", "a": 1', []),
        ('"a": 1,', '"a": "1",', [("local.a", "changed")]),
        ('"a": 1,', '"a": 1.0,', [("local.a", "changed")]),
        ('"a": 1,', '"c": 1,', [("local.c", "added"), ("local.a", "removed")]),
        ('"force_destroy": true', '"force_destroy": "true"', [("aws_s3_bucket.logs", "changed")]),
        ('"force_destroy": true', '"force_destroy": 1', [("aws_s3_bucket.logs", "changed")]),
        ('"count": 1', '"count": true', [("aws_s3_bucket.logs", "changed")]),
        ('"why"', '"why not"', [("aws_s3_bucket.logs", "changed")]),
        ("größe", "gr\\u00f6\\u00dfe", []),
        ("about the file", "checkov:skip", [(COMMENTS, "changed")]),
        ("about buckets", "checkov:skip", [(COMMENTS, "changed")]),
        ('{"region": "x"}, {"alias": "west"}', '{"alias": "west"}', [("provider.aws", "removed")]),
        ('"locals": {', '"locals": {"//": "c", ', [("locals", "changed")]),
        (
            '"logs": {',
            '"new": {},\n      "logs": {',
            [("aws_s3_bucket.new", "added")],
        ),
    ],
)
def test_exactly_what_changed_is_named(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert old in BASE
    found = changed_blocks(read(BASE), read(BASE.replace(old, new)))
    assert [(each.address, each.change.value) for each in found] == expected


def test_what_a_variable_file_sets_is_compared_in_both_languages() -> None:
    for path, before, after in (
        ("x.tfvars", "a = 1\nb = 2\n", "a = true\nb = 2\nc = 3\n"),
        ("x.tfvars.json", '{"a": 1, "b": 2}', '{"a": true, "b": 2, "c": 3}'),
    ):
        found = changed_blocks(read_document(path, before.encode()), read_document(path, after.encode()))
        assert [(each.address, each.change.value) for each in found] == [
            ("tfvars.a", "changed"),
            ("tfvars.c", "added"),
        ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"resource": {"t": {"a": [{},\n{}]}}}', 2, "t.a is written twice"),
        ('{"locals": [{"a": 1},\n{"a": 2}]}', 2, "local.a is set twice"),
        ('{"locals": {"a":\n"x ${1 +}"}}', 2, "no template"),
        ('{"locals": {"a": {\n"${": 1}}}', 2, "no template"),
        ('{"resource": {"t": {"a": {"x": ["a",\n"%{ if true }"]}}}}', 2, "no template"),
        ('{"variable": {"v": {"validation": {"condition": "${"}}}}', 1, "no template"),
    ],
)
def test_strictness_refuses_what_terraform_refuses(text: str, line: int, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        check_strict(read(text))
    assert caught.value.line == line


def test_strictness_lets_good_files_pass() -> None:
    check_strict(read(BASE))
    check_strict(
        read('{"//": "${", "locals": {"//": "${", "a": "$${", "b": "$"}, "variable": {"v": {"default": "${"}}}')
    )
    check_strict(read('{"a": "${"}', "terraform.tfvars.json"))
