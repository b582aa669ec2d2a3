import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hcl import files

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.scan import MAX_TEXT, scan

KEPT = frozenset({"bucket", "name", "tags", "x"})
WANTED = {"variable": frozenset({"default"}), "provider": frozenset({"alias"}), "resource": KEPT}

Row = tuple[str, tuple[str, ...], int, int, int, int, dict[str, str]]


def parsed(data: bytes) -> list[Row]:
    document = TerraformDocument.read("main.tf", data)
    return [
        (b.keyword, b.labels, b.start, b.end, b.start_line, b.end_line, texts(document, b)) for b in document.blocks
    ]


def texts(document: TerraformDocument, block: Block) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in block.attributes:
        if block.keyword in {"module", "locals"} or item.name in WANTED.get(block.keyword, frozenset()):
            long = item.value_end - item.value_start > MAX_TEXT or item.name in found
            found[item.name] = "" if long else document.text(item.value_start, item.value_end)
    return found


def scanned(data: bytes) -> list[Row] | None:
    found = scan(data, KEPT)
    return None if found is None else [tuple(entry)[:7] for entry in found if entry.keyword]  # type: ignore[misc] # a slice has no fixed length


PLAIN = """# ünïcode
resource "aws_s3_bucket" "b" {
  bucket = "a-${var.x}-{" # }
  other  = "y"
  name   = <<-EOF
    } "
  EOF
  tags = {
    Name = "n" /* } */
  }
  rule {
    x = 1
  }
}

variable "v" {
  default = [
    1, # one
  ]
}
provider aws {
  alias = "west"
}
locals {
  a = "${f("}")}"
  b = 1
}
moved {
  from = a.b
  to   = a.c
}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("prefix", ["", "\ufeff"])
def test_blocks_are_those_of_the_parser(prefix: str, newline: str) -> None:
    data = (prefix + PLAIN.replace("\n", newline)).encode()
    found = scanned(data)
    assert found == parsed(data)
    assert found
    assert [row[0] for row in found] == ["resource", "variable", "provider", "locals", "moved"]
    assert found[0][6]["bucket"] == '"a-${var.x}-{"'


def test_assignments_are_one_entry_without_keyword() -> None:
    (entry,) = scan(b'a = 1\nb = [\n  "x",\n] # c\n', KEPT) or ()
    assert (entry.keyword, entry.texts) == ("", {"a": "1", "b": '[\n  "x",\n]'})


@pytest.mark.parametrize(
    "text",
    [
        'resource "a" "b" { x = 1 }\n',
        'resource "a" "b" {\n  x = 1\n',
        'resource "a" "b" {\n  x = <<EOF # c\nhi\nEOF\n}\n',
        'resource "a" "b" {\n  x = <<EOF\nhi\n}\n',
        'resource "a" "b" {\n  /* no end\n}\n',
        'resource "a" "b" {\n  x = "no end\n}\n',
        'resource "a" "b"\n{\n}\n',
        "}\n",
        "a = (\n",
        'resource "a" "b" {\n' + "/*" * 100_000,
    ],
)
def test_where_it_is_in_doubt_it_says_nothing(text: str) -> None:
    assert scan(text.encode(), KEPT) is None


@given(files())
def test_it_agrees_with_the_parser_or_says_nothing(text: str) -> None:
    data = text.encode()
    found = scanned(data)
    assert found is None or found == parsed(data)


PIECES = [
    "a", "x", " ", "  ", "\n", "\r\n", "\t", "=", " = ", "{", "}", "[", "]", "(", ")", '"', "${", "$${", "%{", "#", "//",
    "/*", "*/", "<<EOF\n", "<<-EOF\n", "\nEOF\n", "EOF", "\\", "1", "1e10", ".", ",", 'resource "a" "b" {\n', "locals {\n",
    "\n}\n", "  x = ", "ü", "\ufeff", "\0",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_parses_is_scanned_alike(text: str) -> None:
    data = text.encode()
    found = scanned(data)
    try:
        expected = parsed(data)
    except DocumentError:
        return
    assert found is None or found == expected


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_no_crash(data: bytes) -> None:
    assert scan(data, KEPT) is None or isinstance(scan(data, KEPT), tuple)
