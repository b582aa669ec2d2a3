import shutil
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.compare import changed_blocks, check_strict
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.layout import NewAttribute, NewBlock, literal, quoted
from iacfix.iac.terraform.values import Known


def read(text: str) -> TerraformDocument:
    return TerraformDocument.read("main.tf", text.encode())


def after_set(text: str, name: str, value: str = "true") -> str:
    document = read(text)
    return edits.apply(document, edits.set_attribute(document, document.blocks[0], name, value)).data.decode()


def after_block(text: str) -> str:
    document = read(text)
    new = NewBlock("rule", (NewAttribute("on", "true"),))
    return edits.apply(document, edits.insert_block(document, document.blocks[0], new)).data.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('r "t" "a" {\n  on = false # why\n}\n', 'r "t" "a" {\n  on = true # why\n}\n'),
        ('r "t" "a" {\n  name = 1\n}\n', 'r "t" "a" {\n  name = 1\n  on   = true\n}\n'),
        ('r "t" "a" {\n  x = 1\n}\n', 'r "t" "a" {\n  x = 1\n\n  on = true\n}\n'),
        (
            'r "t" "a" {\n  name = 1\n  tags = {\n  }\n}\n',
            'r "t" "a" {\n  name = 1\n  on   = true\n  tags = {\n  }\n}\n',
        ),
        ('r "t" "a" {\n  tags = {}\n}\n', 'r "t" "a" {\n  on = true\n\n  tags = {}\n}\n'),
        ('r "t" "a" {\n  count = 2\n}\n', 'r "t" "a" {\n  count = 2\n\n  on = true\n}\n'),
        ('r "t" "a" {}\n', 'r "t" "a" {\n  on = true\n}\n'),
        ('r "t" "a" {\n}\n', 'r "t" "a" {\n  on = true\n}\n'),
        ('r "t" "a" { x = 1 }\n', 'r "t" "a" {\n  x  = 1\n  on = true\n}\n'),
        ('r "t" "a" {\n  # only this\n}\n', 'r "t" "a" {\n  # only this\n  on = true\n}\n'),
        ('r "t" "a" {\r\n  name = 1\r\n}\r\n', 'r "t" "a" {\r\n  name = 1\r\n  on   = true\r\n}\r\n'),
        ('r "t" "a" {\n  name = 1\n}', 'r "t" "a" {\n  name = 1\n  on   = true\n}'),
        ('r "t" "a" {\n\tname = 1\n}\n', 'r "t" "a" {\n\tname = 1\n\ton   = true\n}\n'),
        ('r "t" "a" {\n  name=1\n  b = 2\n}\n', 'r "t" "a" {\n  name=1\n  b = 2\n  on = true\n}\n'),
        (
            'r "t" "a" {\n  x = 1\n  y = <<EOF\nhi\nEOF\n}\n',
            'r "t" "a" {\n  x = 1\n\n  on = true\n\n  y = <<EOF\nhi\nEOF\n}\n',
        ),
    ],
)
def test_an_attribute_is_set_as_a_person_would(before: str, after: str) -> None:
    assert after_set(before, "on") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('r "t" "a" {\n  x = 1\n}\n', 'r "t" "a" {\n  x = 1\n\n  rule {\n    on = true\n  }\n}\n'),
        (
            'r "t" "a" {\n  x = 1\n\n  lifecycle {\n  }\n}\n',
            'r "t" "a" {\n  x = 1\n\n  rule {\n    on = true\n  }\n\n  lifecycle {\n  }\n}\n',
        ),
        ('r "t" "a" {}\n', 'r "t" "a" {\n  rule {\n    on = true\n  }\n}\n'),
    ],
)
def test_a_nested_block_stands_apart(before: str, after: str) -> None:
    assert after_block(before) == after


def test_a_resource_follows_the_one_it_belongs_to() -> None:
    document = read('r "t" "a" {\n} # end\nr "t" "b" {\n}')
    new = NewBlock('resource "c" "a"', (NewAttribute("longer", "1"), NewAttribute("b", "2")))
    after = edits.apply(document, edits.insert_resource(document, document.blocks[0], new)).data.decode()
    assert after == 'r "t" "a" {\n} # end\n\nresource "c" "a" {\n  longer = 1\n  b      = 2\n}\nr "t" "b" {\n}'


def test_removing_takes_the_line_and_nothing_else() -> None:
    document = read('r "t" "a" {\n  # above\n  x = 1 # beside\n  y = 2\n}\n')
    after = edits.apply(document, edits.remove(document, document.blocks[0].attributes[0]))
    assert after.data == b'r "t" "a" {\n  # above\n  y = 2\n}\n'
    one_line = read('r "t" "a" { x = 1 }\n')
    with pytest.raises(DocumentError, match="more than one thing"):
        edits.remove(one_line, one_line.blocks[0].attributes[0])


def test_edits_that_overlap_are_refused() -> None:
    document = read("a = 1\n")
    with pytest.raises(ValueError, match="overlap"):
        edits.apply(document, edits.Splice(0, 3, "b ="), edits.Splice(2, 5, "= 2"))


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (7, "7"), (("a", 1), '["a", 1]'), ("x", '"x"')])
def test_literals_are_written_as_hcl(value: object, text: str) -> None:
    assert literal(value) == text


def test_what_is_no_literal_is_refused() -> None:
    with pytest.raises(TypeError, match="dict"):
        literal({})


