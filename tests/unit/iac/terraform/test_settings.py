import pytest
from tests.support.code import block, call, local, variable

from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.settings import readers, refused, setting
from iacfix.iac.terraform.values import Known, Unknown, Value

TEXT = (
    'resource "aws_t" "a" {\n  on = var.x\n  disk {\n    on = "${var.x}-a"\n  }\n  several {\n    on = 1\n  }\n'
    '  several {\n    on = 2\n  }\n  dynamic "d" {\n    for_each = [var.x.y]\n    content {\n      z = 1\n    }\n  }\n}\n'
    + variable("x", "1")
    + local(a="var.x", b="local.a", c="1")
    + call("m", "./m", x="1")
)
DOCUMENT = TerraformDocument.read("main.tf", TEXT.encode())


@pytest.mark.parametrize(
    ("address", "attribute", "text"),
    [
        ("aws_t.a", "on", "var.x"),
        ("aws_t.a", "disk.on", '"${var.x}-a"'),
        ("var.x", "default", "1"),
        ("local.b", "", "local.a"),
        ("module.m", "x", "1"),
        ("aws_t.a", "several.on", None),
        ("aws_t.a", "none.on", None),
        ("aws_t.b", "on", None),
        ("local.z", "", None),
    ],
)
def test_a_setting_is_found_by_its_address(address: str, attribute: str, text: str | None) -> None:
    found = setting(DOCUMENT, address, attribute)
    assert (DOCUMENT.text(found.value_start, found.value_end) if found else None) == text


def test_what_a_variable_file_sets_is_found_unless_it_is_set_twice() -> None:
    document = TerraformDocument.read("x.tfvars", b"a = 1\nb = 2\nb = 3\n")
    found = setting(document, "tfvars.a", "")
    assert found is not None
    assert found.value == Known(1)
    assert setting(document, "tfvars.b", "") is None
    assert setting(document, "tfvars.c", "") is None


def test_whoever_reads_a_name_is_known_to_its_attribute() -> None:
    module = Module({"main.tf": DOCUMENT}, {})
    assert [str(reader) for reader in readers(module, "var.x")] == [
        "aws_t.a.on at main.tf:2",
        "aws_t.a.disk.on at main.tf:4",
        "aws_t.a.dynamic.for_each at main.tf:13",
        "local.a at main.tf:23",
    ]
    assert [str(reader) for reader in readers(module, "local.a")] == ["local.b at main.tf:24"]
    assert list(readers(module, "local.c")) == []


def test_blocks_may_stand_as_deep_as_a_file_can_hold_them() -> None:
    deep = 'resource "aws_t" "a" {\n' + "b {\n" * 1500 + "on = var.x\n" + "}\n" * 1501
    module = Module({"main.tf": TerraformDocument.read("main.tf", deep.encode())}, {})
    assert [each.line for each in readers(module, "var.x")] == [1502]


def validated(condition: str) -> Block:
    text = f'variable "x" {{\n  validation {{\n    condition     = {condition}\n    error_message = "No."\n  }}\n}}\n'
    return TerraformDocument.read("v.tf", text.encode()).blocks[0]


@pytest.mark.parametrize(
    ("condition", "value", "said"),
    [
        ('contains(["a", "b"], var.x)', Known("b"), ""),
        ('contains(["a", "b"], var.x)', Known("c"), "does not list"),
        ("contains([1], var.x)", Known(True), "does not list"),
        ('contains(["a", var.y], var.x)', Known("a"), "does not list"),
        ('contains(["a"], var.y)', Known("a"), "may refuse"),
        ("contains(local.all, var.x)", Known("a"), "may refuse"),
        ("var.x == true", Known(True), "may refuse"),
        ("contains([true], var.x) || false", Known(True), "may refuse"),
        ('contains(["a"], var.x)', Unknown("b"), "does not list"),
    ],
)
def test_a_validation_lets_through_what_it_lists(condition: str, value: Value, said: str) -> None:
    found = refused(validated(condition), value)
    assert (said in found) if said else found == ""


def test_a_validation_without_a_condition_may_refuse_anything() -> None:
    text = b'variable "x" {\n  validation {\n    error_message = "No."\n  }\n}\n'
    assert "may refuse" in refused(TerraformDocument.read("v.tf", text).blocks[0], Known(1))
    plain = TerraformDocument.read("v.tf", block('variable "x"').encode()).blocks[0]
    assert refused(plain, Known(1)) == ""
