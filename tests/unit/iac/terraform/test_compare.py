import pytest

from iacfix.iac.terraform.compare import COMMENTS, Change, changed_blocks
from iacfix.iac.terraform.document import TerraformDocument

BASE = """# about a
resource "t" "a" {
  x = "a  b" # why
  n {
    y = true
  }
}

locals {
  one = 1
  two = 2
}

# loose

variable "v" {
  default = 1
}
"""


def changes(after: str, before: str = BASE) -> list[tuple[str, str]]:
    found = changed_blocks(TerraformDocument.read("m", before.encode()), TerraformDocument.read("m", after.encode()))
    return [(each.address, each.change.value) for each in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("y = true", "y    =    true", []),
        ("}\n\nlocals", "}\n\n\n\nlocals", []),
        ("y = true", "y = 1", [("t.a", "changed")]),
        ("a  b", "a b", [("t.a", "changed")]),
        ("# why", "# why not", [("t.a", "changed")]),
        ("# about a", "# about b", [("t.a", "changed")]),
        ("one = 1", "one = 3", [("local.one", "changed")]),
        ("  two = 2\n", "", [("local.two", "removed")]),
        ("two = 2", "two = 2\n  three = 3", [("local.three", "added")]),
        ("# loose", "# lost", [(COMMENTS, "changed")]),
        ('variable "v"', 'variable "w"', [("var.w", "added"), ("var.v", "removed")]),
        ('variable "v" {\n  default = 1\n}\n', "", [("var.v", "removed")]),
    ],
)
def test_exactly_what_changed_is_named(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert old in BASE
    assert changes(BASE.replace(old, new)) == expected


def test_nothing_changed_is_nothing_named() -> None:
    assert changes(BASE) == []
    assert changes(BASE.replace("\n", "\r\n")) == []


def test_a_second_block_of_the_same_address_is_an_addition() -> None:
    found = changes(BASE + '\nresource "t" "a" {\n}\n')
    assert found == [("t.a", Change.ADDED.value)]


def test_a_comment_behind_a_brace_belongs_to_that_block() -> None:
    before = 'resource "t" "a" {\n}\nresource "t" "b" {\n}\n'
    after = 'resource "t" "a" {\n} # trivy\nresource "t" "b" {\n}\n'
    assert changes(after, before) == [("t.a", "changed")]
