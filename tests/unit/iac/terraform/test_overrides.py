import pytest

from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.json_document import JsonTerraformDocument, read_document
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.overrides import overrides
from iacfix.iac.terraform.values import Known, Reference, Value

MAIN = """variable "a" {
  default     = "x"
  description = "d"
}
locals {
  a = 1
  b = 2
}
resource "t" "r" {
  input = "main"
  size  = 1
  rule {
    on = true
  }
  rule {
    on = false
  }
  other {
  }
  lifecycle {
    prevent_destroy = true
  }
}
"""
A_OVERRIDE = """
variable "a" {
  default = "y"
}
locals {
  a = 3
}
resource "t" "r" {
  input = "a"
  dynamic "other" {
    for_each = []
    content {}
  }
  rule {
    on = 7
  }
  lifecycle {
    create_before_destroy = true
  }
}
"""
B_OVERRIDE = '{"locals": {"b": 4},\n "resource": {"t": {"r": {"input": "b", "lifecycle": {"prevent_destroy": false}}}}}'
FILES = {"b_override.tf.json": B_OVERRIDE, "a_override.tf": A_OVERRIDE, "main.tf": MAIN}


def module(texts: dict[str, str], **tfvars: Value) -> Module:
    hcl: dict[str, TerraformDocument] = {}
    json: dict[str, JsonTerraformDocument] = {}
    for path, text in texts.items():
        document = read_document(path, text.encode())
        if isinstance(document, JsonTerraformDocument):
            json[path] = document
        else:
            hcl[path] = document
    return Module(hcl, tfvars, json=json)


def test_what_lies_over_a_block_is_named_with_its_place() -> None:
    first, second = module(FILES).overrides("t.r")
    assert (first.place, first.attributes) == ("a_override.tf:8", ("input", "lifecycle.create_before_destroy"))
    assert first.blocks == ("rule", "other")
    assert (second.place, second.attributes) == ("b_override.tf.json:2", ("input", "lifecycle.prevent_destroy"))
    assert first.replaces("rule")
    assert first.replaces("lifecycle.create_before_destroy")
    assert not first.replaces("size")


def test_a_local_is_overridden_by_itself() -> None:
    found = module(FILES)
    assert [each.place for each in found.overrides("local.a")] == ["a_override.tf:6"]
    assert [each.place for each in found.overrides("local.b")] == ["b_override.tf.json:1"]
    assert not found.overrides("local.c")
    assert not found.overrides("t.unknown")


def test_the_last_override_wins_and_nested_blocks_are_replaced_by_kind() -> None:
    found = module(FILES)
    values = {name: found.attribute("t.r", name) for name in ("input", "size", "nothing")}
    assert {name: item.value if item else None for name, item in values.items()} == {
        "input": Known("b"),
        "size": Known(1),
        "nothing": None,
    }
    (rule,) = found.nested("t.r", "rule")
    on = rule.attribute("on")
    assert on is not None
    assert on.value == Known(7)
    assert not found.nested("t.r", "other")
    assert len(found.nested("t.r", "lifecycle")) == 3
    assert not found.nested("t.r", "missing")
    assert found.attribute("t.unknown", "x") is None
    assert not found.nested("t.unknown", "x")


def test_names_are_resolved_as_overrides_leave_them() -> None:
    found = module(FILES)
    assert [found.resolve(Reference(parts)) for parts in (("var", "a"), ("local", "a"), ("local", "b"))] == [
        Known("y"),
        Known(3),
        Known(4),
    ]
    assert found.resolve(Reference(("t", "r", "input"))) == Known("b")
    assert module(FILES, a=Known("z")).resolve(Reference(("var", "a"))) == Known("z")


def test_main_files_come_first_whatever_their_names() -> None:
    texts = {"a_override.tf": "locals {\n  a = 1\n}\n", "z.tf": "locals {\n  a = 2\n}\n"}
    assert module(texts).local("a") == Known(1)
    assert [document.path for document, _ in module(texts).main["locals"]] == ["z.tf"]


@pytest.mark.parametrize("keyword", ["moved", "import", "removed", "check"])
def test_what_terraform_does_not_override_is_none(keyword: str) -> None:
    document = read_document("override.tf", f"{keyword} {{\n}}\n".encode())
    assert not overrides([document], keyword)


def test_what_is_written_twice_is_not_known() -> None:
    twice = {"a.tf": 'locals {\n  a = 1\n}\nvariable "v" {\n  default = 1\n}\n'}
    twice["b.tf"] = twice["a.tf"]
    assert module(twice).local("a") is None
    assert module(twice).variable("v") is None
    assert module({**twice, "override.tf": "locals {\n  a = 9\n}\n"}).local("a") == Known(9)


def test_json_and_hcl_are_one_module() -> None:
    texts = {
        "main.tf": 'resource "t" "r" {\n  name = local.n\n}\n',
        "more.tf.json": '{"locals": {"n": "x-${var.v}"}, "variable": {"v": {"default": "${y}"}}}',
    }
    assert module(texts).resolve(Reference(("t", "r", "name"))) == Known("x-${y}")


def test_an_edited_document_takes_the_place_of_the_old_one() -> None:
    after = TerraformDocument.read("main.tf", b"locals {\n  a = 5\n  b = 6\n}\n")
    changed = module(FILES).with_document(after)
    assert (changed.local("a"), changed.local("b")) == (Known(3), Known(4))
    assert changed.attribute("t.r", "size") is None
