import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.resolve import MAX_TEXT, joined
from iacfix.iac.terraform.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Unknown, Value

NAMES = """
variable "env" {
  default = "prod"
}
variable "open" {}
variable "tags" {
  default = { Name = "n", deep = [{ x = "found" }] }
}
locals {
  name    = "app-${var.env}"
  half    = "app-${var.open}"
  loop    = local.loop
  both    = "${local.both}${local.both}"
  buckets = { prod = "p", dev = "d" }
}
resource "aws_s3_bucket" "one" {
  bucket = local.name
}
resource "aws_s3_bucket" "half" {
  bucket = local.half
}
resource "aws_s3_bucket" "asked" {
  bucket = var.open
}
resource "aws_s3_bucket" "many" {
  for_each = toset(["a"])
  bucket   = "${var.env}-${each.key}"
}
resource "aws_s3_bucket" "counted" {
  count  = 2
  bucket = "fixed"
}
resource "aws_s3_bucket" "unset" {
  bucket = null
}
data "aws_s3_bucket" "read" {
  bucket = "data"
}
"""


def resolved(text: str, names: str = NAMES) -> Value:
    documents = {
        "names.tf": TerraformDocument.read("names.tf", names.encode()),
        "x.tf": TerraformDocument.read("x.tf", f'output "x" {{\n  value = {text}\n}}\n'.encode()),
    }
    return Module(documents, {}).resolve(documents["x.tf"].blocks[0].attributes[0].value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("var.env", Known("prod")),
        ("var.open", Reference(("var", "open"))),
        ("var.missing", Reference(("var", "missing"))),
        ("local.name", Known("app-prod")),
        ("local.half", Template((Known("app-"), Reference(("var", "open"))))),
        ("var.tags.Name", Known("n")),
        ('var.tags["Name"]', Known("n")),
        ("var.tags.deep[0].x", Known("found")),
        ("var.tags.deep[1].x", Reference(("var", "tags", "deep", "[1]", "x"))),
        ("local.buckets[var.env]", Known("p")),
        ("local.buckets[var.open]", Reference(("local", "buckets", "[var.open]"))),
        ("local.buckets[each.key]", Reference(("local", "buckets", "[each.key]"))),
        ("aws_s3_bucket.one.bucket", Known("app-prod")),
        ("aws_s3_bucket.one.id", Known("app-prod")),
        ("aws_s3_bucket.one.arn", Reference(("aws_s3_bucket", "one", "arn"))),
        ("aws_s3_bucket.half.bucket", Template((Known("app-"), Reference(("var", "open"))))),
        ("aws_s3_bucket.asked.bucket", Reference(("aws_s3_bucket", "asked", "bucket"))),
        ("aws_s3_bucket.unset.bucket", Reference(("aws_s3_bucket", "unset", "bucket"))),
        ("aws_s3_bucket.many.bucket", Reference(("aws_s3_bucket", "many", "bucket"))),
        ('aws_s3_bucket.many["a"].bucket', Template((Known("prod-"), Unknown("each.key")))),
        ("aws_s3_bucket.counted[1].bucket", Known("fixed")),
        ("aws_s3_bucket.one[0].bucket", Reference(("aws_s3_bucket", "one", "[0]", "bucket"))),
        ("aws_s3_bucket.gone.bucket", Reference(("aws_s3_bucket", "gone", "bucket"))),
        ("aws_s3_bucket.one", Reference(("aws_s3_bucket", "one"))),
        ("data.aws_s3_bucket.read.bucket", Known("data")),
        ('"b/${aws_s3_bucket.one.bucket}/*"', Known("b/app-prod/*")),
        ("[var.env, var.open]", ListValue((Known("prod"), Reference(("var", "open"))))),
        ("{ a = var.env }", ObjectValue((("a", Known("prod")),))),
        ("<<EOF\n${var.env} x\nEOF", Known("prod x\n")),
        ('join("-", [var.env, "x"])', Known("prod-x")),
        ('format("%s-%d", var.env, 1)', Known("prod-1")),
        ('upper(replace(var.env, "o", "0"))', Known("PR0D")),
        ('concat([var.env], ["x"])', ListValue((Known("prod"), Known("x")))),
        ('lookup(local.buckets, var.env, "none")', Known("p")),
        ('lookup(local.buckets, "qa", "none")', Known("none")),
        ('coalesce("", null, var.env)', Known("prod")),
        ("coalesce(var.open, 1)", CallValue("coalesce", (Reference(("var", "open")), Known(1)))),
        ("file(var.env)", CallValue("file", (Reference(("var", "env")),))),
    ],
)
def test_expressions_are_followed_as_far_as_they_are_known(text: str, value: Value) -> None:
    assert resolved(text) == value


@pytest.mark.parametrize("text", ["local.loop", "local.both", "[local.loop]"])
def test_names_that_name_themselves_come_to_an_end(text: str) -> None:
    value = resolved(text)
    assert not isinstance(value, Known)


def test_names_that_multiply_come_to_an_end() -> None:
    lines = ['  l0 = ["x"]', '  s0 = "aaaaaaaaaa"', '  r0 = "a"']
    for index in range(1, 20):
        before = index - 1
        lines.append(f"  l{index} = [{', '.join([f'local.l{before}'] * 10)}]")
        lines.append(f'  s{index} = "{f"${{local.s{before}}}" * 10}"')
        lines.append(f'  r{index} = replace(local.s{before}, "a", local.r{before})')
    names = "locals {\n" + "\n".join(lines) + "\n}\n"
    for name in ("l", "s", "r"):
        for index in (3, 10, 19):
            assert size(resolved(f"local.{name}{index}", names)) < 10 * MAX_TEXT


def size(value: Value) -> int:
    match value:
        case Known(str() as text):
            return len(text)
        case ListValue(pieces) | Template(pieces) | CallValue(_, pieces):
            return 1 + sum(map(size, pieces))
        case _:
            return 1


@given(st.lists(st.one_of(st.text(), st.booleans(), st.integers(), st.none()), max_size=6))
def test_joined_keeps_every_piece(scalars: list[str | bool | int | None]) -> None:
    value = joined(tuple(Known(scalar) for scalar in scalars))
    known = [
        part.value for part in (value.pieces if isinstance(value, Template) else (value,)) if isinstance(part, Known)
    ]
    said = [
        str(scalar).lower() if isinstance(scalar, bool) else str(scalar) for scalar in scalars if scalar is not None
    ]
    assert "".join(str(part) for part in known if part is not None) == "".join(said)