@given(st.text())
def test_a_quoted_string_reads_back_as_itself(text: str) -> None:
    if text.encode(errors="ignore").decode() != text:
        return
    document = read(f"locals {{\n  x = {quoted(text)}\n}}\n")
    assert document.blocks[0].attributes[0].value == Known(text)


@dataclass(frozen=True)
class Sample:
    text: str

    @property
    def document(self) -> TerraformDocument:
        return read(self.text)


names = st.sampled_from(["a", "bb", "name", "a_longer_name", "tags", "count", "x1"])
simple = st.sampled_from(["1", "true", '"s"', "[1, 2]", "var.x", '"${local.y}-z"', "{ k = 1 }"])
multi = st.sampled_from(["{\n    k = 1\n  }", "[\n    1,\n  ]", "<<EOF\n  text = 1\n}\nEOF"])


@st.composite
def files(draw: st.DrawFn) -> Sample:
    blocks = []
    for index in range(draw(st.integers(1, 3))):
        lines = []
        for name in draw(st.lists(names, unique=True, max_size=4)):
            lines += draw(st.lists(st.sampled_from(["", "  # note"]), max_size=1))
            width = draw(st.integers(0, 3))
            tail = draw(st.sampled_from(["", " # why"]))
            lines.append(f"  {name}{' ' * width} = {draw(simple) + tail if draw(st.booleans()) else draw(multi)}")
        for _ in range(draw(st.integers(0, 2))):
            lines += ["", "  nested {", f"    k = {draw(simple)}", "  }"]
        body = "\n".join(lines)
        blocks.append(f'resource "t" "r{index}" {{\n{body}\n}}' if lines else f'resource "t" "r{index}" {{}}')
    text = draw(st.sampled_from(["\n", "\n\n", "\n\n# between\n\n"])).join(blocks)
    text = draw(st.sampled_from(["", "\ufeff", "# head\n"])) + text + draw(st.sampled_from(["", "\n"]))
    return Sample(text.replace("\n", "\r\n") if draw(st.booleans()) else text)


new_names = st.sampled_from(["on", "enabled", "a_very_long_new_attribute_name", "z"])


@given(files(), st.data())
def test_every_byte_outside_an_edit_stays(sample: Sample, data: st.DataObject) -> None:
    document = sample.document
    block = data.draw(st.sampled_from(document.blocks))
    name = data.draw(st.one_of(new_names, names))
    splice = edits.set_attribute(document, block, name, "7")
    after = edits.apply(document, splice)
    assert after.data.startswith(document.data[: splice.start])
    assert after.data.endswith(document.data[splice.end :])
    assert [each.address for each in changed_blocks(document, after)] in ([block.address], [])
    (changed,) = after.by_address[block.address]
    found = changed.attribute(name)
    assert found is not None
    assert found.value == Known(7)
    assert {item.name for item in changed.attributes} == {item.name for item in block.attributes} | {name}
    check_strict(after)


@given(files(), st.data())
def test_inserting_and_removing_gives_the_file_back(sample: Sample, data: st.DataObject) -> None:
    document = sample.document
    block = data.draw(st.sampled_from(document.blocks))
    splice = edits.insert_attribute(document, block, NewAttribute("new_one", "7"))
    after = edits.apply(document, splice)
    inverse = edits.Splice(
        splice.start, splice.start + len(splice.text.encode()), document.text(splice.start, splice.end)
    )
    assert edits.apply(after, inverse).data == document.data


@given(files(), st.data())
def test_a_new_block_changes_its_parent_alone(sample: Sample, data: st.DataObject) -> None:
    document = sample.document
    block = data.draw(st.sampled_from(document.blocks))
    new = NewBlock("fresh", (NewAttribute("k", "1"), NewBlock("inner", ())))
    inside = edits.apply(document, edits.insert_block(document, block, new))
    check_strict(inside)
    assert [each.address for each in changed_blocks(document, inside)] == [block.address]
    beside = edits.apply(document, edits.insert_resource(document, block, NewBlock('resource "c" "d"', new.items)))
    check_strict(beside)
    assert [each.address for each in changed_blocks(document, beside)] == ["c.d"]


TERRAFORM = shutil.which("terraform")

FORMATTED = [
    'resource "t" "a" {\n  name = 1\n  size = 2 # two\n\n  tags = {\n    A = 1\n  }\n}\n',
    'resource "t" "a" {\n  x = 1\n  y = <<EOF\nhi\nEOF\n}\n',
    'resource "t" "a" {\n  count = 2\n\n  n {\n    a = 1\n  }\n\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n',
    'resource "t" "a" {\n  # alone\n}\n',
    'resource "t" "a" {\n  a = 1\n  # between\n  bcd = 2\n}\n',
]


@pytest.mark.slow
@pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed")
@pytest.mark.parametrize("before", FORMATTED)
@pytest.mark.parametrize("name", ["on", "a_very_long_attribute_name"])
def test_terraform_fmt_has_nothing_to_say(before: str, name: str) -> None:
    def formatted(text: str) -> str:
        return subprocess.run(
            [str(TERRAFORM), "fmt", "-"], input=text, capture_output=True, text=True, check=True
        ).stdout

    assert formatted(before) == before
    for after in (after_set(before, name), after_block(before)):
        assert formatted(after) == after
