"""HCL in the forms that occur, each read as Terraform reads it (its console gave the texts of the heredocs)."""

import pytest

from iacfix.iac.terraform.compare import check_strict
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.values import Known, Reference, Template, Unknown, Value

FORMS = """# comment
// comment
/* comment
   over lines */
terraform {
  required_version = ">= 1.5"
}
moved {
  from = aws_s3_bucket.a
  to   = aws_s3_bucket.b
}
import {
  to = aws_s3_bucket.c["x"]
  id = "c"
}
removed {
  from = module.gone
  lifecycle {
    destroy = false
  }
}
check "health" {
  assert {
    condition     = var.x == 1e3
    error_message = "no"
  }
}
ephemeral "random_password" "p" {
  length = 8
}
resource "aws_s3_bucket" "größe" {
\tx = 1e10 # behind
\tdynamic "rule" {
\t\tfor_each = { for k, v in var.rules : k => v... if v != null }
\t\tcontent {
\t\t\tids = [for each in rule.value : upper(each) /* inside */]
\t\t}
\t}
  y = [ # behind a bracket
    1, // behind a comma
    # alone
  ]
  z = var.on ? provider::aws::arn_parse("x") : a.*.b[0]
}
"""


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_form_is_read(prefix: str, newline: str) -> None:
    document = TerraformDocument.read("main.tofu", (prefix + FORMS.replace("\n", newline)).encode())
    check_strict(document)
    assert [block.address for block in document.blocks] == [
        "terraform",
        "moved.aws_s3_bucket.a",
        'import.aws_s3_bucket.c["x"]',
        "removed.module.gone",
        "check.health",
        "ephemeral.random_password.p",
        "aws_s3_bucket.größe",
    ]
    bucket = document.blocks[-1]
    assert [item.name for item in bucket.attributes] == ["x", "y", "z"]
    assert bucket.dynamic("rule")
    assert bucket.references()[0] == ("var", "rules")


def test_a_number_with_an_exponent_is_one_number() -> None:
    (block,) = TerraformDocument.read("m.tf", b"a {\n  x = 1e10\n  rule {\n  }\n}\n").blocks
    assert [item.value for item in block.attributes] == [Known(10**10)]
    assert [(nested.keyword, nested.labels) for nested in block.blocks] == [("rule", ())]


def test_a_comment_behind_the_marker_of_a_heredoc_stops_no_file() -> None:
    (block,) = TerraformDocument.read("m.tf", b"a {\n  x = <<EOF # c\nhi\nEOF\n  y = 1\n}\n").blocks
    assert [isinstance(item.value, Unknown) for item in block.attributes] == [True, False]


X = Reference(("var", "x"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<<EOF\nEOF", Known("")),
        ("<<EOF\nhi\nEOF", Known("hi\n")),
        ("<<EOF\r\none\r\ntwo\r\nEOF", Known("one\r\ntwo\r\n")),
        ('<<EOF\n $${x} %%{y} a\\nb "q"\nEOF', Known(' ${x} %{y} a\\nb "q"\n')),
        ("<<EOF\n${var.x}\nEOF", Template((X, Known("\n")))),
        ("<<-EOF\n    one\n      two\n  EOF", Known("one\n  two\n")),
        ("<<-EOF\r\n    one\r\n\r\n  two\r\n  EOF", Known("  one\r\n\r\ntwo\r\n")),
        ("<<-EOF\n\n    a\n\ttab\n  EOF", Known("\n   a\ntab\n")),
        ("<<-EOF\n    a\n  \n      b\n  EOF", Known("a\n  \n  b\n")),
        ("<<-EOF\n    ${var.x}\n   b\n  EOF", Template((Known(" "), X, Known("\nb\n")))),
        ("<<-EOF\n${var.x}\n   b\n  EOF", Template((X, Known("\n   b\n")))),
        ('"a  ${~ var.x ~}  b"', Template((Known("a"), X, Known("b")))),
        ('"a  ${var.x ~}  b"', Template((Known("a  "), X, Known("b")))),
        ('"a\\n ${~ var.x}"', Unknown('"a\\n ${~ var.x}"')),
        ('"%{ if true }a%{ endif }"', Unknown("%{ if true }a%{ endif }")),
        ('"$$${var.x}"', Unknown('"$$${var.x}"')),
    ],
)
def test_templates_mean_what_terraform_makes_of_them(text: str, value: Value) -> None:
    (item,) = TerraformDocument.read("m.tfvars", f"x = {text}\n".encode()).assignments
    assert item.value == value
