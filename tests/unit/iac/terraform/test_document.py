import pytest

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.compare import check_strict
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.syntax import tokens
from iacfix.iac.terraform.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, same

EVERY_BLOCK = """
resource "aws_s3_bucket" "quoted" {}
resource aws_s3_bucket unquoted {}
data "aws_ami" "web" {}
module "logs" {
  source = "./logs"
}
variable "region" {}
output "id" {
  value = 1
}
provider "aws" {
  alias = "west"
}
provider "aws" {}
terraform {}
"""


def read(text: str) -> TerraformDocument:
    return TerraformDocument.read("main.tf", text.encode())


def value_of(text: str) -> object:
    return read(f"locals {{\n  x = {text}\n}}\n").blocks[0].attributes[0].value


def test_addresses_are_those_of_terraform() -> None:
    assert [block.address for block in read(EVERY_BLOCK).blocks] == [
        "aws_s3_bucket.quoted",
        "aws_s3_bucket.unquoted",
        "data.aws_ami.web",
        "module.logs",
        "var.region",
        "output.id",
        "provider.aws.west",
        "provider.aws",
        "terraform",
    ]


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_spans_are_bytes_of_the_file_as_it_is(prefix: str, newline: str) -> None:
    text = newline.join([f"{prefix}# ünïcode", 'resource "a" "b" {', '  name = "größe"', "  nested {", "  }", "}"])
    document = read(text)
    (block,) = document.blocks
    assert document.text(block.start, block.end).startswith('resource "a"')
    assert document.text(block.start, block.end).endswith("}")
    name = block.attribute("name")
    assert name is not None
    assert document.text(name.value_start, name.value_end) == '"größe"'
    assert (block.start_line, block.end_line) == (2, 6)
    assert document.newline == newline
    assert [nested.keyword for nested in block.nested("nested")] == ["nested"]


def test_dynamic_blocks_are_told_from_written_ones() -> None:
    text = 'resource "a" "b" {\n  dynamic "rule" {\n    for_each = []\n    content {}\n  }\n}\n'
    (block,) = read(text).blocks
    assert block.dynamic("rule")
    assert not block.nested("rule")


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (b'resource "a" "b" {\n  x = \n}\n', 0, "does not parse"),
        (b'x = "\xff"\n', 1, "not UTF-8"),
        (b'a = 1\nb = "\xff"\n', 2, "not UTF-8"),
    ],
)
def test_what_does_not_parse_is_named_with_file_and_line(data: bytes, line: int, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        TerraformDocument.read("bad.tf", data)
    assert "bad.tf" in caught.value.what
    if line:
        assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", Known(True)),
        ("null", Known(None)),
        ("7", Known(7)),
        ("-1", Known(-1)),
        ("1.5", Known(1.5)),
        ('""', Known("")),
        ('"plain"', Known("plain")),
        (r'"a\"b\n\u00e9"', Known('a"b\né')),
        ('"$${x}"', Known("${x}")),
        ('"${var.x}"', Reference(("var", "x"))),
        ('"a-${var.x}"', Template((Known("a-"), Reference(("var", "x"))))),
        ("var.x", Reference(("var", "x"))),
        ("aws_s3_bucket.b[0].id", Reference(("aws_s3_bucket", "b", "[0]", "id"))),
        ("[1, true]", ListValue((Known(1), Known(True)))),
        ('{ a = 1, "b" = 2 }', ObjectValue((("a", Known(1)), ("b", Known(2))))),
        ("{ (var.k) = 1 }", ObjectValue((), complete=False)),
        ("merge({ a = 1 }, var.t)", CallValue("merge", (ObjectValue((("a", Known(1)),)), Reference(("var", "t"))))),
    ],
)
def test_values_are_read_as_far_as_they_are_literal(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize("text", ["a ? 1 : 2", "1 + 2", "[for x in y : x]"])
def test_what_needs_a_plan_stays_unknown(text: str) -> None:
    assert isinstance(value_of(text), Unknown | Template)


def test_values_are_told_apart_by_type() -> None:
    assert Known(True) == Known(1)
    assert not same(Known(True), Known(1))
    assert not same(ListValue((Known(True),)), ListValue((Known(1),)))
    assert same(ListValue((Known("a"),)), ListValue((Known("a"),)))


def test_deep_nesting_does_not_crash() -> None:
    document = read(f"locals {{\n  x = {'[' * 500}1{']' * 500}\n}}\n")
    (block,) = document.blocks
    assert isinstance(block.attributes[0].value, ListValue)
    assert len(list(tokens(block.node))) > 1000
    assert block.references() == ()


def test_references_are_found_in_strings_and_heredocs_too() -> None:
    text = (
        'resource "a" "b" {\n  x = "${var.p}-${aws_vpc.v.id}"\n  y = <<EOF\n${local.l.m}\nEOF\n  z = f(data.t.n.v)\n}\n'
    )
    assert read(text).blocks[0].references() == (
        ("var", "p"),
        ("aws_vpc", "v", "id"),
        ("local", "l", "m"),
        ("data", "t", "n", "v"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('resource "a" "b" {\n  x = 1\n  x = 2\n}\n', "x is set twice"),
        ('resource "a" "b" {\n  x = 1 y = 2\n}\n', "more than one thing"),
        ('resource "a" "b" {}\nresource "a" "b" {}\n', "written twice"),
        ('resource "a" "b"\n{\n}\n', "brace"),
        ('resource "a" "b" { x = 1\n}\n', "more than one thing"),
        ('resource "a" "b" {\n  x = 1 }\n', "closing brace"),
    ],
)
def test_strictness_refuses_what_the_grammar_lets_pass(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        check_strict(read(text))


def test_strictness_lets_good_files_pass() -> None:
    check_strict(read(EVERY_BLOCK))
    check_strict(read('locals { a = 1 }\nresource "a" "b" {\n  x = <<EOF\nhi\nEOF\n  # c\n  n {\n  }\n}\n'))
